"""A branch made by somebody who means harm, and local files that are not what they should be: told, and nothing lost."""

from __future__ import annotations

import os
import random

import pytest

from tests.support import wrapped
from tests.support.attacker import BLOB, BRANCH, ROW, TREE, Attacker, limited
from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World

ID = "aaaaaaaa-1111-4222-8333-444444444444"
EVIL = "bbbbbbbb-1111-4222-8333-444444444444"


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


#: Names that no machine can have sent, and names that Claude Code, git or this machine alone may use: these are passed over.
IMPOSSIBLE = (
    *("..%2F..%2Fevil", "%2Fetc%2Fevil", "a%2F..%2F..%2Fb", "x%00y", "a\\b", "%zz", "e" * 256),
    "subagents%2F..%2F..%2Fevil.jsonl",
)
RESERVED = (
    *("%2Egit", "resume-head.jsonl", "id.key", "a%2F.git%2Fhooks%2Fpost-checkout"),
    "sub%2F.claude%2Fsettings.json",
)


@pytest.mark.parametrize("name", [*IMPOSSIBLE, *RESERVED])
def test_a_side_file_never_leaves_its_folder(pair: tuple[Machine, Machine, Session], world: World, name: str) -> None:
    """One whose name is no name is named; what else the session has arrives."""
    _, desktop, _ = pair
    evil = Attacker(world)
    payload, good = (
        evil.tree((TREE, "0000", evil.tree((BLOB, "00", evil.blob(data))))) for data in (b"owned", b"good")
    )
    files = (TREE, "files", evil.tree((TREE, name, payload), (TREE, "tool-results%2Fb1.txt", good)))
    evil.push(evil.session(EVIL, evil.transcript(evil.blob(ROW)), files))
    before = outside(world)
    pulled = desktop.ccsync("pull")
    assert pulled.status == (name in IMPOSSIBLE)
    assert (f"error: '{EVIL}': side file '{name}' is left out: side file name " in pulled.err) == (name in IMPOSSIBLE)
    assert outside(world) == before
    assert desktop.sessions().keys() == {ID, EVIL}
    assert (desktop.path(EVIL).with_suffix("") / "tool-results/b1.txt").read_bytes() == b"good"
    assert not [path for path, data in desktop.files().items() if data == b"owned"]
    assert not [path for path in desktop.claude.rglob("*") if path.is_file() and path.stat().st_mode & 0o177]


def test_of_many_names_that_are_none_a_few_are_named(pair: tuple[Machine, Machine, Session], world: World) -> None:
    _, desktop, _ = pair
    evil = Attacker(world)
    file = evil.tree((TREE, "0000", evil.tree((BLOB, "00", evil.blob(b"owned")))))
    files = (TREE, "files", evil.tree(*((TREE, f"..%2F\x1b[31m{at}", file) for at in range(40))))
    evil.push(evil.session(EVIL, evil.transcript(evil.blob(ROW)), files))
    told = desktop.ccsync("pull", status=1).err
    assert told.count("error: ") == 6
    assert f"error: '{EVIL}': 35 more side files are left out\n" in told
    assert "\x1b" not in told


@pytest.mark.parametrize(("mode", "text"), [("120000", b"/etc/passwd"), ("160000", b""), (BLOB, b"no line")])
def test_a_transcript_without_a_line_is_no_session(
    pair: tuple[Machine, Machine, Session], world: World, mode: str, text: bytes
) -> None:
    """Its segments are links, other repositories' commits, or hold no line end: named, and not made an empty file."""
    _, desktop, _ = pair
    evil = Attacker(world)
    segment = evil.blob(text) if text else evil.git("rev-parse", BRANCH)
    transcript = evil.tree((TREE, "0000", evil.tree((mode, "00", segment))))
    evil.push(evil.session(EVIL, evil.meta(b'title = "evil"\n'), (TREE, "transcript", transcript)))
    for words in (["pull"], ["pull", "-n"]) if mode != BLOB else (["pull"],):
        told = desktop.ccsync(*words, status=1)
        assert f"error: '{EVIL}': its transcript has no line that can be read\n" in told.err
        assert EVIL not in told.out
    assert desktop.sessions().keys() == {ID}


