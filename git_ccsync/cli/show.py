"""The words of `show`: a conversation in the pager, roles as headings, calls of tools folded to a line."""

from __future__ import annotations

import time

from git_ccsync.claude.said import CALL, REMARK, RESULT, TEXT, THOUGHT, first_line, said
from git_ccsync.cli import ages, colour, pager, render
from git_ccsync.cli.list import state
from git_ccsync.cli.wrap import hang
from git_ccsync.operations import show
from git_ccsync.operations.run.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from git_ccsync.claude.said import Said
    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options import ShowOptions
    from git_ccsync.model import Session
    from git_ccsync.operations.show import Chosen, Difference

#: Columns of a line and lines of one piece that are shown; transcripts hold whole files.
LONGEST, MOST = 2000, 2000
COLOURS = {"user": "green", "assistant": "cyan"}


def run(options: ShowOptions) -> int:
    """`git ccsync show`; the exit status."""
    if options.branch:
        from git_ccsync.cli import others

        return others.show(options)
    ws = open_workspace(".")
    chosen = show.choose(ws, options.session)
    palette = colour.palette(ws.config)
    if options.json:
        _document(chosen)
    elif options.diff:
        pager.page(_difference(show.difference(ws, chosen), palette))
    elif options.raw:
        raw(show.lines(ws, chosen.session))
    else:
        pager.page(readable(chosen.session, show.lines(ws, chosen.session), palette, origin=chosen.session.origin))
    return 0


def _document(chosen: Chosen) -> None:
    from git_ccsync.cli import porcelain

    more = ("origin", "git_commit", "dirty", "claude_version", "fork", "suffix")
    known = chosen.meta._asdict()
    porcelain.document({**chosen.session._asdict(), **{name: known[name] for name in more}})


def raw(lines: Iterable[bytes]) -> None:
    """The lines as they are; on a terminal without what could do something to it."""
    if render.is_terminal():
        pager.page(render.safe(line.rstrip(b"\r\n")) + "\n" for line in lines)
        return
    for line in lines:
        render.raw(line)


def readable(session: Session, lines: Iterable[bytes], palette: Palette, *, origin: str = "") -> Iterator[str]:
    """A session for people; `origin` is where it was taken over from, "" if it was not."""
    width = render.width()
    yield palette("yellow", render.cut(f"session {render.safe(session.id)}", width or LONGEST)) + "\n"
    for name, text in _head(session, origin):
        yield from (line + "\n" for line in hang(f"{name + ':':<10}{text}", width, indent=10))
    yield from _talk(lines, palette, width)


def _head(session: Session, origin: str) -> Iterator[tuple[str, str]]:
    yield "Title", render.safe(session.title) or "(no title)"
    where = f" in {render.safe(session.directory)}" if session.directory not in ("", ".") else ""
    branch = f", git branch {render.safe(session.git_branch)}" if session.git_branch else ""
    yield "Machine", f"{render.safe(session.machine)}{where}{branch}"
    used = ages.ago(session.updated, time.time())
    yield "Used", f"{used or 'unknown'}, {render.count(session.messages, 'message')}, {render.size(session.bytes)}"
    if origin:
        yield "Origin", f"taken over from {render.safe(origin)}"
    if said_of := state(session._replace(origin="")):
        yield "State", said_of


def _talk(lines: Iterable[bytes], palette: Palette, width: int) -> Iterator[str]:
    """Pieces in order, none wider than `width` (0 for any); a heading where the side that speaks is another one."""
    speaker, before = "", ""
    for line in lines:
        for piece in said(line):
            # What a tool gave back stands in rows of the user, who did not say it.
            role = speaker if piece.kind in (RESULT, REMARK) else piece.role
            if role != speaker:
                speaker, before = role, ""
                yield "\n" + palette(COLOURS[role], role) + palette("dim", _when(piece)) + "\n"
            if before and piece.kind == TEXT:
                yield "\n"
            before = piece.kind
            for text in piece_lines(piece, width):
                yield _painted(piece, text, palette) + "\n"


def _when(piece: Said) -> str:
    when = ages.clock(piece.when)
    return f"  {when}" if when else ""


def _painted(piece: Said, text: str, palette: Palette) -> str:
    return palette("red" if piece.failed else "dim", text) if piece.kind not in (TEXT, CALL) else text


def piece_lines(piece: Said, width: int) -> Iterator[str]:
    """The lines of one piece, safe to show, at most `width` columns wide (0 for any): text whole, everything else folded
    to one.
    """
    if piece.kind != TEXT:
        yield render.cut(_fit(_folded(piece)), width or LONGEST)
        return
    lines = piece.text.strip("\n").split("\n")
    for line in lines[:MOST]:
        yield from hang(_fit(line).rstrip(), width)
    if len(lines) > MOST:
        yield f"  … and {len(lines) - MOST:,} more lines"


def _folded(piece: Said) -> str:
    if piece.kind == CALL:
        return f"  ● {piece.name}({piece.text})"
    if piece.kind == RESULT:
        return f"    {_result(piece)}"
    return f"  ✻ {first_line(piece.text)}" if piece.kind == THOUGHT else f"  — {piece.text}"


def _result(piece: Said) -> str:
    count = render.count(len(piece.text.splitlines()), "line")
    if piece.failed:
        return f"failed: {first_line(piece.text)}"
    return first_line(piece.text) if piece.text and "\n" not in piece.text.strip() else count


def _fit(text: str) -> str:
    return render.cut(render.safe(text.expandtabs(8)), LONGEST)


def _difference(found: Difference, palette: Palette) -> Iterator[str]:
    """In the manner of a diff: what only the original has with -, what only the copy has with +."""
    width = render.width()
    for sign, name, one, lines in (
        ("-", "red", found.original, found.theirs),
        ("+", "green", found.copy, found.ours),
    ):
        title = f"{sign * 3} {render.safe(one.id)[:8]}  {render.safe(one.title)}  ({render.safe(one.machine)})"
        yield palette("bold", render.cut(title, width) if width else title) + "\n"
        for text in _talk(lines, colour.PLAIN, max(width - 2, 1) if width else 0):
            plain = text.strip("\n")
            yield palette(name, f"{sign} {plain}".rstrip()) + "\n"
