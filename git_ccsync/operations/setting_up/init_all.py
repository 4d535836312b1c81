"""init --all: every repository in which Claude Code has sessions, what init would do there, and doing it."""

from __future__ import annotations

from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations import init
from git_ccsync.operations.run import known
from git_ccsync.operations.run.workspace import open_workspace
from git_ccsync.operations.setting_up import proposal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from git_ccsync.operations.init import InitResult, Settled
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.operations.setting_up.proposal import Proposal


class Row(Frozen):
    """One repository: set up before (`settled`), something to agree to (`proposal`), or why neither (`error`)."""

    path: str
    ws: Workspace | None = None
    settled: Settled | None = None
    proposal: Proposal | None = None
    error: CcsyncError | None = None


def survey(environ: Mapping[str, str], *, remote: str = "", branch: str = "", since: str = "") -> Iterator[Row]:
    """A Row for each known repository, as it is found out; nothing is sent or written."""
    for path in known.repositories(environ):
        try:
            yield _row(path, remote, branch, since)
        except CcsyncError as error:
            yield Row(path, error=error)


def _row(path: str, remote: str, branch: str, since: str) -> Row:
    ws = open_workspace(path)
    settled = init.settled(ws)
    if settled:
        return Row(path, ws, settled)
    return Row(path, ws, None, proposal.propose(ws, remote=remote, branch=branch, since=since))


def refusal(row: Row) -> str:
    """Why this repository would be left out, "" if it would be set up (or is)."""
    if row.error is not None:
        return row.error.message
    found = row.proposal
    if found is None:
        return ""
    if found.visibility == "public" and not found.allowed:
        return "everyone can read it"
    return "" if found.suggested else "which branch is yours is not clear: run init there"


def carry_out(row: Row, *, machine: str = "", since: str = "") -> InitResult:
    """Set up one repository after the owner agreed. Raises as init.carry_out."""
    assert row.ws is not None
    assert row.proposal is not None
    answers = init.Answers(row.proposal.suggested, agreed=True, machine=machine, since=since)
    return init.carry_out(row.ws, row.proposal, answers)
