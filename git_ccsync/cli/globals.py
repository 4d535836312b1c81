"""The words of `global`: what waits of CLAUDE.md and plans, the difference that it would make, what was done."""

from __future__ import annotations

import os

from git_ccsync.cli import colour, render
from git_ccsync.git import nearby
from git_ccsync.operations.companions import globals_choice as choice
from git_ccsync.operations.run.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options import GlobalOptions
    from git_ccsync.operations.companions.globals_choice import State, Waiting
    from git_ccsync.operations.run.workspace import Workspace

_COLOURS = {"+": "green", "-": "red", "@": "cyan"}


def run(options: GlobalOptions) -> int:
    """`git ccsync global`; the exit status."""
    ws = open_workspace(nearby.home_repository(os.environ))
    if options.action in ("on", "off"):
        return _switch(ws, on=options.action == "on")
    if options.action == "apply":
        return _apply(ws, options)
    if options.action == "keep":
        return _keep(ws, options)
    found = choice.state(ws, options.files)
    if options.action == "diff":
        return _diff(ws, found)
    if options.json:
        from git_ccsync.cli import porcelain

        waiting = [{"name": one.name, "what": one.what} for one in found.waiting]
        porcelain.document({"on": found.on, "files": found.files, "new": found.fresh, "waiting": waiting})
    else:
        _show(found, colour.palette(ws.config))
    return 0


def _switch(ws: Workspace, *, on: bool) -> int:
    choice.switch(ws, on=on)
    if not on:
        render.out("CLAUDE.md and plans are carried no more; what is on the branch stays there")
        return 0
    ws = open_workspace(nearby.home_repository(os.environ))
    number = len(choice.state(ws).files)
    render.out(f"CLAUDE.md and plans are carried from now on; here {'is' if number == 1 else 'are'} {number}")
    render.out("next: 'git ccsync sync --home'")
    return 0


def _show(found: State, palette: Palette) -> None:
    if not found.on:
        render.out("CLAUDE.md and plans are not carried")
        render.hint("'git ccsync global on' carries them with the sessions outside any repository")
        return
    for one in found.waiting:
        render.out(f"{palette('yellow', render.safe(one.name))} {render.safe(one.what)}")
    for name in found.fresh:
        render.out(f"{palette('green', render.safe(name))} is new here; the next push sends it")
    if not (found.waiting or found.fresh):
        render.out(f"{render.count(len(found.files), 'file')} here, all as on the branch")
    if found.waiting:
        render.hint("'git ccsync global diff' shows the difference, 'apply' takes it, 'keep' leaves it")


def remind(ws: Workspace) -> None:
    """A line for each file that others changed, for `status`."""
    for one in choice.state(ws).waiting:
        render.out(f"{render.safe(one.name)} {render.safe(one.what)}; 'git ccsync global' shows and takes it")


def _diff(ws: Workspace, found: State) -> int:
    from git_ccsync.cli import pager

    palette = colour.palette(ws.config)
    pager.page(line + "\n" for one in found.waiting for line in _lines(one, palette))
    return 0


def _lines(one: Waiting, palette: Palette) -> Iterator[str]:
    """From what lies here to what `apply` would make of it."""
    yield palette("bold", f"{render.safe(one.name)} {render.safe(one.what)}")
    for raw in one.difference():
        line = raw.decode("utf-8", "replace")
        yield palette(_COLOURS.get(line[:1], ""), render.safe(line))


def _keep(ws: Workspace, options: GlobalOptions) -> int:
    kept = choice.keep(ws, options.files)
    for name, here in kept:
        what = "stays as it is here; the next push sends it" if here else "is not taken"
        render.out(f"{render.safe(name)} {what}")
    if not kept:
        render.out("nothing waits")
    return 0


def _apply(ws: Workspace, options: GlobalOptions) -> int:
    done = choice.apply(ws, options.files)
    for name, kept in done.taken:
        was = f"; what it was is kept as {render.home(kept)}" if kept else ""
        render.out(f"{render.safe(name)} taken{was}")
    if not (done.taken or done.problems):
        render.out("nothing waits")
    return int(render.problems(done.problems))
