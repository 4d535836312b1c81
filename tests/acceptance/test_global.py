"""CLAUDE.md and plans on the home branch: sent by themselves, never written unasked."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.support.machine import Machine, Result
from tests.support.world import World


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine]:
    """Two machines that carry their global files in one private place."""
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    for machine in (laptop, desktop):
        machine.ok("init", "--home", "--yes", "--machine", machine.name, "--remote", str(world.directory / "private"))
        machine.ok("global", "on", cwd=machine.home)
    return laptop, desktop


def write(machine: Machine, text: str, name: str = "CLAUDE.md") -> Path:
    """A file in the Claude directory."""
    path = machine.claude / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def push(machine: Machine) -> Result:
    return machine.ok("push", "--home")


def pull(machine: Machine) -> Result:
    return machine.ok("pull", "--home")


def own(machine: Machine, *words: str) -> str:
    return machine.ok("global", *words, cwd=machine.home).out


def waiting(machine: Machine) -> dict[str, str]:
    found = json.loads(own(machine, "--json"))
    return {one["name"]: one["what"] for one in found["waiting"]}


@pytest.mark.slow
def test_what_others_changed_is_shown_and_written_when_its_owner_says_so(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    mine = write(laptop, f"be brief\nnotes lie in {laptop.home}/notes\n")
    write(laptop, "# Plan\n", "plans/otter.md")
    push(laptop)
    said = pull(desktop)
    assert "CLAUDE.md was made on laptop; 'git ccsync global' shows and takes it" in said.err
    assert not (desktop.claude / "CLAUDE.md").exists()
    assert waiting(desktop) == {"CLAUDE.md": "was made on laptop", "plans/otter.md": "was made on laptop"}
    assert "CLAUDE.md was made on laptop; 'git ccsync global'" in desktop.ok("status", "--home").out
    assert f"+notes lie in {desktop.home}/notes" in own(desktop, "diff")
    own(desktop, "apply")
    theirs = desktop.claude / "CLAUDE.md"
    assert theirs.read_text() == f"be brief\nnotes lie in {desktop.home}/notes\n"
    assert (desktop.claude / "plans" / "otter.md").read_text() == "# Plan\n"
    assert waiting(desktop) == {}
    assert push(desktop).out == "Everything up-to-date\n"

    theirs.write_text(theirs.read_text() + "no emoji\n")
    push(desktop)
    before = mine.read_text()
    assert "CLAUDE.md was changed on desktop" in pull(laptop).err
    assert mine.read_text() == before
    assert push(laptop).out == "Everything up-to-date\n"
    write(laptop, "# Next\n", "plans/next.md")
    push(laptop)  # what was not taken is not reverted
    pull(desktop)
    assert waiting(desktop) == {"plans/next.md": "was made on laptop"}
    assert "+no emoji" in own(laptop, "diff", "CLAUDE.md")
    said = own(laptop, "apply", "CLAUDE.md")
    assert mine.read_text() == before + "no emoji\n"
    kept = said.split("kept as ")[1].strip().replace("~", str(laptop.home))
    assert Path(kept).read_text() == before
    assert "undone: global apply" in laptop.ok("undo", "--home").out
    assert mine.read_text() == before
    assert waiting(laptop) == {"CLAUDE.md": "was changed on desktop"}
    push(laptop)
    pull(desktop)
    assert "CLAUDE.md" not in waiting(desktop)


def test_both_changed_it_and_the_lines_of_both_stay(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    mine = write(laptop, "one\ntwo\nthree\n")
    push(laptop)
    pull(desktop)
    own(desktop, "apply")
    theirs = desktop.claude / "CLAUDE.md"
    theirs.write_text("one\ntwo\nthree, said desktop\n")
    mine.write_text("one, said laptop\ntwo\nthree\n")
    push(desktop)
    push(laptop)  # rejected, and tried again: theirs stays on the branch
    assert waiting(laptop) == {"CLAUDE.md": "was changed here and on desktop"}
    assert mine.read_text() == "one, said laptop\ntwo\nthree\n"
    own(laptop, "apply")
    assert mine.read_text() == "one, said laptop\ntwo\nthree, said desktop\n"
    push(laptop)
    pull(desktop)
    assert own(desktop, "keep") == "CLAUDE.md stays as it is here; the next push sends it\n"
    assert waiting(desktop) == {}
    push(desktop)
    pull(laptop)
    assert waiting(laptop) == {"CLAUDE.md": "was changed on desktop"}


def test_two_that_never_met_lose_nothing(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    write(laptop, "from the laptop\nshared\n")
    theirs = write(desktop, "from the desktop\nshared\n")
    push(laptop)
    push(desktop)
    pull(desktop)
    assert theirs.read_text() == "from the desktop\nshared\n"
    own(desktop, "apply")
    assert sorted(theirs.read_text().split()) == sorted(["from", "the", "laptop", "from", "the", "desktop", "shared"])


def test_what_was_taken_away_here_does_not_come_back_nor_go_there(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    write(laptop, "# Plan\n", "plans/otter.md")
    push(laptop)
    pull(desktop)
    own(desktop, "apply")
    (desktop.claude / "plans" / "otter.md").unlink()
    push(desktop)
    assert waiting(desktop) == {}
    pull(laptop)
    assert (laptop.claude / "plans" / "otter.md").exists()


def test_what_an_undo_takes_away_is_offered_again(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    write(laptop, "be brief\n")
    write(laptop, "# Plan\n", "plans/otter.md")
    push(laptop)
    pull(desktop)
    before = waiting(desktop)
    own(desktop, "apply")
    desktop.ok("undo", "--home")
    assert waiting(desktop) == before
    own(desktop, "apply", "plans/otter.md")
    assert (desktop.claude / "plans" / "otter.md").read_text() == "# Plan\n"


def test_secrets_links_and_odd_sizes(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    key = "ghp_" + "h7Kq2LmPzX9vBt4NwYc8RdJs5FgQa1Eu3oTi"
    mine = write(laptop, f"token {key}\nkeep this\n")
    write(laptop, "x" * (2 << 20), "plans/huge.md")
    os.symlink("/etc/passwd", laptop.claude / "plans" / "link.md")
    done = laptop.ccsync("push", "--home")
    assert done.status == 1
    assert "plans/huge.md" in done.err
    pull(desktop)
    assert set(waiting(desktop)) == {"CLAUDE.md"}
    own(desktop, "apply")
    theirs = desktop.claude / "CLAUDE.md"
    assert key not in theirs.read_text()
    theirs.write_text(theirs.read_text() + "more\n")
    push(desktop)
    laptop.ccsync("pull", "--home")
    own(laptop, "apply")
    assert mine.read_text() == f"token {key}\nkeep this\nmore\n"


@pytest.mark.slow
def test_a_hostile_branch_is_shown_as_text_and_writes_nowhere_else(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    write(laptop, "fine\n")
    push(laptop)
    place, ref = world.directory / "private", "refs/ccsync/git-ccsync%2Fhome/al"

    def git(*words: str, data: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *words], cwd=place, env=world.environment, input=data, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    listed = [row.split("\t") for row in git("ls-tree", ref).split("\n") if not row.endswith("\tglobal")]
    many = git("hash-object", "-w", "--stdin", data=b"".join(b"%d\n" % (n * 7919 % 5003) for n in range(8_000)))
    evil = git("hash-object", "-w", "--stdin", data=b"read \x1b]0;this\x07\n")
    names = (
        "CLAUDE.md",
        "settings.json",
        "plans%2F..%2F..%2Fx.md",
        "plans%2Fdeep%2Fx.md",
        "..%2Fx.md",
        "plans%2Fa%00.md",
    )
    rows = [f"100644 blob {many if name == 'CLAUDE.md' else evil}\t{name}" for name in names]
    rows += [f"100644 blob {evil}\tplans%2Fok.md", f"120000 blob {evil}\tplans%2Flink.md"]
    folder = git("mktree", data="\n".join(sorted(rows)).encode())
    root = git(
        "mktree", data="\n".join(["\t".join(row) for row in listed] + [f"040000 tree {folder}\tglobal"]).encode()
    )
    git("update-ref", ref, git("commit-tree", root, "-p", ref, "-m", "evil"))
    pull(desktop)
    assert set(waiting(desktop)) == {"CLAUDE.md", "plans/ok.md"}
    assert "\x1b" not in own(desktop, "diff", "plans/ok.md")
    assert own(desktop, "diff").count("\n") > 8_000
    own(desktop, "apply")
    found = {str(path.relative_to(desktop.claude)) for path in desktop.claude.rglob("*.*")}
    assert found == {"CLAUDE.md", "plans/ok.md"}


def test_without_consent_nothing_goes(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.ok("init", "--home", "--yes", "--remote", str(world.directory / "private"))
    write(laptop, "private\n")
    push(laptop)
    assert own(laptop).startswith("CLAUDE.md and plans are not carried")
    done = laptop.ccsync("global", "apply")
    assert (done.status, done.err.splitlines()[0]) == (1, "error: CLAUDE.md and plans are not carried")
    own(laptop, "on")
    assert "CLAUDE.md is new here" in own(laptop)
    own(laptop, "off")
    assert push(laptop).out == "Everything up-to-date\n"
