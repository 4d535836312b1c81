"""The words of `verify`: a line a fault, its name first; what is only natural below; how much was looked at."""

from __future__ import annotations

from git_ccsync.cli import colour, progress, render, wrap
from git_ccsync.operations import verify
from git_ccsync.operations.run.workspace import open_workspace, refreshed
from git_ccsync.operations.verifying import repair
from git_ccsync.operations.verifying.faults import MENDED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options import VerifyOptions
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.operations.verifying.faults import Fault, Verified
    from git_ccsync.operations.verifying.repair import Repaired


def run(options: VerifyOptions) -> int:
    """`git ccsync verify`; 1 if anything is wrong."""
    ws = open_workspace(".")
    if options.repair:
        ws = _mended(ws)
    with progress.meter() as meter:
        found = verify.verify(ws, options.sessions, fetch=options.fetch, on_progress=meter)
        mended = repair.repair(ws, found.faults, on_progress=meter) if options.repair and found.faults else ()
    if options.json:
        from git_ccsync.cli import porcelain

        porcelain.document({**found._asdict(), "repaired": mended})
    else:
        _show(found, mended, colour.palette(ws.config))
    if not options.repair and any(one.name in MENDED for one in found.faults) and not options.json:
        _hint()
    return int(bool(found.faults))


def _mended(ws: Workspace) -> Workspace:
    """The workspace after its branch was put right, where the remote's could not be followed."""
    from git_ccsync.operations.verifying import mend_branch

    place = mend_branch.mend(ws) if ws.initialised else ""
    if not place:
        return ws
    render.note(f"the branch goes on behind what cannot be followed on '{render.safe(place)}'")
    render.note(render.commands("'git ccsync push' sends it, and others can follow again"))
    return refreshed(ws)


def _show(found: Verified, mended: Sequence[Repaired], palette: Palette) -> None:
    for fault in found.faults:
        _fault(fault, palette)
    for note in found.notes:
        _lines(f"note: {note}", palette, "dim")
    _lines(_summary(found), palette, "red" if found.faults else "green")
    for one in mended:
        if one.problem:
            render.error(f"'{one.session[:8]}' was not repaired: {one.problem}")
            continue
        _lines(f"repaired {one.session[:8]} as {one.made[:8]}  {render.safe(one.title)}  ({_told(one)})", palette, "")
        render.out(f"claude --resume {one.made}")


def _fault(fault: Fault, palette: Palette) -> None:
    about = f"{fault.session[:8]} " if fault.session else ""
    title = f" ({render.cut(render.safe(fault.title), 40)})" if fault.title else ""
    text = f"{fault.name}: {about}{render.safe(fault.subject)}: {render.safe(fault.found)}{title}"
    first, *rest = wrap.hang(text, render.width(), 4)
    name, colon, told = first.partition(":")
    render.out(palette("red", name) + colon + told)
    for line in rest:
        render.out(line)


def _lines(text: str, palette: Palette, name: str) -> None:
    for line in wrap.hang(text, render.width(), 4):
        render.out(palette(name, line))


def _summary(found: Verified) -> str:
    many = (render.count(found.sessions, "session"), render.count(found.lines, "line"), render.size(found.bytes))
    wrong = render.count(len(found.faults), "fault") if found.faults else "nothing is wrong"
    return f"{wrong}; looked at {', '.join(many)}"


def _told(one: Repaired) -> str:
    parts = (
        (one.torn, "torn row"), (one.linked, "link"), (one.thoughts, "thought"), (one.doubled, "double row"),
    )  # fmt: skip
    return ", ".join(render.count(number, noun) for number, noun in parts if number)


def _hint() -> None:
    from git_ccsync.cli.failure import hints_wanted

    if hints_wanted("Repair"):
        text = "'git ccsync verify --repair' makes mended copies of broken transcripts"
        for line in wrap.hang(text, max(render.width() - len("hint: "), 0), 4):
            render.hint(line)
