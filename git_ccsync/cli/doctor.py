"""The words of `doctor`: a line a check, ✓ or ✗, and the mend below."""

from __future__ import annotations

import os
import shutil

from git_ccsync.cli import colour, manual, render
from git_ccsync.operations import doctor as operation
from git_ccsync.operations import known
from git_ccsync.operations.doctor import Check
from git_ccsync.operations.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options import DoctorOptions

#: Where shells look for completions, below the data directories; and the end of our file's path.
SHELLS = {
    "bash": ("bash-completion/completions/git-ccsync", "bash/git-ccsync"),
    "zsh": ("zsh/site-functions/_git-ccsync", "zsh/_git-ccsync"),
    "fish": ("fish/vendor_conf.d/git-ccsync.fish", "fish/conf.d/git-ccsync.fish"),
}
#: fish reads completions of git's subcommands from conf.d only, which then loads the completion file proper.
BESIDE = {"fish": ("fish/vendor_completions.d/git-ccsync.fish", "fish/git-ccsync.fish")}


def run(options: DoctorOptions) -> int:
    """`git ccsync doctor`; 1 if anything is to be mended."""
    places = known.repositories(os.environ) if options.all else (".",)
    around = surroundings(fix=options.fix)
    found = [(place, operation.doctor(open_workspace(place), fix=options.fix)) for place in places]
    if options.json:
        from git_ccsync.cli import porcelain

        porcelain.document({"checks": dict((("", around), *found))})
    else:
        _show(around, found)
    return int(not all(check.ok for _, checks in (("", around), *found) for check in checks))


def _show(around: tuple[Check, ...], found: list[tuple[str, tuple[Check, ...]]]) -> None:
    palette = colour.palette(None)
    for place, checks in found:
        if len(found) > 1:
            render.out(render.home(place))
        for check in checks:
            _line(check, palette)
    for check in around:
        _line(check, palette)


def _line(check: Check, palette: Palette) -> None:
    mark = palette("green", "✓") if check.ok else palette("red", "✗")
    render.out(f"{mark} {check.name:<11} {render.safe(check.found)}")
    if check.mend and not check.ok:
        render.out(f"  {'':<11} {palette('yellow', render.safe(check.mend))}")


def surroundings(*, fix: bool = False) -> tuple[Check, ...]:
    """What lies outside the repository: the manual page and the completions, where their readers look."""
    page = manual.man_finds("git-ccsync")
    checks = [Check("manual", page, "found" if page else "man does not find it", "" if page else _man_mend())]
    for shell, (place, source) in SHELLS.items():
        if not shutil.which(shell):
            continue
        there = _searched(place)
        if not there and fix and shell != "zsh":
            there = _link(place, source)
            for more in (BESIDE[shell],) if shell in BESIDE else ():
                _link(*more)
        mend = "" if there else _shell_mend(shell)
        checks.append(Check(shell, bool(there), "completion found" if there else "no completion found", mend))
    return tuple(checks)


def _man_mend() -> str:
    place = manual.installed("man1/git-ccsync.1")
    top = os.path.dirname(os.path.dirname(place)) if place else "<prefix>/share/man"
    return f"add '{top}' to MANPATH; 'git ccsync <command> --help' works without"


def _shell_mend(shell: str) -> str:
    if shell == "zsh":
        return "git ccsync completion zsh > <a directory on fpath>/_git-ccsync"
    return "git ccsync doctor --fix links it, or: git ccsync completion " + shell


def _searched(place: str) -> str:
    """The completion file in a directory that its shell looks through, "" if in none."""
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    others = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    candidates = (os.path.join(top, place) for top in (data, *others.split(":"), "/opt/homebrew/share") if top)
    return next((path for path in candidates if os.path.exists(path)), "")


def _link(place: str, source: str) -> str:
    """Link our file to where the shell looks for the user's own."""
    held = manual.installed(source) or manual.installed(place)
    data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    path = os.path.join(data, place)
    if not held or os.path.lexists(path):
        return ""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(held, path)
    return path
