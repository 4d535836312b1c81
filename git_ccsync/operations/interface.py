"""The public Python interface: what `import git_ccsync` offers (see its `__all__`). Thin; all else in here is private.

Each docstring has an example, which runs as a test in a repository that was set up by `git ccsync init`. Errors are
CcsyncError and its kinds: `message`, `hints`, and the `status` that the command would end with.
"""

from __future__ import annotations

from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import PullResult, PushResult, Session, StatusResult, SyncResult, silent
from git_ccsync.operations.run import workspace as opening
from git_ccsync.operations.run.workspace import Workspace
from git_ccsync.portable import carriage
from git_ccsync.portable.carriage import CarriedSession

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import BinaryIO

    from git_ccsync.model import OnProgress
    from git_ccsync.portable.text import Codec

__all__ = [
    "CarriedSession",
    "CcsyncError",
    "PullResult",
    "PushResult",
    "Session",
    "StatusResult",
    "SyncResult",
    "Workspace",
    "open_workspace",
    "pull",
    "push",
    "read_ccsync",
    "sessions",
    "status",
    "sync",
    "to_local",
    "to_portable",
    "write_ccsync",
]


def open_workspace(path: str = ".") -> Workspace:
    """The repository that the directory `path` lies in, as this machine's user has it. Changes nothing.

    Its `branch` is "" if `git ccsync init` was not done there; what needs it then raises. It may be kept: whatever is done
    with it looks at the repository anew.

    >>> import git_ccsync
    >>> git_ccsync.open_workspace(".").branch
    'al'
    """
    return opening.open_workspace(path)


def sessions(
    workspace: Workspace, *, machine: str = "", since: str = "", not_here: bool = False
) -> tuple[Session, ...]:
    """All sessions of the repository, on this disk and on the branch, newest first; offline.

    `machine`: only those that the machine of that name wrote last. `since`: only those used since that day, YYYY-MM-DD.
    `not_here`: only those that are not on this disk.

    >>> import git_ccsync
    >>> workspace = git_ccsync.open_workspace(".")
    >>> [(session.title, session.state) for session in git_ccsync.sessions(workspace)]
    [('fix bug', 'new')]
    """
    from git_ccsync.operations.sessions import sessions as listed

    return listed(_now(workspace), machine=machine, since=since, not_here=not_here)


def push(
    workspace: Workspace,
    *,
    remote: str = "",
    only: Iterable[str] = (),
    dry_run: bool = False,
    on_progress: OnProgress = silent,
) -> PushResult:
    """Send what is new here, as `git ccsync push` does: to the remote that init set, or to `remote`.

    `only`: these sessions, each by its id, the beginning of it, its title or "@{latest}". Nobody is asked anything: what
    was not agreed to raises. A session that could not be read is in the result's `problems`; the others have gone.

    >>> import git_ccsync
    >>> workspace = git_ccsync.open_workspace(".")
    >>> result = git_ccsync.push(workspace)
    >>> result.sessions, result.up_to_date, result.problems
    (1, False, ())
    >>> git_ccsync.push(workspace).up_to_date
    True
    """
    from git_ccsync.operations.push import push as work

    ws = _now(workspace)
    result = work(ws, remote=remote, sessions=_ids(ws, only), dry_run=dry_run, on_progress=on_progress)
    _tend(ws, dry_run)
    return result


def pull(
    workspace: Workspace,
    *,
    remote: str = "",
    only: Iterable[str] = (),
    dry_run: bool = False,
    on_progress: OnProgress = silent,
) -> PullResult:
    """Bring what is new there and install it for Claude Code, as `git ccsync pull` does; parameters as those of `push`.

    The result's `installed` says for each session what became of its file here, and `path` where that lies.

    >>> import git_ccsync
    >>> workspace = git_ccsync.open_workspace(".")
    >>> result = git_ccsync.pull(workspace)
    >>> [one.session for one in result.installed if one.action == "created"]
    []
    """
    from git_ccsync.operations.pull import pull as work

    ws = _now(workspace)
    result = work(ws, remote=remote, sessions=_ids(ws, only), dry_run=dry_run, on_progress=on_progress)
    _tend(ws, dry_run)
    return result


def sync(
    workspace: Workspace,
    *,
    remote: str = "",
    only: Iterable[str] = (),
    dry_run: bool = False,
    on_progress: OnProgress = silent,
) -> SyncResult:
    """A pull, then a push; parameters as theirs.

    >>> import git_ccsync
    >>> result = git_ccsync.sync(git_ccsync.open_workspace("."))
    >>> result.pull.up_to_date, result.push.up_to_date
    (True, True)
    """
    from git_ccsync.operations.sync import sync as work

    ws = _now(workspace)
    result = work(ws, remote=remote, sessions=_ids(ws, only), dry_run=dry_run, on_progress=on_progress)
    _tend(ws, dry_run)
    return result