def test_what_git_objects_to_is_told_as_what_it_is(pair: tuple[Machine, Machine, Session], world: World) -> None:
    """No fetch has failed: a name that git refuses in a tree has come along, and is left out."""
    _, desktop, _ = pair
    evil = Attacker(world)
    evil.push(evil.session(EVIL, evil.transcript(evil.blob(ROW)), evil.side("..", evil.blob(b"owned"))))
    told = desktop.ccsync("pull", status=1).err
    assert "cannot fetch" not in told
    said = f"warning: '{world.remote}' has an object that does not pass git's own check (object "
    assert [line for line in told.splitlines() if line.startswith(said) and "hasDotdot" in line]
    assert f"error: '{EVIL}': side file '..' is left out: side file name leaves its folder\n" in told
    assert desktop.sessions().keys() == {ID, EVIL}


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


#: What costs its sender next to nothing. Each leaves out one session, named with its reason; the others arrive.
BOMBS = {
    "a segment that unfolds to a gigabyte": (
        lambda evil: [evil.transcript(evil.bomb(1 << 30))],
        "is too large: 1073741824 bytes",
    ),
    "one segment a million times": (
        lambda evil: [evil.transcript(*[evil.bomb(15 << 20, b"\n", b"x")] * 64, groups=6400)],
        "is more than may be written here at once",
    ),
    "one group again and again": (
        lambda evil: [evil.transcript(*[evil.blob(ROW)] * 64, groups=300_000)],
        "a file has more than 1048576 segments",
    ),
    "a line without an end": (
        lambda evil: [evil.transcript(*[evil.bomb(15 << 20, fill=b"x")] * 20, evil.blob(b"\n"))],
        "a line is longer than 128 MiB",
    ),
    "a side file of gigabytes": (
        lambda evil: [evil.transcript(evil.blob(ROW)), evil.side("x.bin", *[evil.bomb(15 << 20)] * 64)],
        "a side file is larger than 128 MiB",
    ),
    "a hundred thousand side files": (
        lambda evil: [evil.transcript(evil.blob(ROW)), many_files(evil, 100_000)],
        "has more than 10,000 side files",
    ),
    "a key of a hundred thousand dots": (
        lambda evil: [evil.meta(b"a" + b".a" * 100_000 + b" = 1\n"), evil.transcript(evil.blob(ROW))],
        "meta is not in the form of its kind",
    ),
    "brackets in brackets": (
        lambda evil: [evil.meta(b"a = " + b"[" * 4000 + b"]" * 4000), evil.transcript(evil.blob(ROW))],
        "meta is not TOML",
    ),
    "a meta of a gigabyte": (
        lambda evil: [(BLOB, "meta", evil.bomb(1 << 30)), evil.transcript(evil.blob(ROW))],
        "is too large: 1073741824 bytes",
    ),
}


def many_files(evil: Attacker, number: int) -> tuple[str, str, str]:
    file = evil.tree((TREE, "0000", evil.tree((BLOB, "00", evil.blob(b"x")))))
    return (TREE, "files", evil.tree(*((TREE, f"f{at:06d}", file) for at in range(number))))


def served(world: World, desktop: Machine) -> None:
    """Let the remote be one whose processes are no children of the machine's: they may take what memory they like."""
    url = world.http().url("app.git")
    desktop.git("remote", "set-url", "origin", url)
    desktop.init("--allow-public", url)


#: Those that are built and judged in a moment.
QUICK = ("a key of a hundred thousand dots",)


def cases(table: dict[str, object]) -> list[object]:
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in table]


@pytest.mark.slow
@pytest.mark.parametrize("name", cases(BOMBS))
def test_a_bomb_is_named_and_the_rest_arrives(pair: tuple[Machine, Machine, Session], world: World, name: str) -> None:
    _, desktop, _ = pair
    served(world, desktop)
    evil, (build, reason) = Attacker(world), BOMBS[name]
    evil.push(evil.session(EVIL, *build(evil)))
    pulled = limited(desktop, "pull")
    assert pulled.status == 1
    assert f"error: '{EVIL}': " in pulled.err
    assert reason in pulled.err
    assert ID in desktop.sessions()
    assert not [path for path in desktop.files() if ".tmp" in path]
    assert limited(desktop, "list").status == limited(desktop, "status").status == 0
    faults = limited(desktop, "verify", EVIL)
    assert faults.status == 1
    assert EVIL[:8] in faults.out


