"""Keys of an encrypted branch: epochs in a tree as a remote may have made it, and changes that somebody else comes before."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from git_ccsync.errors import BadData, KeyMissing, KeySubstituted, Refused
from git_ccsync.git.objects import Reader
from git_ccsync.git.sink import Sink
from git_ccsync.model import Keyring
from git_ccsync.operations import keys
from git_ccsync.operations.sealed import keys_send, keys_tree, unlock
from git_ccsync.privacy import keys as wrapping
from git_ccsync.privacy.keys import EpochKey
from git_ccsync.state import keyring
from git_ccsync.store import branch
from tests.support.inside import standing_on
from tests.support.machine import Machine
from tests.support.world import World

SECRET = wrapping.generate()
OWN = wrapping.public_of(SECRET)
FIRST, SECOND = bytes([1] * 32), bytes([2] * 32)
RING = keyring.extended(keyring.single(1, FIRST), 2, SECOND)


def held(epoch: int, key: bytes, fingerprint: str = RING.fingerprint) -> EpochKey:
    return EpochKey(fingerprint, epoch, key)


def good() -> dict[str, bytes]:
    """The folder `keys` of a branch with two epochs that we were given."""
    return {
        f"keys/1/{OWN.id}": wrapping.wrap(held(1, FIRST), OWN.text),
        f"keys/2/{OWN.id}": wrapping.wrap(held(2, SECOND), OWN.text),
        "keys/2/proof": wrapping.proof(FIRST, held(2, SECOND)),
    }


@pytest.fixture
def learn(laptop: Machine) -> Callable[..., Keyring]:
    """Unlock the tree with these files; what is known before is given first."""

    def work(known: Keyring | None, files: dict[str, bytes]) -> Keyring:
        with standing_on(laptop) as ws, Reader(ws.repo) as reader, Sink(ws.repo) as sink:
            draft = branch.Draft(reader, sink, "")
            for path, data in files.items():
                draft.put(path, sink.add("blob", data))
            root = draft.write()
            sink.finish()
            opener = unlock.Opener(OWN.id, lambda: wrapping.identity(SECRET))
            return unlock.unlock(reader, keys_tree.epochs(reader, root), known, [opener])

    return work


def test_every_epoch_is_unwrapped_and_later_ones_are_added(learn: Callable[..., Keyring]) -> None:
    assert learn(None, good()) == RING
    assert learn(keyring.single(1, FIRST), good()) == RING
    assert learn(RING, {}) == RING


def test_a_key_that_is_not_the_branchs_is_refused_by_name(learn: Callable[..., Keyring]) -> None:
    known, evil = keyring.single(1, FIRST), bytes([9] * 32)
    files = good()
    for change, said in (
        ({f"keys/2/{OWN.id}": wrapping.wrap(held(2, evil), OWN.text)}, "it was substituted"),
        ({"keys/2/proof": b"x" * 65}, "it was substituted"),
        ({"keys/2/proof": wrapping.proof(evil, held(2, SECOND))}, "it was substituted"),
        ({f"keys/2/{OWN.id}": files[f"keys/1/{OWN.id}"]}, "was replaced by that of epoch 1"),
        ({f"keys/2/{OWN.id}": wrapping.wrap(held(2, SECOND, "ab" * 16), OWN.text)}, "another key than the one"),
    ):
        with pytest.raises(KeySubstituted, match=said):
            learn(known, {**files, **change})
    with pytest.raises(KeySubstituted, match="does not fit the branch's fingerprint"):
        learn(None, {f"keys/1/{OWN.id}": wrapping.wrap(held(1, evil), OWN.text)})
    with pytest.raises(BadData, match="holds something else"):
        learn(known, {f"keys/2/{OWN.id}": wrapping.encrypt(b"junk", [OWN.text])})


def test_a_key_that_was_not_given_to_us_is_missing(learn: Callable[..., Keyring]) -> None:
    known, other = keyring.single(1, FIRST), wrapping.public_of(wrapping.generate())
    for files in (
        {f"keys/2/{other.id}": wrapping.wrap(held(2, SECOND), other.text)},
        {f"keys/2/{OWN.id}": wrapping.wrap(held(2, SECOND), other.text)},
        {f"keys/2/{OWN.id}": b"junk"},
        {f"keys/3/{OWN.id}": wrapping.wrap(held(3, SECOND), OWN.text)},
    ):
        with pytest.raises(KeyMissing, match="was not given the key of epoch 2"):
            learn(known, files)
        with pytest.raises(KeyMissing, match="cannot read it yet"):
            learn(None, files)
    for files in ({}, {"keys/01/x": b""}, {"keys/x": b""}, {"keys/9999999999/inbox": b""}):
        with pytest.raises(BadData, match="has no keys"):
            learn(None, files)


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine]:
    """Two machines that read an encrypted branch."""
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    laptop.init("--encrypt")
    desktop.init()
    laptop.ok("key", "approve", "--yes")
    desktop.ok("pull")
    return laptop, desktop


def epoch(machine: Machine) -> int:
    with standing_on(machine) as ws:
        return keys.show(ws).epoch


def test_of_two_machines_that_begin_an_epoch_at_once_the_second_begins_the_next(
    world: World, pair: tuple[Machine, Machine]
) -> None:
    laptop, desktop = pair
    tries = []

    def draft(stage: object, ring: Keyring) -> tuple[keys_send.Change, int]:
        if not tries:
            desktop.ok("key", "rotate")
        tries.append(ring.current)
        made = keys.next_epoch(stage, ring, keys.recovery.make())
        return keys_send.Change("begin another epoch", made), made.current

    with standing_on(laptop) as ws:
        assert keys_send.change(ws, draft, lambda _: None) == 3
    assert tries == [1, 2]
    desktop.session("after that")
    desktop.ok("push")
    laptop.ok("pull")
    assert len(laptop.sessions()) == 1
    assert epoch(laptop) == epoch(desktop) == 3


def test_nothing_has_changed_where_the_remote_does_not_take_it(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    before = laptop.git("rev-parse", "refs/ccsync/al")
    hook = world.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    assert "refused the push" in laptop.ccsync("key", "remove", "desktop", status=128).err
    hook.unlink()
    assert laptop.git("rev-parse", "refs/ccsync/al") == before
    assert epoch(laptop) == 1
    desktop.session("still one of them")
    desktop.ok("push")
    laptop.ok("pull")
    laptop.ok("push")


def test_killed_after_the_remote_took_it_a_machine_learns_what_it_did_itself(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    child = os.fork()
    if not child:  # pragma: no cover
        keyring.save = lambda *_: os._exit(9)  # type: ignore[assignment]
        with standing_on(laptop) as ws:
            keys.remove(ws, "desktop")
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    laptop.session("after that")
    laptop.ok("push")
    assert epoch(laptop) == 2
    assert "it was removed" in desktop.ccsync("pull", status=1).err
    laptop.ok("key", "rotate")  # an epoch later it is out, too
    assert "it was removed" in desktop.ccsync("pull", status=1).err


def test_names_are_not_believed(pair: tuple[Machine, Machine]) -> None:
    """A recipient may call itself what it likes, also by this machine's id: it is known by its key."""
    laptop, _ = pair
    other = wrapping.public_of(wrapping.generate())
    with standing_on(laptop) as ws:

        def draft(stage: object, ring: Keyring) -> tuple[keys_send.Change, None]:
            one = keys_tree.Recipient(other.id, other, "lap\x1b[31mtop\u202e", ws.here.id)
            keys_tree.let_in(stage, ring, one)
            return keys_send.Change("let in 1 more", ring), None

        keys_send.change(ws, draft, lambda _: None)
    with standing_on(laptop) as ws:
        found = {one.id: one for one in keys.show(ws).recipients}
        assert [one.name for one in found.values() if one.here] == ["laptop"]
        assert found[other.id].name == "lap[31mtop"
        with pytest.raises(Refused, match="is this machine"):
            keys.remove(ws, "laptop")
        assert keys.remove(ws, other.id[:6])[1] == 2


@pytest.mark.slow
def test_of_two_machines_that_encrypt_at_once_the_second_asks_the_first(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    hook = world.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    laptop.ccsync("init", "--yes", "--encrypt", "--machine", "laptop", status=128)
    hook.unlink()
    desktop.init("--encrypt")
    assert "asks to be let in" in laptop.init("--encrypt").out
    desktop.ok("key", "approve", "laptop", "--yes")
    laptop.session("here")
    laptop.ok("sync")
    desktop.ok("pull")
    assert len(desktop.sessions()) == 1


def test_a_machine_whose_key_was_lost_is_told_so_and_not_that_it_was_removed(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    (desktop.home / ".local" / "state" / "git-ccsync" / "identity").unlink()
    assert "this machine's own key is none of these" in desktop.ok("key").out
    assert "is none of these" not in laptop.ok("key").out
    laptop.ok("key", "rotate")
    refused = desktop.ccsync("pull", status=1).err
    assert "this machine has another key than the one that was let in" in refused
    assert "removed" not in refused
    assert "another key than the one" in desktop.ccsync("key", status=1).err
    desktop.ok("init")
    laptop.ok("key", "approve", "--yes")
    desktop.ok("pull")
    assert "is none of these" not in desktop.ok("key").out
