"""Both machines' Claude Code continue one session without knowing of each other: two sessions, and both go on."""

from __future__ import annotations

from tests.e2e.stories import Desk, assert_at_home, sync_twice
from tests.support.anthropic import Api, Text, Thinking


def test_original_and_copy_both_resume(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), (desktop, theirs) = desks
    api.on("the beginning", [Thinking(f"in {laptop.clone}"), Text(f"it is {laptop.clone}")])
    session = ours.ask("the beginning").session
    laptop.ok("push")
    desktop.ok("pull")
    api.on("on the laptop", [Thinking(f"still in {laptop.clone}"), Text("laptop it is")])
    ours.ask("on the laptop", resume=session)
    theirs.ask("on the desktop", resume=session)
    sync_twice(*desks)

    (copy,) = laptop.sessions().keys() - {session}
    assert laptop.sessions().keys() == desktop.sessions().keys()
    for (machine, claude), other in ((desks[0], desktop), (desks[1], laptop)):
        begun = ["the beginning", f"it is {machine.clone}"]
        prompt = f"original, {machine.name}"
        assert claude.ask(prompt, resume=session).session == session
        request = api.only(prompt)
        assert request.said == [*begun, "on the laptop", "laptop it is", prompt]
        assert_at_home(request, machine, not_at=other)
        prompt = f"copy, {machine.name}"
        assert claude.ask(prompt, resume=copy).session == copy
        request = api.only(prompt)
        assert request.said == [*begun, "on the desktop", "answer to: on the desktop", prompt]
        assert request.session == copy
        assert_at_home(request, machine, not_at=other)
