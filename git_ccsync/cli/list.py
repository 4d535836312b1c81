"""The words of `list`: one line a session, through the pager if a person reads it."""

from __future__ import annotations

import sys
import time

from git_ccsync.cli import ages, colour, lines, render
from git_ccsync.operations.run.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.every import Row
    from git_ccsync.cli.options import ListOptions
    from git_ccsync.model import Problem, Session
    from git_ccsync.operations.branches import Branch
    from git_ccsync.operations.run.workspace import Workspace

HEADING = ("ID", "TITLE", "MACHINE", "USED", "MSGS", "SIZE", "GIT BRANCH", "STATE")
#: What a narrow terminal can do without, in this order: git branch, size, messages, machine, age.
SPARE = (6, 5, 4, 2, 3)
#: Columns of a machine's name there.
NARROW, MACHINE = 110, 12

#: The most important word of a state decides.
COLOURS = {
    "new": "green",
    "ahead": "green",
    "behind": "yellow",
    "diverged": "red",
    "torn": "red",
    "unreadable": "red",
    "live": "cyan",
    "open": "cyan",
    "removed": "dim",
    "purged": "dim",
    "not-here": "dim",
    "elsewhere": "dim",
    "held": "yellow",
    "left-out": "dim",
    "copy": "yellow",
}


def run(options: ListOptions) -> int:
    """`git ccsync list`; 1 if a filter was given and nothing fits it."""
    if options.branches:
        return _branches(options)
    if options.branch:
        from git_ccsync.cli import others

        return others.show_list(options)
    if options.all:
        return _everywhere(options)
    ws, found = _attempt(options, ".")
    if options.json or options.porcelain or options.z:
        for_programs(found, options)
    elif found:
        page(table(found, colour.palette(ws.config), time.time()))
    else:
        render.note("no session fits" if _filtered(options) else _none(ws))
    return int(not found and _filtered(options))


def _none(ws: Workspace) -> str:
    from git_ccsync.operations.sealed import keys_send

    waiting = keys_send.waiting(ws)
    return render.safe(f"'{ws.ref}' {waiting}") if waiting else "no sessions yet"


def _attempt(options: ListOptions, cwd: str) -> tuple[Workspace, tuple[Session, ...]]:
    from git_ccsync.operations.sessions import sessions

    ws = open_workspace(cwd)
    problems: list[Problem] = []
    found = sessions(
        ws,
        not_here=options.not_here,
        conflicts=options.conflicts,
        open_only=options.open,
        removed=options.removed,
        machine=options.machine,
        since=options.since,
        problems=problems,
    )
    for one in problems:
        if not one.stray:  # they are listed as unreadable; what a directory has that cannot be looked into is not
            render.warning(f"'{one.subject}': {one.reason}")
    return ws, found


def _branches(options: ListOptions) -> int:
    """`list --branches`: what is on the remotes, as it was seen last."""
    from git_ccsync.cli import porcelain
    from git_ccsync.operations.branches import branches

    ws = open_workspace(".")
    found, now, paint = branches(ws), time.time(), colour.palette(ws.config)
    if options.json:
        porcelain.document({"branches": found})
    elif options.porcelain or options.z:
        rows = [("branch", one.mine, one.sessions, one.updated, one.machine, one.author, one.name) for one in found]
        porcelain.records(rows, z=options.z)
    else:
        cells = [_branch_cells(one, now) for one in found]
        page(render.table(cells, flexible=4, paint={0: lambda cell: paint("green" if cell[0] == "*" else "", cell)}))
        _as_of(ws, found)
    return int(not found)


def _as_of(ws: Workspace, found: Sequence[Branch]) -> None:
    """That this is no answer of the remote's, and how to get one."""
    from shlex import quote

    from git_ccsync.cli import failure
    from git_ccsync.operations.branches import place_to_ask

    place = place_to_ask(ws, found)
    render.note("these are the branches as of the last fetch" if found else "no branch was fetched yet")
    if place and failure.hints_wanted("Branches"):
        render.hint(f"git ls-remote {quote(render.safe(place))} 'refs/*ccsync/*'")
        render.hint("    lists all that are there now")


