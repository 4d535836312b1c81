"""A branch made by somebody who means harm, and local files that are not what they should be: told, and nothing lost."""

from __future__ import annotations

import os
import random
import subprocess

import pytest

from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World

ID = "aaaaaaaa-1111-4222-8333-444444444444"
EVIL = "bbbbbbbb-1111-4222-8333-444444444444"
BRANCH = "refs/ccsync/al"


class Attacker:
    """Somebody with push access: builds any tree on top of the branch in the bare remote, by plumbing alone."""

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

    def blob(self, data: bytes) -> str:
        return self.git("hash-object", "-w", "--stdin", stdin=data)

    def tree(self, *entries: tuple[str, str, str]) -> str:
        """`entries` are (mode, name, oid)."""
        kinds = {"40000": "tree", "040000": "tree", "160000": "commit"}
        text = b"".join(
            f"{mode} {kinds.get(mode, 'blob')} {oid}\t".encode() + os.fsencode(name) + b"\0"
            for mode, name, oid in entries
        )
        return self.git("mktree", "-z", "--missing", stdin=text)

    def entries(self, tree: str) -> list[tuple[str, str, str]]:
        lines = self.git("ls-tree", "-z", tree).split("\0")
        rows = (line.partition("\t") for line in lines if line)
        return [(head.split()[0], name, head.split()[2]) for head, _, name in rows]

    def push(self, *root: tuple[str, str, str]) -> None:
        """A commit on the branch whose root has these entries in place of those of the same name."""
        held = [one for one in self.entries(f"{BRANCH}^{{tree}}") if one[1] not in {name for _, name, _ in root}]
        tree = self.tree(*held, *root)
        commit = self.git("commit-tree", tree, "-p", BRANCH, "-m", "evil")
        self.git("update-ref", BRANCH, commit)

    def session(self, name: str, *entries: tuple[str, str, str]) -> tuple[str, str, str]:
        """The root entry `sessions` with one more session folder."""
        leaf = ("40000", name, self.tree(*entries))
        middle = ("40000", name[1], self.tree(leaf))
        outer = ("40000", name[0], self.tree(middle))
        held = [one for one in self.entries(f"{BRANCH}:sessions") if one[1] != name[0]] if self.has_sessions() else []
        return ("40000", "sessions", self.tree(*held, outer))

    def has_sessions(self) -> bool:
        return any(name == "sessions" for _, name, _ in self.entries(f"{BRANCH}^{{tree}}"))

    def transcript(self, *segments: str) -> tuple[str, str, str]:
        group = self.tree(*(("100644", f"{number:02d}", oid) for number, oid in enumerate(segments)))
        return ("40000", "transcript", self.tree(("40000", "0000", group)))


ROW = (
    b'{"type":"user","uuid":"u1","message":{"role":"user","content":"hi"},"cwd":"{{REPO}}","sessionId":"{{SESSION}}"}\n'
)


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine, Session]:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("good", id=ID)
    laptop.ok("push")
    return laptop, desktop, session


def outside(world: World) -> set[str]:
    """Every file of the world that no machine's Claude directory, state or repository should own."""
    own = (".claude/", ".git/", "/.local/", "/.config/", "server/")
    return {str(p) for p in world.directory.rglob("*") if p.is_file() and not any(part in f"{p}/" for part in own)}


@pytest.mark.parametrize(
    "name",
    [
        "..%2F..%2Fevil",
        "%2Fetc%2Fevil",
        "a%2F..%2F..%2Fb",
        "x%00y",
        "%2Egit",
        "a\\b",
        "%zz",
        "resume-head.jsonl",
        "id.key",
    ],
)
def test_a_side_file_never_leaves_its_folder(pair: tuple[Machine, Machine, Session], world: World, name: str) -> None:
    _, desktop, _ = pair
    evil = Attacker(world)
    payload = evil.tree(("40000", "0000", evil.tree(("100644", "00", evil.blob(b"owned")))))
    files = ("40000", "files", evil.tree(("40000", name, payload)))
    evil.push(evil.session(EVIL, evil.transcript(evil.blob(ROW)), files))
    before = outside(world)
    desktop.ccsync("pull")
    assert outside(world) == before
    assert ID in desktop.sessions()
    assert not [path for path, data in desktop.files().items() if data == b"owned"]


