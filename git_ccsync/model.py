"""The values that rooms and verbs hand to each other: frozen, light to import, free of behaviour and of I/O.

Times are ISO 8601 strings in UTC as Claude Code writes them (`2026-11-21T10:57:01.522Z`), "" where unknown. Paths on
this machine are `str` (os.fsdecode); everything from a transcript is `bytes`. Object ids are 40 hex digits, or "".
"""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

#: The five scenarios of a merge (gitformat-ccsync(5), MERGING); code, manual and tests use these numbers.
NEW, SAME, AHEAD, BEHIND, DIVERGED = 1, 2, 3, 4, 5
SCENARIOS = ("", "new", "same", "ahead", "behind", "diverged")


class Outcome(Frozen):
    """What became of one session in a capture, merge or install. `copy` is the id of a conflict copy, "" for none."""

    session: str
    scenario: int
    lines: int = 0
    reason: str = ""
    title: str = ""
    copy: str = ""


class Problem(Frozen):
    """A session or file that was left out, and why: makes the status 1, unless `stray` (not known to be of this repository)."""

    subject: str
    reason: str
    stray: bool = False
    hints: tuple[str, ...] = ()


class Redacted(Frozen):
    """How many secret values (each counted once) were met in how many sessions."""

    values: int = 0
    sessions: int = 0


class Meta(Frozen):
    """`sessions/…/<id>/meta`: what is told of a session without reading it (gitformat-ccsync(5), META).

    `title` is portable text, `machine` and `origin` are ids: operations.overview.names has what is shown in their place.
    """

    title: str = ""
    directory: str = "."
    worktree: str = ""
    created: str = ""
    updated: str = ""
    messages: int = 0
    lines: int = 0
    bytes: int = 0
    machine: str = ""
    origin: str = ""
    git_branch: str = ""
    git_commit: str = ""
    dirty: bool = False
    claude_version: str = ""
    parent: str = ""
    fork: int = 0
    suffix: str = ""


class Machine(Frozen):
    """`machines/<id>`: what a machine says of itself. `placeholders` maps NAME to a path, "" where it only has one;
    `done` maps sessions of others that are off the list of tasks to the tree of the transcript that they had then.
    """

    id: str
    name: str
    os: str = ""
    open: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    placeholders: tuple[tuple[str, str], ...] = ()
    done: tuple[tuple[str, str], ...] = ()


class Facts(Frozen):
    """What the rows of a transcript (or of new lines of one) say: counted and read tolerantly.

    `title` and `summary` are "" where no row names one; `cleared` is true if the last custom-title row is empty.
    """

    custom_title: str = ""
    cleared: bool = False
    ai_title: str = ""
    summary: str = ""
    last_prompt: str = ""
    first_prompt: str = ""
    created: str = ""
    updated: str = ""
    messages: int = 0
    lines: int = 0
    git_branch: str = ""
    version: str = ""
    cwd: str = ""
    relocated: str = ""


class RemoteResult(Frozen):
    """One URL of a push: `status` is pushed, up-to-date, rejected or failed; `old`/`new` are tips."""

    url: str
    status: str
    old: str = ""
    new: str = ""
    reason: str = ""


class Remembered(Frozen):
    """What became of one of Claude's memory files: `action` is added, updated, deleted or conflict, `place` is branch or
    disk. Of a conflict `copy` is the file that holds our version, "" if both stand in one; `kept` is where the file lies
    now that was here before.
    """

    name: str
    action: str
    place: str
    copy: str = ""
    kept: str = ""


class PushResult(Frozen):
    """What `push` did. `ref` is the name on the remote; `bytes` counts the content of new lines as stored. `redacted`: what
    was left out of what was sent.
    """

    remote: str = ""
    url: str = ""
    ref: str = ""
    old: str = ""
    new: str = ""
    up_to_date: bool = True
    dry_run: bool = False
    outcomes: tuple[Outcome, ...] = ()
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    remotes: tuple[RemoteResult, ...] = ()
    sessions: int = 0
    lines: int = 0
    bytes: int = 0
    retries: int = 0
    redacted: Redacted = Redacted()
    memory: tuple[Remembered, ...] = ()
    prompts: int = 0


