"""`git ccsync completion SHELL`: print the very file that was installed for that shell, or short functions."""

from __future__ import annotations

from git_ccsync.cli import manual, render
from git_ccsync.errors import NotFound, Usage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.cli.options import CompletionOptions

#: By shell: where it lies in an installation, and where in the source tree.
FILES = {
    "bash": ("bash-completion/completions/git-ccsync", "bash/git-ccsync"),
    "zsh": ("zsh/site-functions/_git-ccsync", "zsh/_git-ccsync"),
    "fish": ("fish/vendor_completions.d/git-ccsync.fish", "fish/git-ccsync.fish"),
}


def run(options: CompletionOptions) -> int:
    """Print it. Usage for a shell that we have none for, NotFound if the installation lacks the file."""
    if options.shell not in FILES:
        raise Usage(
            f"there is no completion for '{options.shell}'", "there is one for bash, one for zsh and one for fish"
        )
    if options.aliases:
        from git_ccsync.cli import aliases

        render.out(aliases.script(options.shell))
        return 0
    path = next(filter(None, map(manual.installed, FILES[options.shell])), "")
    if not path:
        raise NotFound(f"the completion for '{options.shell}' is not installed", "reinstall git-ccsync")
    with open(path, "rb") as file:
        render.raw(file.read())
    return 0
