"""The words of `resume`: what is asked and told before Claude Code goes on with a session, and what follows its end."""

from __future__ import annotations

import time

from git_ccsync.cli import ages, ask, failure, pick, progress, pull, render, running
from git_ccsync.errors import CcsyncError, NotFound, Refused, RemoteFailed, Usage
from git_ccsync.operations import resume
from git_ccsync.operations.run.workspace import open_workspace, refreshed, require_init

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.cli.options import ResumeOptions
    from git_ccsync.model import OnProgress, PushResult, Session
    from git_ccsync.operations.resume import Code, Elsewhere, Ready
    from git_ccsync.operations.run.workspace import Workspace

INTERRUPTED = 130


def run(options: ResumeOptions) -> int:
    """`git ccsync resume`; the exit status is Claude Code's, 130 if a person was asked for a session and chose none."""
    if options.latest and options.session:
        raise Usage("--latest is a session already", "what is meant for Claude Code stands behind '--'")
    claude = running.executable()
    if options.all:
        _check(options)
        from git_ccsync.cli import resume_all

        chosen = resume_all.choose(options)
        if not chosen:
            return INTERRUPTED
        ws, name = chosen
        require_init(ws)
    else:
        ws, name = open_workspace("."), options.session
        require_init(ws)
        _check(options)  # where nothing is set up, neither of its ways out would lead anywhere
    online = _pull(ws)
    ws = refreshed(ws)
    session = _choose(ws, options._replace(session=name, latest=options.latest and not name))
    if not session:
        return INTERRUPTED
    return _go_on(ws, session, options, [claude], online=online)


def _check(options: ResumeOptions) -> None:
    """Refused if no session is named, and nobody can be asked for one."""
    if not (options.latest or options.session or pick.possible()):
        listed = f"git ccsync list{' --all' if options.all else ''}"
        raise Refused("which session?", f"name one ('{listed}' shows them), or use --latest")


def _pull(ws: Workspace) -> bool:
    """Bring what is new; False if the remote cannot be reached and what is here is to be taken."""
    from git_ccsync.operations.exchange import underway
    from git_ccsync.operations.pull import pull as bring

    try:
        underway.begin(ws, "")  # while what is new here is looked for
        with progress.meter() as meter:
            result = bring(ws, on_progress=meter)
    except RemoteFailed as error:
        render.warning(failure.hide_passwords(error.message))
        if ask.possible() and not ask.yes("go on with what is on this disk?", default=True):
            raise Refused("nothing was pulled", *error.hints) from None
        if not ask.possible():
            render.warning("going on with what is on this disk")
        return False
    finally:
        underway.cancel()
    for text in result.warnings:
        render.warning(text)
    for problem in result.problems:
        render.warning(f"'{problem.subject}': {problem.reason}")
    if not result.up_to_date:
        render.note(f"pulled: {pull.brief(result)}")
    return True


def _choose(ws: Workspace, options: ResumeOptions) -> Session | None:
    """The session that was named, was used last, or that a person chooses; None if they choose none."""
    if options.session:
        return resume.choose(ws, options.session, "" if options.all else options.machine)
    if options.latest:
        return resume.latest(ws, options.machine)
    from git_ccsync.operations.sessions import sessions

    found = sessions(ws, machine=options.machine)
    if not found:
        raise NotFound("there are no sessions yet")
    chosen = pick.pick(ws, found, unfinished=resume.unfinished(ws))
    return next((one for one in found if one.id == chosen), None)


def _go_on(ws: Workspace, session: Session, options: ResumeOptions, claude: list[str], *, online: bool) -> int:
    if options.fork:
        session = _forked(ws, session)
        ws = refreshed(ws)
    with progress.meter() as meter:
        ready = resume.prepare(ws, session, on_progress=meter)
    ws, over = refreshed(ws), options.take_over
    if ready.stranger:
        _introduced(ws, ready)
    if ready.elsewhere and not over:
        over = _taken_over(ws, ready, ready.elsewhere)
    _tell(ready)
    sends = not options.no_push
    if sends and online:
        _hold(ws, ready, over=over)
    words = [*claude, "--resume", session.id, *options.claude_args]
    try:
        return running.run(words, cwd=ready.directory).status
    finally:
        if sends:
            running.send(ws.place, lambda ws, meter: _finish(ws, session, meter))


def _forked(ws: Workspace, session: Session) -> Session:
    """A copy of the session, made by us: it has a title of its own, and shares what it has with the original."""
    from git_ccsync.operations.fork import fork

    with progress.meter() as meter:
        done = fork(ws, session.id, on_progress=meter)
    render.note(f"forked {session.id[:8]} as {done.installed.session[:8]}  {render.safe(done.title)}")
    return session._replace(id=done.installed.session, title=done.title, path=done.installed.path, state="here")


