"""The words of `watch`: one line an event. Signals end it, and that is its proper end: status 0."""

from __future__ import annotations

import os
import sys
import time

from git_ccsync.cli import Terminated, pull, render
from git_ccsync.errors import Usage
from git_ccsync.operations import watch
from git_ccsync.operations.run.workspace import open_workspace, require_init
from git_ccsync.operations.unattended import watch_unit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from threading import Event

    from git_ccsync.cli.options_upkeep import WatchOptions


def run(options: WatchOptions) -> int:
    """`git ccsync watch`; the exit status."""
    if sum((options.stop, options.install, options.uninstall)) > 1:
        raise Usage("--stop, --install and --uninstall do not go together")
    if options.stop:
        render.out(f"stopped process {watch.end(os.environ)}")
    elif options.install:
        _install(options)
    elif options.uninstall:
        found = watch_unit.uninstall(os.environ)
        render.out(f"removed {render.home(found.path)}")
        render.hint(f"if it runs: {found.stop}")
    else:
        _watch(options)
    return 0


def _install(options: WatchOptions) -> None:
    watch.check()
    words = [*program(), "watch", "--all", f"--interval={options.interval}"]
    found = watch_unit.install(os.environ, [*words, "--push-only"] if options.push_only else words)
    render.out(f"wrote {render.home(found.path)}")
    render.out(f"to begin with it: {found.start}")


def program() -> list[str]:
    """The words that start this program from anywhere."""
    import shutil

    here = os.path.abspath(sys.argv[0])
    if os.path.basename(here) == "git-ccsync" and os.access(here, os.X_OK):
        return [here]
    found = shutil.which("git-ccsync")
    return [os.path.abspath(found)] if found else [sys.executable, "-m", "git_ccsync"]


def _watch(options: WatchOptions) -> None:
    from threading import Event

    path = "" if options.all else _here()
    what = render.home(path) if path else "all repositories"
    turn = watch.claim(os.environ, what)
    stop = Event()
    _hear(stop)
    try:
        watch.check()
        how = "push" if options.push_only else f"push, and pull every {options.interval} s"
        _say(f"watching {what}: {how}")
        watch.run(watch.Wish(path, options.interval, options.push_only), show, stop)
    except (KeyboardInterrupt, Terminated):
        pass
    finally:
        os.close(turn)
    _say("stopped")


def _here() -> str:
    """The repository that we are in, by a path that leads there from anywhere."""
    ws = open_workspace(".")
    require_init(ws)
    return ws.repo.work_tree


def _hear(stop: Event) -> None:
    """Let signals end it: what is under way is broken off, and the next run heals it, as everywhere."""
    import signal

    def end(number: int, frame: object) -> None:
        if stop.is_set():
            return
        stop.set()
        raise Terminated(number)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end)


def show(event: watch.Happened) -> None:
    """One line, unless nothing happened."""
    place = render.home(event.path)
    if event.what == watch.FAILED:
        _say(f"{place}: {render.safe(event.text)}; will try again")
    elif event.what == watch.PUSHED:
        _say(f"{place}: pushed {render.safe(event.text)}")
    elif event.result is not None and pull.brief(event.result) != "up to date":
        _say(f"{place}: pulled {pull.brief(event.result)}")


def _say(text: str) -> None:
    render.out(f"{time.strftime('%H:%M:%S')} {text}")
    sys.stdout.flush()
