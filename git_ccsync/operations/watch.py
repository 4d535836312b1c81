"""watch: push soon after a transcript has changed, pull every so often, for as long as nobody ends it. One a machine.

What goes wrong in one repository is told once, tried again later and later, and stops no other. Nothing is printed here.
"""

from __future__ import annotations

import os
import time

from git_ccsync.claude import home, live
from git_ccsync.errors import CcsyncError, Locked, NotFound, Refused, Unsupported
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import command, refs, url
from git_ccsync.operations import hooks
from git_ccsync.operations.run import clear, known, upkeep
from git_ccsync.operations.run.workspace import LOCAL, open_workspace, project_keys, refreshed, require_init
from git_ccsync.operations.unattended import deliver
from git_ccsync.state import files, lock, log, machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from threading import Event as Flag

    from git_ccsync.model import PullResult
    from git_ccsync.operations.run.workspace import Workspace

#: Seconds without a change after which what was written is pushed; milliseconds between two looks at the clock.
QUIET, TICK = 1.5, 500
#: Looks at the clock before file events are asked for again, where there were none to be had.
BLIND = 120
#: Seconds after which a push that finds another one at work tries again.
BUSY = 2.0
#: The longest pause (seconds) before something that went wrong is tried again.
LONGEST = 900.0
#: Seconds after which it is looked for repositories that were set up meanwhile.
NEW = 300.0
#: Seconds that `end` waits for the other process.
FAREWELL = 15.0
PUSHED, PULLED, FAILED = "pushed", "pulled", "failed"


class Happened(Frozen):
    """One event: what (`PUSHED`, …), in which repository, in words, and of a pull its result."""

    what: str
    path: str
    text: str = ""
    result: PullResult | None = None


class Wish(Frozen):
    """What is to be watched: the repository at `path`, or all that this machine knows ("")."""

    path: str
    interval: float
    push_only: bool


class _Place:
    """One repository: when (by the monotonic clock) its next push and pull are due, and how long it pauses after trouble."""

    def __init__(self, path: str, keys: tuple[str, ...]) -> None:
        self.path, self.keys = path, keys
        self.push_at = self.pull_at = time.monotonic()
        self.pause, self.said = 0.0, ""

    def holds(self, key: str) -> bool:
        """Whether a project directory may be of this repository, or of a directory in it."""
        return any(key == one or key.startswith(one + "-") for one in self.keys)


def claim(environ: Mapping[str, str], text: str) -> int:
    """Be the one watch of this machine, which `text` describes: a descriptor that is to stay open. Refused if there is one."""
    path = _path(environ)
    turn = lock.attempt(path)
    if turn < 0:
        pid, _, what = _told(path)
        raise Refused(f"git ccsync watch runs already: process {pid}, {what}", "'git ccsync watch --stop' ends it")
    os.ftruncate(turn, 0)
    os.pwrite(turn, f"{os.getpid()}\n{live.started(os.getpid())}\n{text}\n".encode("utf-8", "replace"), 0)
    return turn


def end(environ: Mapping[str, str]) -> int:
    """End the watch of this machine; the id that its process had. NotFound if there is none, Locked if it does not end."""
    path = _path(environ)
    turn = lock.attempt(path)
    if turn >= 0:
        os.close(turn)
        raise NotFound("no 'git ccsync watch' runs on this machine")
    pid, start, _ = _told(path)
    if pid <= 0 or not start or live.started(pid) != start:
        raise Locked("cannot tell which process holds the watch", f"look for what has '{path}' open")
    import signal

    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + FAREWELL
    while time.monotonic() < until:
        turn = lock.attempt(path)
        if turn >= 0:
            os.close(turn)
            return pid
        time.sleep(0.05)
    raise Locked(f"process {pid} was asked to end, and is still at work")


def _path(environ: Mapping[str, str]) -> str:
    return os.path.join(machine.state_home(environ), "watch")


def _told(path: str) -> tuple[int, str, str]:
    """Process id, start and description that the holder of the lock has written."""
    pid, start, what = (*files.read(path, 4096).decode("utf-8", "replace").split("\n"), "", "", "")[:3]
    return int(pid) if pid.isdecimal() and len(pid) < 11 else 0, start, what


def check() -> None:
    """Unsupported unless file events can be had."""
    try:
        import watchfiles  # noqa: F401
    except ImportError:
        raise Unsupported(
            "watch needs the package 'watchfiles', which is not installed",
            "python3 -m pip install 'git-ccsync[watch]'",
        ) from None


def run(wish: Wish, tell: Callable[[Happened], None], stop: Flag) -> None:
    """Watch until `stop` is set. NotInitialised if there is nothing to watch at `wish.path`; nothing else ends it."""
    check()
    watch = _Watch(wish, tell)
    command.forget_caller()
    for keys in _changes(home.claude_dir(os.environ), stop):
        watch.note(keys)
        watch.work(stop)