def test_odd_modes_and_names_are_passed_over(pair: tuple[Machine, Machine, Session], world: World) -> None:
    _, desktop, _ = pair
    evil = Attacker(world)
    link, commit = evil.blob(b"/etc/passwd"), evil.git("rev-parse", BRANCH)
    linked = evil.session(EVIL, ("120000", "meta", link), ("160000", "transcript", commit))
    evil.push(linked, ("120000", "memory", link), ("160000", "machines2", commit), ("100755", "deleted", link))
    desktop.ok("pull")
    assert desktop.sessions().keys() == {ID}
    desktop.append(desktop.here(ID))
    desktop.ok("push")
    kept = {name: mode for mode, name, _ in evil.entries(f"{BRANCH}^{{tree}}")}
    assert kept["memory"] == "120000"
    assert kept["machines2"] == "160000"


def test_a_session_in_the_wrong_folder_is_no_session(pair: tuple[Machine, Machine, Session], world: World) -> None:
    _, desktop, _ = pair
    evil = Attacker(world)
    inner = evil.tree(evil.transcript(evil.blob(ROW)))
    middle = evil.tree(("40000", "f", evil.tree(("40000", EVIL, inner))))
    evil.push(("40000", "sessions", evil.tree(*evil.entries(f"{BRANCH}:sessions"), ("40000", "0", middle))))
    desktop.ok("pull")
    assert desktop.sessions().keys() == {ID}


def test_a_bomb_is_named_and_the_rest_arrives(pair: tuple[Machine, Machine, Session], world: World) -> None:
    _, desktop, _ = pair
    evil = Attacker(world)
    bomb = evil.blob(b"\0" * (80 << 20))  # 80 kB on the wire
    evil.push(evil.session(EVIL, evil.transcript(bomb)))
    pulled = desktop.ccsync("pull", status=1)
    assert EVIL[:8] in pulled.err
    assert desktop.sessions().keys() == {ID}


def test_a_tree_that_names_itself_often_ends_the_walk(pair: tuple[Machine, Machine, Session], world: World) -> None:
    _, desktop, _ = pair
    evil = Attacker(world)
    empty = evil.tree()
    many = evil.tree(*(("40000", f"ab{n:06x}-1111-4222-8333-444444444444", empty) for n in range(220_000)))
    middle = evil.tree(*(("40000", digit, many) for digit in "0123456789abcdef"))
    evil.push(("40000", "sessions", evil.tree(*(("40000", digit, middle) for digit in "0123456789abcdef"))))
    pulled = desktop.ccsync("pull")
    assert pulled.status in (1, 128)
    assert "sessions" in pulled.err or "larger" in pulled.err


@pytest.mark.parametrize("meta", [b"\xff\xfe", b"title = [", b"x" * (1 << 20), b'title = "a\\u001b]0;owned\\u0007b"\n'])
def test_a_bad_meta_hides_no_other_session(pair: tuple[Machine, Machine, Session], world: World, meta: bytes) -> None:
    _, desktop, _ = pair
    evil = Attacker(world)
    evil.push(evil.session(EVIL, ("100644", "meta", evil.blob(meta)), evil.transcript(evil.blob(ROW))))
    pulled = desktop.ccsync("pull")
    assert ID in desktop.sessions()
    listed = desktop.ccsync("list")
    assert "\x1b" not in pulled.out + pulled.err + listed.out + listed.err


def test_an_unknown_format_is_refused_and_nothing_is_written(
    pair: tuple[Machine, Machine, Session], world: World
) -> None:
    _, desktop, _ = pair
    evil = Attacker(world)
    evil.push(("100644", "format", evil.blob(b"git-ccsync 9\n")))
    pulled = desktop.ccsync("pull", status=128)
    assert "git-ccsync 9" in pulled.err
    assert not desktop.sessions()


def test_a_rewound_remote_is_told_and_gets_everything_again(
    pair: tuple[Machine, Machine, Session], world: World
) -> None:
    laptop, desktop, session = pair
    desktop.ok("pull")
    old = Attacker(world).git("rev-parse", BRANCH)
    laptop.append(session)
    laptop.ok("push")
    desktop.ok("pull")
    Attacker(world).git("update-ref", BRANCH, old)
    pulled = desktop.ok("pull")
    assert "backwards" in pulled.err
    assert desktop.transcript(ID) != b""
    desktop.append(desktop.here(ID))
    desktop.ok("push")
    laptop.ok("pull")
    assert laptop.transcript(ID).count(b"\n") == desktop.transcript(ID).count(b"\n")


def test_a_remote_with_another_root_is_never_followed(pair: tuple[Machine, Machine, Session], world: World) -> None:
    laptop, _, session = pair
    evil = Attacker(world)
    commit = evil.git("commit-tree", f"{BRANCH}^{{tree}}", "-m", "root")
    evil.git("update-ref", BRANCH, commit)
    laptop.append(session)
    assert laptop.ccsync("push").status == 1
    assert laptop.ccsync("pull").status == 1
    assert evil.git("rev-parse", BRANCH) == commit