class Installed(Frozen):
    """What `pull` did with one session: `action` is one of created, appended, exchanged, kept, waiting, removed,
    elsewhere, idle, skipped, deleted (by another machine); `path` is the transcript (or "" where none was written).
    """

    session: str
    action: str
    path: str = ""
    lines: int = 0
    title: str = ""
    machine: str = ""
    reason: str = ""


class PullResult(Frozen):
    """What `pull` did: what it captured first (with the bytes as stored), the merge's outcomes, what became of the
    files here. `old` and `new` are the remote's tips, as seen before and now.
    """

    remote: str = ""
    url: str = ""
    ref: str = ""
    old: str = ""
    new: str = ""
    up_to_date: bool = True
    dry_run: bool = False
    outcomes: tuple[Outcome, ...] = ()
    installed: tuple[Installed, ...] = ()
    captured: tuple[Outcome, ...] = ()
    captured_bytes: int = 0
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    memory: tuple[Remembered, ...] = ()
    prompts: int = 0


class SyncResult(Frozen):
    """A pull, then a push."""

    pull: PullResult
    push: PushResult


class Session(Frozen):
    """One session as `list` and `status` tell of it.

    `state`: words, the most important first (git-ccsync-list(1), STATES). `path`: its file. `origin`: BRANCH/MACHINE, or "".
    """

    id: str
    title: str
    machine: str
    created: str
    updated: str
    messages: int
    lines: int
    bytes: int
    directory: str
    worktree: str
    git_branch: str
    state: str
    path: str = ""
    parent: str = ""
    open_on: tuple[str, ...] = ()
    repository: str = ""
    origin: str = ""


class MachineState(Frozen):
    """A machine as `status` and `machine list` tell of it; `pushed` is when its last commit was made."""

    id: str
    name: str
    os: str
    pushed: str
    sessions: int
    here: bool
    open: tuple[str, ...] = ()


class StatusResult(Frozen):
    """Where this repository stands. Counts are of sessions unless they say otherwise; `fetched` is when we last looked at the
    remote. `in_step` is false if anything is to be pushed, pulled or installed, or could not be read. `lacking` are further
    push URLs not known to have all; `moved` sessions of a former place, `memory_…` files, `purged` those to drop here yet,
    `replaced` those of the diverged that went on nowhere else.
    """

    repository: str
    branch: str
    remote: str
    url: str
    ref: str
    visibility: str
    in_step: bool
    sessions: int
    ahead: int
    ahead_lines: int
    ahead_bytes: int
    behind: int
    diverged: int
    live: tuple[str, ...]
    torn: tuple[str, ...]
    removed: int
    not_here: int
    open_elsewhere: tuple[tuple[str, str], ...]
    machines: tuple[MachineState, ...]
    last_push: str
    last_pull: str
    fetched: str
    problems: tuple[Problem, ...] = ()
    lacking: tuple[str, ...] = ()
    moved: int = 0
    memory_ahead: int = 0
    memory_behind: int = 0
    held: int = 0
    purged: int = 0
    unreadable: int = 0
    replaced: int = 0


class Keyring(Frozen):
    """Keys of an encrypted branch (state.keyring): `keys` maps epochs to 32 bytes, `subkeys` to what is derived of them."""

    fingerprint: str
    current: int
    keys: tuple[tuple[int, bytes], ...]
    subkeys: tuple[tuple[int, bytes], ...] = ()


class Progress(Frozen):
    """One step of long work: `phase` is a word (reading, packing, pushing, installing); total 0 = unknown; `size` bytes so far."""

    phase: str
    done: int
    total: int
    unit: str = ""
    size: int = 0


if TYPE_CHECKING:
    OnProgress = Callable[[Progress], None]


def silent(progress: Progress) -> None:
    """The progress callback of those who do not look."""