def _changes(claude: str, stop: Flag) -> Iterator[set[str]]:
    """The project directories in which something was written, again and again; an empty set every `TICK`."""
    from watchfiles import watch

    top = os.path.join(os.path.realpath(claude), "projects")
    while not stop.is_set():
        if not os.path.isdir(top):  # Claude Code makes it, at its first session
            stop.wait(TICK / 1000)
            yield set()
            continue
        try:
            for changes in watch(
                top, watch_filter=None, debounce=TICK, step=100, rust_timeout=TICK, yield_on_timeout=True, stop_event=stop,
                ignore_permission_denied=True,
            ):  # fmt: skip
                yield {path[len(top) + 1 :].split(os.sep, 1)[0] for _, path in changes}
                if not os.path.isdir(top):
                    break
        except (OSError, RuntimeError):  # it went away, or too much is watched already: the interval is left
            for _ in range(BLIND):
                stop.wait(TICK / 1000)
                yield set()


class _Watch:
    """The repositories and their next turns."""

    def __init__(self, wish: Wish, tell: Callable[[Happened], None]) -> None:
        self._wish, self._tell = wish, tell
        self._places: dict[str, _Place] = {}
        self._look_at = 0.0
        if wish.path:
            ws = open_workspace(wish.path)
            require_init(ws)
            self._places[wish.path] = _Place(wish.path, project_keys(ws))

    def note(self, keys: set[str]) -> None:
        """Something was written in these project directories: their repositories are pushed, once it is quiet."""
        at = time.monotonic() + QUIET
        for place in self._places.values():
            if any(map(place.holds, keys)) and not place.pause:
                place.push_at = at

    def work(self, stop: Flag) -> None:
        """Do what is due by now."""
        if not self._wish.path and time.monotonic() >= self._look_at:
            self._look()
        for place in tuple(self._places.values()):
            if not stop.is_set():
                self._turn(place)

    def _look(self) -> None:
        """Find the repositories of this machine."""
        self._look_at = time.monotonic() + NEW
        for path in known.repositories(os.environ):
            try:
                ws = open_workspace(path) if path not in self._places else None
            except CcsyncError:
                continue
            if ws and ws.initialised:
                self._places[path] = _Place(path, project_keys(ws))

    def _turn(self, place: _Place) -> None:
        now = time.monotonic()
        if now < min(place.pull_at, place.push_at):
            return
        try:
            if now >= place.pull_at:
                place.pull_at = now + self._wish.interval
                place.push_at = min(place.push_at, now)
                if not self._wish.push_only:
                    self._pull(place)
            if now >= place.push_at:
                place.push_at = now + self._wish.interval
                self._push(place)
            place.pause, place.said = 0.0, ""
        except CcsyncError as error:
            self._failed(place, url.hide_passwords(error.message))
        except Exception as error:  # noqa: BLE001 -- a watch goes on
            log.record(error)
            self._failed(place, f"unexpected error ({type(error).__name__}); see the log")

    def _failed(self, place: _Place, text: str) -> None:
        """Pause for longer each time; say it unless it was said last time."""
        place.pause = min(LONGEST, max(self._wish.interval, 2 * place.pause))
        place.push_at = place.pull_at = time.monotonic() + place.pause
        if text != place.said:
            place.said = text
            self._tell(Happened(FAILED, place.path, text))

    def _pull(self, place: _Place) -> None:
        ws = open_workspace(place.path)
        require_init(ws)
        result = deliver.pull_new(ws, "", 0)
        hooks.mark(ws.state, "fetched")
        self._tell(Happened(PULLED, place.path, result=result))

    def _push(self, place: _Place) -> None:
        """Push, unless the last time was just now, or somebody is at it: then soon."""
        ws = open_workspace(place.path)
        require_init(ws)
        left = hooks.marked(ws.state, "pushed") + ws.config.get_int("ccsync.pushInterval", 60) - time.time()
        turn = lock.attempt(f"{ws.state}/auto/running") if not 0 < left <= 86400 else -1
        if turn < 0:
            place.push_at = time.monotonic() + (left if 0 < left <= 86400 else BUSY)
            return
        try:
            sent = deliver.push_new(ws)
        finally:
            os.close(turn)
        if sent.sent:
            hooks.mark(ws.state, "pushed")
            self._tell(Happened(PUSHED, place.path, _subject(ws)))
            if upkeep.due(ws.state):
                upkeep.tend(ws)


def _subject(ws: Workspace) -> str:
    """What the newest commit says of itself: `2 sessions, 34 lines`."""
    ref = refreshed(ws).refs.get(LOCAL + ws.branch)
    commits: Sequence[refs.Commit] = list(clear.commits(ws, ref.oid, limit=1)) if ref else ()
    return commits[0].message.partition("\n")[0].removeprefix(f"ccsync: {ws.here.name}: ") if commits else ""
