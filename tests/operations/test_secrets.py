"""secrets: what would be left out, what was, and letting a value through; never a value itself."""

from __future__ import annotations

import json
import re

import pytest

from tests.acceptance.test_secrets import Secrets, talk
from tests.support import unpack
from tests.support.machine import ROOT, Machine
from tests.support.session import Session
from tests.support.world import World


@pytest.fixture
def secrets() -> Secrets:
    return Secrets()


@pytest.fixture
def laptop(world: World) -> Machine:
    (made,) = world.initialised("laptop")
    made.session("other")
    return made


def scan(machine: Machine, *args: str) -> list[dict[str, object]]:
    done = machine.ok("secrets", "scan", "--json", *args)
    found: list[dict[str, object]] = json.loads(done.out)["secrets"]
    return found


def told(machine: Machine, *args: str) -> list[tuple[object, ...]]:
    """(kind, length, times, file, line, fate) of each."""
    return [
        tuple(one[key] for key in ("kind", "length", "times", "file", "line", "fate")) for one in scan(machine, *args)
    ]


def full(laptop: Machine, secrets: Secrets) -> Session:
    """A session with a token twice, the same and a key in a side file, and a token in a signed block."""
    session = laptop.session("fix bug", lines=1)
    token = secrets.token()
    talk(laptop, session, f"{token} and {token}")
    session.tool_result("b1", f"x\n{token}\n{secrets.key()}".encode())
    session.write(session.rows.signed(secrets.token()))
    return session


def test_scan_tells_what_would_become_of_each(laptop: Machine, secrets: Secrets) -> None:
    session = full(laptop, secrets)
    side = "tool-results/b1.txt"
    assert told(laptop) == [
        ("github-token", 40, 2, "", 7, "redacted"),
        ("github-token", 40, 1, "", 10, "blocked"),
        ("github-token", 40, 1, side, 2, "redacted"),
        ("private-key", 443, 1, side, 3, "redacted"),
    ]
    laptop.git("config", "ccsync.secrets", "warn")
    assert {one[-1] for one in told(laptop)} == {"sent"}
    laptop.git("config", "ccsync.secrets", "block")
    assert {one[-1] for one in told(laptop, session.id[:8])} == {"blocked"}


def test_a_value_that_is_allowed_goes_as_it_is(laptop: Machine, secrets: Secrets, world: World) -> None:
    session = full(laptop, secrets)
    laptop.ccsync("push", status=1)
    (tag,) = {str(one["tag"]) for one in scan(laptop) if one["fate"] == "blocked"}
    assert laptop.ok("secrets", "allow", tag).out == ""
    assert laptop.ok("secrets", "allow").out == f"{tag}\n"
    laptop.ok("push")
    assert secrets.made[-1] in world.stored(session.id)
    assert secrets.made[0] not in world.stored(session.id)
    assert scan(laptop) == []
    assert [one[-1] for one in told(laptop, "--all-lines")] == ["redacted", "allowed", "redacted", "redacted"]
    laptop.ok("secrets", "allow", "--remove", tag)
    assert laptop.ok("secrets", "allow").out == ""
    talk(laptop, session, secrets.made[-1].decode())
    assert laptop.ok("push").out.endswith("redacted 1 value in 1 session\n")


def test_list_tells_what_was_redacted_on_every_machine(laptop: Machine, secrets: Secrets, world: World) -> None:
    session = laptop.session("fix bug", lines=1)
    token = secrets.token()
    talk(laptop, session, f"{token} and {token}; {{{{SECRET:password.12.00000000.0000}}}} is no marker here")
    laptop.ok("push")
    desktop = world.machine("desktop")
    desktop.init()
    desktop.ok("pull")
    (ours,) = json.loads(laptop.ok("secrets", "--json").out)["secrets"]
    (theirs,) = json.loads(desktop.ok("secrets", "list", "--json").out)["secrets"]
    assert {key: ours[key] for key in ("kind", "length", "times", "sessions", "ours", "allowed")} == {
        "kind": "github-token", "length": 40, "times": 2, "sessions": [session.id], "ours": True, "allowed": False,
    }  # fmt: skip
    assert theirs == ours | {"ours": False}
    assert laptop.ok("secrets").out == f"{ours['tag']}  github-token  40 bytes  2 times  {session.id[:8]}\n"
    assert desktop.ok("secrets").out.endswith(f"  {session.id[:8]}  elsewhere\n")


def test_no_value_is_ever_printed(laptop: Machine, secrets: Secrets) -> None:
    full(laptop, secrets)
    said = [laptop.ccsync("secrets", *words) for words in (["scan"], ["scan", "--json"], ["list"])]
    said += [laptop.ccsync("push", "-v", status=1), laptop.ccsync("push", "-v", GIT_TRACE_CCSYNC="1", status=1)]
    text = "".join(one.out + one.err for one in said).encode()
    assert not [one for one in secrets.pieces() if one in text]


