"""A server that follows no rules: endless packs, deltas that unfold to gigabytes, chatter, silence, refs without an end. Told
in a sentence, within bounds of memory and time, and nothing of it stays.
"""

from __future__ import annotations

import itertools
import os
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.attacker import Attacker, limited
from tests.support.evil_server import (
    ABILITIES,
    REF,
    TIP,
    EvilServer,
    advertisement,
    answer,
    delta_bomb,
    entry,
    heading,
    line,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.support.machine import Machine
    from tests.support.world import World


@pytest.fixture
def desktop(world: World) -> Machine:
    laptop, desktop = world.initialised("laptop", "desktop")
    laptop.session("good")
    laptop.ok("push")
    desktop.ok("pull")
    desktop.git("config", "ccsync.stallLimit", "3")
    return desktop


def serve(world: World, desktop: Machine, pack: Iterable[bytes], refs: Iterable[bytes] = ()) -> None:
    """Put a server of these answers in the place of the remote."""
    server = EvilServer(refs or list(advertisement()), pack)
    world.stops(server)
    desktop.git("remote", "set-url", "origin", server.url)


def rubbish(desktop: Machine) -> list[str]:
    """What a fetch that was ended left in the repository: temporary packs and objects."""
    return [str(path) for path in (desktop.clone / ".git/objects").rglob("tmp_*")]


def endless() -> Iterable[bytes]:
    """Objects without an end, none of which compresses."""
    return itertools.chain([heading(1 << 16)], (entry(3, 1 << 20, os.urandom(1 << 20)) for _ in itertools.count()))


def swollen() -> Iterable[bytes]:
    """One object without an end, of a pack that git would unpack at once."""
    return itertools.chain([heading(2), b"\xb0\xff\xff\xff\xff\xff\x7f\x78\x01"], _stored())


def _stored() -> Iterable[bytes]:
    """A zlib stream of stored blocks: as large as what it holds."""
    while True:
        yield b"\x00\xff\xff\x00\x00" + os.urandom(0xFFFF)


def test_a_delta_that_unfolds_to_gigabytes_is_refused(world: World, desktop: Machine) -> None:
    serve(world, desktop, list(answer([delta_bomb(20)])))
    pulled = desktop.ccsync("pull")  # without a limit from outside: git itself must not try
    assert pulled.status == 128
    assert "sends more than it may; nothing of it is used" in pulled.err
    assert desktop.ok("list").out


def countless() -> Iterable[bytes]:
    """A list of objects that fits no memory."""
    return [heading(1 << 31), entry(3, 1, b"x")]


@pytest.mark.parametrize(
    "pack", [endless, *(pytest.param(one, marks=pytest.mark.slow) for one in (swollen, countless))]
)
def test_a_pack_without_an_end_is_cut_off(world: World, desktop: Machine, pack) -> None:
    desktop.git("config", "ccsync.maxFetch", "8m")
    serve(world, desktop, answer(pack()))
    began = time.monotonic()
    pulled = limited(desktop, "pull")
    assert pulled.status == 128
    assert "sends more than it may; nothing of it is used" in pulled.err
    assert "git config ccsync.maxFetch" in pulled.err
    assert time.monotonic() - began < 30
    assert sum(os.path.getsize(path) for path in rubbish(desktop)) <= 32 << 20


def wait() -> Iterable[bytes]:
    time.sleep(8)
    yield b""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("pack", "reason"),
    [
        (
            lambda: answer(itertools.repeat(b"remote\x1b]0;owned\x07 \xe2\x80\xae says\n" * 500), 2),
            "chatters without an end",
        ),
        (wait, "nothing heard for 3 seconds"),
        (lambda: itertools.chain(answer([heading(5)]), wait()), "nothing heard for 3 seconds"),
        (lambda: iter([b"0000"]), "cannot fetch from"),
        (lambda: iter([b"ffff" + b"x" * 100]), "cannot fetch from"),
        (lambda: answer([heading(1 << 31)]), "cannot fetch from"),
    ],
)
def test_no_answer_is_waited_for_without_an_end(world: World, desktop: Machine, pack, reason: str) -> None:
    serve(world, desktop, pack())
    pulled = limited(desktop, "pull")
    assert pulled.status == 128
    assert reason in pulled.err or "sends more than it may" in pulled.err
    assert not set("\x1b\x07\u202e") & set(pulled.err + pulled.out)


@pytest.mark.slow
def test_refs_without_an_end_fill_no_memory(world: World, desktop: Machine) -> None:
    names = (b"%040x refs/ccsync/%s" % (number, b"x" * 60000) for number in itertools.count(1))
    serve(world, desktop, [], advertisement(names))
    pulled = limited(desktop, "pull")
    assert pulled.status == 128
    assert "'http://127.0.0.1:" in pulled.err


def test_names_of_refs_are_not_shown_unless_they_are_plain(world: World, desktop: Machine) -> None:
    evil = (b"\x1b]0;owned\x07", "\u202eevil".encode(), b"A" * 30_000, b"-u", b"a" * 30_000)
    names = [TIP + b" refs/ccsync/" + name for name in (*evil, b"bob")]
    serve(world, desktop, [], list(advertisement([TIP + b" " + REF, *names])))
    for words in (["init", "--branch", "new"], ["pull", "--all"], ["status", "--fetch"]):
        told = limited(desktop, *words)
        assert "owned" not in told.out + told.err
        assert len(told.out + told.err) < 10_000


def test_what_the_server_says_cannot_write_on_the_terminal(world: World, desktop: Machine) -> None:
    said = b"ERR \x1b]0;owned\x07\x1b[31m \xe2\x80\xaeevil \xc2\x9b31m https://al:secret@h.org/ " + b":" * 50_000
    serve(world, desktop, [], [line(b"# service=git-upload-pack\n") + b"0000", line(said)])
    pulled = limited(desktop, "pull")
    assert pulled.status == 128
    assert not set("\x1b\x07\u202e\x9b") & set(pulled.err)
    assert "secret" not in pulled.err
    assert ABILITIES.decode() not in pulled.err


ODD_COMMITS = (
    "M <m@x> 1700000000 +0000\nauthor N <n@x> 1 +0000",  # two authors
    "M m@x 1700000000 +0000",  # no address
    "M <m@x> 99999999999999999999 +0000",
)


@pytest.mark.parametrize(
    "who", [ODD_COMMITS[0], *(pytest.param(one, marks=pytest.mark.slow) for one in ODD_COMMITS[1:])]
)
def test_an_object_that_git_refuses_stops_no_pull(world: World, desktop: Machine, who: str) -> None:
    """Anybody who may push can add such a commit, and nobody can take it away."""
    evil = Attacker(world)
    laptop = world.machines["laptop"]
    evil.move(evil.commit(evil.git("rev-parse", "refs/ccsync/al^{tree}"), who=who))
    world.environment |= {"GIT_DIR": str(world.remote)}
    pulled = limited(desktop, "pull")
    assert pulled.status == 0, pulled
    assert "it was brought all the same" in pulled.err
    new = desktop.session("after it")
    desktop.ok("push")
    laptop.session("here")
    laptop.ok("sync")
    assert new.id in laptop.sessions()
    assert limited(desktop, "verify").status == 0
    assert limited(desktop, "log").status == 0
