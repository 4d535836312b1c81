"""The short functions in the real shells: what they run, with which arguments, also where an alias has their name."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from git_ccsync.cli.aliases import ALIASES, script
from git_ccsync.cli.usage import VERBS
from tests.support.world import World

SHELLS = [
    pytest.param(name, marks=pytest.mark.skipif(not shutil.which(name), reason=f"{name} is not installed"))
    for name in ("bash", "zsh", "fish")
]

WANTED = {
    "cr": "ccsync resume --latest",
    "cs": "ccsync resume",
    "cf": "ccsync search",
    "cn": "ccsync new",
    "cfork": "ccsync fork",
    "crf": "ccsync resume --latest --fork",
}


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A PATH whose git prints its arguments, one a line."""
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text('#!/bin/sh\nprintf "%s|" "$@"\necho\n')
    git.chmod(0o755)
    return {**os.environ, "PATH": f"{git.parent}:{os.environ['PATH']}"}


def run(shell: str, text: str, environment: dict[str, str]) -> str:
    options = {"bash": ["--norc", "--noprofile", "-eu"], "zsh": ["-f", "-eu"], "fish": ["--no-config"]}[shell]
    done = subprocess.run(
        [shell, *options, "-c", text], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, ""), text
    return done.stdout


@pytest.mark.parametrize("shell", SHELLS)
def test_each_runs_its_verb_with_what_is_given(shell: str, environment: dict[str, str]) -> None:
    for name, words in WANTED.items():
        found = run(shell, f"{script(shell)}\n{name} 'two words' '$x' --option ''", environment)
        assert found == "|".join([*words.split(), "two words", "$x", "--option", "", ""]) + "\n"
        assert run(shell, f"{script(shell)}\n{name}", environment) == "|".join(words.split()) + "|\n"


@pytest.mark.parametrize("shell", SHELLS)
def test_an_alias_of_the_same_name_gives_way(shell: str, environment: dict[str, str]) -> None:
    begin = {"bash": "shopt -s expand_aliases\n"}.get(shell, "")
    read = "printf '%s\\n' $OURS | source" if shell == "fish" else 'eval "$OURS"'
    text = f"{begin}alias cr='echo alias'\n{read}\neval 'cr x'"
    found = run(shell, text, environment | {"OURS": script(shell)})
    assert found == "ccsync|resume|--latest|x|\n"


def test_the_verbs_exist() -> None:
    assert {name: f"ccsync {words}" for name, words, _ in ALIASES} == WANTED
    assert {words.split()[0] for _, words, _ in ALIASES} <= {*VERBS, "resume"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_they_are_printed_alone(world: World, shell: str) -> None:
    told = world.machine("laptop").ok("completion", shell, "--aliases")
    assert told.out == script(shell) + "\n"
    assert "complete" not in told.out
