"""The README's transcript: reading it, playing its commands on two machines, writing down anew what they print.

`python -m tests.support.readme` replaces the outputs in README.md by those of the program as it is.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

from tests.support.machine import Machine, executable
from tests.support.session import Session
from tests.support.world import World

README = Path(__file__).resolve().parents[2] / "README.md"
START, END = "<!-- transcript -->\n```console\n", "```\n"
#: Where the remote lies in the transcript.
REMOTE = "/srv/git/app.git"


def transcript() -> list[tuple[str, str, str]]:
    """(machine, command, what it printed) of the block behind the marker."""
    block = README.read_text(encoding="utf-8").split(START, 1)[1].split(END, 1)[0]
    found = re.split(r"^(\w+)\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return list(zip(found[0::3], found[1::3], found[2::3], strict=True))


def words(text: str) -> list[str]:
    """What is compared of an output: not what differs from run to run, nor how lines are wrapped."""
    text = re.sub(r"\b[0-9a-f]{7}\.\.[0-9a-f]{7}\b", "<commits>", text)
    text = re.sub(r"\b\d{4}-\d\d-\d\d\b", "<date>", text)
    text = re.sub(r"\b[0-9a-f]{8}\b", "<id>", text)
    text = re.sub(r"\b[\d.]+ (kB|bytes)", "<size>", text)
    return re.sub(r"\b\d+ \w+ ago\b", "<age>", text).split()


class Play:
    """The world of the transcript: one session, and whoever touched it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.machines = {name: world.machine(name) for name in ("laptop", "desktop")}
        self.session: Session | None = None
        self.talks = 0

    def run(self, name: str, command: str) -> str:
        """What the command prints on that machine, both streams as they come. `claude` talks, and prints nothing."""
        machine = self.machines[name]
        program, *args = command.partition("  #")[0].split()
        if program == "claude":
            return self._talk(machine)
        assert [program, args[0]] == ["git", "ccsync"]
        env = machine.env | {"PYTHONUNBUFFERED": "1"}
        done = subprocess.run(
            [*executable(), *args[1:]],
            cwd=machine.clone,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        assert done.returncode == 0, f"{name}$ {command}\n{done.stdout.decode()}"
        return done.stdout.decode().replace(str(self.world.remote), REMOTE)

    def _talk(self, machine: Machine) -> str:
        self.talks += 1
        if self.session:
            # Each talk is longer than the last, so that `list` has one order, the newest first.
            machine.append(self.session, self.talks)
        else:
            self.session = machine.session("fix the parser")
        return ""


def write() -> None:
    """Play the transcript's commands and put what they print into the README."""
    steps = transcript()
    with tempfile.TemporaryDirectory() as directory, World(Path(directory) / "world") as world:
        play = Play(world)
        block = "".join(f"{name}$ {command}\n{play.run(name, command)}" for name, command, _ in steps)
    text = README.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    README.write_text(before + START + block + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    write()