def status(workspace: Workspace, *, fetch: bool = False) -> StatusResult:
    """What is in step with the branch and what is not; offline, unless `fetch` has the remote looked at first.

    >>> import git_ccsync
    >>> result = git_ccsync.status(git_ccsync.open_workspace("."))
    >>> result.in_step, result.sessions, [machine.name for machine in result.machines]
    (True, 1, ['laptop'])
    """
    from git_ccsync.operations.status import status as work

    return work(_now(workspace), fetch=fetch)


def to_portable(text: bytes, roots: Mapping[str, str], *, session: str = "") -> bytes:
    r"""Whole lines of a transcript with placeholders for this machine's directories; any bytes.

    `roots` maps names of placeholders to absolute paths, POSIX or Windows; `session` is the id that {{SESSION}} stands
    for. `to_local` with the same arguments gives `text` back, byte for byte, whatever it is.

    >>> from git_ccsync import to_portable
    >>> to_portable(b'{"cwd":"/home/al/app","not":"/home/alice"}\n', {"REPO": "/home/al/app", "HOME": "/home/al"})
    b'{"cwd":"{{REPO}}","not":"/home/alice"}\n'
    """
    return _codec(roots, session).portable(text)


def to_local(text: bytes, roots: Mapping[str, str], *, session: str = "") -> bytes:
    r"""Portable text with the paths of `roots`: the way back of `to_portable`, on this machine or on another.

    A placeholder that `roots` does not have stays as it is.

    >>> from git_ccsync import to_local
    >>> to_local(b'{"cwd":"{{REPO}}/src"}\n', {"REPO": "/Users/alan/src/app"})
    b'{"cwd":"/Users/alan/src/app/src"}\n'
    """
    return _codec(roots, session).local(text)


def write_ccsync(session: CarriedSession) -> Iterator[bytes]:
    r"""The bytes of a `.ccsync` file, the one-file form of a session, in pieces; `session.text` is gone through twice.

    >>> from git_ccsync import CarriedSession, write_ccsync
    >>> lines = [b'{"type":"user"}\n', b'{"type":"assistant"}\n']
    >>> session = CarriedSession("3f2504e0-4f89-41d3-9a0c-0305e82c3301", lambda: lines, cwd="/home/al/app")
    >>> with open("session.ccsync", "wb") as file:
    ...     file.writelines(write_ccsync(session))
    """
    return carriage.write_ccsync(session)


def read_ccsync(source: bytes | BinaryIO) -> CarriedSession:
    r"""What a `.ccsync` file holds: `source` is its bytes, or the file, open and seekable, while `text` is in use.

    Nothing in it is believed: its paths are not opened, and `warnings` say what was odd. Raises CcsyncError for what is
    damaged, cut short, or of a later version.

    >>> from git_ccsync import read_ccsync
    >>> with open("session.ccsync", "rb") as file:
    ...     session = read_ccsync(file)
    ...     print(session.id, session.cwd, b"".join(session.text()))
    3f2504e0-4f89-41d3-9a0c-0305e82c3301 /home/al/app b'{"type":"user"}\n{"type":"assistant"}\n'
    """
    return carriage.read_ccsync(source)


def _codec(roots: Mapping[str, str], session: str) -> Codec:
    import os

    from git_ccsync.portable.roots import Root, windows
    from git_ccsync.portable.text import Codec
    from git_ccsync.portable.windows import is_windows

    named = [(name.encode("ascii", "replace"), os.fsencode(path)) for name, path in roots.items()]
    return Codec([windows(*one) if is_windows(one[1]) else Root(one[0], (one[1],)) for one in named], session)


def _tend(ws: Workspace, dry_run: bool) -> None:
    """What a command leaves to a process of its own: nobody else would do it behind a program."""
    from git_ccsync.operations.run import upkeep

    if not dry_run and upkeep.due(ws.state):
        upkeep.tend(ws)


def _now(workspace: Workspace) -> Workspace:
    return opening.refreshed(workspace)


def _ids(ws: Workspace, names: Iterable[str]) -> tuple[str, ...]:
    from git_ccsync.operations.sessions import find
    from git_ccsync.store.format import is_session_id

    return tuple(name if is_session_id(name) else find(ws, name).id for name in names)
