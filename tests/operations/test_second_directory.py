"""Two Claude directories on one machine (CLAUDE_CONFIG_DIR): each gets the sessions, and has a memory of its own."""

from __future__ import annotations

from pathlib import Path

from tests.operations.stories import in_step
from tests.support.machine import Machine


def transcripts(claude: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in claude.glob("projects/*/*.jsonl")}


def test_a_second_directory_gets_what_the_first_one_has(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    second = desktop.home / "second"
    elsewhere = {"CLAUDE_CONFIG_DIR": str(second)}
    assert "1 new" in desktop.ok("pull", **elsewhere).out
    assert transcripts(second) == desktop.sessions()
    assert desktop.ok("pull", **elsewhere).out == "Already up to date.\n"
    assert "in step" in desktop.ok("status", **elsewhere).out
    laptop.append(session)
    laptop.ok("push")
    desktop.ok("pull")
    assert "1 updated" in desktop.ok("pull", **elsewhere).out
    assert transcripts(second) == desktop.sessions()
    assert desktop.ok("push").out == desktop.ok("push", **elsewhere).out == "Everything up-to-date\n"


def test_removed_in_one_directory_is_not_removed_in_the_other(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    elsewhere = {"CLAUDE_CONFIG_DIR": str(desktop.home / "second")}
    desktop.ok("pull", **elsewhere)
    desktop.path(session.id).unlink()
    assert desktop.ok("pull").out == "Already up to date.\n"
    assert "removed" in desktop.ok("list").out
    assert "removed" not in desktop.ok("list", **elsewhere).out


def test_restore_brings_a_session_into_the_second_directory(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    second = desktop.home / "second"
    desktop.ok("restore", session.id[:8], CLAUDE_CONFIG_DIR=str(second))
    assert transcripts(second) == desktop.sessions()


def test_the_default_directory_has_no_second_memory(laptop: Machine, desktop: Machine) -> None:
    session = in_step(laptop, desktop)
    desktop.path(session.id).unlink()
    named = desktop.ok("pull", CLAUDE_CONFIG_DIR=str(desktop.claude))
    assert named.out == "Already up to date.\n"
    assert not desktop.sessions()
