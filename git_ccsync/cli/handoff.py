"""The words of `handoff`: the six sections as Markdown, and Claude Code on a new session that begins with the last one."""

from __future__ import annotations

import os
import time

from git_ccsync.claude import handoff as text
from git_ccsync.cli import ages, colour, render
from git_ccsync.errors import NotFound, Usage
from git_ccsync.operations import handoff
from git_ccsync.operations.run.workspace import open_workspace, refreshed, require_init

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options import HandoffOptions
    from git_ccsync.operations.handoff import Handoff, Written
    from git_ccsync.operations.run.workspace import Workspace


def run(options: HandoffOptions) -> int:
    """`git ccsync handoff`; with --run the exit status is Claude Code's."""
    if options.run and options.json:
        raise Usage("--run and --json do not go together")
    ws, status = open_workspace("."), 0
    name = options.session or os.environ.get("CLAUDE_CODE_SESSION_ID", "") or "@{latest}"
    if options.run:
        require_init(ws)
    if options.write or options.force:
        ws, status = _write(ws, name, force=options.force)
    found = handoff.read(ws, name)
    if options.run:
        return _run(found)
    if options.json:
        _document(found)
    else:
        for line in lines(found, colour.palette(ws.config), time.time()):
            render.out(line)
    return status


def _write(ws: Workspace, name: str, *, force: bool) -> tuple[Workspace, int]:
    from git_ccsync.cli import telling

    done = handoff.write(ws, name, force=force)
    _tell(done)
    sent = telling.others(ws, "the handoff")
    return refreshed(ws), int(not sent)


def _tell(done: Written) -> None:
    if done.trouble:
        render.warning(f"{done.trouble}; made without a model")
    if done.state == handoff.MADE:
        render.note(f"handoff of {done.session[:8]} made")
    elif done.state == handoff.FRESH:
        render.note(f"the handoff of {done.session[:8]} is up to date; --force makes it anew")
    else:
        ago = render.count(done.minutes, "minute")
        render.note(f"the handoff of {done.session[:8]} was made {ago} ago; --force makes it anew")


def lines(found: Handoff, palette: Palette, now: float) -> Iterator[str]:
    """The whole text in safe lines."""
    yield palette("bold", f"# {render.safe(found.session.title) or '(no title)'}")
    yield ""
    yield palette("dim", f"> {_age(found, now)}")
    yield ""
    for line in text.markdown(found.sections).rstrip("\n").split("\n"):
        heading = line.startswith("## ") and line[3:] in text.HEADINGS
        yield palette("bold", line) if heading else render.safe(line)


def _age(found: Handoff, now: float) -> str:
    """How it was made, how old it is, and whether the session went on since."""
    ago = ages.ago(found.when, now)
    machine = f" on {render.safe(found.session.machine)}" if found.session.machine else ""
    if not found.stored:
        return f"extracted from the session as it is, last used {ago or 'at an unknown time'}{machine}"
    made = (
        f"{found.made or 'written'} of what was said until {ago}" if ago else f"{found.made or 'written'} some time ago"
    )
    if found.since < 0:
        return f"{made}; the session may have gone on since"
    if found.since:
        return f"{made}; the session went on since ({render.count(found.since, 'message')}{machine})"
    return f"{made}{machine}; nothing was said since"


def _document(found: Handoff) -> None:
    from git_ccsync.cli import porcelain

    porcelain.document(found)


def _run(found: Handoff) -> int:
    """Claude Code with the prompt to continue, where the session was held; its new lines are sent when it has ended."""
    from git_ccsync.cli import running

    if not found.sections.prompt:
        raise NotFound("there is nothing to continue with in the handoff")
    claude = running.executable()
    render.note(f"starting Claude Code in {render.home(found.directory)}")
    ended = running.run([claude, prompt(found)], cwd=found.directory)
    running.send(found.directory)
    return ended.status


def prompt(found: Handoff) -> str:
    """The prompt to continue, as it may be given to a new session: it begins with words of ours, so that it is no command
    of Claude Code's, and names no file that would be read in by itself.
    """
    title = " ".join(text.clean(found.session.title).split())
    said = f"Go on with the work of an earlier session{f' ({title})' if title else ''}.\n\n{found.sections.prompt}"
    return text.unmentioned(text.clean(said))
