"""A conversation with one `git cat-file`: questions ahead of answers, sizes before contents. What is made of it is in `objects`."""

from __future__ import annotations

import os

from git_ccsync.errors import GitFailed
from git_ccsync.git import command
from git_ccsync.git.codec import is_oid
from git_ccsync.git.drain import CHUNK
from git_ccsync.git.process import Child

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

#: Questions sent ahead of their answers: 41 bytes each, so that they fit any pipe and nobody waits for the other.
AHEAD = 90


class Dialogue:
    """A `git cat-file` that answers one question per line."""

    def __init__(self, git_dir: str, mode: str) -> None:
        line = command.argv(("cat-file", mode), git_dir=git_dir)
        self._child = Child(line, command.environment(), stdin=True)
        self._rest = b""

    def ask(self, oids: Sequence[str]) -> None:
        """Send at most `AHEAD` questions."""
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

    def named(self, name: str) -> tuple[str, str, int]:
        """Id, kind and size of what a full ref name stands for; ("", "", 0) if there is none."""
        self.ask((name,))
        while b"\n" not in self._rest:
            self._rest += self._more()
        line, _, self._rest = self._rest.partition(b"\n")
        words = line.decode("ascii", "replace").split(" ")
        if len(words) != 3 or not is_oid(words[0]) or not words[2].isdigit():
            return "", "", 0
        return words[0], words[1], int(words[2])

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

    def end(self) -> None:
        """Let the process end: there are no more questions."""
        self._child.close_stdin()

    def close(self) -> None:
        """End the process."""
        self._child.close()