def many(evil: Attacker, folder: str, number: int, form: str, text: bytes) -> list[tuple[str, str, str]]:
    blob = evil.blob(text)
    return [(TREE, folder, evil.tree(*((BLOB, form.format(at), blob) for at in range(number))))]


def folded(evil: Attacker, name: str) -> list[tuple[str, str, str]]:
    """256 shelves that are one, with all the names that a tree can hold."""
    empty = evil.tree()
    shelf = evil.tree(*((TREE, name.format(at), empty) for at in range(220_000)))
    middle = evil.tree(*((TREE, digit, shelf) for digit in "0123456789abcdef"))
    return [(TREE, "sessions", evil.tree(*((TREE, digit, middle) for digit in "0123456789abcdef")))]


SESSIONS = "ab{:06x}-1111-4222-8333-444444444444"
#: What would be in the way of everything else: such a tip is not followed at all.
BROKEN = {
    "one shelf 256 times": (lambda evil: folded(evil, SESSIONS), "has more than 200,000 sessions"),
    "names that are no sessions": (lambda evil: folded(evil, "zz{:033d}"), "has more than 200,000 sessions"),
    "a root of half a million": (
        lambda evil: [(BLOB, f"x{at:x}", evil.blob(b"")) for at in range(500_000)],
        "is too large: 16930",
    ),
    "machines": (lambda evil: many(evil, "machines", 1001, "{:016x}", b'name = "x"\n'), "1,000 entries in 'machines'"),
    "leases": (lambda evil: many(evil, "leases", 10_001, SESSIONS, b""), "more than 10,000 entries in 'leases'"),
    "tombstones": (lambda evil: many(evil, "deleted", 200_001, SESSIONS, b""), "200,000 entries in 'deleted'"),
    "a format of a gigabyte": (lambda evil: [(BLOB, "format", evil.bomb(1 << 30))], "is too large: 1073741824 bytes"),
    "no format": (lambda evil: [(TREE, "format", evil.tree())], "is a tree, not a blob"),
    "a root that names something twice": (
        lambda evil: [(BLOB, "x", evil.blob(b"1")), (BLOB, "x", evil.blob(b"2"))],
        "a tree object names an entry twice",
    ),
}


@pytest.mark.parametrize("name", cases(BROKEN))
def test_a_branch_that_cannot_be_walked_is_not_followed(
    pair: tuple[Machine, Machine, Session], world: World, name: str
) -> None:
    laptop, desktop, session = pair
    served(world, desktop)
    desktop.ok("pull")
    mine = desktop.session("mine", age=60)
    good, (build, reason) = laptop.git("rev-parse", BRANCH), BROKEN[name]
    evil = Attacker(world)
    evil.push(*build(evil))
    for verb in ("pull", "push"):
        refused = limited(desktop, verb)
        assert refused.status == 1
        assert "error: what is on 'origin' is not followed: " in refused.err
        assert reason in refused.err
    for verb in (["list"], ["status"], ["verify", ID]):
        assert limited(desktop, *verb).status == 0
    assert desktop.sessions().keys() == {ID, mine.id}
    assert desktop.git("rev-parse", "refs/ccsync-remotes/origin/al") == good
    evil.move(good)  # whoever can has put it back
    desktop.ok("push")
    laptop.ok("pull")
    assert laptop.sessions().keys() == {session.id, mine.id}


def test_an_author_not_seen_before_is_told_and_remembered(pair: tuple[Machine, Machine, Session], world: World) -> None:
    """Also where a push meets them first, and under the name of a machine that is known."""
    laptop, desktop, session = pair
    wrapped.install(laptop, world.directory / "bin")
    desktop.ok("pull")
    desktop.append(desktop.here(session.id))
    desktop.ok("push")
    evil = Attacker(world)
    meta = (BLOB, "meta", evil.git("rev-parse", f"{BRANCH}:sessions/a/a/{ID}/meta"))
    more = evil.transcript(evil.git("rev-parse", f"{BRANCH}:sessions/a/a/{ID}/transcript/0000/00"), evil.blob(ROW))
    evil.push(evil.session(ID, meta, more))
    laptop.session("mine")
    assert "warning: author 'Mallory <m@example.com>' was not seen on this branch before" in laptop.ok("push").err
    assert "Mallory" not in laptop.ok("pull").err
    told = laptop.ccsync("resume", ID).err
    assert "warning: 'good' has lines by author 'Mallory <m@example.com>', not seen on this branch before" in told