def _branch_cells(one: Branch, now: float) -> tuple[str, ...]:
    name = ("* " if one.mine else "  ") + render.safe(one.name)
    sessions = render.count(one.sessions, "session")
    return (name, sessions, ages.ago(one.updated, now), render.safe(one.machine), render.safe(one.author))


def _filtered(options: ListOptions) -> bool:
    narrowing = options.not_here, options.conflicts, options.open, options.removed, options.machine, options.since
    return any(narrowing)


def table(found: Sequence[Session], palette: Palette, now: float, *, indent: str = "") -> list[str]:
    """The lines for people, a heading first. Where the terminal is narrow, git branch, size and so on are left out."""
    digits = lines.abbreviation([one.id for one in found])
    rows = [HEADING, *(_cells(one, digits, now) for one in found)]
    paint = {
        0: lambda cell: palette("yellow" if cell[0] != "I" else "", cell),
        7: lambda cell: palette(COLOURS.get(cell.split(" ")[0].rstrip(","), ""), cell),
    }
    heading, *rest = render.table(rows, flexible=1, right=(4, 5), spare=SPARE, indent=indent, paint=paint)
    return [palette("dim", heading), *rest]


def _cells(one: Session, digits: int, now: float) -> tuple[str, ...]:
    return (
        render.safe(one.id)[:digits],
        render.safe(one.title) or "(no title)",
        machine(one.machine),
        ages.ago(one.updated, now),
        f"{one.messages:,}",
        render.size(one.bytes),
        render.safe(one.git_branch),
        state(one, machine),
    )


def machine(name: str) -> str:
    """A machine's name, shortened where the terminal is narrow."""
    return render.cut(render.safe(name), MACHINE if 0 < render.width() < NARROW else sys.maxsize)


def state(one: Session, name: Callable[[str], str] = render.safe) -> str:
    """The words of a session's state, machines as `name` shows them; "" if there is nothing to tell."""
    words = [word for word in one.state.split(" ") if word != "here"]
    if "open" in words and one.open_on:
        words[words.index("open")] = "open on " + " and ".join(map(name, one.open_on))
    if one.origin:
        words.append(f"from {name(one.origin)}")
    return ", ".join(words)


def page(shown: Sequence[str]) -> None:
    """Lines through the pager."""
    from git_ccsync.cli import pager

    pager.page(line + "\n" for line in shown)


def for_programs(found: Sequence[Session], options: ListOptions) -> None:
    """The sessions as JSON or records."""
    from git_ccsync.cli import porcelain

    if options.json:
        porcelain.document({"sessions": found})
    else:
        porcelain.records(records(found), z=options.z)


def records(found: Sequence[Session]) -> Iterator[Sequence[object]]:
    """For programs: one `session` record each, its transcript's path last."""
    from git_ccsync.cli.porcelain import Path

    for one in found:
        yield (
            "session",
            one.id,
            one.state.replace(" ", ","),
            one.machine,
            one.created,
            one.updated,
            one.messages,
            one.lines,
            one.bytes,
            one.directory,
            one.git_branch,
            one.parent,
            ",".join(one.open_on),
            one.title,
            Path(one.path),
        )


def _everywhere(options: ListOptions) -> int:
    from git_ccsync.cli import every

    rows = list(every.each(lambda path: _attempt(options, path)[1]))
    if options.json or options.porcelain or options.z:
        every.for_programs(rows, records, options)
    else:
        shown = list(_by_repository(rows))
        page(shown)
        every.complain(rows)
        if not shown:
            render.note("no session fits" if _filtered(options) else "no sessions yet")
    failed = any(every.failed(row) for row in rows)
    return int(failed or (_filtered(options) and not any(row.result for row in rows)))


def _by_repository(rows: Sequence[Row]) -> Iterator[str]:
    palette, now = colour.palette(None), time.time()
    for number, row in enumerate(row for row in rows if row.error is None and row.result):
        if number:
            yield ""
        yield palette("bold", render.home(row.path))
        yield from table(row.result, palette, now, indent="  ")
