"""Subagents' transcripts and large tool results, as Claude Code really makes them: there, and readable, elsewhere."""

from __future__ import annotations

import os
import re

from tests.e2e.stories import Desk, traces
from tests.support.anthropic import Api, Text, Tool


def test_a_large_result_can_be_read_elsewhere(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), (desktop, theirs) = desks
    api.on("much", [Tool("Bash", command=f"seq -f 'line %g of {laptop.clone}' 1 5000")], [Text("much indeed")])
    session = ours.ask("say much").session
    laptop.ok("push")
    desktop.ok("pull")

    theirs.ask("what was it", resume=session)
    request = api.only("what was it")
    assert traces(request, laptop) == []
    kept = re.search(r"saved to: (.*\.txt)", request.text.replace("\\n", "\n"))
    assert kept, request.turns
    api.on("read it", [Tool("Read", file_path=kept[1], offset=4000, limit=2)], [Text("read")])
    theirs.ask("read it", resume=session)
    results = [text for speaker, text in api.only("read it").turns if speaker == "result"]
    assert f"line 4000 of {desktop.clone}" in results[-1]


def test_a_subagent_travels_with_its_session(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), (desktop, theirs) = desks
    task = f"count the files of {laptop.clone}"
    agent = Tool("Agent", description="count", prompt=task, subagent_type="general-purpose", run_in_background=False)
    api.on("delegate", [agent], [Text("it is done")])
    api.on("count the files", [Tool("Bash", command=f"ls {laptop.clone}")], [Text(f"none in {laptop.clone}")])
    session = ours.ask("delegate it").session
    laptop.ok("push")
    desktop.ok("pull")

    there = sorted((desktop.path(session).with_suffix("") / "subagents").iterdir())
    assert [path.name[:6] + path.suffixes[-1] for path in there] == ["agent-.jsonl", "agent-.json"]
    data = there[0].read_bytes()
    assert str(desktop.clone).encode() in data
    assert str(laptop.clone).encode() not in data
    theirs.ask("go on", resume=session)
    request = api.only("go on")
    assert request.said[-2:] == ["it is done", "go on"]
    assert f"none in {desktop.clone}" in request.text
    # A subagent's temporary output, which is on no other machine, is kept in a directory named after the project's.
    assert all(f"/claude-{os.getuid()}/»-" in place for place in traces(request, laptop)), traces(request, laptop)