@pytest.mark.parametrize("word", ["zz", "814E899C", "814e899", "814e899cc", "../../../x"])
def test_what_is_no_tag_is_refused(laptop: Machine, word: str) -> None:
    done = laptop.ccsync("secrets", "allow", word, status=129)
    assert done.err.startswith(f"error: '{word}' is no tag\n")


def test_before_init_it_says_so(world: World) -> None:
    machine = world.machine("laptop")
    for words in (["scan"], ["list"], ["allow", "814e899c"]):
        assert "init" in machine.ccsync("secrets", *words, status=1).err


def test_whoever_stores_text_is_known_here() -> None:
    """What becomes a blob goes through `Codec.portable`. Who does without, or writes a blob, is looked at by a person first."""
    sources = {str(path.relative_to(ROOT / "git_ccsync")): path.read_text() for path in ROOT.glob("git_ccsync/**/*.py")}
    without = {name for name, text in sources.items() if re.search(r"\.unredacted\b|\.translated\(", text)}
    assert without == {
        "portable/text.py", "portable/marked.py",  # the codec itself; rows that are searched
        "operations/exchange/follow.py", "operations/installing/change.py", "operations/importing.py",  # comparing; files of this machine
        "operations/adopt.py", "operations/arriving/adopt_memory.py",  # from one directory of this machine to another
        "operations/companions/memory_text.py",  # what `Codec.redacted` gave, line by line
    }  # fmt: skip
    stores = {name for name, text in sources.items() if re.search(r"""\badd\(\s*["']blob["']""", text)}
    assert stores == {
        "operations/capturing/capture_file.py", "operations/capturing/sides.py", "operations/handoff.py",  # text of this disk
        "operations/companions/memory.py", "operations/globals.py", "operations/companions/history.py",  # by memory_text, and rows of this disk
        "operations/exchange/replay.py", "operations/exchange/copies.py", "operations/rename.py",  # stored text once more, stored titles
        "operations/verifying/repair.py", "operations/rm.py", "operations/arriving/taking.py",  # the same; tombstones; stored text of others
        "operations/purging/purge_secrets.py", "operations/purging/purged.py",  # stored text with less in it; marks
        "operations/run/stage.py", "operations/presence/leases.py", "operations/placeholder.py",  # no text of sessions
        "operations/exchange/entries.py",  # the same: a machine's file, of which each side changed something
        "operations/run/own_file.py", "operations/sealed/enrol.py", "operations/sealed/keys_tree.py",  # the same: machines and keys
        "operations/sealed/keys_rewrite.py", "store/sealed.py",  # what is stored, sealed anew
    }  # fmt: skip


def test_a_name_that_is_a_secret_is_not_sent_and_scan_says_so(laptop: Machine, secrets: Secrets, world: World) -> None:
    session = laptop.session("fix bug")
    session.tool_result(secrets.token(), b"fine")
    session.tool_result("good", b"fine")
    inside = laptop.session("elsewhere", cwd=laptop.clone / secrets.token())
    assert [(one[0], *one[3:]) for one in told(laptop) if one[4] == 0] == [
        ("github-token", "tool-results/….txt", 0, "blocked"), ("github-token", "", 0, "blocked"),
    ]  # fmt: skip
    assert f"{session.id[:8]}:tool-results/….txt:name " in laptop.ok("secrets", "scan").out
    done = laptop.ccsync("push", status=1)
    assert "holds a secret in its name: github-token " in done.err
    assert "holds a secret in the name of its directory: github-token " in done.err
    assert unpack.search(world.remote, secrets.made) == []
    assert "tool-results%2Fgood.txt" in {path.rsplit("/", 3)[1] for path in world.branch() if "/files/" in path}
    assert not [path for path in world.branch() if inside.id in path]
    laptop.ok("secrets", "allow", *{str(one["tag"]) for one in scan(laptop) if one["fate"] == "blocked"})
    laptop.ok("push")
    assert [path for path in world.branch() if inside.id in path]


def test_bytes_that_were_let_through_elsewhere_hinder_nobody(laptop: Machine, secrets: Secrets, world: World) -> None:
    session = laptop.session("fix bug")
    session.tool_result("b1", f"\0 {secrets.token()}\n".encode("utf-16"))
    (blocked,) = scan(laptop)
    assert (blocked["file"], blocked["fate"]) == ("tool-results/b1.txt", "blocked")
    laptop.ok("secrets", "allow", str(blocked["tag"]))
    laptop.ok("push")
    desktop = world.machine("desktop")
    desktop.init()
    desktop.ok("pull")
    talk(desktop, session, "go on")
    done = desktop.ok("push")
    assert "redacted" not in done.out
    assert "ahead" not in desktop.ok("list").out


def test_a_title_is_no_second_place_of_what_was_said(laptop: Machine, secrets: Secrets) -> None:
    session = laptop.session(f"use {secrets.token()}", lines=1)
    laptop.ok("push")
    (one,) = json.loads(laptop.ok("secrets", "--json").out)["secrets"]
    where = [row for row in session.path.read_bytes().splitlines() if secrets.made[0] in row]
    assert one["times"] == sum(row.count(secrets.made[0]) for row in where)
