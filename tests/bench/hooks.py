"""The rows about hooks: what a person waits for at each prompt and at the end of each answer."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.corpus import Corpus
from tests.bench.measure import Comparison, interleave
from tests.bench.stage import Stage, add_line, ours
from tests.support.events import Events
from tests.support.machine import Machine, executable
from tests.support.world import World

Prepare = Callable[[], object] | None


def timed(words: list[str], event: Path, env: dict[str, str], cwd: Path) -> float:
    """Wall seconds of a process that reads `event` on stdin."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, str(event), os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
    ]
    here = os.getcwd()
    os.chdir(cwd)
    try:
        started = time.perf_counter()
        _, status, _ = os.wait4(os.posix_spawn(words[0], words, env, file_actions=actions), 0)
        wall = time.perf_counter() - started
    finally:
        os.chdir(here)
    assert status == 0
    return wall


def _pair(events: Events, event: str, runs: int, cwd: Path, prepare: Prepare = None) -> Comparison:
    path = events.machine.home / "event"
    path.write_bytes(events.data(event, prompt="go on " * 200, cwd=str(cwd)))
    env = events.env(CLAUDE_PROJECT_DIR=str(cwd))
    python = [sys.executable, "-c", "pass"]
    hook = [*executable(), "hook", event]

    def mine() -> float:
        if prepare:
            prepare()
        return timed(hook, path, env, cwd)

    return interleave(lambda: timed(python, path, env, cwd), mine, runs)


def _machine(stage: Stage, name: str) -> tuple[World, Machine, Events]:
    world = stage.world(name)
    machine = world.machine("laptop")
    session = machine.session("fix bug", lines=20)
    machine.init()
    ours(machine, "push")
    return world, machine, Events(machine, session)


def not_set_up(stage: Stage, runs: int) -> Comparison:
    """Wall time of a hook in a repository without init: what everybody with hooks pays everywhere."""
    machine = stage.world("hook-none").machine("laptop")
    return _pair(Events(machine, machine.session("fix bug")), "Stop", runs, machine.clone)


def quiet_prompt(stage: Stage, runs: int) -> Comparison:
    """Wall time of a prompt's hook where nobody else has done anything since."""
    _, machine, events = _machine(stage, "hook-quiet")
    events.fire("SessionStart", source="startup")
    time.sleep(2)
    return _pair(events, "UserPromptSubmit", runs, machine.clone)


def prompt_that_looks(stage: Stage, runs: int) -> Comparison:
    """Wall time of a prompt's hook that finds refs moved, and has to look at the branch itself."""
    _, machine, events = _machine(stage, "hook-looks")
    events.fire("SessionStart", source="startup")
    time.sleep(2)
    ref = machine.clone / ".git" / "refs" / "ccsync" / "al"
    return _pair(events, "UserPromptSubmit", runs, machine.clone, ref.touch)


def stop(stage: Stage, runs: int) -> Comparison:
    """Wall time of the hook at the end of an answer that has left a new line."""
    _, machine, events = _machine(stage, "hook-stop")
    corpus = Corpus(str(machine.clone), 2)
    assert events.session
    session = events.session
    return _pair(events, "Stop", runs, machine.clone, lambda: add_line(machine, session, corpus))
