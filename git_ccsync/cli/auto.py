"""The words of `auto`: hooks on, off, how they do; and the offer that `init` makes."""

from __future__ import annotations

import os
import sys
import time

from git_ccsync.cli import ages, ask, colour, render
from git_ccsync.errors import CcsyncError, Refused
from git_ccsync.operations import auto
from git_ccsync.operations.run.workspace import open_workspace
from git_ccsync.operations.unattended import auto_status

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.cli.options import AutoOptions
    from git_ccsync.operations.auto import Changed, Place
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.operations.unattended.auto_status import AutoStatus, Scope, Trouble

#: So many of the last troubles are shown, and none of a push that is older than the last one that arrived (by more than
#: these seconds: what a push has to say is written down just before).
SHOWN, SAME = 3, 5
_DONE = {
    "added": "hooks are on",
    "updated": "hooks are on, brought up to date",
    "unchanged": "hooks are on already",
    "removed": "hooks are off",
}


def run(options: AutoOptions) -> int:
    """`git ccsync auto`; the exit status."""
    if options.action == "on":
        return _on(options)
    if options.action == "off":
        return _off(options)
    return _status(options)


def _on(options: AutoOptions) -> int:
    place = _place(options)
    changed = auto.on(place, words(), os.environ, command=_wants_command(options, place))
    render.out(_said(changed))
    if changed.command == "foreign":
        render.warning(f"'{render.home(place.commands)}/ccsync.md' is not ours; it stays as it is")
    elif changed.command in ("added", "updated"):
        render.out("the slash command '/ccsync' is there")
    if changed.action != "unchanged":
        render.out("Claude Code takes them up at once; older versions, at their next start")
    if auto.installed(place).disabled:
        _disabled(place.path)
    ws = _workspace()
    if ws and not ws.initialised:
        render.hint("they do nothing here yet: 'git ccsync init' sets this repository up")
    return 0


def _wants_command(options: AutoOptions, place: Place) -> bool:
    if options.command is not None:
        return options.command
    from git_ccsync.operations.unattended import slash

    if slash.installed(place.commands):
        return True
    return ask.possible() and ask.yes("install the slash command '/ccsync' in Claude Code, too?")


def _off(options: AutoOptions) -> int:
    place = _place(options)
    changed = auto.off(place, os.environ)
    render.out(_said(changed) if changed.action != "unchanged" else f"hooks are not on in '{render.home(place.path)}'")
    if changed.command == "changed":
        render.warning(f"'{render.home(place.commands)}/ccsync.md' was changed by somebody; it stays")
    return 0


def _said(changed: Changed) -> str:
    return f"{_DONE[changed.action]} in '{render.home(changed.place.path)}'"


def _place(options: AutoOptions) -> Place:
    if not options.project:
        return auto.user(os.environ)
    ws = open_workspace(".")
    if not ws.trees or ws.is_home:
        raise Refused("this repository has no main work tree, where a project's settings would lie")
    return auto.project(ws.trees[0])


def words() -> list[str]:
    """What starts git-ccsync from anywhere: its absolute path, unresolved, so that an upgrade in its place is met."""
    from shutil import which

    started = os.path.abspath(sys.argv[0]) if sys.argv and sys.argv[0] else ""
    if os.path.basename(started) == "__main__.py":
        return [sys.executable, "-m", "git_ccsync"]
    found = which("git-ccsync") or ""
    fits = os.path.basename(started).startswith("git-ccsync") and os.access(started, os.X_OK)
    if fits and not (found and os.path.exists(found) and os.path.samefile(found, started)):
        found = started
    path = os.path.abspath(found) if found else "git-ccsync"
    try:
        path.encode()
    except UnicodeEncodeError:  # JSON cannot hold it; PATH may
        return ["git-ccsync"]
    return [path]