def test_a_vanished_branch_comes_back(pair: tuple[Machine, Machine, Session], world: World) -> None:
    laptop, _, session = pair
    Attacker(world).git("update-ref", "-d", BRANCH)
    laptop.append(session)
    laptop.ok("push")
    assert world.stored(ID)


ODD = (
    b"\x00\xff\xfe\n",
    b'{"type":"user","uuid":"x"\n',
    b"\xef\xbb\xbf" + ROW,
    b"\r\n",
    b"[1,2]\n",
    b'{"a":1e999,"a":2}\n',
    b"{" * 5000 + b"\n",
)


def test_any_bytes_travel_as_they_are(pair: tuple[Machine, Machine, Session]) -> None:
    laptop, desktop, _ = pair
    sessions = [laptop.session("odd") for _ in ODD]
    laptop.ok("push")
    for odd, session in zip(ODD, sessions, strict=True):
        session.write(odd)
        laptop.append(session)
    laptop.ok("push")
    desktop.ok("pull")
    for odd, session in zip(ODD, sessions, strict=True):
        arrived = desktop.transcript(session.id)
        assert odd in arrived or odd.replace(b"{{REPO}}", os.fsencode(desktop.clone)) in arrived, odd
        assert arrived.count(b"\n") == session.read().count(b"\n"), odd


def test_odd_files_are_named_and_the_rest_is_pushed(pair: tuple[Machine, Machine, Session], world: World) -> None:
    laptop, _, session = pair
    folder = session.path.parent
    (folder / f"{EVIL}.jsonl").symlink_to("/etc/passwd")
    os.mkfifo(folder / "cccccccc-1111-4222-8333-444444444444.jsonl")
    (folder / "dddddddd-1111-4222-8333-444444444444.jsonl").mkdir()
    (folder / "eeeeeeee-1111-4222-8333-444444444444.jsonl").write_bytes(b"")
    laptop.append(session)
    (folder / "ffffffff-1111-4222-8333-444444444444.jsonl").write_bytes(random.Random(1).randbytes(5000))
    expected = [
        f"'projects/{folder.name}/{EVIL}.jsonl': is a symbolic link",
        f"'projects/{folder.name}/cccccccc-1111-4222-8333-444444444444.jsonl': is not a regular file",
        f"'projects/{folder.name}/dddddddd-1111-4222-8333-444444444444.jsonl': is a directory",
        f"'{folder}/ffffffff-1111-4222-8333-444444444444.jsonl': holds nothing that Claude Code wrote; it is not sent",
    ]
    for verb in ("push", "push", "sync", "status"):
        told = laptop.ok(verb).err.splitlines()
        assert sorted(line for line in told if ".jsonl" in line) == sorted(f"warning: {line}" for line in expected)
    assert {path.split("/")[3] for path in world.branch() if path.startswith("sessions/")} == {ID}


def test_a_session_of_ours_that_cannot_be_read_is_a_failure(pair: tuple[Machine, Machine, Session]) -> None:
    """Its name was a session's on this machine: something else in its place is more than a stray."""
    laptop, _, session = pair
    kept = session.path.rename(session.path.with_name("kept"))
    session.path.symlink_to(kept)
    for verb in ("push", "push", "status"):
        assert (
            f"error: 'projects/{session.path.parent.name}/{ID}.jsonl': is a symbolic link"
            in laptop.ccsync(verb, status=1).err
        )
    session.path.unlink()
    session.path.write_bytes(b"\x00" * 5000)
    for index in laptop.clone.glob(".git/ccsync/*/index"):
        index.unlink()
    for _ in range(2):
        assert "holds nothing that Claude Code wrote" in laptop.ccsync("push", status=1).err
    kept.rename(session.path)
    laptop.ok("push")


def test_a_shrunk_file_never_takes_lines_from_the_branch(pair: tuple[Machine, Machine, Session]) -> None:
    laptop, desktop, session = pair
    whole = session.read()
    session.path.write_bytes(whole[: len(whole) // 2])
    laptop.ok("sync")
    assert laptop.transcript(ID) == whole
    desktop.ok("pull")
    assert desktop.transcript(ID).count(b"\n") == whole.count(b"\n")


def test_a_full_disk_loses_nothing(pair: tuple[Machine, Machine, Session]) -> None:
    laptop, _, session = pair
    laptop.append(session, 3)
    limit = ["sh", "-c", 'ulimit -f 0; trap "" XFSZ; exec "$@"', "sh"]
    failed = laptop.start("push", prefix=limit)
    _, err = failed.communicate(timeout=60)
    assert failed.returncode in (1, 128)
    assert b"Traceback" not in err
    laptop.ok("push")
    assert laptop.ok("status", "--exit-code").status == 0
