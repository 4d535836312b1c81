"""Somebody with push access who means harm: builds any object in the bare remote of a world, byte by byte.

Objects are written as files, compressed as they grow: a gigabyte of zeros, or a tree of half a million names, is made in
seconds. Knows nothing of git-ccsync; tests say what is to lie where.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.machine import Machine, Result
    from tests.support.world import World

BRANCH = "refs/ccsync/al"
TREE, BLOB = "40000", "100644"
ROW = (
    b'{"type":"user","uuid":"u1","message":{"role":"user","content":"hi"},"cwd":"{{REPO}}","sessionId":"{{SESSION}}"}\n'
)
#: Bytes of memory that a command under attack may take, git's own processes each as much.
MEMORY = 256 << 20
#: Seconds that it may take, on any machine.
TIME = 60

Entry = tuple[str, str, str]


class Attacker:
    """Builds on top of the branch in the bare remote, by plumbing alone."""

    def __init__(self, world: World) -> None:
        self.world = world

    def git(self, *args: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *args],
            cwd=self.world.remote,
            env=self.world.environment,
            input=stdin,
            capture_output=True,
            check=True,
        )
        return done.stdout.decode().strip()

    def put(self, kind: str, data: bytes) -> str:
        """Write any object, sound or not."""
        return self.write(kind, [data])

    def write(self, kind: str, pieces: list[bytes]) -> str:
        """An object of pieces, which may be the same again and again."""
        head = b"%s %d\0" % (kind.encode(), sum(map(len, pieces)))
        name, packer = hashlib.sha1(head), zlib.compressobj(1)
        packed = [packer.compress(head)]
        for piece in pieces:
            name.update(piece)
            packed.append(packer.compress(piece))
        oid = name.hexdigest()
        path = self._path(oid)
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"".join([*packed, packer.flush()]))
        return oid

    def _path(self, oid: str) -> Path:
        return self.world.remote / "objects" / oid[:2] / oid[2:]

    def blob(self, data: bytes) -> str:
        return self.put("blob", data)

    def bomb(self, size: int, end: bytes = b"", fill: bytes = b"\0") -> str:
        """A blob of one byte, again and again."""
        step = fill * (1 << 20)
        return self.write("blob", [*[step] * (size >> 20), fill * (size & ((1 << 20) - 1)), end])

    def tree(self, *entries: Entry) -> str:
        """`entries` are (mode, name, oid); names and modes may be anything."""
        plain = [(mode, os.fsencode(name), oid) for mode, name, oid in entries]
        plain.sort(key=lambda one: one[1] + b"/" if one[0].lstrip("0") == TREE else one[1])
        return self.put("tree", b"".join(b"%s %s\0%s" % (m.encode(), n, bytes.fromhex(o)) for m, n, o in plain))

    def entries(self, tree: str) -> list[Entry]:
        lines = self.git("ls-tree", "-z", tree).split("\0")
        rows = (line.partition("\t") for line in lines if line)
        return [(head.split()[0].lstrip("0"), name, head.split()[2]) for head, _, name in rows]

    def commit(self, tree: str, message: str = "evil", who: str = "Mallory <m@example.com> 1700000000 +0000") -> str:
        """A commit behind the branch's tip; the branch stays where it is."""
        parent = self.git("rev-parse", BRANCH)
        return self.put(
            "commit", f"tree {tree}\nparent {parent}\nauthor {who}\ncommitter {who}\n\n{message}\n".encode()
        )

    def push(self, *root: Entry, message: str = "evil") -> None:
        """A commit on the branch whose root has these entries in place of those of the same name."""
        held = [one for one in self.entries(f"{BRANCH}^{{tree}}") if one[1] not in {name for _, name, _ in root}]
        self.move(self.commit(self.tree(*held, *root), message))

    def move(self, commit: str) -> None:
        """Let the branch stand at a commit, whatever it is."""
        self.git("update-ref", BRANCH, commit)

    def session(self, name: str, *entries: Entry) -> Entry:
        """The root entry `sessions` with one more session folder."""
        leaf = (TREE, name, self.tree(*entries))
        middle = (TREE, name[1], self.tree(leaf))
        outer = (TREE, name[0], self.tree(middle))
        held = [one for one in self.entries(f"{BRANCH}:sessions") if one[1] != name[0]] if self.has_sessions() else []
        return (TREE, "sessions", self.tree(*held, outer))

    def has_sessions(self) -> bool:
        return any(name == "sessions" for _, name, _ in self.entries(f"{BRANCH}^{{tree}}"))

    def transcript(self, *segments: str, groups: int = 1) -> Entry:
        """The entry `transcript` with one group of segments, or with so many that are the same."""
        group = self.tree(*((BLOB, f"{number:02d}", oid) for number, oid in enumerate(segments)))
        return (TREE, "transcript", self.tree(*((TREE, f"{number:04d}", group) for number in range(groups))))

    def meta(self, text: bytes) -> Entry:
        return (BLOB, "meta", self.blob(text))

    def side(self, name: str, *segments: str) -> Entry:
        """The entry `files` with one side file."""
        group = self.tree(*((BLOB, f"{number:02d}", oid) for number, oid in enumerate(segments)))
        return (TREE, "files", self.tree((TREE, name, self.tree((TREE, "0000", group)))))


def limited(machine: Machine, *args: str) -> Result:
    """The real command, as a process of its own with a limit on its memory, and on its time."""
    from tests.support.machine import Result

    words = ["sh", "-c", f'ulimit -d {MEMORY >> 10}; exec "$@"', "sh"]
    with machine.start(*args, prefix=words) as process:
        try:
            out, err = process.communicate(timeout=TIME)
        finally:
            process.kill()
    assert b"Traceback" not in err, err
    return Result(process.returncode, os.fsdecode(out), os.fsdecode(err))
