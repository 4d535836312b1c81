"""What the picker reads of a session: the last exchange, from either end of its way, and the first prompt, once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from git_ccsync.operations.overview.candidates import candidates
from git_ccsync.operations.overview.glance import Exchange, Glance
from git_ccsync.operations.run.workspace import Workspace
from tests.support.inside import standing_on
from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.transcript import line


def last(ws: Workspace, session: str) -> Exchange:
    glance = Glance(ws)
    try:
        return glance.last(next(one for one in candidates(ws).sessions if one.id == session))
    finally:
        glance.close()


def prompts(ws: Workspace) -> dict[str, str]:
    glance = Glance(ws)
    try:
        return dict(glance.prompts(candidates(ws).sessions))
    finally:
        glance.close()


def say(session: Session, prompt: str, answer: str) -> None:
    text: dict[str, object] = {"type": "text", "text": answer}
    session.write(session.rows.user(prompt) + session.rows.assistant(text))


def test_the_last_exchange_of_a_session_here(laptop: Machine) -> None:
    session = laptop.session("fix bug", lines=3)
    say(session, "and\nnow?", "first part\n\nsecond")
    session.write(session.rows.tool("/x", "output") + session.rows.bookkeeping("title"))
    with standing_on(laptop) as ws:
        assert last(ws, session.id) == Exchange("and now?", "first part\n\nsecond")


def test_an_unanswered_prompt_has_no_answer(laptop: Machine) -> None:
    session = laptop.session("fix bug")
    session.write(session.rows.user("are you there?"))
    with standing_on(laptop) as ws:
        assert last(ws, session.id) == Exchange("are you there?", "")


def test_what_claude_code_wrote_itself_is_no_prompt(laptop: Machine) -> None:
    session = laptop.session("fix bug")
    say(session, "the prompt", "the answer")
    for text in ("<command-name>/model</command-name>", "[Request interrupted by user]", "Caveat: The messages below"):
        session.write(session.rows.user(text))
    session.write(session.rows.user("a meta row", isMeta=True))
    with standing_on(laptop) as ws:
        assert last(ws, session.id) == Exchange("the prompt", "the answer")


@pytest.mark.parametrize("behind", [100_000, 1_000_000, 3_000_000])
def test_it_is_found_far_back(laptop: Machine, behind: int) -> None:
    session = laptop.session("fix bug")
    say(session, "the prompt", "the answer")
    for _ in range(behind // 50_000):
        session.write(session.rows.tool("/x", "y" * 50_000))
    with standing_on(laptop) as ws:
        assert last(ws, session.id) == Exchange("the prompt", "the answer")


def test_of_one_that_is_not_here_with_this_machines_paths(laptop: Machine, desktop: Machine) -> None:
    session = laptop.session("fix bug")
    laptop.ok("push")
    say(session, f"see {laptop.clone}/x", f"it is {session.id}")
    laptop.ok("push")
    desktop.ok("status", "--fetch")
    with standing_on(desktop) as ws:
        assert last(ws, session.id) == Exchange(f"see {desktop.clone}/x", f"it is {session.id}")
        assert prompts(ws) == {session.id: "question 1: why does {{REPO}}/src/main.py fail?"}


def test_bytes_that_are_no_transcript_say_nothing(laptop: Machine) -> None:
    session = laptop.session(
        "x", lines=line({"type": "user", "message": {"role": "user", "content": "hi"}}) + b"\xff\0[1,\n" * 9
    )
    with standing_on(laptop) as ws:
        assert last(ws, session.id) == Exchange("hi", "")


def test_first_prompts_are_read_once(laptop: Machine) -> None:
    one, two = laptop.session("one"), laptop.session("two")
    laptop.ok("push")
    wanted = dict.fromkeys((one.id, two.id), f"question 1: why does {laptop.clone}/src/main.py fail?")
    with standing_on(laptop) as ws:
        assert prompts(ws) == wanted
        for path in Path(ws.claude).rglob("*.jsonl"):
            path.write_bytes(path.read_bytes().replace(b"question 1", b"question 9"))
        assert prompts(ws) == wanted
        (Path(ws.state) / "prompts").unlink()
        assert "question 9" in prompts(ws)[one.id]


def test_what_was_read_is_kept_where_the_reader_left_early(laptop: Machine) -> None:
    laptop.session("one")
    laptop.session("two")
    laptop.ok("push")
    with standing_on(laptop) as ws:
        glance = Glance(ws)
        reading = glance.prompts(candidates(ws).sessions)
        next(reading)
        reading.close()
        glance.close()
        assert (Path(ws.state) / "prompts").exists()


def test_candidates_are_newest_first_and_know_what_is_unfinished(laptop: Machine, desktop: Machine) -> None:
    old, new = laptop.session("old", age=5000), laptop.session("new")
    laptop.ok("push")
    with standing_on(laptop) as ws:
        found = candidates(ws)
        assert [one.id for one in found.sessions] == [new.id, old.id]
        assert found.unfinished == frozenset()
    assert json.loads(laptop.ok("list", "--json").out)["sessions"][0]["id"] == new.id
