"""The words of `purge`."""

from __future__ import annotations

from git_ccsync.cli import ask, porcelain, progress, render
from git_ccsync.errors import Refused, Usage
from git_ccsync.operations.run.workspace import open_workspace, require_init

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.cli.options_upkeep import PurgeOptions
    from git_ccsync.operations.purge import PurgeResult
    from git_ccsync.operations.purging.purge_plan import Item, Plan
    from git_ccsync.operations.run.workspace import Workspace

#: What is to be typed.
WORD = "purge"
#: So many sessions are named before the question.
SHOWN = 20


def run(options: PurgeOptions) -> int:
    """`git ccsync purge`; the exit status: 1 if a place did not take it, or something could not be dropped."""
    from git_ccsync.operations import purge
    from git_ccsync.operations.purging import purge_plan

    ws = open_workspace(".")
    require_init(ws)
    if options.follow:
        if options.session or options.all or options.before or options.secrets:
            raise Usage("--follow does what was purged elsewhere: no session is to be named")
        return _follow(ws, options)
    what = purge_plan.What(options.session, options.all, options.before, options.secrets)
    purge_plan.check(what)
    with progress.meter() as meter:
        plan = purge_plan.plan(ws, what, meter)
    kin = bool(plan.kin) and not options.only
    if not options.json:
        _announce(plan, kin=kin)
    result = purge.PurgeResult(
        (*plan.chosen, *(plan.kin if kin else ())), () if kin else plan.kin, plan.ref, dry_run=True
    )
    work = plan.chosen or plan.done or plan.all or (plan.secrets and plan.secrets.values)
    result = result._replace(secrets=plan.secrets)
    if options.dry_run or not work:
        return _show(result, options)
    if not options.yes:
        kin = _agree(plan, kin=kin)
    with progress.meter() as meter:
        result = purge.carry_out(ws, plan, kin=kin, on_progress=meter)
        if options.local:
            result = result._replace(files=purge.put_away(ws, {item.session for item in result.purged}))
    return _show(result, options)


def _announce(plan: Plan, *, kin: bool) -> None:
    """What would go, before anybody is asked."""
    for line in _named(plan.chosen):
        render.out(line)
    if plan.kin:
        verb = "shares" if len(plan.kin) == 1 else "share"
        render.out(f"{render.count(len(plan.kin), 'session')} {verb} lines with that, as a copy or fork:")
        for line in _named(plan.kin):
            render.out(line)
        if not kin:
            render.out("these stay, and with them what they share")
    if plan.all:
        render.out("memory and prompts")
    if plan.secrets is not None:
        found = plan.secrets
        where = render.count(len(found.sessions), "session")
        render.out(f"{render.count(found.values, 'value')} in {where}, and what lies beside them")
        for session in found.left:
            render.warning(f"'{session[:8]}' has some where nothing may be changed: purge the session")
    elif not plan.chosen and not plan.all:
        what = "all of it was purged before" if plan.done else "no session is that old"
        render.out(f"nothing to purge: {what}")


def _named(items: Sequence[Item]) -> Iterator[str]:
    for item in items[:SHOWN]:
        title = render.safe(item.title) or "(no title)"
        yield f"  {item.session[:8]}  {item.updated[:10]:10}  {title}  ({render.count(item.lines, 'line')})"
    if len(items) > SHOWN:
        yield f"  and {len(items) - SHOWN:,} more"


def _agree(plan: Plan, *, kin: bool) -> bool:
    """Ask, and have the word typed; whether the copies and forks go, too. Refused for anything else."""
    if not ask.possible():
        raise Refused("purge takes lines away for good: nothing was done", "with --yes it asks nothing")
    if kin:
        kin = ask.yes("purge these copies and forks, too?")
    number = len(plan.chosen) + (len(plan.kin) if kin else 0)
    if number or plan.all or plan.secrets:
        what = render.count(plan.secrets.values, "value") if plan.secrets else render.count(number, "session")
        render.note(f"this takes {what} out of '{render.safe(plan.ref)}' on")
        render.note(f"{render.safe(plan.place)}, with the whole history of the branch, and cannot be undone")
        if ask.text(f"type '{WORD}' to go on") != WORD:
            raise Refused("nothing was purged")
    return kin


def _follow(ws: Workspace, options: PurgeOptions) -> int:
    from git_ccsync.operations import purge

    if options.dry_run:
        raise Usage("--follow has no dry run: 'git ccsync status' tells what is left to drop")
    if not options.yes:
        if not ask.possible():
            raise Refused("what was purged elsewhere is dropped here when you agree", "with --yes it asks nothing")
        if not ask.yes("drop what was purged from this repository? No line of it can be brought back from here"):
            raise Refused("nothing was dropped")
    with progress.meter() as meter:
        result = purge.follow(ws, on_progress=meter)
    return _show(result, options)


def offer(ws: Workspace) -> None:
    """After a pull that came upon a purge, on a terminal: ask whether to drop it here too."""
    from git_ccsync.operations import purge
    from git_ccsync.operations.run.workspace import refreshed

    if ask.possible() and ask.yes("drop what was purged from this repository, too?"):
        with progress.meter() as meter:
            result = purge.follow(refreshed(ws), on_progress=meter)
        for line in words(result):
            render.out(line)


def _show(result: PurgeResult, options: PurgeOptions) -> int:
    if options.json:
        porcelain.document(result)
    else:
        for line in words(result):
            render.out(line)
    for text in result.warnings:
        render.warning(text)
    for one in result.remotes:
        if one.status not in ("pushed", "up-to-date"):
            render.warning(f"'{one.url}' was left as it was: {one.reason or one.status}")
    failed = any(one.status not in ("pushed", "up-to-date") for one in result.remotes)
    return 1 if failed or result.left or result.pending else 0


def words(result: PurgeResult) -> Iterator[str]:
    """What was done, what stays, and what cannot be reached."""
    number = render.count(len(result.purged), "session")
    if result.dry_run:
        if result.purged:
            yield f"would purge {number}"
        return
    if result.commit and result.secrets:
        number = f"{render.count(result.secrets.values, 'value')} from its lines"
    if result.commit:
        yield f"purged {number}: '{render.safe(result.ref)}' begins anew with {result.commit[:7]}"
    if result.objects or not result.commit:
        yield f"dropped {render.count(result.objects, 'object')} from this repository"
    if result.left:
        yield f"{render.count(result.left, 'object')} lie where git itself looks after them; 'git gc --prune=now' takes them away"
    if result.files:
        yield f"{render.count(len(result.files), 'file')} went to the trash: 'git ccsync undo' brings them back"
    elif any(item.here for item in result.purged):
        yield "what lies in Claude's own directory stays there, and is never sent again"
    if result.commit:
        yield "this cannot reach: the remote's unreachable objects until its own gc, caches of its host, forks, other clones,"
        yield "backups; your other machines drop it with 'git ccsync purge --follow', after their next pull"
