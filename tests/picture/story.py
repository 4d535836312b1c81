"""The story of the README's picture: a laptop is closed in the middle of something, a desktop goes on with it. Real commands
in a real terminal on two machines; only Claude Code is a stand-in.
"""

from __future__ import annotations

import re
import time
from pathlib import Path

from git_ccsync.state import held
from tests.cli.tmux import Tmux
from tests.picture.svg import COLUMNS, Window
from tests.support import wrapped
from tests.support.events import launcher
from tests.support.machine import Machine
from tests.support.world import World

PICTURE = Path(__file__).with_name("resume.svg")
#: Where the remote lies in the picture.
REMOTE = "git@example.com:al/app.git"
MINUTE = 60

#: machine, id, title, git branch, minutes since it was used, first prompt, last prompt, last answer
SESSIONS = (
    ("desktop", "71c0ffee", "Why is the import so slow?", "main", 26 * 60, "profile the import of a big file", "and now?",
     "It reads every row twice. With one pass the import of a million rows takes 4 s, not 31 s."),
    ("desktop", "9a1b2c3d", "🚀 Release 2.1", "release", 50 * 60, "write the notes for 2.1", "ship it",
     "Tagged and pushed. The notes are in `CHANGES.md`."),
    ("laptop", "8b21ab77", "修复日期解析", "fix/dates", 3 * 60, "2月29日 is refused in 2028", "what about time zones?",
     "The zone is applied before the day is checked, so 29 February becomes 1 March in Tokyo."),
    ("laptop", "3f2504e0", "Fix the login redirect", "fix/login", 20, "after login everybody lands on /home",
     "now the tests, please",
     "Two of three pass. `test_expired_token` still fails.\n\nNext: move the check in `session.py` before the redirect."),
)  # fmt: skip
#: What Claude Code read on the way; nobody else should.
SECRET = "DATABASE_URL=postgres://app:k7f-Zq2w-91xT@db.example.com/app\n"
UNFINISHED = ("3f2504e0", "8b21ab77")


def play(directory: Path) -> list[Window]:
    """The windows of the picture. Needs tmux and bash."""
    with World(directory / "world") as world:
        world.now = time.time() - 20
        laptop, desktop = world.machine("laptop"), world.machine("desktop")
        _before(laptop, desktop)
        with _shell(laptop) as shell:
            _type(shell, "git ccsync push", "sessions?, .* lines")
            windows = [Window("laptop", _rows(shell, world))]
        with _shell(desktop) as shell:
            _type(shell, "git ccsync tasks", "fix/login .*unfinished(.*\n)+desktop")
            _type(shell, "git ccsync resume", "^Two of three pass")
            picker = Window("desktop: git ccsync resume", shell.painted.split("\n")[:-1])
            shell.keys("Enter")
            shell.wait_for("1 session, .*\n(.*\n)*desktop")
            _type(shell, "git ccsync search expired token", "assistant .*\n(.*\n)*desktop")
            rows = _rows(shell, world)
    resumed = next(number for number, row in enumerate(rows) if row.endswith("git ccsync resume")) + 1
    return [*windows, Window("desktop", rows[:resumed]), picker, Window("desktop", rows[resumed:])]


def _before(laptop: Machine, desktop: Machine) -> None:
    """What happened before the picture."""
    laptop.init()
    for machine in (desktop, laptop):
        launcher(machine)
        machine.init()
        for session in SESSIONS:
            if session[0] == machine.name:
                _talk(machine, *session[1:])
        if machine is desktop:
            machine.ok("sync")
            laptop.ok("pull")
    (state,) = (laptop.clone / ".git" / "ccsync").iterdir()
    for name in UNFINISHED:
        held.put(str(state), _id(name), held.Held(held.UNFINISHED))
    wrapped.install(desktop, desktop.home / ".local" / "claude")
    desktop.git("checkout", "-q", "-b", "fix/login")
    desktop.env["CLAUDE_DOES"] = (
        "talk('go on'); print('\\033[2m… Claude Code, with the whole conversation, until you leave it …\\033[m')"
    )


def _id(name: str) -> str:
    return f"{name}-0000-4000-8000-000000000000"


def _talk(machine: Machine, name: str, title: str, branch: str, age: int, first: str, last: str, answer: str) -> None:
    session = machine.session(lines=b"", id=_id(name), age=age * MINUTE)
    rows = session.rows
    rows.branch = branch
    session.write(
        rows.user(first)
        + b"".join(rows.tool(f"{machine.clone}/src/part{number}.py", "x = 1\n" * 400) for number in range(age % 7 + 2))
        + (rows.tool(f"{machine.clone}/.env", SECRET) if name == UNFINISHED[0] else b"")
        + rows.user(last)
        + rows.assistant({"type": "text", "text": answer})
        + rows.bookkeeping(title, last)
    )


def _shell(machine: Machine) -> Tmux:
    """A person's shell on that machine."""
    env = {**machine.env, "PS1": rf"\[\e[1m\]{machine.name}$\[\e[m\] ", "GIT_PAGER": "cat", "GIT_TERMINAL_PROMPT": "1"}
    return Tmux(["env", "bash", "--norc", "--noprofile", "-i"], env, cwd=machine.clone, columns=COLUMNS, lines=16)


def _type(shell: Tmux, command: str, until: str) -> None:
    shell.wait_for(r"\$$")
    shell.type(command)
    shell.keys("Enter")
    shell.wait_for(until)


def _rows(shell: Tmux, world: World) -> list[str]:
    """What is on the screen, painted, without the prompt at its end."""
    rows = [row.rstrip() for row in shell.painted_rows]
    rows = [row.replace(str(world.remote), REMOTE) for row in rows if row != "BEGIN"]
    while rows and re.fullmatch(r"(\w+\$)?\s*", re.sub(r"\x1b\[[0-9;]*m", "", rows[-1])):
        rows.pop()
    return rows
