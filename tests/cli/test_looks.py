"""What people look at most, in a real terminal emulator and piped: the picker, `show`, `list`, `tasks`, `search`, `log` and
`verify`. No row is wider than the terminal, colours are the palette's, nothing foreign acts on it; goldens for each width.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import click
import pytest
from wcwidth import wcswidth

from git_ccsync.cli import colour, commands, usage
from git_ccsync.cli import list as listing
from git_ccsync.model import Session as Listed
from git_ccsync.state import held
from tests.cli.golden import golden
from tests.cli.tmux import PALETTE, Tmux, colours, needs_tmux
from tests.support import wrapped
from tests.support.machine import Machine, executable
from tests.support.transcript import line
from tests.support.world import World

IDS = [f"{first}-0000-4000-8000-000000000000" for first in ("3f2504e0", "9a1b2c3d", "8b21ab77", "71c0ffee", "5d00d1e5")]
TITLES = (
    "修复解析器的错误 🙂",
    "Refactor the walrus, in a title far wider than any terminal " * 3,
    "evil \x1b[31mred\x07 \u202eltr\x9b2J",
    "🚀 Ship it 🎉👩‍💻❤️ now",
    "",
)
BRANCHES = ("main", "feature/日本語-a-rather-long-name-of-a-branch", "x\x1b[2Jy", "main", "main")
DAYS = (2, 3, 4, 90, 5)
LONG = (
    "a line that goes on and on, " * 12
    + "🙂 the walrus\n\n    is here, and 修复解析器的错误并补上测试用例，然后重构登录流程。" * 3
)


class Look(NamedTuple):
    """A command that people look at, what stands on the screen when it is complete, and where it is run."""

    args: tuple[str, ...]
    complete: str = "^ENDED [01]$"
    on: str = "desktop"

    @property
    def name(self) -> str:
        """The verb."""
        return self.args[0]


LOOKS = (
    Look(("list",)),
    Look(("show", IDS[1][:8])),
    Look(("tasks",)),
    Look(("search", "walrus")),
    Look(("log",)),
    Look(("verify",), on="broken"),
    Look(("resume",), r"^Here\. "),
)
#: What is said where there is nothing to show, or nothing fits.
NOTHING = (("list",), ("list", "--conflicts"), ("tasks",), ("search", "walrus"), ("show", "walrus"), ("resume",))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with World(tmp_path_factory.mktemp("looks") / "world") as made:
        yield made


@pytest.fixture(scope="module")
def desktop(world: World) -> Machine:
    """A machine that sees the sessions of another one."""
    laptop = world.machine("the-laptop-with-a-long-name")
    for number in range(len(IDS)):
        talk(laptop, number)
    laptop.init()
    laptop.ok("push")
    (state,) = (laptop.clone / ".git" / "ccsync").iterdir()
    for name in IDS[:3]:
        held.put(str(state), name, held.Held(held.UNFINISHED))
    laptop.run_claude(IDS[1])
    laptop.ok("sync")
    made = world.machine("desktop")
    made.init()
    made.ok("pull")
    wrapped.install(made, world.directory / "bin")
    return made


@pytest.fixture(scope="module")
def novice(world: World) -> Machine:
    """A machine that has no sessions."""
    made = world.machine("novice", email="bo@example.com")
    made.init("--branch", "bo")
    wrapped.install(made, world.directory / "bin-too")
    return made


@pytest.fixture(scope="module")
def broken(desktop: Machine) -> Machine:
    """A machine with faults of several kinds."""
    made = desktop.world.machine("broken")
    made.init()
    made.ok("pull")
    cut, torn, changed = (made.path(name) for name in IDS[:3])
    rows = torn.read_bytes().splitlines(keepends=True)
    cut.write_bytes(b"".join(cut.read_bytes().splitlines(keepends=True)[:3]))
    orphan = line({"type": "user", "uuid": IDS[4], "parentUuid": IDS[3], "message": {}})
    torn.write_bytes(b"".join([*rows[:2], b'{"type":"us\n', *rows[2:], orphan]))
    changed.write_bytes(changed.read_bytes().replace("海象".encode(), b"where", 1))
    wrapped.install(made, desktop.world.directory / "bin-broken")
    return made


def talk(laptop: Machine, number: int) -> None:
    """A session without a path in what is shown of it, and so large that those in its rows do not change its size."""
    session = laptop.session(lines=b"", id=IDS[number], age=DAYS[number] * 86_400 + 40_000)
    rows = session.rows
    rows.branch = BRANCHES[number]
    title = f" {TITLES[number]}" if TITLES[number] else ""
    session.write(
        rows.user(f"海象在哪里？ walrus{title}\nand a second line\t\x1b]0;title\x07")
        + rows.signed("I think that I do not know where it is, " * 9)
        + rows.assistant({"type": "text", "text": f"{LONG}\n\n```python\ndef f():\n    return 1\n```"})
        + rows.assistant(
            {"type": "tool_use", "name": "Bash", "input": {"command": f"grep -r walrus \x1b[2J {'x' * 200}"}}
        )
        + rows.tool("src/walrus.py", "walrus = '🙂日本'\n" * 50)
        + rows.tool("src/one.py", "只有一行，但是很长的一行。" * 16)
        + b"".join(line({"type": "x-pad", "pad": "pad " * 150_000}) for _ in range(2))
        + rows.user("and now?")
        + rows.assistant({"type": "text", "text": "Here. 🙂\n\nNext:\n\n- one\n- 二 \x1b[2J"})
        + rows.bookkeeping(TITLES[number])
    )


def at_terminal(machine: Machine, args: tuple[str, ...], *, columns: int = 80, term: str = "tmux", **env: str) -> Tmux:
    everything = {**machine.env, "GIT_PAGER": "cat", "GIT_TERMINAL_PROMPT": "1", **env}
    lines = 24 if args[0] == "resume" else 100
    return Tmux([*executable(), *args], everything, cwd=machine.clone, columns=columns, lines=lines, term=term)


def timeless(text: str) -> str:
    """Without the times of day, ages that grow while we look, and the ids of commits."""
    text = re.sub(r"(?m)^[0-9a-f]{7}(?=  )", "c0ffee1", text)
    text = re.sub(r"\d+ (second|minute)s? ago(?=,|$)", "1 minute ago", text, flags=re.MULTILINE)
    return re.sub(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?", lambda found: "2026-11-21 12:00"[: len(found[0])], text)


@pytest.mark.slow
@needs_tmux
@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_at_a_terminal(desktop: Machine, broken: Machine, look: Look, columns: int) -> None:
    with at_terminal(broken if look.on == "broken" else desktop, look.args, columns=columns) as tmux:
        tmux.wait_for(look.complete)
        shown = "".join(f"{row}\n" for row in tmux.rows if not re.match(r"BEGIN$|ENDED [01]$", row)).rstrip("\n") + "\n"
        painted = tmux.painted
    assert max(map(wcswidth, shown.split("\n"))) <= columns
    assert min(map(wcswidth, shown.split("\n"))) >= 0, "no character is one that acts"
    assert "\x1b[3" in painted
    assert colours(painted) <= PALETTE
    assert timeless(shown) == golden(f"{look.name}-{columns}.txt", timeless(shown))


@pytest.mark.parametrize("look", LOOKS[:-1], ids=lambda look: look.name)
def test_piped(desktop: Machine, broken: Machine, look: Look) -> None:
    out = (broken if look.on == "broken" else desktop).ccsync(*look.args).out
    assert all(char.isprintable() for char in out.replace("\n", ""))
    assert timeless(out) == golden(f"{look.name}-piped.txt", timeless(out))


@pytest.mark.slow
@needs_tmux
@pytest.mark.parametrize("plain", [{"NO_COLOR": "1"}, {"term": "dumb"}], ids=str)
def test_without_colours(desktop: Machine, plain: dict[str, str]) -> None:
    for look in LOOKS[:-1]:
        with at_terminal(desktop, look.args, **plain) as tmux:
            tmux.wait_for(look.complete)
            assert colours(tmux.painted) <= {"", "0", "39", "49"}, look.name


@pytest.mark.slow
@needs_tmux
def test_where_there_is_nothing_somebody_says_so(novice: Machine) -> None:
    said = ""
    for args in NOTHING:
        with at_terminal(novice, args) as tmux:
            tmux.wait_for("^ENDED [01]$")
            rows = [row for row in tmux.rows if row and row != "BEGIN"]
        assert len(rows) > 1, args
        assert max(map(wcswidth, rows)) <= 80
        said += "".join(f"{row}\n" for row in (f"$ git ccsync {' '.join(args)}", *rows))
    assert said == golden("nothing.txt", said)


def test_usage_texts_fit_a_terminal() -> None:
    group = commands.group()
    context = click.Context(group, info_name="git ccsync")
    texts = [usage.overview()]
    for verb in group.list_commands(context):
        command = group.get_command(context, verb)
        assert command
        actions = command.commands.values() if isinstance(command, click.Group) else ()
        texts += [one.get_help(click.Context(one, info_name=verb, parent=context)) for one in (command, *actions)]
    assert len(texts) > 24
    assert not [row for text in texts for row in text.split("\n") if len(row) > 80]


def test_each_state_has_its_own_colour() -> None:
    """Whatever the states of the rows above are."""
    palette = colour.Palette(on=True)
    states = ("here", "ahead", "live ahead", "here", "behind copy")
    rows = [Listed(f"{at:08}", "t", "m", "", "", 1, 1, 1, "", "", "", state) for at, state in enumerate(states)]
    heading, *lines = listing.table(rows, palette, 0)
    assert heading.startswith("\x1b[2mID")
    assert heading.endswith("STATE\x1b[m")
    assert [re.findall(r"\x1b\[(\d+)m", text)[1:] for text in lines] == [[], ["32"], ["36"], [], ["33"]]
