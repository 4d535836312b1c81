"""The words of `log`: a heading for each push and its sessions below, or a line for each session; through the pager."""

from __future__ import annotations

import time

from git_ccsync.cli import ages, colour, pager, render
from git_ccsync.cli import list as listing
from git_ccsync.cli.lines import abbreviation
from git_ccsync.operations import log
from git_ccsync.operations.run.workspace import open_workspace, require_init
from git_ccsync.operations.searching import log_target, log_work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options import LogOptions
    from git_ccsync.operations.log import Change, Push
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.operations.searching.log_target import Target
    from git_ccsync.operations.searching.log_work import Work, Worked

#: Digits of a commit.
SHORT = 7
#: Columns of most ages.
AGE = 14
COLOURS = {log.NEW: "green", log.COPY: "yellow", log.REMOVED: "red", log.GONE: "red", log.OFF: "yellow"}


def run(options: LogOptions) -> int:
    """`git ccsync log`; 1 if there is nothing to tell."""
    if options.branch:
        from git_ccsync.cli import others

        return others.log(options)
    ws = open_workspace(".")
    require_init(ws)
    target = log_target.meant(ws, options.what, separated=options.separated)
    ours = _is_push(ws, target)
    if target.path or (target.commit and not ours):
        return _work(ws, target, options)
    session, commit = target.session, target.commit if ours else None
    limits = log.Limits(
        options.machine, options.since, session.id if session else "", commit.oid if commit else "", options.max_count
    )
    return tell(ws, log.pushes(ws, limits), limits, options)


def tell(ws: Workspace, found: Iterator[Push], limits: log.Limits, options: LogOptions) -> int:
    """Show the pushes `found`; 1 if there are none."""
    if options.json:
        return _document("pushes", list(found), ())
    shown = _Shown(colour.palette(ws.config), time.time())
    pager.page(shown.history(found) if limits.session else shown.pushes(found))
    if not shown.told:
        render.note("nothing fits" if any(limits) else "nothing was pushed yet")
    return int(not shown.told)


def _is_push(ws: Workspace, target: Target) -> bool:
    """Whether a commit is one of the branch."""
    from git_ccsync.git import refs

    tips = {ref.oid for name, ref in ws.refs.items() if name.rpartition("/")[2] == ws.branch}
    return target.commit is not None and any(refs.is_ancestor(ws.repo, target.commit.oid, tip) for tip in tips)


def _document(name: str, found: Sequence[object], problems: Sequence[object]) -> int:
    from git_ccsync.cli import porcelain

    porcelain.document({name: found, "problems": problems})
    return int(not found or bool(problems))


class _Shown:
    """The log while it is shown: `told` counts."""

    def __init__(self, palette: Palette, now: float) -> None:
        self.palette, self.now, self.told = palette, now, 0

    def pushes(self, found: Iterable[Push]) -> Iterator[str]:
        """A heading for each push, and a line for each session below it."""
        for push in found:
            yield ("\n" if self.told else "") + self._heading(push) + "\n"
            self.told += 1
            digits = abbreviation([one.session for one in push.changes]) if push.changes else 8
            rows = [
                (one.session[:digits], _title(one.title), _added(one), ", ".join(map(render.safe, one.marks)))
                for one in push.changes
            ]
            paint = {0: self._yellow, 3: self._marked}
            for line in render.table(rows, flexible=1, right=(2,), indent="  ", paint=paint):
                yield line + "\n"

    def _heading(self, push: Push) -> str:
        rest = ", ".join(
            filter(None, (ages.ago(push.when, self.now), *push.marks, "" if push.pushed else "not pushed"))
        )
        width = render.width()
        name = render.cut(render.safe(push.machine), max(width - SHORT - 4 - max(len(rest), AGE), 8) if width else 1000)
        line = f"{self.palette('yellow', push.commit[:SHORT])}  {self.palette('bold', name)}  "
        room = width - SHORT - 4 - render.columns(name) if width else 1000
        return (line + self.palette("dim", render.cut(rest, room))).rstrip()

    def history(self, found: Iterable[Push]) -> Iterator[str]:
        """A line for each push of one session."""
        rows = [
            (
                push.commit[:SHORT],
                render.safe(push.machine),
                ages.ago(push.when, self.now),
                _added(one),
                _marks(push, one),
            )
            for push in found
            for one in push.changes
        ]
        self.told = len(rows)
        paint = {0: self._yellow, 1: lambda cell: self.palette("bold", cell), 4: self._marked}
        yield from (line + "\n" for line in render.table(rows, flexible=1, right=(3,), paint=paint))

    def _yellow(self, cell: str) -> str:
        return self.palette("yellow", cell)

    def _marked(self, cell: str) -> str:
        return self.palette(COLOURS.get(cell.split(",", maxsplit=1)[0].strip(), "dim"), cell)


def _title(title: str) -> str:
    return render.safe(title) or "(no title)"


def _added(one: Change) -> str:
    return f"+{one.lines:,}" if one.lines else ""


def _marks(push: Push, one: Change) -> str:
    named = f"“{render.safe(one.title)}”" if log.RENAMED in one.marks else ""
    return ", ".join(
        filter(None, (*map(render.safe, one.marks), named, *push.marks, "" if push.pushed else "not pushed"))
    )


def _work(ws: Workspace, target: Target, options: LogOptions) -> int:
    """Who worked on a commit or a path."""
    if target.commit:
        work = log_work.on_commit(ws, target.commit, machine=options.machine, since=options.since)
    else:
        work = log_work.on_path(ws, target.path, machine=options.machine, since=options.since)
    found = work.sessions[: options.max_count] if options.max_count else work.sessions
    if options.json:
        return _document("sessions", [_plain(one) for one in found], work.problems)
    pager.page(_table(found, target, colour.palette(ws.config)))
    if not found:
        render.note(f"no session is known to have worked on '{render.safe(options.what)}'")
    return int(_complain(work) or not found)


def _plain(one: Worked) -> dict[str, object]:
    return {**one.session._asdict(), **{name: value for name, value in one._asdict().items() if name != "session"}}


def _complain(work: Work) -> bool:
    for problem in dict.fromkeys(work.problems):
        render.error(f"'{problem.subject}': {problem.reason}")
    return bool(work.problems)


def _table(found: Sequence[Worked], target: Target, palette: Palette) -> Iterator[str]:
    if not found:
        return
    digits, now = abbreviation([one.session.id for one in found]), time.time()
    head = ("ID", "TITLE", "MACHINE", "USED", *(("EDITS", "READS") if target.path else ("WHY",)))
    rows = [head, *(_cells(one, digits, now, edits=bool(target.path)) for one in found)]
    paint = {0: lambda cell: palette("yellow" if cell[0] != "I" else "", cell)}
    heading, *lines = render.table(rows, flexible=1, right=(4, 5) if target.path else (), spare=(2, 3), paint=paint)
    yield palette("dim", heading) + "\n"
    yield from (line + "\n" for line in lines)


def _cells(one: Worked, digits: int, now: float, *, edits: bool) -> tuple[str, ...]:
    session = one.session
    when = ages.ago(one.last or session.updated, now)
    first = (session.id[:digits], _title(session.title), listing.machine(session.machine), when)
    if edits:
        return (*first, f"{one.edits:,}" if one.edits else "", f"{one.reads:,}" if one.reads else "")
    return (*first, ", ".join(one.why))
