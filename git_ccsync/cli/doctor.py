"""The words of `doctor`: a line a check, ✓ or ✗, and the mend below."""

from __future__ import annotations

import os

from git_ccsync.cli import colour, manual, render, shells
from git_ccsync.operations import doctor as operation
from git_ccsync.operations.doctor import Check
from git_ccsync.operations.run import known
from git_ccsync.operations.run.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options import DoctorOptions


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
    manuals = Check("manual", page, "found" if page else "man does not find it", "" if page else _man_mend())
    return (manuals, *shells.checks(fix=fix))


def _man_mend() -> str:
    place = manual.installed("man1/git-ccsync.1")
    top = os.path.dirname(os.path.dirname(place)) if place else "<prefix>/share/man"
    return f"add '{top}' to MANPATH; 'git ccsync <command> --help' works without"
