"""The words of `--branch`: looking at the branch of somebody else, and taking a session of it over."""

from __future__ import annotations

import time

from git_ccsync.cli import ask, colour, progress, render
from git_ccsync.cli import list as listing
from git_ccsync.errors import Refused, Usage
from git_ccsync.operations import others
from git_ccsync.operations.arriving import others_list
from git_ccsync.operations.run.workspace import open_workspace, require_init

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.cli.options import ListOptions, LogOptions, ShowOptions
    from git_ccsync.cli.options_timed import Carry
    from git_ccsync.model import Session
    from git_ccsync.operations.arriving.taking import Taken
    from git_ccsync.operations.others import Other
    from git_ccsync.operations.run.workspace import Workspace


def show_list(options: ListOptions) -> int:
    """`git ccsync list --branch NAME`; 1 if a filter was given and nothing fits it."""
    _refuse("list --branch", all=options.all, branches=options.branches, removed=options.removed)
    ws = open_workspace(".")
    with _look(ws, options.branch) as other:
        found = tuple(one for one in others_list.sessions(ws, other) if _fits(one, options))
        for_programs = bool(options.json or options.porcelain or options.z)
        _announce(other, quiet=for_programs)
        others.met(ws, other)
    if for_programs:
        listing.for_programs(found, options)
    elif found:
        listing.page(listing.table(found, colour.palette(ws.config), time.time()))
    else:
        render.note("no session fits" if _narrowed(options) else f"'{options.branch}' has no sessions yet")
    return int(not found and _narrowed(options))


def _look(
    ws: Workspace, name: str, remote: str = "", *, history: bool = False, how: int = -1, quiet: bool = False
) -> Other:
    with progress.meter(how, quiet=quiet) as meter:
        return others.look(ws, name, remote=remote, history=history, on_progress=meter)


def _refuse(what: str, **given: object) -> None:
    for name, value in given.items():
        if value:
            raise Usage(f"{what} does not go together with --{name.replace('_', '-')}")


def _fits(one: Session, options: ListOptions) -> bool:
    words = one.state.split(" ")
    return (
        (not options.open or "open" in words)
        and (not options.not_here or "not-here" in words)
        and (not options.conflicts or "copy" in words)
        and (not options.machine or one.machine == options.machine)
        and one.updated[:10] >= _day(options.since)
    )


def _day(since: str) -> str:
    from git_ccsync.operations import sessions

    return sessions.day(since) if since else ""


def _narrowed(options: ListOptions) -> bool:
    return any((options.open, options.not_here, options.conflicts, options.machine, options.since))


def _announce(other: Other, *, quiet: bool = False) -> None:
    """Who writes to that branch, if that is news, and what was fetched."""
    news, name = other.news, render.safe(other.name)
    if news.first:
        on = f" on '{render.safe(news.machine)}'" if news.machine else ""
        render.warning(
            f"branch '{name}' was not looked at here before; {render.safe(news.author)} wrote to it last{on}"
        )
    for remark in news.remarks:
        render.warning(remark)
    for stranger in news.strangers:
        render.warning(f"{render.safe(stranger)} was not seen on branch '{name}' before")
    if news.size and not quiet:
        render.note(
            f"fetched {render.size(news.size)} of branch '{name}' from '{render.safe(other.place.destination.name)}'"
        )


def show(options: ShowOptions) -> int:
    """`git ccsync show --branch NAME SESSION`; the exit status."""
    from git_ccsync.cli import pager, porcelain
    from git_ccsync.cli import show as presenter

    _refuse("show --branch", diff=options.diff)
    ws = open_workspace(".")
    with _look(ws, options.branch) as other:
        _announce(other, quiet=options.json or options.raw)
        others.met(ws, other)
        chosen = others_list.find(ws, other, options.session)
        if options.json:
            porcelain.document(chosen)
            return 0
        with progress.meter() as meter:
            lines = others_list.lines(other, chosen.id, meter)
        if options.raw:
            presenter.raw(lines)
        else:
            pager.page(presenter.readable(chosen, lines, colour.palette(ws.config)))
    return 0


