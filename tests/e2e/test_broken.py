"""What `verify` says of sessions that Claude Code made, that it goes on with mended copies, and with adopted sessions."""

from __future__ import annotations

import json

from tests.e2e.stories import Desk
from tests.support.anthropic import Api, Text, Thinking, Tool


def work(desk: Desk, api: Api) -> str:
    """A session with thoughts, calls of tools, and several turns; its id."""
    clone = desk.machine.clone
    api.on(
        "look at it",
        [Thinking(f"they keep it in {clone}/src"), Text("let me see"), Tool("Bash", command="pwd")],
        [Thinking("so that is it"), Tool("Write", file_path=f"{clone}/a.txt", content="see\n")],
        [Text("I wrote it")],
    )
    session = desk.claude.ask("look at it, please").session
    desk.claude.ask("and then?", resume=session)
    return session


def faults(desk: Desk) -> list[tuple[str, str]]:
    done = desk.machine.ccsync("verify", "--json")
    return [(one["name"], one["found"]) for one in json.loads(done.out)["faults"]]


def test_a_mended_copy_goes_on(desks: tuple[Desk, Desk], api: Api) -> None:
    laptop, desktop = desks
    session = work(laptop, api)
    laptop.machine.ok("push")
    desktop.machine.ok("pull")
    assert (faults(laptop), faults(desktop)) == ([], [])

    path = laptop.machine.path(session)
    rows = path.read_bytes().splitlines(keepends=True)
    thought = next(at for at, row in enumerate(rows) if b"they keep it" in row and b'"signature"' in row)
    rows[thought] = rows[thought].replace(b"they keep it", b"they lost it")
    orphan = next(at for at, row in enumerate(rows) if b'"and then?"' in row and b'"parentUuid":"' in row)
    parent = json.loads(rows[orphan])["parentUuid"].encode()
    rows[orphan] = rows[orphan].replace(parent, b"00000000-dead-4000-8000-000000000000")
    path.write_bytes(b"".join([*rows[:2], b'{"type":"us\n', *rows[2:]]))
    assert {name for name, _ in faults(laptop)} == {"torn-row", "broken-chain", "broken-signature"}

    laptop.machine.ccsync("verify", "--repair")
    (copy,) = laptop.machine.sessions().keys() - {session}
    laptop.machine.ok("push")
    desktop.machine.ok("pull")
    for desk, prompt in ((laptop, "here"), (desktop, "there")):
        assert desk.claude.ask(f"go on {prompt}", resume=copy).session == copy
        request = api.only(f"go on {prompt}")
        assert request.said[:4] == ["look at it, please", "let me see", "I wrote it", "and then?"]
        assert [text for speaker, text in request.turns if speaker == "thinking"] == ["so that is it"]
        assert [speaker for speaker, _ in request.turns].count("result") == 2


def test_a_moved_repository_goes_on(desks: tuple[Desk, Desk], api: Api) -> None:
    laptop, _ = desks
    machine = laptop.machine
    session = work(laptop, api)
    machine.ok("push")
    old = machine.clone
    machine.clone = old.rename(old.with_name("moved"))
    laptop.claude.trust(machine.clone)
    machine.ok("adopt", str(old))
    assert faults(laptop) == []
    assert laptop.claude.ask("still there?", last=True).session == session
    request = api.only("still there?")
    assert request.said[:4] == ["look at it, please", "let me see", "I wrote it", "and then?"]
    assert f"{machine.clone}/a.txt" in json.dumps(request.body)
    machine.ok("push")
    assert faults(laptop) == []
