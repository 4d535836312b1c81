"""Reading objects: one `git cat-file` for a handful, libgit2's object database for thousands; sizes before contents.

Writing is in `sink` and `pack`, the byte forms are in `codec`; what others need of them can be imported from here.
"""

from __future__ import annotations

import os

from git_ccsync.errors import BadData, GitFailed
from git_ccsync.git import command
from git_ccsync.git.codec import TreeEntry, hash_object, is_oid, make_tree, parse_tree
from git_ccsync.git.drain import CHUNK
from git_ccsync.git.process import Child
from git_ccsync.git.sink import Sink

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pygit2 import Odb

    from git_ccsync.git.repository import Repository

__all__ = ["Reader", "Sink", "TreeEntry", "hash_object", "make_tree", "parse_tree"]

TREE_CAP = 16 << 20
#: From this many objects on the import of pygit2 (60 ms) is cheaper than talking to cat-file.
BULK = 3000
#: Questions sent ahead of their answers: 41 bytes each, so that they fit any pipe and nobody waits for the other.
_AHEAD = 90


class _Dialogue:
    """A `git cat-file` that answers one question per line."""

    def __init__(self, git_dir: str, mode: str) -> None:
        line = command.argv(("cat-file", mode), git_dir=git_dir)
        self._child = Child(line, command.environment(), stdin=True)
        self._rest = b""

    def ask(self, oids: Sequence[str]) -> None:
        """Send at most `_AHEAD` questions."""
        try:
            os.write(self._child.stdin, "".join(oid + "\n" for oid in oids).encode("ascii"))
        except BrokenPipeError:
            raise self._broken() from None

    def header(self, oid: str) -> tuple[str, int]:
        """Kind and size of the next answer; ("", 0) if there is no such object."""
        while b"\n" not in self._rest:
            self._rest += self._more()
        line, _, self._rest = self._rest.partition(b"\n")
        words = line.decode("ascii", "replace").split(" ")
        if words[0] != oid or len(words) != 3 or not words[2].isdigit():
            if words[-1] in ("missing", "ambiguous"):
                return "", 0
            raise GitFailed(f"git cat-file: unexpected answer for '{oid}'")
        return words[1], int(words[2])

    def content(self, size: int) -> bytes:
        """What follows a header."""
        pieces = [self._rest]
        left = size + 1 - len(self._rest)
        while left > 0:
            pieces.append(self._more())
            left -= len(pieces[-1])
        data = b"".join(pieces) if len(pieces) > 1 else self._rest
        self._rest = data[size + 1 :]
        return data[:size]

    def _more(self) -> bytes:
        data = os.read(self._child.stdout, CHUNK * 4)
        if not data:
            raise self._broken()
        return data

    def _broken(self) -> GitFailed:
        """Git gave up: a corrupt object, in its own words.

        They fit the pipe: git did not have to wait for a reader.
        """
        said = os.read(self._child.stderr, CHUNK)
        status = self._child.wait()
        return command.failed(("cat-file",), command.Output(status, b"", said))

    def close(self) -> None:
        self._child.close()


