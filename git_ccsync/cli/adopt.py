"""The words of `adopt`: the candidates, the question where it is not certain, a line for each session."""

from __future__ import annotations

import time

from git_ccsync.cli import ages, ask, colour, lines, progress, render
from git_ccsync.errors import Refused
from git_ccsync.operations import adopt
from git_ccsync.operations.arriving import adopt_candidates
from git_ccsync.operations.run.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options import AdoptOptions
    from git_ccsync.operations.adopt import Adopted, AdoptResult
    from git_ccsync.operations.arriving.adopt_candidates import Candidate
    from git_ccsync.operations.run.workspace import Workspace

HEADING = ("DIRECTORY", "SESSIONS", "USED", "WHY")
WORDS = {adopt.MOVED: "adopted", adopt.LIVE: "live", adopt.LEFT: "left"}


def run(options: AdoptOptions) -> int:
    """`git ccsync adopt`; 1 if a session had to stay where it is."""
    ws = open_workspace(".")
    if not options.path:
        return _candidates(ws, options)
    chosen = adopt_candidates.named(ws, options.path)
    if not (chosen.certain or options.yes or options.dry_run):
        _agree(ws, chosen)
    with progress.meter() as meter:
        result = adopt.adopt(ws, chosen, dry_run=options.dry_run, on_progress=meter)
    if options.json:
        from git_ccsync.cli import porcelain

        porcelain.document(result)
    else:
        _show(result, colour.palette(ws.config))
    return int(any(one.action != adopt.MOVED for one in result.sessions))


def _candidates(ws: Workspace, options: AdoptOptions) -> int:
    found = adopt_candidates.candidates(ws)
    if options.json:
        from git_ccsync.cli import porcelain

        porcelain.document({"candidates": found})
    elif not found:
        render.note("no directory looks like one in which this repository was before")
    else:
        now, palette = time.time(), colour.palette(ws.config)
        heading, *rows = render.table(
            [HEADING, *(_cells(one, now) for one in found)], flexible=3, right=(1,), spare=(2,)
        )
        render.out(palette("dim", heading))
        for row in rows:
            render.out(row)
        _hint(found[0].path)
    return 0


def _cells(one: Candidate, now: float) -> tuple[str, ...]:
    return (render.home(one.path), f"{one.sessions:,}", ages.ago(one.last, now), render.safe(", ".join(one.why)))


def _hint(path: str) -> None:
    """The command that takes over what is the most likely."""
    from git_ccsync.cli.failure import hints_wanted
    from git_ccsync.cli.init_words import shell_word

    if hints_wanted("Adopt"):
        render.hint(f"git ccsync adopt {shell_word(path)}")
        render.hint("    takes its sessions over; with -n it only shows what would be done")


def _agree(ws: Workspace, chosen: Candidate) -> None:
    """Refused unless a person says that the sessions belong here."""
    where, many = render.home(chosen.path), render.count(chosen.sessions, "session")
    why = f"{', '.join(chosen.why)}; " if chosen.why else ""
    if not ask.possible():
        raise Refused(f"nothing says for certain that '{where}' was this repository", "--yes takes its sessions over")
    render.note(f"{where}: {many}; {why}nothing says for certain that it was this repository")
    if not ask.yes(f"take {'it' if chosen.sessions == 1 else 'them'} over into '{render.home(ws.trees[0])}'?"):
        raise Refused("nothing was done")


def _show(result: AdoptResult, palette: Palette) -> None:
    told = [_line(one, dry=result.dry_run) for one in result.sessions]
    lines.sessions(told, palette, every=True)
    moved = sum(one.action == adopt.MOVED for one in result.sessions)
    word = "would be adopted" if result.dry_run else "adopted"
    render.out(f"{render.count(moved, 'session')} of '{render.home(result.path)}' {word}")
    if result.memory:
        render.out(f"{render.count(len(result.memory), 'memory file')}: {render.safe(', '.join(result.memory))}")
    if moved and not result.dry_run:
        render.out(f"their old files are in '{render.home(result.trash)}'")


def _line(one: Adopted, *, dry: bool) -> lines.Line:
    word = "adopt" if dry and one.action == adopt.MOVED else WORDS[one.action]
    return lines.Line(word, one.session, one.title, 0, one.reason)
