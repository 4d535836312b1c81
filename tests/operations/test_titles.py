"""The title in meta is the one that Claude Code shows, however the lines were cut into pushes, and by whomever."""

from __future__ import annotations

import itertools
import json

from tests.support.inside import inside
from tests.support.machine import Machine
from tests.support.session import Session

ID = "3f2a9c1e-0000-4000-8000-000000000000"
FIRST, SECOND = "first prompt", "second prompt"
BETTER = {"last-prompt": "lastPrompt", "summary": "summary", "ai-title": "aiTitle", "custom-title": "customTitle"}


def typed(machine: Machine, text: str) -> bytes:
    row = {"type": "user", "uuid": text, "cwd": str(machine.clone), "sessionId": ID, "version": "2.1.330"}
    return json.dumps(row | {"message": {"role": "user", "content": text}}).encode() + b"\n"


def naming(kind: str, text: str) -> bytes:
    return json.dumps({"type": kind, BETTER[kind]: text, "sessionId": ID}).encode() + b"\n"


def title(machine: Machine) -> str:
    return json.loads(machine.ok("list", "--json").out)["sessions"][0]["title"]


def written(machine: Machine, data: bytes) -> Session:
    return machine.session(lines=data, id=ID)


def test_the_first_prompt_stays_the_title(laptop: Machine) -> None:
    session = written(laptop, typed(laptop, FIRST))
    laptop.ok("push")
    session.write(typed(laptop, SECOND))
    assert title(laptop) == FIRST
    laptop.ok("push")
    assert title(laptop) == FIRST


def test_a_better_title_is_not_replaced_by_a_lesser_one(laptop: Machine) -> None:
    """Each kind of row in its own push, in every order of two: what counts more stays, of equals the last one."""
    order = ["", *BETTER]
    session = written(laptop, typed(laptop, FIRST))
    best, now = "", FIRST
    for number, kind in enumerate([*BETTER, *reversed(BETTER)]):
        inside(laptop, "push")
        session.write(naming(kind, f"{kind} {number}") + typed(laptop, f"prompt {number}"))
        if order.index(kind) >= order.index(best):
            best, now = kind, f"{kind} {number}"
        assert title(laptop) == now
    inside(laptop, "push")
    assert title(laptop) == now


def test_another_machine_that_goes_on_gives_the_same_title(laptop: Machine, desktop: Machine) -> None:
    """A session for each pair of namings, one here and one there: they know nothing of each other."""
    order = ["", *BETTER]
    pairs = {f"{ID[:-4]}{number:04}": pair for number, pair in enumerate(itertools.product(order, repeat=2))}

    def rows(machine: Machine, name: str, text: str, turn: int) -> bytes:
        kind = pairs[name][turn]
        return (typed(machine, text) + (naming(kind, f"{kind} {turn}") if kind else b"")).replace(
            ID.encode(), name.encode()
        )

    for name in pairs:
        laptop.session(lines=rows(laptop, name, FIRST, 0), id=name)
    inside(laptop, "push")
    inside(desktop, "pull")
    for name in pairs:
        desktop.here(name).write(rows(desktop, name, SECOND, 1))
    inside(desktop, "push")
    told = {one["id"]: one["title"] for one in json.loads(desktop.ok("list", "--json").out)["sessions"]}
    for name, (before, after) in pairs.items():
        best = after if order.index(after) >= order.index(before) else before
        assert told.pop(name) == (f"{best} {int(best == after)}" if best else FIRST), (before, after)
    assert not told


def test_a_title_that_was_taken_back_leaves_the_one_before_it(laptop: Machine) -> None:
    session = written(laptop, typed(laptop, FIRST) + naming("ai-title", "made by itself"))
    laptop.ok("push")
    session.write(naming("custom-title", "given"))
    laptop.ok("push")
    assert title(laptop) == "given"
    session.write(naming("custom-title", "") + typed(laptop, SECOND))
    laptop.ok("push")
    assert title(laptop) == "made by itself"