class Reader:
    """Reads objects of one repository. A context manager; processes start at first use.

    Missing, too large or malformed objects are BadData, a corrupt one GitFailed; either leaves the reader usable.
    """

    def __init__(self, repo: Repository) -> None:
        self._repo = repo
        self._batch: _Dialogue | None = None
        self._check: _Dialogue | None = None
        self._odb: Odb | None = None

    def __enter__(self) -> Reader:  # noqa: PYI034 - typing.Self costs the import of typing
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes. The reader can be used again."""
        for dialogue in (self._batch, self._check):
            if dialogue:
                dialogue.close()
        self._batch = self._check = self._odb = None

    def read(self, oid: str, *, cap: int) -> tuple[str, bytes]:
        """Kind and content of an object of at most `cap` bytes; a larger one is never read."""
        for _, kind, data in self.many((oid,), cap=cap):
            if not kind:
                raise BadData(f"object '{oid}' {data.decode('ascii')}")
            return kind, data
        raise AssertionError(oid)

    def tree(self, oid: str) -> tuple[TreeEntry, ...]:
        """The entries of a tree."""
        return parse_tree(self._of("tree", oid, TREE_CAP))

    def blob(self, oid: str, cap: int) -> bytes:
        """The content of a blob of at most `cap` bytes."""
        return self._of("blob", oid, cap)

    def _of(self, wanted: str, oid: str, cap: int) -> bytes:
        kind, data = self.read(oid, cap=cap)
        if kind != wanted:
            raise BadData(f"object '{oid}' is a {kind}, not a {wanted}")
        return data

    def size(self, oid: str) -> int:
        """The size of an object, without reading it."""
        _check_name(oid)
        if self._odb:
            kind, size = _odb_header(self._odb, oid)
        else:
            if not self._check:
                self._check = _Dialogue(self._repo.git_dir, "--batch-check")
            try:
                self._check.ask((oid,))
                kind, size = self._check.header(oid)
            except BaseException:
                self._check.close()
                self._check = None
                raise
        if not kind:
            raise BadData(f"object '{oid}' is missing")
        return size

    def bulk(self) -> Reader:
        """Prepare for thousands of reads: everything from here on goes through libgit2, if it opens the objects."""
        if not self._odb:
            self._odb = _open_odb(self._repo.object_dir)
        return self

    def many(self, oids: Sequence[str], *, cap: int) -> Iterator[tuple[str, str, bytes]]:
        """(id, kind, content) of each object, in order; kind is "" for one that is missing or over `cap`, and the
        content then says which. GitFailed if one is corrupt. Finish, or close, one call before the next.
        """
        for oid in oids:
            _check_name(oid)
        if len(oids) >= BULK:
            self.bulk()
        return self._many_odb(self._odb, oids, cap) if self._odb else self._many_git(oids, cap)

    def _many_git(self, oids: Sequence[str], cap: int) -> Iterator[tuple[str, str, bytes]]:
        at = 0
        whole = False
        try:
            while at < len(oids):
                asked = oids[at : at + _AHEAD]
                if not self._batch:
                    self._batch = _Dialogue(self._repo.git_dir, "--batch")
                self._batch.ask(asked)
                for oid in asked:
                    at += 1
                    kind, size = self._batch.header(oid)
                    if size > cap:
                        self._drop()  # the only way not to read it
                        yield oid, "", b"is too large: %d bytes" % size
                        break
                    data = self._batch.content(size) if kind else b"is missing"
                    whole = at == len(oids)
                    yield oid, kind, data
            whole = True
        finally:
            if not whole:
                self._drop()

    def _drop(self) -> None:
        if self._batch:
            self._batch.close()
            self._batch = None

    def _many_odb(self, odb: Odb, oids: Sequence[str], cap: int) -> Iterator[tuple[str, str, bytes]]:
        for oid in oids:
            kind, size = _odb_header(odb, oid)
            if not kind or size > cap:
                yield oid, "", b"is too large: %d bytes" % size if kind else b"is missing"
                continue
            try:
                yield oid, kind, odb.read(oid)[1]
            except Exception as error:  # pygit2.GitError: importing its name would be the price of every reader
                raise GitFailed(f"cannot read object '{oid}': {error}") from error


_KINDS = {1: "commit", 2: "tree", 3: "blob", 4: "tag"}


def _odb_header(odb: Odb, oid: str) -> tuple[str, int]:
    try:
        kind, size = odb.read_header(oid)
    except KeyError:
        return "", 0
    except Exception as error:
        raise GitFailed(f"cannot read object '{oid}': {error}") from error
    return _KINDS[int(kind)], size


def _check_name(oid: str) -> None:
    if not is_oid(oid):
        raise BadData(f"'{oid}' is not an object id")


def _open_odb(object_dir: str) -> Odb | None:
    """Libgit2 on the objects alone, alternates included: it refuses whole repositories for extensions that do not
    concern objects. None if it is not there or refuses, and cat-file does the work.
    """
    try:
        import pygit2

        return pygit2.Odb(object_dir)
    except Exception:  # noqa: BLE001 - not installed, or any pygit2.GitError: only speed is lost
        return None
