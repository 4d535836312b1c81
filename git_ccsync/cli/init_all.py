"""The words of `init --all`: a table of every repository with sessions, one question, what became of each."""

from __future__ import annotations

import os

from git_ccsync.cli import ask, failure, init_words, progress, render
from git_ccsync.cli.wrap import hang
from git_ccsync.errors import CcsyncError, Refused, Usage
from git_ccsync.git import url as urls
from git_ccsync.model import Progress
from git_ccsync.operations.setting_up import init_all as operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.cli.options import InitOptions
    from git_ccsync.operations.setting_up.init_all import Row


def run(options: InitOptions) -> int:
    """`git ccsync init --all`; the exit status: 1 if one that should have been set up was not."""
    if options.allow_public:
        raise Usage("--allow-public is for one repository: run init there")
    rows = _survey(options)
    if not rows:
        render.out("Claude Code has no sessions in any repository here")
        return 0
    for line in _lines(rows):
        render.out(line)
    due = [row for row in rows if row.proposal and not operation.refusal(row)]
    if not due:
        render.out("nothing to set up")
        return _unread(rows)
    _agree(len(due), options)
    failures = [_carry_out(row, options) for row in due]
    render.out("next: 'git ccsync push --all' and 'git ccsync pull --all'")
    return max(_unread(rows), int(any(failures)))


def _unread(rows: Sequence[Row]) -> int:
    """1 if one could not be looked at; having nowhere to send to, or only a public place, is no failure."""
    return int(any(row.error is not None and not isinstance(row.error, Refused) for row in rows))


def _survey(options: InitOptions) -> list[Row]:
    rows = []
    with progress.meter(-1, quiet=False) as meter:
        for row in operation.survey(os.environ, remote=options.remote, branch=options.branch, since=options.since):
            rows.append(row)
            meter(Progress("looking", len(rows), 0, "repositories"))
    return rows


def _lines(rows: Sequence[Row]) -> list[str]:
    """A table; who can read it, to which the question is, stands below where it would be cut."""
    cells, width = [_cells(row) for row in rows], render.width()
    widest = (max(map(render.columns, column)) for column in zip(*cells, strict=True))
    if not width or sum(size + 2 for size in widest if size) - 2 <= width:
        return render.table(cells, flexible=0, right=(1, 2))
    table = render.table([row[:-1] for row in cells], flexible=0, right=(1, 2))
    below = (hang(f"  {row[-1]}", width) for row in cells)
    return [line for row, rest in zip(table, below, strict=True) for line in (row, *rest)]


def _left_out(why: str) -> str:
    return f"left out: {why}" if why else ""


def _cells(row: Row) -> tuple[str, ...]:
    """Path, sessions, size, where to, who can read it or why it is left out."""
    path = render.home(row.path)
    if row.settled:
        return path, "", "", render.safe(row.settled.destination.name), "set up already"
    if row.proposal is None:
        return path, "", "", "", _left_out(render.safe(operation.refusal(row)))
    found = row.proposal
    where = render.safe(found.remote if not found.add else urls.without_credentials(found.urls[0]))
    who = _left_out(operation.refusal(row)) or init_words.readers(found)
    return path, render.count(found.extent.sessions, "session"), render.size(found.extent.bytes), where, who


def _agree(number: int, options: InitOptions) -> None:
    if options.yes:
        return
    what = "this repository" if number == 1 else f"these {number} repositories"
    if not ask.possible():
        raise Refused("nobody is here to agree", "run 'git ccsync init --all' in a terminal, or with --yes")
    if not ask.yes(f"send the sessions of {what} there?"):
        raise Refused("nothing was set up, and nothing was sent")


def _carry_out(row: Row, options: InitOptions) -> bool:
    """Set up one; True if that failed, which stops no other."""
    path = render.home(row.path)
    try:
        result = operation.carry_out(row, machine=options.machine, since=options.since)
    except CcsyncError as error:
        failure.trace(error)
        render.error(f"{path}: {failure.hide_passwords(error.message)}")
        return True
    for text in result.warnings:
        render.warning(f"{path}: {text}")
    render.out(f"{path}: {init_words.place(result.destination)}, branch '{result.destination.branch}'")
    return False
