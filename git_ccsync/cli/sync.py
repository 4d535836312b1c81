"""The words of `sync`: those of a pull, then those of a push."""

from __future__ import annotations

from git_ccsync.cli import carry, pull, push, render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options_timed import Carry
    from git_ccsync.model import OnProgress, Problem, SyncResult
    from git_ccsync.operations.run.workspace import Opening, Workspace


def run(options: Carry, opening: Opening | None = None) -> int:
    """`git ccsync sync`; the exit status. `opening`: this directory's workspace, if it is being opened already."""
    return carry.run(VERB, options, opening=opening)


def load() -> object:
    """The operation's module, and all that it needs."""
    from git_ccsync.operations import sync

    return sync


def work(ws: Workspace, options: Carry, on_progress: OnProgress) -> SyncResult:
    """Sync what the options say."""
    from git_ccsync.operations import sync

    return sync.sync(
        ws, remote=options.remote, sessions=options.session, dry_run=options.dry_run, on_progress=on_progress
    )


def show(result: SyncResult, options: Carry, palette: Palette) -> None:
    """Both halves, or one line if there was nothing to do in either."""
    if brief(result) == "up to date" and result.pull.up_to_date:
        render.out("Already up to date.")
        return
    if pull.brief(result.pull) != "up to date" or not result.pull.up_to_date:
        pull.show(result.pull, options, palette)
    if push.brief(result.push) != "up to date":
        push.show(result.push, options, palette)


def records(result: SyncResult) -> Iterator[Sequence[object]]:
    """For programs: the records of the pull, then those of the push."""
    yield from pull.records(result.pull)
    yield from push.records(result.push)


def problems(result: SyncResult) -> tuple[Problem, ...]:
    """What was left out, each said once though both halves met it."""
    return tuple(dict.fromkeys((*result.pull.problems, *result.push.problems)))


def warnings(result: SyncResult) -> tuple[str, ...]:
    """The warnings of both halves, each once."""
    return tuple(dict.fromkeys((*result.pull.warnings, *result.push.warnings)))


def brief(result: SyncResult) -> str:
    """What to say of it in a table."""
    told = (pull.brief(result.pull), push.brief(result.push))
    return "; ".join(word for word in told if word != "up to date") or "up to date"


VERB = carry.Verb("sync", work, show, records, problems, lambda result: push.failed(result.push), warnings, brief, load)
