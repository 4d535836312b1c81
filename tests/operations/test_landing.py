"""What does not get to the disk: no ref names it, the reason is told as it is, and the next run makes it anew."""

from __future__ import annotations

from pathlib import Path

from tests.support.world import World


def block(objects: Path) -> list[Path]:
    """Let no new directory come to be among the loose objects."""
    blocked = [objects / f"{number:02x}" for number in range(256)]
    blocked = [path for path in blocked if not path.exists()]
    for path in blocked:
        path.touch()
    return blocked


def test_a_push_that_cannot_write_tells_why_and_moves_nothing(world: World) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    laptop.ok("push")
    laptop.append(session)
    notes = session.path.parent / "memory" / "MEMORY.md"
    notes.parent.mkdir()
    notes.write_text("- likes tea\n")
    refs = laptop.git("for-each-ref")
    blocked = block(laptop.clone / ".git" / "objects")
    refused = laptop.ccsync("push")
    assert refused.status == 128
    assert refused.err.startswith("fatal: cannot write objects to "), refused
    assert laptop.git("for-each-ref") == refs
    assert laptop.ok("undo", "-n").out.startswith("would undo: push ")
    for path in blocked:
        path.unlink()
    laptop.ok("push")
    desktop.ok("pull")
    assert len(desktop.transcript(session.id).splitlines()) == len(session.read().splitlines())
    (arrived,) = desktop.claude.glob("projects/*/memory/MEMORY.md")
    assert arrived.read_text() == "- likes tea\n"


def test_a_pull_that_could_not_install_does_not_say_that_there_was_nothing(world: World) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    laptop.ok("push")
    desktop.ok("pull")
    laptop.append(session)
    laptop.ok("push")
    path = desktop.path(session.id)
    path.unlink()
    path.mkdir()
    failed = desktop.ccsync("pull")
    assert (failed.status, "nothing to install" in failed.out) == (1, False), failed
