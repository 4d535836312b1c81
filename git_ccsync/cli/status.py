"""The words of `status`, in the manner of git-status(1): where we stand, and what to do about it."""

from __future__ import annotations

import time

from git_ccsync.cli import ages, colour, render
from git_ccsync.operations.run.workspace import Opening

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options_timed import StatusOptions
    from git_ccsync.model import MachineState, StatusResult
    from git_ccsync.operations.run.workspace import Workspace


def run(options: StatusOptions, opening: Opening | None = None) -> int:
    """`git ccsync status`; 1 if something could not be read or, with --exit-code, if not everything is in step.

    `opening` is this directory's workspace, if git was asked for it already.
    """
    if options.all:
        return _everywhere(options)
    ws, result = _attempt(options, opening or Opening("."))
    if options.json or options.porcelain or options.z:
        _for_programs(result, options)
    else:
        show(result, colour.palette(ws.config), time.time())
        if ws.is_home and ws.config.get_bool("ccsync.global"):
            from git_ccsync.cli import globals as own

            own.remind(ws)
    render.problems(result.problems)
    return _status(result, options)


def _attempt(options: StatusOptions, opening: Opening) -> tuple[Workspace, StatusResult]:
    from git_ccsync.operations.status import status

    ws = opening.finish()
    if not options.fetch:
        return ws, status(ws)
    from git_ccsync.cli import progress

    with progress.meter() as meter:
        return ws, status(ws, fetch=True, on_progress=meter)


def _status(result: StatusResult, options: StatusOptions) -> int:
    return int(any(not one.stray for one in result.problems) or (options.exit_code and not result.in_step))


def show(result: StatusResult, palette: Palette, now: float) -> None:
    """The result for people."""
    for line in _head(result, palette, now):
        render.out(line)
    steps = list(_steps(result, palette))
    if steps:
        render.out("")
    for line in steps:
        render.out(line)
    if result.machines:
        render.out("\nMachines:")
    for line in _machines(result.machines, palette, now):
        render.out(line)


def _head(result: StatusResult, palette: Palette, now: float) -> Iterator[str]:
    url = f" ({render.safe(result.url)})" if result.url and result.url != result.remote else ""
    there = (
        f" of {render.safe(result.remote)}{url}" if result.remote else ""
    )  # else what is wrong with it is told below
    yield f"On branch {palette('bold', render.safe(result.branch))}{there}"
    if result.ref != f"refs/ccsync/{result.branch}":
        yield f"Stored there as {render.safe(result.ref)}"
    if result.visibility:
        yield f"Who can read it: {render.safe(result.visibility)}"
    if result.in_step:
        looked = ages.ago(result.fetched, now)
        yield f"{_in_step(result)}{f' (as of {looked})' if looked else ''}"
    dates = (("pushed", result.last_push), ("pulled", result.last_pull))
    told = [f"{word} {ages.ago(stamp, now)}" for word, stamp in dates if ages.ago(stamp, now)]
    yield f"Last {', '.join(told)}" if told else "Never pushed or pulled"


def _in_step(result: StatusResult) -> str:
    """That all is in step, but for what is held back: that is neither, and has a line of its own."""
    every, number = render.count(result.sessions, "session"), result.sessions - result.held
    verb = "is" if number == 1 else "are"
    if not result.held:
        return f"Your {every} {verb} in step"
    return (
        f"{number:,} of your {every} {verb} in step" if number > 0 else "Nothing to push or pull but what is held back"
    )


def _steps(result: StatusResult, palette: Palette) -> Iterator[str]:
    """What is out of step, with the command that mends it; then what is merely worth knowing."""
    if result.ahead:
        much = f"{render.count(result.ahead_lines, 'line')}, {render.size(result.ahead_bytes)}"
        yield _step(palette("green", f"{render.count(result.ahead, 'session')} to push"), f"{much}; git ccsync push")
    if result.behind:
        yield _step(palette("yellow", f"{render.count(result.behind, 'session')} to pull"), "git ccsync pull")
    if result.diverged > result.replaced:
        words = f"{render.count(result.diverged - result.replaced, 'session')} continued both here and elsewhere"
        yield _step(palette("red", words), "git ccsync sync keeps both")
    if result.replaced:
        words = f"{render.count(result.replaced, 'session')} whose file was replaced here"
        yield _step(palette("red", words), "git ccsync sync keeps both")
    if result.unreadable:
        words = f"{render.count(result.unreadable, 'session')} that cannot be read here"
        yield _step(palette("red", words), "neither sent nor written; git ccsync doctor")
    if result.memory_ahead:
        words = f"{render.count(result.memory_ahead, 'memory file')} to push"
        yield _step(palette("green", words), "git ccsync push")
    if result.memory_behind:
        words = f"{render.count(result.memory_behind, 'memory file')} to pull"
        yield _step(palette("yellow", words), "git ccsync pull")
    for url in result.lacking:
        yield _step(palette("green", f"'{render.safe(url)}' has not all of it yet"), "git ccsync push")
    if result.live:
        yield _step(f"{render.count(len(result.live), 'session')} running here", _ids(result.live))
    if result.open_elsewhere:
        where = ", ".join(f"{_short(one)} on {render.safe(name)}" for one, name in result.open_elsewhere[:4])
        yield _step(f"{render.count(len(result.open_elsewhere), 'session')} open elsewhere", where)
    if result.torn:
        words = f"{render.count(len(result.torn), 'session')} with an unfinished last line"
        yield _step(words, f"that line waits here: {_ids(result.torn)}")
    yield from _aside(result)