def log(options: LogOptions) -> int:
    """`git ccsync log --branch NAME [SESSION]`; 1 if there is nothing to tell."""
    from git_ccsync.cli import log as presenter
    from git_ccsync.operations import log as pushes

    if options.separated:
        raise Usage("log --branch tells of pushes and sessions, not of files")
    ws = open_workspace(".")
    with _look(ws, options.branch, history=True) as other:
        _announce(other, quiet=options.json)
        others.met(ws, other)
        chosen = others_list.find(ws, other, options.what).id if options.what else ""
        limits = pushes.Limits(options.machine, options.since, chosen, "", options.max_count)
        return presenter.tell(ws, pushes.pushes(other.ws, limits, there=other.tip), limits, options)


def pull(options: Carry) -> int:
    """`git ccsync pull --branch NAME --session SESSION`; the exit status."""
    from git_ccsync.operations.arriving import taking

    _refuse("pull --branch", all=options.all)
    if not options.session:
        raise Usage(
            "which session? --session <session> names one",
            f"'git ccsync list --branch {options.branch}' shows those of '{options.branch}'",
        )
    ws = open_workspace(".")
    require_init(ws)
    silent = bool(options.json or options.porcelain or options.z or options.quiet)
    with _look(ws, options.branch, options.remote, how=options.progress, quiet=options.quiet) as other:
        _agree(ws, other, quiet=silent)
        done = []
        for name in options.session:
            with progress.meter(options.progress, quiet=options.quiet) as meter:
                done.append(taking.take(ws, other, name, dry_run=options.dry_run, on_progress=meter))
            if not silent:
                _told(other, done[-1], dry_run=options.dry_run)
    _for_programs(done, options)
    return 0


def _agree(ws: Workspace, other: Other, *, quiet: bool) -> None:
    """Nothing of somebody whom nobody here has met is taken over without a word."""
    _announce(other, quiet=quiet)
    if other.news.first or other.news.strangers:
        if not ask.possible():
            raise Refused(
                f"nobody here has looked at branch '{other.name}' as it is now",
                f"git ccsync list --branch {other.name}",
                "    shows what is there and who wrote it; pull again after that",
            )
        if not ask.yes("take sessions of it over?"):
            raise Refused("nothing was taken over")
        others.met(ws, other)


def _told(other: Other, done: Taken, *, dry_run: bool) -> None:
    from git_ccsync.operations.arriving import taking

    copy = done.installed.session
    theirs, title = f"{done.theirs.id[:8]} of {render.safe(done.origin)}", render.safe(done.installed.title)
    lines = render.count(done.lines, "line")
    would = "would be " if dry_run else ""
    if done.action == taking.KEPT:
        more = ", and you have gone on with it" if done.more else ""
        render.out(f"{theirs} is here already, as {copy[:8]}  {title}{more}")
    elif done.action == taking.GROWN:
        render.out(f"{theirs} {would or 'was '}taken over before, as {copy[:8]}  {title}; added {lines}")
    else:
        both = "; both went on since it was taken over before" if done.action == taking.FURTHER else ""
        render.out(f"{theirs} {would}taken over as {copy[:8]}  {title}  ({lines}){both}")
    if done.size:
        render.note(f"fetched {render.size(done.size)}")
    if done.theirs.open_on:
        on = " and ".join(map(render.safe, done.theirs.open_on))
        render.note(f"it is open on {on}: what is said there from now on comes when it is pulled again")
    if not dry_run:
        render.out(f"claude --resume {copy}")


def _for_programs(done: Sequence[Taken], options: Carry) -> None:
    from git_ccsync.cli import porcelain

    if options.json:
        porcelain.document({"taken": [_document(one) for one in done]})
    elif options.porcelain or options.z:
        rows = (
            ("taken", one.action, one.installed.session, one.theirs.id, one.origin, one.lines, porcelain.Path(one.installed.path))
            for one in done
        )  # fmt: skip
        porcelain.records(rows, z=options.z)


def _document(one: Taken) -> dict[str, object]:
    return {
        "action": one.action, "session": one.installed.session, "theirs": one.theirs.id, "origin": one.origin,
        "lines": one.lines, "more": one.more, "path": one.installed.path, "title": one.installed.title,
    }  # fmt: skip
