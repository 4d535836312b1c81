"""kill -9 at the system calls of push and pull: the next run heals, with no line lost and nothing twice.

Every day a sample of the calls; all of them with `pytest --full-sweep`.
"""

from __future__ import annotations

import random

import pytest

from tests.support.strace import Point, have_strace, kill_at, points
from tests.support.world import World

pytestmark = pytest.mark.skipif(not have_strace(), reason="strace is not here, or may not trace")

#: Parts of a sweep, so that workers share it: of the whole one, of an everyday one; and the points of a part in that.
SHARES, EVERYDAY, SAMPLE = 4, 1, 9


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The shares of a sweep."""
    if "share" in metafunc.fixturenames:
        full = metafunc.config.getoption("--full-sweep")
        metafunc.parametrize("share", range(SHARES if full else EVERYDAY))


def chosen(found: list[Point], share: int, *, full: bool) -> list[Point]:
    """This share's points: all, or a sample that is the same in every run."""
    if full:
        return found[share::SHARES]
    return random.Random(share).sample(found[share::EVERYDAY], SAMPLE)


@pytest.fixture
def full(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.getoption("--full-sweep"))


def stored(world: World) -> dict[str, str]:
    """The sessions as they lie on the remote: path to object id. Of a meta its text, but for what git is asked about the work
    tree: there is no answer in time on a machine that is busy enough.
    """
    found = {path: oid for path, oid in world.branch().items() if path.startswith("sessions/")}
    for path, oid in list(found.items()):
        if path.endswith("/meta"):
            lines = world.blob(oid).decode().splitlines()
            found[path] = "\n".join(line for line in lines if not line.startswith(("git_commit", "dirty")))
    return found


class Push:
    """A laptop with one session to be continued on the branch, a new one with side files, and a desktop to look from."""

    verb = ("push",)

    def __init__(self, world: World) -> None:
        self.world, self.machine, self.other = world, world.machine("laptop"), world.machine("desktop")
        session = self.machine.session("continued")
        self.machine.init()
        self.machine.ok("push")
        self.other.init()
        self.machine.append(session)
        self.machine.session("new").subagent()
        world.keep()
        self.disk = self.machine.files()
        self.machine.ok("push")
        self.expected = self.outcome()
        world.restore()

    def outcome(self) -> object:
        """The sessions as they lie on the remote, and as another machine gets them."""
        there = stored(self.world)
        self.other.ok("pull")
        self.world.git("fsck", "--strict", "--no-dangling")
        return there, self.other.files()

    def check(self, point: Point) -> None:
        """After a kill: one more push, and all is as it would have been. Claude's directory is never touched."""
        assert self.machine.files() == self.disk, point
        self.machine.ok("push")
        assert self.machine.files() == self.disk, point
        assert self.outcome() == self.expected, point


class Pull:
    """A desktop that is behind in one session, has diverged in another, and lacks a third with side files."""

    verb = ("pull",)

    def __init__(self, world: World) -> None:
        self.world, self.other, self.machine = world, world.machine("laptop"), world.machine("desktop")
        behind, diverged = self.other.session("behind"), self.other.session("diverged")
        behind.subagent()
        self.other.init()
        self.other.ok("push")
        self.machine.init()
        self.machine.ok("pull")
        for session in (behind, diverged):
            self.other.append(session)
        self.other.session("new").tool_result()
        self.other.ok("push")
        self.lines = self.machine.append(diverged, 2)
        world.keep()
        self.machine.ok("pull")
        self.expected = self.outcome()
        assert len(self.machine.sessions()) == 4
        world.restore()

    def outcome(self) -> object:
        """All files under Claude's directory, and what a push from here then makes of the branch."""
        self.machine.ok("push")
        return self.machine.files(), stored(self.world)

    def check(self, point: Point) -> None:
        """After a kill the lines written here still lie somewhere; one more pull, and all is as it would have been."""
        last = self.lines.splitlines()[-1]
        assert any(last in data for data in self.machine.sessions().values()) or self.kept(last), point
        self.machine.ok("pull")
        assert self.outcome() == self.expected, point

    def kept(self, line: bytes) -> bool:
        """Whether a line is in the trash, or in the copy that is on its way into place."""
        places = [*self.machine.home.rglob("*"), *self.machine.claude.rglob("*")]
        return any(line in path.read_bytes() for path in places if path.is_file())


@pytest.mark.slow
@pytest.mark.parametrize("story", [Push, Pull])
def test_a_kill_heals(world: World, story: type[Push | Pull], share: int, full: bool) -> None:
    made = story(world)
    found = points(made.machine, made.verb, world.directory.with_name("traces"))
    assert len(found) > 40
    for point in chosen(found, share, full=full):
        kill_at(made.machine, made.verb, point)
        made.check(point)
        world.restore()


def test_a_kill_while_the_lines_are_captured_leaves_claude_alone(world: World) -> None:
    """The plain case in words: a push dies before its first ref update here, and nobody can tell. What it had sent
    meanwhile has arrived whole, or not at all.
    """
    (laptop,) = world.initialised("laptop")
    session = laptop.session("fix bug")
    before, branch = laptop.files(), laptop.git("rev-parse", "refs/ccsync/al")
    assert kill_at(laptop, ["push"], Point("fsync", 1, children=False)) == -9
    assert laptop.git("rev-parse", "refs/ccsync/al") == branch
    sent = world.stored(session.id)
    laptop.ok("push")
    assert world.stored(session.id).count(b"\n") == session.read().count(b"\n")
    assert sent in (b"", world.stored(session.id))
    assert laptop.files() == before


@pytest.mark.slow
def test_a_kill_while_a_side_file_is_put_leaves_nothing_of_ours(world: World) -> None:
    """Temporaries lie where their file will be, side directories too; the next pull takes them away."""
    story = Pull(world)
    assert kill_at(story.machine, story.verb, Point("renameat", 1, children=False)) == -9
    assert [name for name in story.machine.files() if name.endswith(".tmp")]
    story.machine.ok("pull")
    assert not [name for name in story.machine.files() if ".ccsync-" in name]
