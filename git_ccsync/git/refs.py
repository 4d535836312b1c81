"""Refs and history, read and moved by the git executable alone, so that every ref format and reflog setting holds."""

from __future__ import annotations

import os

from git_ccsync.errors import BadData, GitFailed, RefMoved
from git_ccsync.frozen import Frozen
from git_ccsync.git import command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.git.process import Child
    from git_ccsync.git.repository import Repository

NOTHING = "0" * 40
#: A message longer than this is cut; nothing of ours comes near.
MESSAGE_CAP = 64 << 10
#: The last second that can be shown as a date, of the year 9999.
LATEST = 253_402_300_799

_LIST = ("for-each-ref", "--format=%(objecttype) %(objectname) %(tree) %(refname)")
#: What git says where a ref was moved, or made, between its look and its write.
MOVED = (b"but expected", b"reference already exists")
_LOST = (*MOVED, b"unable to resolve reference", b"reference is missing")


class Ref(Frozen):
    """A ref that points at a commit, and that commit's tree."""

    name: str
    oid: str
    tree: str


class Commit(Frozen):
    """One commit, for showing: `time` is the author's, seconds since 1970; foreign bytes in names are replaced."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    time: int
    message: str


class Listing:
    """The question under way; `finish()` gives the answer."""

    def __init__(self, running: command.Running) -> None:
        self._running = running

    def finish(self) -> dict[str, Ref]:
        """The refs by name; what points at something else than a commit is left out."""
        return _parse(self._running.finish().stdout)


def start_list(cwd: str, *prefixes: str, git_dir: str = "") -> Listing:
    """Ask for the refs under `prefixes` of the repository at `cwd` (or of `git_dir`), without waiting."""
    env = command.environment(keep_context=not git_dir)
    return Listing(command.start((*_LIST, *prefixes), cwd=cwd, git_dir=git_dir, env=env))


def list_refs(repo: Repository, *prefixes: str) -> dict[str, Ref]:
    """The refs named by, or under, `prefixes` ("refs/ccsync/"), by name: one process."""
    return start_list("", *prefixes, git_dir=repo.git_dir).finish()


def _parse(text: bytes) -> dict[str, Ref]:
    found = {}
    for line in os.fsdecode(text).split("\n")[:-1]:
        kind, oid, tree, name = line.split(" ", 3)
        if kind == "commit":
            found[name] = Ref(name, oid, tree)
    return found


class Move:
    """Refs on their way, each once those before it have moved. `finish()` must be called: only then have they."""

    def __init__(self, names: Sequence[str], running: command.Running) -> None:
        self._names, self._running = names, running

    def finish(self) -> None:
        """Wait for them. RefMoved if one did not stand at `old`; GitFailed for anything else."""
        try:
            self._running.finish()
        except GitFailed as error:
            if any(words in error.stderr for words in _LOST):
                named = [name for name in self._names if os.fsencode(f"'{name}'") in error.stderr]
                raise RefMoved(
                    f"'{(named or self._names)[-1]}' was moved by another process",
                    status=error.git_status,
                    stderr=error.stderr,
                ) from error
            raise


def start_update(repo: Repository, name: str, new: str, old: str, message: str) -> Move:
    """`update`, without waiting."""
    words = ("--", name, new, old or NOTHING) if new else ("-d", "--", name, old)
    asked = ("update-ref", "--create-reflog", "--no-deref", "-m", _line(message), *words)
    return Move((name,), command.start(asked, git_dir=repo.git_dir))


def _line(message: str) -> str:
    return " ".join(message.replace("\0", " ").split())


class Late:
    """A ref that moves once it is known where to, by a git that was started before; another may move ahead of it by the same
    git. `close` it: that ends it unless something moves.
    """

    def __init__(self, repo: Repository, message: str, *, reflog: bool = False) -> None:
        """`message` is for the reflog; `reflog` makes one if there is none."""
        self.message = message
        self._asked = (
            "update-ref",
            *(["--create-reflog"] if reflog else []),
            "--no-deref",
            "-m",
            _line(message),
            "--stdin",
        )
        self._child: Child | None = command.wait(self._asked, git_dir=repo.git_dir)
        self._ahead: tuple[str, ...] = ()

    def begin(self, name: str, new: str, old: str) -> None:
        """Let `name` move from `old` to `new` at once; `move` or `end` says how that went."""
        assert self._child
        self._ahead = (name,)
        command.mention(self._child, _transaction(name, new, old))

    def move(self, name: str, new: str, old: str = "") -> Move:
        """Let `name` move to `new`, from `old` or from wherever it stands; last of all."""
        return self._last(_transaction(name, new, old), (*self._ahead, name))

    def end(self) -> Move | None:
        """Nothing more is to move; what is under way, None if nothing is."""
        if self._ahead:
            return self._last(b"", self._ahead)
        self.close()
        return None

    def _last(self, text: bytes, names: tuple[str, ...]) -> Move:
        child, self._child = self._child, None
        assert child
        return Move(names, command.tell(child, self._asked, text))

    def close(self) -> None:
        """Give it up."""
        if self._child:
            self._child.close()


def _transaction(name: str, new: str, old: str) -> bytes:
    """git-update-ref(1), `--stdin`: several in one session since git 2.30 (its release notes)."""
    return f"start\nupdate {name} {new}{old and ' ' + old}\ncommit\n".encode()


def has_log(repo: Repository, name: str) -> bool:
    """Whether a ref has a reflog that any update adds to; where refs do not lie in files, false may be wrong."""
    return os.path.isfile(f"{repo.common_dir}/logs/{name}")


def update(repo: Repository, name: str, new: str, old: str, message: str) -> None:
    """Move a ref from `old` ("": it must not exist) to `new` ("": delete it), with a reflog entry.

    RefMoved if it does not stand at `old`; GitFailed for anything else.
    """
    if new:
        start_update(repo, name, new, old, message).finish()
        return
    from git_ccsync.git import sharing

    with sharing.kept(repo.common_dir + "/packed-refs"):  # git writes it anew, under our umask, without the ref
        start_update(repo, name, new, old, message).finish()


def merge_base(repo: Repository, a: str, b: str) -> str:
    """The newest commit that both have, "" if none."""
    output = _ask(repo, "merge-base", "--", a, b)
    return output.stdout.split(b"\n")[0].decode("ascii")


def is_ancestor(repo: Repository, a: str, b: str) -> bool:
    """True if `a` is `b` or comes before it."""
    return _ask(repo, "merge-base", "--is-ancestor", "--", a, b).status == 0


def _ask(repo: Repository, *args: str) -> command.Output:
    """Run a question whose answer no is status 1."""
    output = command.run(args, git_dir=repo.git_dir, check=False)
    if output.status not in (0, 1):
        raise command.failed(args, output)
    return output


def commits(repo: Repository, tip: str, *, limit: int, also: str = "", paths: tuple[str, ...] = ()) -> Iterator[Commit]:
    """At most `limit` commits (-1: all) from `tip`, and from the commit `also`, backwards, newest first; of those alone
    that changed one of `paths`, if there are any. As they come, in bounded memory.
    """
    words = ("log", "-z", f"--max-count={limit}", "--no-notes", "--no-mailmap", "--no-decorate")
    form = "--format=%H%x00%T%x00%P%x00%an%x00%ae%x00%at%x00%B"
    ends = (tip, also) if also else (tip,)
    fields: list[bytes] = []
    for field in _fields(repo, *words, form, "--end-of-options", *ends, "--", *paths):
        fields.append(field)
        if len(fields) == 7:
            yield _commit(fields)
            fields = []


def roots(repo: Repository, tip: str) -> tuple[str, ...]:
    """The commits without a parent that `tip` goes back to: one, on a branch of ours."""
    text = command.run(("rev-list", "--max-parents=0", "--end-of-options", tip), git_dir=repo.git_dir).stdout
    return tuple(text.decode("ascii", "replace").split())


def only(repo: Repository, tip: str, without: str) -> frozenset[str]:
    """The commits that `tip` has and the commit `without` has not."""
    text = command.run(("rev-list", "--end-of-options", tip, f"^{without}"), git_dir=repo.git_dir).stdout
    return frozenset(text.decode("ascii").split())


def _fields(repo: Repository, *args: str) -> Iterator[bytes]:
    """NUL-terminated fields of a git command, each cut at the message cap before it is whole in memory.

    Neither names nor messages can hold a NUL: git itself ends them there.
    """
    rest = b""
    for chunk in command.stream(args, git_dir=repo.git_dir):
        first, *others = chunk.split(b"\0")
        rest += first[: max(0, MESSAGE_CAP - len(rest))]
        for other in others:
            yield rest
            rest = other[:MESSAGE_CAP]
    if rest:
        yield rest


def _commit(fields: list[bytes]) -> Commit:
    oid, tree, parents, name, email, time, message = (field.decode("utf-8", "replace") for field in fields)
    try:
        seconds = min(int(time or 0), LATEST)
    except ValueError:
        raise BadData(f"commit '{oid}' has no time") from None
    return Commit(oid, tree, tuple(parents.split()), name, email, seconds, message)