@pytest.mark.slow
def test_an_author_who_comes_before_a_machines_first_pull_is_told_of_too(world: World) -> None:
    """Nobody is new to a machine that takes a branch on, and its owner's next machine to none; whoever else comes is."""
    laptop, desktop = world.machine("laptop"), world.machine("desktop", email="al@work.example")
    session = laptop.session("good", id=ID)
    laptop.init()
    laptop.ok("push")
    desktop.init("--branch", "al")
    laptop.session("more")
    laptop.ok("push")
    evil, stranger = Attacker(world), "author 'Mallory <m@example.com>'"
    meta = (BLOB, "meta", evil.git("rev-parse", f"{BRANCH}:sessions/a/a/{ID}/meta"))
    more = evil.transcript(evil.git("rev-parse", f"{BRANCH}:sessions/a/a/{ID}/transcript/0000/00"), evil.blob(ROW))
    evil.push(evil.session(ID, meta, more))
    for machine in (laptop, desktop):
        told = [line for line in machine.ok("pull").err.splitlines() if line.startswith("warning: ")]
        assert f"warning: {stranger} was not seen on this branch before" in told
        assert not any("al@example.com" in line for line in told)
    wrapped.install(laptop, world.directory / "bin")
    assert f"warning: 'good' has lines by {stranger}" in laptop.ccsync("resume", session.id).err


@pytest.mark.slow
def test_a_hundred_thousand_commits_are_only_commits(pair: tuple[Machine, Machine, Session], world: World) -> None:
    _, desktop, _ = pair
    served(world, desktop)
    evil = Attacker(world)
    one = f"commit {BRANCH}\nauthor E{{0}} <e{{0}}@x> 1 +0000\ncommitter E <e@x> 1 +0000\ndata 0\n\n"
    script = f"reset {BRANCH}\nfrom {evil.git('rev-parse', BRANCH)}\n\n" + "".join(map(one.format, range(100_000)))
    evil.git("fast-import", "--quiet", stdin=script.encode())
    for words in (["pull"], ["log"], ["verify"], ["status"]):
        assert limited(desktop, *words).status == 0
    assert desktop.sessions().keys() == {ID}


def test_the_branch_goes_on_behind_what_nobody_can_follow(pair: tuple[Machine, Machine, Session], world: World) -> None:
    """What was pushed before it, and what was not pushed yet, is all there; nothing is taken away from the remote."""
    laptop, desktop, session = pair
    desktop.ok("pull")
    late, mine = laptop.session("pushed just before"), desktop.session("mine")
    laptop.ok("push")
    evil = Attacker(world)
    evil.push((BLOB, "x", evil.blob(b"1")), (BLOB, "x", evil.blob(b"2")))
    bad = evil.git("rev-parse", BRANCH)
    assert "hint: 'git ccsync verify --repair' goes on behind it" in desktop.ccsync("pull", status=1).err
    assert "the branch goes on behind what cannot be followed on 'origin'" in limited(desktop, "verify", "--repair").err
    desktop.ok("push")
    assert evil.git("merge-base", "--is-ancestor", bad, BRANCH) == ""
    laptop.ok("pull")
    for machine in (laptop, desktop):
        machine.ok("pull")
        assert machine.sessions().keys() == {session.id, late.id, mine.id}
        assert machine.ok("status", "--exit-code").status == 0


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
    pulled = limited(desktop, "pull")
    assert pulled.status == 0
    assert "backwards" in pulled.err
    assert desktop.transcript(ID) != b""
    desktop.append(desktop.here(ID))
    assert limited(desktop, "push").status == 0
    laptop.ok("pull")
    assert laptop.transcript(ID).count(b"\n") == desktop.transcript(ID).count(b"\n")


def test_a_remote_with_another_root_is_never_followed(pair: tuple[Machine, Machine, Session], world: World) -> None:
    laptop, _, session = pair
    evil = Attacker(world)
    commit = evil.git("commit-tree", f"{BRANCH}^{{tree}}", "-m", "root")
    evil.git("update-ref", BRANCH, commit)
    laptop.append(session)
    for verb in ("push", "pull"):
        refused = limited(laptop, verb)
        assert refused.status == 1
        assert "has another beginning than the branch 'al' here" in refused.err
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