def _introduced(ws: Workspace, ready: Ready) -> None:
    """Say who added to the session, and ask where somebody can be asked. Refused if they do not know them."""
    title = ready.session.title or ready.session.id[:8]
    render.warning(f"'{title}' has lines by {ready.stranger}, not seen on this branch before")
    if not ask.possible():
        return
    render.note("what was said last:")
    for line in _last(ws, ready.session):
        render.note(f"  {line}")
    if not ask.yes("do you know them, and go on?"):
        raise Refused(
            f"'{render.safe(title)}' was not resumed", "Claude Code takes what is said in a session for yours"
        )
    resume.know(ws, ready.session.id)


def _taken_over(ws: Workspace, ready: Ready, others: tuple[Elsewhere, ...]) -> bool:
    """Ask whether to go on though another machine is at work on the session; Refused if not, or nobody can be asked."""
    title, now = ready.session.title or ready.session.id[:8], time.time()
    told = [_who(one, title, ready.session, now) for one in others]
    asks = ask.possible()
    for text in told if asks else ["what was said last:"]:
        render.note(render.safe(text))
    for line in _last(ws, ready.session):
        render.note(f"  {line}")
    if not asks:
        raise Refused(told[0], "end it there first, or take it over with --take-over")
    if not ask.yes("take it over?"):
        raise Refused(f"'{title}' was not resumed", "--fork goes on with a copy")
    return True


def _who(one: Elsewhere, title: str, session: Session, now: float) -> str:
    if one.leased:
        when = ages.ago(one.since, now) if one.since else ""
        return f"'{title}' is in use on {one.machine}{f', taken {when}' if when else ''}"
    when = ages.ago(session.updated, now) if session.updated else ""
    return f"'{title}' was left open on {one.machine}{f', last used {when}' if when else ''}"


def _last(ws: Workspace, session: Session) -> list[str]:
    """The last prompt and the beginning of its answer."""
    from git_ccsync.operations.overview.glance import Glance

    glance = Glance(ws)
    try:
        found = glance.last(session)
    except (CcsyncError, OSError):
        return []
    finally:
        glance.close()
    width = max(20, (render.width() or 80) - 4)
    asked = [f"> {render.safe(found.prompt)}"] if found.prompt else []
    answer = [render.safe(found.answer.strip().split("\n")[0])] if found.answer.strip() else []
    return [render.cut(line, width) for line in (*asked, *answer)]


def _tell(ready: Ready) -> None:
    """What is to be known of directory and code, each in one line."""
    if ready.missing:
        render.note(f"{render.home(ready.missing)} is not here; starting in {render.home(ready.directory)}")
    said = _code(ready.code)
    if said:
        render.note(f"note: {said}")


def _code(code: Code) -> str:
    parts = []
    if code.absent:
        parts.append(f"commit {code.absent[:7]}, which the session speaks of, is not in this repository")
    if code.branch:
        here = f"'{render.safe(code.here)}' is checked out here" if code.here else "no branch is checked out here"
        parts.append(f"it was held on git branch '{render.safe(code.branch)}', {here}")
    if code.dirty:
        parts.append(f"files were uncommitted on {render.safe(code.dirty)}")
    return "; ".join(parts)


def _hold(ws: Workspace, ready: Ready, *, over: bool) -> None:
    """Take the lease. That others cannot be told keeps nobody from working."""
    try:
        while True:
            with progress.meter() as meter:
                done = resume.hold(ws, ready.session.id, over=over, on_progress=meter)
            for text in done.push.warnings:
                render.warning(text)
            if not done.elsewhere:
                return
            ws = refreshed(ws)
            over = over or _taken_over(ws, ready, done.elsewhere)
    except resume.Busy:
        raise
    except RemoteFailed as error:
        render.warning(f"other machines do not see that it is in use: {failure.hide_passwords(error.message)}")


def _finish(ws: Workspace, session: Session, on_progress: OnProgress) -> PushResult:
    from git_ccsync.model import DIVERGED
    from git_ccsync.operations.exchange.copies import REPLACED

    done = resume.finish(ws, session.id, on_progress=on_progress)
    for one in done.outcomes:
        if one.scenario == DIVERGED and one.copy:
            how = "was replaced here" if one.reason == REPLACED else "went on elsewhere too"
            render.note(f"'{render.safe(session.title)}' {how}; what was said here goes on as {one.copy[:8]}")
    return done
