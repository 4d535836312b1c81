"""Where bash, zsh and fish find our completions, whether they do, and how to mend it. Knows no repository."""

from __future__ import annotations

import os
import shutil

from git_ccsync.cli import manual
from git_ccsync.operations.doctor import Check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

#: Where shells look for completions, below the data directories; and the end of our file's path.
SHELLS = {
    "bash": ("bash-completion/completions/git-ccsync", "bash/git-ccsync"),
    "zsh": ("zsh/site-functions/_git-ccsync", "zsh/_git-ccsync"),
    "fish": ("fish/vendor_conf.d/git-ccsync.fish", "fish/conf.d/git-ccsync.fish"),
}
#: fish reads completions of git's subcommands from conf.d only, which then loads the completion file proper.
BESIDE = {"fish": ("fish/vendor_completions.d/git-ccsync.fish", "fish/git-ccsync.fish")}
#: Where people put completions themselves, below their home: the manual's example and what is usual elsewhere.
OWN = {
    "bash": (".bash_completion.d/git-ccsync",),
    "zsh": tuple(f"{place}/_git-ccsync" for place in (".zfunc", ".zsh/completions", ".oh-my-zsh/custom/completions")),
    "fish": (".config/fish/conf.d/git-ccsync.fish",),
}
#: Files read at the start, below the home, in which a line of theirs may load it.
STARTS = {
    "bash": (".bashrc", ".bash_profile", ".bash_completion"),
    "zsh": (".zshrc",),
    "fish": (".config/fish/config.fish",),
}
#: The line that does it.
_LOADING = {"bash": 'eval "$(git ccsync completion bash)"', "fish": "git ccsync completion fish | source"}


def checks(*, fix: bool = False) -> Iterator[Check]:
    """A check for the login shell; for each that is installed where that is none of ours. `fix` links what it can."""
    login = os.path.basename(os.environ.get("SHELL", ""))
    for shell in [login] if login in SHELLS else filter(shutil.which, SHELLS):
        there = _found(shell)
        if not there and fix and shell != "zsh":
            there = _link(*SHELLS[shell])
            for more in (BESIDE[shell],) if shell in BESIDE else ():
                _link(*more)
        yield Check(shell, there, "completion found" if there else "no completion found", "" if there else _mend(shell))


def _mend(shell: str) -> str:
    if shell == "zsh":
        return (
            "'mkdir -p ~/.zfunc && git ccsync completion zsh >~/.zfunc/_git-ccsync'; "
            "'git ccsync completion --help' tells what ~/.zshrc needs for it"
        )
    return f"'git ccsync doctor --fix' links it; or, in ~/{STARTS[shell][0]}: {_LOADING[shell]}"


def _found(shell: str) -> bool:
    """Whether a shell finds its file, or a line of a start file loads it."""
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    others = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    home = os.path.expanduser("~")
    places = [os.path.join(top, SHELLS[shell][0]) for top in (data, *others.split(":"), "/opt/homebrew/share") if top]
    places += [os.path.join(home, place) for place in OWN[shell]]
    return any(map(os.path.exists, places)) or any(_loads(os.path.join(home, name)) for name in STARTS[shell])


def _loads(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            lines = file.read(1 << 20).split(b"\n")
    except OSError:
        return False
    return any(b"ccsync completion" in line and b"--aliases" not in line for line in lines)


def _link(place: str, source: str) -> bool:
    """Link our file to where the shell looks for the user's own."""
    held = manual.installed(source) or manual.installed(place)
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    path = os.path.join(data, place)
    if not held or os.path.lexists(path):
        return False
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(held, path)
    return True
