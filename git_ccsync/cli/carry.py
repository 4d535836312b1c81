"""What `push`, `pull` and `sync` have in common: opening, progress, the offer to run init, forms of output, --all.

A verb brings a `Verb`; what its words look like is its own module's business.
"""

from __future__ import annotations

from git_ccsync.cli import progress, render
from git_ccsync.errors import NotInitialised, Refused
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations.run.workspace import Opening, open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options_timed import Carry
    from git_ccsync.model import OnProgress, Problem
    from git_ccsync.operations.run.workspace import Workspace


class Verb(Frozen):
    """One of the three. `work` does it, `show` says it, `records` for programs; `problems` what was left out,
    `failed` whether more went wrong than those, `brief` what to say of it in one cell of a table, `load` imports
    what `work` needs, `fetches` whether it begins with a fetch.
    """

    name: str
    work: Callable[[Workspace, Carry, OnProgress], Any]
    show: Callable[[Any, Carry, Palette], None]
    records: Callable[[Any], Iterator[Sequence[object]]]
    problems: Callable[[Any], Sequence[Problem]]
    failed: Callable[[Any], bool]
    warnings: Callable[[Any], Sequence[str]]
    brief: Callable[[Any], str]
    load: Callable[[], object]
    fetches: bool = True


def run(verb: Verb, options: Carry, ws: Workspace | None = None, *, opening: Opening | None = None) -> int:
    """Run it here, or in every known repository; 1 if something was left out or refused by one of several.

    `ws`, `opening`: this directory's workspace, if the caller has opened it, or begun to.
    """
    if options.all:
        from git_ccsync.cli import every

        return every.carry(verb, options)
    ws, result = _work(verb, options, ws, opening)
    for text in verb.warnings(result):
        render.warning(text)
    if wants_records(options):
        _for_programs(verb, result, options)
    elif not options.quiet:
        from git_ccsync.cli import colour

        verb.show(result, options, colour.palette(ws.config))
        if verb.warnings(result):
            _follow_purge(ws)
    return finish(verb, result)


def _follow_purge(ws: Workspace) -> None:
    """On a terminal: offer to drop what was purged elsewhere."""
    from git_ccsync.operations import purge

    if purge.waiting(ws).due:
        from git_ccsync.cli import purge as words

        words.offer(ws)


def wants_records(options: Carry) -> bool:
    """Whether --json, --porcelain or -z was asked for."""
    return bool(options.json or options.porcelain or options.z)


def finish(verb: Verb, result: Any) -> int:
    """Name what was left out; the exit status."""
    return int(render.problems(verb.problems(result)) or verb.failed(result))


def _work(verb: Verb, options: Carry, ws: Workspace | None, opening: Opening | None) -> tuple[Workspace, Any]:
    try:
        return attempt(verb, options, ws or _open(verb, options, opening or Opening(".")))
    except Refused as error:
        if wants_records(options) or options.quiet or not _mended(error, dry_run=options.dry_run):
            raise
    finally:
        if verb.fetches:
            from git_ccsync.operations.exchange import underway

            underway.cancel()
    return attempt(verb, options, open_workspace("."))


def _open(verb: Verb, options: Carry, opening: Opening) -> Workspace:
    """This directory's workspace; the verb's modules are imported while git answers, and fetches where it will."""
    from git_ccsync.operations.run import early

    ws = opening.finish()
    if ws.initialised:
        early.begin(ws, sends=not verb.fetches)
    verb.load()
    return ws


def attempt(verb: Verb, options: Carry, ws: Workspace) -> tuple[Workspace, Any]:
    """One run in one repository: the workspace and the verb's result."""
    options = options._replace(session=_ids(ws, options.session)) if options.session else options
    with progress.meter(options.progress, quiet=options.quiet) as meter:
        result = verb.work(ws, options, meter)
    if not options.dry_run and verb.brief(result) != "up to date":
        from git_ccsync.cli import detach

        detach.tend(ws)
    return ws, result


def _ids(ws: Workspace, names: Sequence[str]) -> tuple[str, ...]:
    """The ids of the sessions named on the command line. A whole id may also be of a session that is not known here
    yet: pull brings it.
    """
    from git_ccsync.errors import NotFound
    from git_ccsync.operations import sessions
    from git_ccsync.store.format import is_session_id

    found = []
    for name in names:
        try:
            found.append(sessions.find(ws, name).id)
        except NotFound:
            if not is_session_id(name):
                raise
            found.append(name)
    return tuple(found)


def _mended(error: Refused, *, dry_run: bool) -> bool:
    """On a terminal, two refusals can be mended by a question: no init yet, no consent to this destination. To what is
    only tried nobody is asked to agree.
    """
    if isinstance(error, NotInitialised):
        return _offer(error)
    from git_ccsync.operations.destinations.guard import NoConsent

    if dry_run or not isinstance(error, NoConsent):
        return False
    from git_ccsync.cli import init

    return init.agree(error)


def _offer(error: NotInitialised) -> bool:
    """On a terminal: offer to run init at once. True if it was done."""
    from git_ccsync.cli import ask

    if not ask.possible():
        return False
    render.note(render.safe(error.message))
    if not ask.yes("run 'git ccsync init' now?"):
        return False
    from git_ccsync.cli import init
    from git_ccsync.cli.options import InitOptions

    return init.run(InitOptions()) == 0


def _for_programs(verb: Verb, result: Any, options: Carry) -> None:
    from git_ccsync.cli import porcelain

    if options.json:
        porcelain.document(result)
    else:
        porcelain.records(verb.records(result), z=options.z)
