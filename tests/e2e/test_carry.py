"""A session that Claude Code made on one machine goes on in the Claude Code of another, and back."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.stories import Desk, assert_at_home
from tests.support.anthropic import Api, Redacted, Text, Thinking, Tool


def work(api: Api, clone: Path, home: Path) -> None:
    """Let the model think, call tools and speak, with this machine's paths in all of it."""
    api.on(
        "look at it",
        [Thinking(f"they keep it in {clone}/src"), Text("let me see"), Tool("Bash", command=f"pwd; ls {home}")],
        [Redacted(f"at {home}"), Tool("Write", file_path=f"{clone}/a.txt", content=f"see {clone}/main.py\n")],
        [Thinking(f"it is in {clone}/a.txt now"), Text(f"I wrote {clone}/a.txt")],
    )


def test_a_session_goes_on_elsewhere(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), (desktop, theirs) = desks
    work(api, laptop.clone, laptop.home)
    session = ours.ask("look at it, please").session
    assert (laptop.clone / "a.txt").read_text() == f"see {laptop.clone}/main.py\n"
    laptop.ok("push")
    desktop.ok("pull")

    assert theirs.ask("and now?", resume=session).session == session
    request = api.only("and now?")
    assert_at_home(request, desktop, not_at=laptop)
    assert request.said == ["look at it, please", "let me see", f"I wrote {desktop.clone}/a.txt", "and now?"]
    thoughts = [text for speaker, text in request.turns if speaker in ("thinking", "redacted")]
    assert thoughts == [
        f"they keep it in {laptop.clone}/src",
        f"at {laptop.home}",
        f"it is in {laptop.clone}/a.txt now",
    ]
    tools = [text for speaker, text in request.turns if speaker in ("tool", "result")]
    assert tools[0] == f'Bash {{"command": "pwd; ls {desktop.home}"}}'
    assert tools[1].startswith(str(desktop.clone))
    assert tools[2] == f'Write {{"file_path": "{desktop.clone}/a.txt", "content": "see {desktop.clone}/main.py\\n"}}'
    assert f"{desktop.clone}/a.txt" in tools[3]

    assert theirs.ask("go on", last=True).session == session
    assert api.only("go on").said == [*request.said, "answer to: and now?", "go on"]


def test_what_was_said_there_comes_back(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), (desktop, theirs) = desks
    session = ours.ask("first, here").session
    laptop.ok("push")
    desktop.ok("pull")
    api.on("second", [Thinking(f"now in {desktop.clone}"), Tool("Bash", command=f"ls {desktop.clone}")], [Text("seen")])
    theirs.ask("second, there", resume=session)
    desktop.ok("push")
    laptop.ok("pull")

    ours.ask("third, here", resume=session)
    request = api.only("third")
    assert_at_home(request, laptop, not_at=desktop)
    assert request.said == ["first, here", "answer to: first, here", "second, there", "seen", "third, here"]
    assert ("thinking", f"now in {desktop.clone}") in request.turns
    assert ours.ask("fourth, here", last=True).session == session
    assert api.only("fourth").said == [*request.said, "answer to: third, here", "fourth, here"]


def test_the_picker_offers_what_was_pulled(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), (desktop, theirs) = desks
    with ours.typed() as window:
        window.say("all about shoes")
        session = window.session
        window.leave()
    with ours.typed() as window:
        window.say("all about hats")
        window.leave()
    laptop.ok("push")
    desktop.ok("pull")

    with theirs.picker() as window:
        window.until(lambda: window.shows("all about shoes"), "the older session is not offered")
        assert window.shows("❯ all about hats"), "the newest session stands first"
        window.type("\x1b[B\r")
        window.ready()
        request = window.say("and boots?")
        window.leave()
    assert request.session == session
    assert request.said == ["all about shoes", "answer to: all about shoes", "and boots?"]
    assert_at_home(request, desktop, not_at=laptop)


def test_the_api_would_notice_a_changed_thought(desks: tuple[Desk, Desk], api: Api) -> None:
    (laptop, ours), _ = desks
    work(api, laptop.clone, laptop.home)
    session = ours.ask("look at it, please").session
    path = laptop.path(session)
    path.write_bytes(path.read_bytes().replace(f"it is in {laptop.clone}".encode(), b"it is in /srv/app"))
    ours.ask("and now?", resume=session)
    first, second = api.asked("and now?")
    assert "cannot be modified" in first.complaint
    # This is how today's Claude Code saves itself: without any of its thoughts.
    assert second.said == first.said
    assert not any(speaker in ("thinking", "redacted") for speaker, _ in second.turns)