def _aside(result: StatusResult) -> Iterator[str]:
    """Sessions that are not where others are, or do not go where others go."""
    if result.removed:
        words = f"{render.count(result.removed, 'session')} removed here"
        yield _step(words, "on the branch; git ccsync restore")
    if result.purged:
        words = f"{render.count(result.purged, 'session')} purged from the branch"
        yield _step(words, "git ccsync purge --follow drops what is left of that here")
    if result.held:
        words = f"{render.count(result.held, 'session')} held back after an undo"
        yield _step(words, "until there are new lines; git ccsync push --session ID")
    if result.moved:
        words = f"{render.count(result.moved, 'session')} from where this repository was before"
        yield _step(words, "claude does not list them here; git ccsync adopt tells how")
    if result.not_here:
        yield _step(f"{render.count(result.not_here, 'session')} not here", "git ccsync list --not-here")


def _step(words: str, remark: str) -> str:
    return f"  {words} ({remark})"


def _ids(sessions: Sequence[str]) -> str:
    from git_ccsync.cli import lines

    more = f" and {len(sessions) - 4} more" if len(sessions) > 4 else ""
    digits = lines.abbreviation(sessions[:4])
    return ", ".join(render.safe(one)[:digits] for one in sessions[:4]) + more


def _short(session: str) -> str:
    return render.safe(session)[:8]


def _machines(machines: Sequence[MachineState], palette: Palette, now: float) -> list[str]:
    rows = [
        (
            ("* " if one.here else "  ") + render.safe(one.name),
            f"pushed {ages.ago(one.pushed, now)}" if one.pushed else "never pushed",
            render.count(one.sessions, "session"),
            f"{len(one.open)} open" if one.open else "",
        )
        for one in machines
    ]
    paint = {0: lambda cell: palette("green" if cell.startswith("*") else "", cell)}
    return render.table(rows, flexible=0, paint=paint)


def brief(result: StatusResult) -> str:
    """What to say of it in a table."""
    counts = (
        (result.ahead, "to push"), (result.behind, "to pull"), (result.diverged, "diverged"),
        (result.unreadable, "unreadable"),
    )  # fmt: skip
    told = ", ".join(f"{number:,} {word}" for number, word in counts if number)
    return told or ("in step" if result.in_step else "out of step")


def _for_programs(result: StatusResult, options: StatusOptions) -> None:
    from git_ccsync.cli import porcelain

    if options.json:
        porcelain.document(result)
    else:
        porcelain.records(records(result), z=options.z)


def records(result: StatusResult) -> Iterator[Sequence[object]]:
    """For programs: one record a fact, lists as one record an entry."""
    from git_ccsync.cli.porcelain import Path

    yield ("repository", Path(result.repository))
    yield ("branch", result.branch, result.ref, result.remote, result.url)
    yield ("in-step", result.in_step)
    yield ("ahead", result.ahead, result.ahead_lines, result.ahead_bytes)
    yield ("behind", result.behind)
    yield ("diverged", result.diverged)
    yield ("removed", result.removed)
    yield ("not-here", result.not_here)
    yield ("unreadable", result.unreadable)
    yield ("held", result.held)
    yield ("purged", result.purged)
    yield ("moved", result.moved)
    yield ("memory", result.memory_ahead, result.memory_behind)
    yield ("last", result.last_push, result.last_pull, result.fetched)
    yield from (("lacking", url) for url in result.lacking)
    yield from (("live", one) for one in result.live)
    yield from (("torn", one) for one in result.torn)
    yield from (("open", one, name) for one, name in result.open_elsewhere)
    yield from (("machine", one.id, one.here, one.sessions, one.pushed, one.name) for one in result.machines)
    yield from (("problem", one.subject, one.reason) for one in result.problems)


def _everywhere(options: StatusOptions) -> int:
    from itertools import islice

    from git_ccsync.cli import every
    from git_ccsync.errors import NotInitialised

    rows = list(every.each(lambda path: _attempt(options, Opening(path))[1]))
    if options.json or options.porcelain or options.z:
        every.for_programs(rows, lambda result: islice(records(result), 1, None), options)  # it says where by itself
    else:
        every.summary(
            [(row.path, brief(row.result) if row.error is None else every.error_words(row.error), "") for row in rows]
        )
    failed = [row for row in rows if row.error is not None and not isinstance(row.error, NotInitialised)]
    return int(bool(failed) or any(_status(row.result, options) for row in rows if row.error is None))
