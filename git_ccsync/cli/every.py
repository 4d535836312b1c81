"""--all: a verb in every repository that this machine knows, and one table over them. One failure stops no other."""

from __future__ import annotations

import os

from git_ccsync.cli import colour, failure, porcelain, render
from git_ccsync.errors import CcsyncError, NotInitialised
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from git_ccsync.cli.carry import Verb
    from git_ccsync.cli.options import ListOptions, TasksOptions
    from git_ccsync.cli.options_timed import Carry, StatusOptions


class Row(Frozen):
    """One repository: its `result`, or the `error` in its place."""

    path: str
    result: Any = None
    error: CcsyncError | None = None


def each(attempt: Callable[[str], Any]) -> Iterator[Row]:
    """`attempt(path)` for every known repository."""
    from git_ccsync.operations.run.known import repositories

    for path in repositories(os.environ):
        try:
            yield Row(path, attempt(path))
        except CcsyncError as error:
            failure.trace(error)
            yield Row(path, None, error)
        except Exception as error:  # noqa: BLE001 -- the others are still to be done
            yield Row(path, None, failure.as_expected(error))


def carry(verb: Verb, options: Carry) -> int:
    """push, pull or sync in all of them; 1 if any failed or left something out."""
    from git_ccsync.cli.carry import attempt, wants_records
    from git_ccsync.operations.run.workspace import open_workspace

    rows = list(each(lambda path: attempt(verb, options, open_workspace(path))[1]))
    for row in rows:
        for text in verb.warnings(row.result) if row.error is None else ():
            render.warning(f"{render.home(row.path)}: {text}")
    if wants_records(options):
        for_programs(rows, verb.records, options)
    elif not options.quiet:
        summary([(row.path, _brief(verb, row), _mood(verb, row)) for row in rows])
    for row in rows:
        render.problems(verb.problems(row.result) if row.error is None else (), f"{render.home(row.path)}: ")
    return max((_status(verb, row) for row in rows), default=0)


def summary(rows: Sequence[tuple[str, str, str]]) -> None:
    """A table of (path, what to say, colour)."""
    palette = colour.palette(None)
    if not rows:
        render.out("no repository with sessions is known on this machine")
    moods = iter(rows)
    paint = {1: lambda cell: palette(next(moods)[2], cell)}
    for line in render.table([(render.home(path), word) for path, word, _ in rows], flexible=1, paint=paint):
        render.out(line)


def failed(row: Row) -> bool:
    """Whether it went wrong there. A repository that was never set up is no failure of those that were."""
    return row.error is not None and not isinstance(row.error, NotInitialised)


def error_words(error: CcsyncError) -> str:
    """An error in one cell of a table."""
    if isinstance(error, NotInitialised):
        return "not set up"
    return failure.hide_passwords(render.safe(error.message))


def complain(rows: Sequence[Row]) -> None:
    """The errors on stderr, for verbs without a table of their own."""
    for row in rows:
        if row.error is not None and failed(row):
            render.error(f"{render.home(row.path)}: {error_words(row.error)}")


def for_programs(
    rows: Sequence[Row],
    records: Callable[[Any], Iterator[Sequence[object]]],
    options: Carry | StatusOptions | ListOptions | TasksOptions,
) -> None:
    """JSON: {"repositories": [{"repository", "result" | "skipped" | "error"}]}; else a `repository` record before each's
    own.
    """
    if options.json:
        document(rows)
        return
    for row in rows:
        porcelain.records([("repository", porcelain.Path(row.path))], z=options.z)
        if row.error is None:
            porcelain.records(records(row.result), z=options.z)
        elif failed(row):
            porcelain.records([("error", row.error.status, error_words(row.error))], z=options.z)
        else:
            porcelain.records([("skipped", error_words(row.error))], z=options.z)


def document(rows: Sequence[Row]) -> None:
    """One JSON object over all of them."""
    porcelain.document({"repositories": [_object(row) for row in rows]})


def _object(row: Row) -> dict[str, object]:
    if row.error is None:
        return {"repository": row.path, "result": row.result}
    if not failed(row):
        return {"repository": row.path, "skipped": error_words(row.error)}
    return {"repository": row.path, "error": {"status": row.error.status, "message": error_words(row.error)}}


def _brief(verb: Verb, row: Row) -> str:
    if row.error is not None:
        return error_words(row.error)
    left_out = sum(not one.stray for one in verb.problems(row.result))
    text = render.safe(verb.brief(row.result))
    return f"{text}; {left_out} left out" if left_out else text


def _mood(verb: Verb, row: Row) -> str:
    if isinstance(row.error, NotInitialised):
        return "dim"
    return "red" if _status(verb, row) else ""


def _status(verb: Verb, row: Row) -> int:
    if row.error is not None:
        return int(failed(row))
    return int(any(not one.stray for one in verb.problems(row.result)) or verb.failed(row.result))
