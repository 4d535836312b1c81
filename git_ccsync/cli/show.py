"""The words of `show`: a conversation in the pager, roles as headings, calls of tools folded to a line."""

from __future__ import annotations

import time

from git_ccsync.claude.said import CALL, REMARK, RESULT, THOUGHT, first_line, said
from git_ccsync.cli import ages, colour, pager, render
from git_ccsync.operations import show
from git_ccsync.operations.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from git_ccsync.claude.said import Said
    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options import ShowOptions
    from git_ccsync.model import Session
    from git_ccsync.operations.show import Chosen, Difference
    from git_ccsync.operations.workspace import Workspace

#: Columns of a line and lines of one piece that are shown; transcripts hold whole files.
LONGEST, MOST = 2000, 2000
COLOURS = {"user": "green", "assistant": "cyan"}


def run(options: ShowOptions) -> int:
    """`git ccsync show`; the exit status."""
    ws = open_workspace(".")
    chosen = show.choose(ws, options.session)
    palette = colour.palette(ws.config)
    if options.json:
        _document(chosen)
    elif options.diff:
        pager.page(_difference(show.difference(ws, chosen), palette))
    elif options.raw:
        _raw(ws, chosen.session)
    else:
        pager.page(_readable(ws, chosen.session, palette))
    return 0


def _document(chosen: Chosen) -> None:
    from git_ccsync.cli import porcelain

    more = ("origin", "git_commit", "dirty", "claude_version", "fork", "suffix")
    known = chosen.meta._asdict()
    porcelain.document({**chosen.session._asdict(), **{name: known[name] for name in more}})


def _raw(ws: Workspace, session: Session) -> None:
    """The lines as they are; on a terminal without what could do something to it."""
    if render.is_terminal():
        pager.page(render.safe(line.rstrip(b"\r\n")) + "\n" for line in show.lines(ws, session))
        return
    for line in show.lines(ws, session):
        render.raw(line)


def _readable(ws: Workspace, session: Session, palette: Palette) -> Iterator[str]:
    yield from _head(session, palette)
    yield from _talk(show.lines(ws, session), palette)


def _head(session: Session, palette: Palette) -> Iterator[str]:
    yield palette("yellow", f"session {render.safe(session.id)}") + "\n"
    yield f"Title:    {render.safe(session.title) or '(no title)'}\n"
    where = f" in {render.safe(session.directory)}" if session.directory not in ("", ".") else ""
    branch = f", git branch {render.safe(session.git_branch)}" if session.git_branch else ""
    yield f"Machine:  {render.safe(session.machine)}{where}{branch}\n"
    used = ages.ago(session.updated, time.time())
    yield f"Used:     {used or 'unknown'}, {render.count(session.messages, 'message')}, {render.size(session.bytes)}\n"
    if session.state != "here":
        yield f"State:    {session.state.replace(' ', ', ')}\n"


def _talk(lines: Iterable[bytes], palette: Palette) -> Iterator[str]:
    """Pieces in order; a heading where the side that speaks is another one."""
    speaker = ""
    for line in lines:
        for piece in said(line):
            # What a tool gave back stands in rows of the user, who did not say it.
            role = speaker if piece.kind in (RESULT, REMARK) else piece.role
            if role != speaker:
                speaker = role
                yield "\n" + palette(COLOURS[role], role) + palette("dim", _when(piece)) + "\n"
            for text in piece_lines(piece):
                yield _painted(piece, text, palette) + "\n"


def _when(piece: Said) -> str:
    return f"  {render.safe(piece.when[:16].replace('T', ' '))}" if piece.when else ""


def _painted(piece: Said, text: str, palette: Palette) -> str:
    return palette("red" if piece.failed else "dim", text) if piece.kind not in ("text", CALL) else text


def piece_lines(piece: Said) -> Iterator[str]:
    """The lines of one piece, safe to show: text whole, everything else folded to one."""
    if piece.kind == CALL:
        yield _fit(f"  ● {piece.name}({piece.text})")
    elif piece.kind == RESULT:
        yield _fit(f"    {_result(piece)}")
    elif piece.kind == THOUGHT:
        yield _fit(f"  ✻ {first_line(piece.text)}")
    elif piece.kind == REMARK:
        yield _fit(f"  — {piece.text}")
    else:
        lines = piece.text.strip("\n").split("\n")
        yield from map(_fit, lines[:MOST])
        if len(lines) > MOST:
            yield f"  … and {len(lines) - MOST:,} more lines"


def _result(piece: Said) -> str:
    count = render.count(len(piece.text.splitlines()), "line")
    if piece.failed:
        return f"failed: {first_line(piece.text)}"
    return first_line(piece.text) if piece.text and "\n" not in piece.text.strip() else count


def _fit(text: str) -> str:
    return render.cut(render.safe(text.expandtabs(8)), LONGEST)


def _difference(found: Difference, palette: Palette) -> Iterator[str]:
    """In the manner of a diff: what only the original has with -, what only the copy has with +."""
    for sign, name, one, lines in (
        ("-", "red", found.original, found.theirs),
        ("+", "green", found.copy, found.ours),
    ):
        title = f"{sign * 3} {render.safe(one.id)[:8]}  {render.safe(one.title)}  ({render.safe(one.machine)})"
        yield palette("bold", title) + "\n"
        for text in _talk(lines, colour.PLAIN):
            plain = text.strip("\n")
            yield palette(name, f"{sign} {plain}".rstrip()) + "\n"
