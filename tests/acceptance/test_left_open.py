"""Left open here, continued there, typed into again here: two sessions come of it, and the live file is never touched.

The running Claude Code is a real process with a real marker; every verb runs as its users run it.
"""

from __future__ import annotations

import json
import re
import subprocess
import time

import pytest

from tests.support import wrapped
from tests.support.claude import Claude
from tests.support.inside import killed_at
from tests.support.world import World

pytestmark = pytest.mark.slow

UUID = re.compile(rb'"uuid":"([^"]*)"')
TITLE = re.compile(rb'"customTitle":"([^"]*)"')


class Story:
    """A laptop on which Claude Code runs on a session that the desktop has as well."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.laptop, self.desktop = world.initialised("laptop", "desktop")
        for machine in (self.laptop, self.desktop):
            wrapped.install(machine, world.directory / f"{machine.name}-bin")
        self.session = self.laptop.session("fix bug")
        self.laptop.ok("push")
        self.desktop.ok("pull")
        self.claude = self.laptop.run_claude(self.session.id)

    def there(self, lines: int = 1) -> bytes:
        """The desktop goes on, and pushes."""
        made = self.desktop.append(self.desktop.here(self.session.id), lines)
        self.desktop.ok("sync")
        return made

    def live(self) -> bytes:
        """The live file."""
        return self.laptop.transcript(self.session.id)

    @property
    def copy(self) -> str:
        """The one other session on the branch."""
        found = {path.split("/")[3] for path in self.world.branch() if path.startswith("sessions/")}
        (copy,) = found - {self.session.id}
        return copy

    def settled(self) -> None:
        """Both machines and the branch agree, every session resumes, and nothing more happens."""
        laptop, desktop = self.laptop, self.desktop
        for machine in (laptop, desktop) * 2:
            machine.ok("sync")
        assert laptop.sessions().keys() == desktop.sessions().keys()
        for name in laptop.sessions():
            assert ids(laptop.transcript(name)) == ids(desktop.transcript(name)) == ids(self.world.stored(name))
        before = [machine.files() for machine in (laptop, desktop)], self.world.git("for-each-ref")
        for machine in (laptop, desktop):
            machine.ok("sync")
        assert ([machine.files() for machine in (laptop, desktop)], self.world.git("for-each-ref")) == before


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


def ids(*parts: bytes) -> list[bytes]:
    return UUID.findall(b"".join(parts))


def test_it_diverges_while_it_is_live(story: Story) -> None:
    theirs = story.there(2)
    ours = story.claude.append()
    before = story.live()
    story.laptop.ok("sync")
    assert story.live() == before, "a live file is never written"
    assert story.laptop.sessions().keys() == {story.session.id}
    assert ids(story.world.stored(story.session.id))[-4:] == ids(theirs)
    assert ids(story.world.stored(story.copy))[-2:] == ids(ours)
    story.desktop.ok("pull")
    assert ids(story.desktop.transcript(story.copy))[-2:] == ids(ours)
    assert TITLE.findall(story.desktop.transcript(story.copy))[-1] == b"fix bug (from laptop)"


def test_one_copy_grows_with_the_live_file(story: Story) -> None:
    story.there()
    said = [story.claude.append()]
    story.laptop.ok("push")
    copy = story.copy
    for number in range(3):
        said.append(story.claude.append())
        story.laptop.ok("push" if number % 2 else "sync")
        story.there()
        assert story.copy == copy
        assert ids(story.world.stored(copy))[-len(ids(*said)) :] == ids(*said)
    assert story.live().endswith(said[-1])
    assert story.laptop.sessions().keys() == {story.session.id}


def test_the_files_change_places_at_the_first_pull_after_its_end(story: Story) -> None:
    theirs = story.there()
    ours = story.claude.append() + story.claude.append()
    story.laptop.ok("sync")
    late = story.claude.append()  # not even captured when it ends
    story.claude.stop()
    story.laptop.ok("pull")
    copy = story.copy
    assert ids(story.live())[-2:] == ids(theirs)
    assert ids(story.laptop.transcript(copy))[-6:] == ids(ours, late)
    assert all(json.loads(row).get("sessionId", copy) == copy for row in story.laptop.transcript(copy).splitlines())
    story.settled()
    for name in (story.session.id, copy):
        story.laptop.ok("resume", name, CLAUDE_DOES=f"talk('laptop on {name[:4]}')")
        story.desktop.ok("resume", name, CLAUDE_DOES=f"talk('desktop on {name[:4]}')")
        text = story.desktop.transcript(name)
        assert text.index(f"laptop on {name[:4]}".encode()) < text.index(f"desktop on {name[:4]}".encode())
    story.settled()
    assert len(story.laptop.sessions()) == 2


def test_it_comes_back_to_the_copy_by_another_divergence(story: Story) -> None:
    story.there()
    story.claude.append()
    story.laptop.ok("sync")
    story.claude.stop()
    story.laptop.ok("pull")
    copy = story.copy
    again = story.laptop.run_claude(copy)
    story.desktop.ok("pull")
    theirs = story.desktop.append(story.desktop.here(copy))
    story.desktop.ok("push")
    ours = again.append()
    before = story.laptop.transcript(copy)
    story.laptop.ok("sync")
    assert story.laptop.transcript(copy) == before
    again.stop()
    story.laptop.ok("sync")
    assert len(story.laptop.sessions()) == 3
    assert ids(story.laptop.transcript(copy))[-2:] == ids(theirs)
    (third,) = story.laptop.sessions().keys() - {copy, story.session.id}
    assert ids(story.laptop.transcript(third))[-2:] == ids(ours)
    assert TITLE.findall(story.laptop.transcript(third))[-1] == b"fix bug (from laptop) (from laptop)"
    story.settled()


def test_the_same_session_diverges_a_second_time(story: Story) -> None:
    story.there()
    story.claude.append()
    story.laptop.ok("sync")
    first = story.copy
    story.claude.stop()
    story.laptop.ok("pull")
    claude = story.laptop.run_claude(story.session.id)
    theirs = story.there()
    ours = claude.append()
    story.laptop.ok("sync")
    claude.stop()
    story.laptop.ok("sync")
    assert len(story.laptop.sessions()) == 3
    assert ids(story.live())[-2:] == ids(theirs)
    (second,) = story.laptop.sessions().keys() - {first, story.session.id}
    assert ids(story.laptop.transcript(second))[-2:] == ids(ours)
    story.settled()


def test_it_goes_on_live_across_a_crash_of_claude(story: Story) -> None:
    story.there()
    ours = story.claude.append()
    story.laptop.ok("sync")
    story.claude.kill()  # its marker stays, and names a process that is gone
    again = Claude(story.laptop, story.session.id)
    ours += again.append()
    before = story.live()
    story.laptop.ok("sync")
    assert story.live() == before
    again.stop()
    story.laptop.ok("sync")
    assert ids(story.laptop.transcript(story.copy))[-4:] == ids(ours)
    assert len(story.laptop.sessions()) == 2
    story.settled()


def test_it_is_ended_by_resume_and_the_files_are_in_place(story: Story) -> None:
    """What was left open is closed, and resumed: the pull at the start puts everything in its place."""
    theirs = story.there()
    ours = story.claude.append()
    story.laptop.ok("sync")
    told = story.laptop.ccsync("resume", "fix bug", status=1)
    assert f"is running on this machine already (process {story.claude.pid})" in told.err
    story.claude.stop()
    story.laptop.ok("resume", story.session.id, CLAUDE_DOES="talk('after theirs')")
    text = story.live()
    assert ids(text)[-4:-2] == ids(theirs)
    assert b"after theirs" in text
    assert ids(story.laptop.transcript(story.copy))[-2:] == ids(ours)
    story.settled()


@pytest.mark.parametrize("verb", ["push", "pull"])
def test_killed_in_between(story: Story, verb: str) -> None:
    """kill -9 at a sample of the changes that capture, replay and exchange make: the same two sessions in the end."""
    theirs = story.there()
    ours = story.claude.append()
    if verb == "pull":
        story.laptop.ok("push")
        story.claude.stop()
    numbers = list(range(0, 40, 4))
    for number in numbers:
        if not killed_at(story.laptop, verb, number):
            break
    if verb == "push":
        before = story.live()
        story.laptop.ok("sync")
        assert story.live() == before
        story.claude.stop()
    story.laptop.ok("sync")
    assert len(story.laptop.sessions()) == 2
    assert ids(story.live())[-2:] == ids(theirs)
    assert ids(story.laptop.transcript(story.copy))[-2:] == ids(ours)
    story.settled()


@pytest.mark.parametrize("verb", ["pull", "push", "sync"])
def test_status_and_list_tell_of_it(story: Story, verb: str) -> None:
    story.there()
    story.claude.append()
    time.sleep(0.1)  # a file that changed just now is read again, and would tell more
    story.laptop.ok(verb)
    shown = {one["id"]: one["state"] for one in json.loads(story.laptop.ok("list", "--json").out)["sessions"]}
    assert {"live", "diverged"} <= set(shown[story.session.id].split())
    assert "running" in story.laptop.ok("status").out or "live" in story.laptop.ok("status").out
    story.laptop.ok("push")
    story.desktop.ok("pull")
    assert "open on laptop" in story.desktop.ok("list").out


def test_a_first_open_file_that_only_theirs_goes_on_with_waits(story: Story) -> None:
    theirs = story.there(3)
    before = story.live()
    for verb in ("pull", "sync", "push"):
        story.laptop.ok(verb)
        assert story.live() == before
    story.claude.stop()
    story.laptop.ok("pull")
    assert ids(story.live())[-6:] == ids(theirs)
    assert len(story.laptop.sessions()) == 1
    assert subprocess.run(["git", "fsck"], cwd=story.world.remote, capture_output=True, check=True)