def _status(options: AutoOptions) -> int:
    ws = _workspace()
    places = [auto.user(os.environ), *([auto.project(ws.trees[0])] if ws and ws.trees and not ws.is_home else [])]
    found = auto_status.status(places, ws)
    if options.json:
        from git_ccsync.cli import porcelain

        porcelain.document(found)
        return 0
    for line in _lines(found, colour.palette(ws.config if ws else None), time.time()):
        render.out(line)
    for scope in found.scopes:
        _complain(scope)
    if all(scope.state == "off" for scope in found.scopes):
        render.hint("'git ccsync auto on' switches them on")
    return 0


def _workspace() -> Workspace | None:
    try:
        return open_workspace(".")
    except CcsyncError:
        return None


def _lines(found: AutoStatus, palette: colour.Palette, now: float) -> Iterator[str]:
    paint = {"on": "green", "partly": "yellow"}
    rows = [
        (f"{one.scope} settings", one.state, render.home(one.path), "and /ccsync" if one.slash_command else "")
        for one in found.scopes
    ]
    yield from render.table(rows, flexible=2, paint={1: lambda cell: palette(paint.get(cell.strip(), ""), cell)})
    if not found.repository:
        yield "\nno repository that was set up is here; in others the hooks do nothing"
        return
    yield ""
    last = max(reversed(found.events), key=lambda pair: pair[1])
    yield f"last event  {f'{last[0]}, {ages.ago(last[1], now)}' if last[1] else 'none yet'}"
    failed = f"; a try {ages.ago(found.failed, now)} failed" if found.failed else ""
    yield f"last push   {ages.ago(found.pushed, now) or 'none yet'}{failed}"
    yield f"last fetch  {ages.ago(found.fetched, now) or 'none yet'}"
    for one in [one for one in found.troubles if not _is_over(one, found)][-SHOWN:]:
        yield from _trouble(one, palette, now)


def _is_over(one: Trouble, found: AutoStatus) -> bool:
    """Whether a push has arrived since."""
    then, arrived = ages.seconds(one.when), ages.seconds(found.pushed)
    return one.what == "push" and bool(then and arrived) and (then or 0) < (arrived or 0) - SAME


def _trouble(one: Trouble, palette: colour.Palette, now: float) -> Iterator[str]:
    """Lines of the terminal's width; piped, one line. URLs stay whole."""
    import textwrap

    head, text = "trouble     ", f"{ages.ago(one.when, now)}: {render.safe(one.text)}"
    width = render.width() or 1 << 30
    what = render.safe(one.what)
    lines = textwrap.wrap(
        f"{head}{what} {text}", width, subsequent_indent=" " * len(head), break_long_words=False, break_on_hyphens=False
    )
    yield head + palette("red", what) + lines[0][len(head) + len(what) :]
    yield from lines[1:]


def _complain(scope: Scope) -> None:
    """Say so where hooks run something that is not there any more, or not all of them are there."""
    if scope.disabled:
        _disabled(scope.path)
    for line in scope.commands:
        path = line.partition("g=")[2].partition("; ")[0].strip("'")
        if path.startswith("/") and not os.access(path, os.X_OK):
            render.warning(f"the hooks in '{render.home(scope.path)}' run '{path}', which is not there")
            render.hint("'git ccsync auto on' brings them up to date")
            return
    if scope.state == "partly":
        render.warning(f"some of the hooks in '{render.home(scope.path)}' are missing")
        render.hint("'git ccsync auto on' brings them up to date")


def _disabled(path: str) -> None:
    render.warning(f"no hooks run: '{render.home(path)}' has \"disableAllHooks\"")
    render.hint("take it out there, and they do")


def offer() -> None:
    """At a terminal, where hooks are off: ask whether they should do the carrying from now on."""
    place = auto.user(os.environ)
    try:
        if not ask.possible() or auto.installed(place).events or not os.path.isdir(os.path.dirname(place.path)):
            return
        if ask.yes("let Claude Code push and pull by itself from now on, by hooks in its settings?"):
            render.out(_said(auto.on(place, words(), os.environ)))
        else:
            render.note("'git ccsync auto on' does that later")
    except CcsyncError as error:
        render.warning(error.message)
