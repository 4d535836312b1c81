"""The words of `tasks`: two lines a task, and what was taken off."""

from __future__ import annotations

import time

from git_ccsync.cli import ages, colour, failure, render
from git_ccsync.errors import CcsyncError, Usage
from git_ccsync.operations import tasks
from git_ccsync.operations.run.workspace import open_workspace, refreshed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.every import Row
    from git_ccsync.cli.options import TasksOptions
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.operations.tasks import Found, Task

COLOURS = {tasks.UNFINISHED: "yellow", tasks.OPEN: "cyan"}
#: Columns of a git branch and of a machine's name where the terminal is narrow.
NARROW, BRANCH, MACHINE = 110, 12, 12
#: What a very narrow one can do without, in this order: git branch, machine, age.
SPARE = (4, 2, 3)


def run(options: TasksOptions) -> int:
    """`git ccsync tasks`; 1 if a machine was given and nothing is unfinished there."""
    if options.done:
        return _done(options)
    if options.all:
        return _everywhere(options)
    ws, found = _attempt(options, ".", fetch=options.fetch != 0)
    if options.json or options.porcelain or options.z:
        _for_programs(found, options)
    else:
        _show(ws, found)
    return int(not found.tasks and bool(options.machine))


def _attempt(options: TasksOptions, cwd: str, *, fetch: bool) -> tuple[Workspace, Found]:
    ws = _opened(cwd, fetch=fetch)
    return ws, tasks.tasks(ws, machine=options.machine)


def _opened(cwd: str, *, fetch: bool) -> Workspace:
    """The workspace, after a look at the remote; one that is away is a warning."""
    ws = open_workspace(cwd)
    if not fetch:
        return ws
    try:
        tasks.fetch(ws)
    except CcsyncError as error:
        if not ws.initialised:
            raise
        render.warning(f"{failure.hide_passwords(error.message)}; this is as of the last fetch")
    return refreshed(ws)


def _done(options: TasksOptions) -> int:
    """Take tasks off, tell which, and tell the other machines."""
    if options.all or options.machine or options.json or options.porcelain or options.z:
        raise Usage("--done stands alone", "name the tasks by their numbers: 'git ccsync tasks --done 2 --done 3'")
    ws = _opened(".", fetch=options.fetch != 0)
    taken = tasks.done(ws, options.done)
    for one in taken:
        render.out(f"done: {render.safe(one.id)[:8]}  {render.safe(one.title) or '(no title)'}")
    from git_ccsync.cli import telling

    return int(not telling.others(ws, "that"))


def _show(ws: Workspace, found: Found) -> None:
    if found.tasks:
        from git_ccsync.cli import pager

        lines = table(found.tasks, colour.palette(ws.config), time.time())
        pager.page(line + "\n" for line in lines)
        return
    render.note("nothing is unfinished, as far as is known")
    _hint([found])


def _hint(found: Sequence[Found]) -> None:
    if not any(one.known or one.tasks for one in found) and failure.hints_wanted("Tasks"):
        render.hint("nothing is known of how sessions ended;")
        render.hint("'git ccsync auto on' on each machine changes that")


def table(found: Sequence[Task], palette: Palette, now: float, *, indent: str = "") -> list[str]:
    """The lines for people: a row, and below it what was asked last."""
    narrow = 0 < render.width() < NARROW
    rows = [_cells(one, now, narrow=narrow) for one in found]
    states = iter(found)
    paint = {0: lambda cell: palette("bold", cell), 5: lambda cell: palette(COLOURS[next(states).state], cell)}
    shown = render.table(rows, flexible=1, right=(0,), spare=SPARE, indent=indent, paint=paint)
    below = (_below(one, palette, indent + " " * (len(str(found[-1].number)) + 2)) for one in found)
    return [line for pair in zip(shown, below, strict=True) for line in pair]


def _cells(one: Task, now: float, *, narrow: bool) -> tuple[str, ...]:
    machine, branch = render.safe(one.machine), render.safe(one.git_branch)
    return (
        str(one.number),
        render.safe(one.title) or "(no title)",
        render.cut(machine, MACHINE) if narrow else machine,
        ages.ago(one.updated, now),
        render.cut(branch, BRANCH) if narrow else branch,
        one.state,
    )


def _below(one: Task, palette: Palette, indent: str) -> str:
    text = f"{indent}{render.safe(one.id)[:8]}"
    if one.prompt and one.prompt != one.title:
        text += f"  > {render.safe(one.prompt).rstrip()}"
    limit = render.width()
    return palette("dim", render.cut(text, limit) if limit else text)


def _for_programs(found: Found, options: TasksOptions) -> None:
    from git_ccsync.cli import porcelain

    if options.json:
        porcelain.document(found)
    else:
        porcelain.records(records(found), z=options.z)


def records(found: Found) -> Iterator[Sequence[object]]:
    """For programs: one `task` record each."""
    for one in found.tasks:
        yield (
            "task",
            one.number,
            one.id,
            one.state,
            one.machine,
            one.updated,
            one.git_branch,
            one.directory,
            one.title,
            one.prompt,
        )


def _everywhere(options: TasksOptions) -> int:
    from git_ccsync.cli import every

    rows = list(every.each(lambda path: _attempt(options, path, fetch=options.fetch == 1)[1]))
    if options.json or options.porcelain or options.z:
        every.for_programs(rows, records, options)
    else:
        _by_repository(rows)
        every.complain(rows)
    return int(any(every.failed(row) for row in rows))


def _by_repository(rows: Sequence[Row]) -> None:
    from git_ccsync.cli import pager

    palette, now = colour.palette(None), time.time()
    found = [row for row in rows if row.error is None]
    told = [row for row in found if row.result.tasks]

    def lines() -> Iterator[str]:
        for row in told:
            yield palette("bold", render.home(row.path)) + "\n"
            yield from (line + "\n" for line in table(row.result.tasks, palette, now, indent="  "))
            yield "\n"

    pager.page(lines())
    if not told:
        render.note("nothing is unfinished, as far as is known")
        _hint([row.result for row in found])
