"""Encrypted branches as users live with them: the verbs, and what a remote, unpacked, gives away."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from git_ccsync.git.codec import TreeEntry
from git_ccsync.state import keyring
from git_ccsync.state.marks import Marks
from git_ccsync.store import seal_blob, seal_name
from git_ccsync.store.seal_cipher import Ciphers
from tests.support.inside import standing_on
from tests.support.machine import ROOT, Machine, run
from tests.support.sealed import RING, encrypt, give
from tests.support.world import World

REF = "refs/ccsync/al"


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine]:
    """Two machines with an encrypted branch."""
    laptop, desktop = world.initialised("laptop", "desktop")
    encrypt(laptop, desktop)
    return laptop, desktop


def opened(world: World, ref: str = REF) -> dict[str, str]:
    """Every blob of the branch on the remote by its real path."""
    ciphers, found, real = Ciphers(RING), {}, {"": ""}
    for row in world.git("ls-tree", "-r", "-t", "-z", ref).split("\0")[:-1]:
        facts, path = row.split("\t", 1)
        mode, kind, oid = facts.split()
        above, _, token = path.rpartition("/")
        name = seal_name.unseal(ciphers, TreeEntry(int(mode, 8), token.encode(), oid)).name.decode()
        real[path] = f"{real[above]}/{name}".lstrip("/")
        if kind == "blob":
            found[real[path]] = oid
    return found


def test_a_session_travels_goes_on_diverges_and_both_are_there(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix bug")
    laptop.ok("push")
    desktop.ok("pull")
    assert str(desktop.clone).encode() in desktop.transcript(session.id)
    desktop.append(session)
    desktop.ok("push")
    laptop.ok("pull")
    assert laptop.transcript(session.id).count(b"\n") == desktop.transcript(session.id).count(b"\n") > 4
    for machine in pair:
        machine.append(session)
    laptop.ok("push")
    desktop.ok("push")
    laptop.ok("sync")
    desktop.ok("sync")
    for machine in pair:
        titles = sorted(one["title"] for one in json.loads(machine.ok("list", "--json").out)["sessions"])
        assert titles == ["fix bug", "fix bug (from desktop)"]
        assert "in step" in machine.ok("status").out


def test_an_append_adds_one_segment_and_leaves_the_others(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    session = laptop.session("long", lines=3000)
    laptop.ok("push")
    before = opened(world)
    laptop.append(session)
    laptop.ok("push")
    after = opened(world)
    segments = sorted(path for path in before if "/transcript/" in path)
    added = f"{folder(session.id)}/transcript/0000/{len(segments):02d}"
    assert [path for path in after if path not in before] == [added]
    changed = {path for path in before if after[path] != before[path]}
    assert changed == {f"{folder(session.id)}/meta"}


def folder(session: str) -> str:
    return f"sessions/{session[0]}/{session[1]}/{session}"


def everything(world: World) -> bytes:
    """All objects on the remote, with what commits say, as they are after git has unpacked them."""
    words = ["git", "cat-file", "--batch-all-objects", "--batch", "--buffer"]
    return subprocess.run(words, cwd=world.remote, env=world.environment, capture_output=True, check=True).stdout


@pytest.mark.slow
def test_the_remote_unpacked_gives_nothing_away(world: World) -> None:
    laptop = world.machine("laptop")
    session = laptop.session("quarterly numbers", lines=2)
    session.write(session.rows.user("the launch code is xyzzy"))
    session.subagent()
    (session.path.parent / "memory").mkdir()
    (session.path.parent / "memory" / "user_role.md").write_text("likes plugh\n")
    laptop.init("--encrypt")
    laptop.ok("push")
    laptop.ok("rename", session.id, "annual numbers")
    laptop.ok("push")
    before = everything(world)
    laptop.ok("rm", session.id)
    here = (laptop.home / ".local/state/git-ccsync/id").read_text().split()[0]
    told = before + everything(world)
    for secret in (
        *("quarterly", "annual", "numbers", "xyzzy", "plugh", "user_role", "subagent", "laptop", "{{REPO", "{{SESSION"),
        *("sessions", "transcript", "machines", "meta", "memory", "leases", "deleted", "lines", "rename"),
        *(session.id, session.id[:8], here, str(laptop.home), str(laptop.clone)),
    ):
        assert secret.encode() not in told, secret
    assert b"ccsync: sealed\n\nCcsync-Seal: 1 " in told
    assert "rename" in laptop.ok("log").out
    assert "annual numbers" in laptop.ok("list", "--removed").out


@pytest.mark.slow
def test_every_verb(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix bug", lines=3)
    other = laptop.session("other thing")
    laptop.ok("push")
    desktop.ok("pull")
    assert "fix bug" in desktop.ok("list").out
    assert session.id[:8] in desktop.ok("log").out
    assert "laptop" in desktop.ok("log", session.id).out
    assert "fix bug" in desktop.ok("show", session.id).out
    word = json.loads(laptop.transcript(session.id).split(b"\n")[0])["message"]["content"].split()[0]
    assert "fix bug" in desktop.ok("search", word).out
    assert desktop.ccsync("search", "nobody-said-this").status == 1
    assert "laptop" in desktop.ok("machine", "list").out
    desktop.ok("rename", session.id, "renamed")
    desktop.ok("fork", session.id)
    desktop.ok("push")
    laptop.ok("pull")
    assert "renamed" in laptop.ok("list").out
    assert laptop.ok("verify").status == 0
    laptop.ok("rm", other.id)
    laptop.ok("restore", other.id)
    laptop.ok("undo")
    laptop.ok("handoff", session.id)
    laptop.ok("tasks")
    laptop.ok("secrets", "scan")
    assert "segments are whole" in laptop.ccsync("doctor").out
    laptop.ok("gc")
    assert "renamed" in laptop.ok("complete", "sessions", "").out
    laptop.ok("sync")
    desktop.ok("sync")
    assert desktop.ok("verify").status == 0


def test_a_bundle_and_a_directory_of_them_carry_what_is_sealed(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix bug")
    file = world.directory / "all.bundle"
    laptop.ok("export", "--bundle", "-o", str(file))
    assert b"fix bug" not in file.read_bytes()
    desktop.ok("pull", str(file))
    assert desktop.transcript(session.id)
    listed = desktop.git("log", "--format=%s", REF).split("\n")
    assert listed[0] == "ccsync: sealed"


def test_a_machine_whose_key_is_gone_says_so_and_goes_on_when_it_is_back(
    world: World, pair: tuple[Machine, Machine]
) -> None:
    laptop, desktop = pair
    session = laptop.session("fix bug")
    laptop.ok("push")
    desktop.ok("pull")
    with standing_on(desktop) as ws:
        place = Path(ws.here.state) / "keys" / RING.fingerprint
    kept = place.read_bytes()
    place.write_bytes(b"")
    desktop.append(session)
    for verb in ("push", "pull", "list", "search x"):
        done = desktop.ccsync(*verb.split(), status=1)
        assert done.err.startswith(
            "error: the sessions of this repository are encrypted, and their key is gone from this "
        )
        assert "hint: " in done.err
    place.write_bytes(kept)
    desktop.ok("push")
    laptop.ok("pull")
    assert laptop.transcript(session.id).count(b"\n") == desktop.transcript(session.id).count(b"\n")


def test_another_key_opens_nothing(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    laptop.session("fix bug")
    laptop.ok("push")
    give(desktop, keyring.single(1, b"\1" * 32))
    done = desktop.ccsync("pull", status=1)
    assert "key" in done.err.split("\n")[0]
    assert not [one for one in desktop.files() if one.endswith(".jsonl")]


def test_a_plain_branch_that_is_encrypted_seals_all_that_it_has(world: World) -> None:
    (laptop,) = world.initialised("laptop")
    session = laptop.session("fix bug", lines=50)
    laptop.ok("push")
    plain = world.branch()
    encrypt(laptop)
    sealed = opened(world)
    assert sealed.keys() == plain.keys()
    for path, oid in sealed.items():
        if path != "format":
            assert seal_blob.unseal(Ciphers(RING), world.blob(oid), 1 << 20) == world.blob(plain[path])
    laptop.append(session)
    laptop.ok("push")
    assert laptop.ok("verify").status == 0
    with standing_on(laptop) as ws:
        assert Marks(ws.state).get("sealed") == RING.fingerprint


def test_what_is_missing_or_another_object_is_found(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    session = laptop.session("fix bug", lines=20)
    laptop.ok("push")
    (oid,) = [oid for path, oid in opened(world).items() if path == f"{folder(session.id)}/transcript/0000/00"]
    (laptop.clone / ".git/objects" / oid[:2] / oid[2:]).unlink()
    assert f"missing-object: {session.id[:8]}" in laptop.ccsync("verify", status=1).out
    laptop.git("fetch", "-q", "--refetch", "origin", REF)
    laptop.ok("verify")


def test_what_is_repaired_is_sealed(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = laptop.session("fix bug", lines=3)
    session.write(b'{"type":"us\n')
    laptop.ok("push")
    assert "torn-row" in laptop.ccsync("verify", status=1).out
    laptop.ccsync("verify", "--repair")
    laptop.ok("push")
    desktop.ok("pull")
    titles = [one["title"] for one in json.loads(desktop.ok("list", "--json").out)["sessions"]]
    assert len(titles) == 2
    assert all(seal_blob.is_sealed(world.blob(oid)) for path, oid in opened(world).items() if path != "format")


def test_a_directory_of_bundles_is_judged_like_a_remote(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    where = world.directory / "bundles"
    where.mkdir()
    session = laptop.session("fix bug")
    laptop.init("--encrypt", "--remote", f"bundles::{where}")
    laptop.ok("push")
    with standing_on(laptop) as ws:
        ring = keyring.load(ws.here.state, Marks(ws.state))
    assert ring
    give(desktop, ring)
    desktop.init("--remote", f"bundles::{where}")
    desktop.ok("pull")
    desktop.append(session)
    desktop.ok("push")
    laptop.ok("pull")
    assert laptop.transcript(session.id).count(b"\n") == desktop.transcript(session.id).count(b"\n")
    assert all(b"fix bug" not in file.read_bytes() for file in where.rglob("*.bundle"))


def test_neither_a_push_with_nothing_to_do_nor_a_second_look_loads_a_cipher(
    world: World, pair: tuple[Machine, Machine]
) -> None:
    laptop, _ = pair
    laptop.session("fix bug")
    laptop.ok("push")
    laptop.ok("status")
    for verb in ("push", "status"):
        code = (
            f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.argv = ['git-ccsync', {verb!r}]\n"
            "from git_ccsync.cli import main; status = main()\n"
            "print([name for name in sys.modules if 'crypt' in name or 'seal' in name], file=sys.stderr)\n"
            "sys.exit(status)"
        )
        done = run([sys.executable, "-c", code], laptop.env, cwd=laptop.clone)
        assert done.err.splitlines()[-1] == "[]"


def test_lines_that_a_machine_had_not_sent_when_the_branch_was_encrypted(world: World) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug", lines=5)
    other = laptop.session("other")
    laptop.ok("sync")
    desktop.ok("sync")
    desktop.append(session, 3)
    away = world.remote.with_name("away.git")
    world.remote.rename(away)
    assert desktop.ccsync("push").status
    away.rename(world.remote)
    laptop.append(other)
    encrypt(laptop)
    give(desktop)
    for machine in (desktop, laptop):
        machine.ok("sync")
    assert len(json.loads(laptop.ok("list", "--json").out)["sessions"]) == 2
    for one in (session, other):
        assert laptop.transcript(one.id).count(b"\n") == desktop.transcript(one.id).count(b"\n")
    assert all(seal_blob.is_sealed(world.blob(oid)) for path, oid in opened(world).items() if path != "format")
