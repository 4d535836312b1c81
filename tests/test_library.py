"""The public Python interface: its documented examples run as they stand, its types hold, and it costs nothing until used."""

from __future__ import annotations

import doctest
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import git_ccsync
from git_ccsync.operations import interface
from tests.support.machine import ROOT, Machine
from tests.support.world import World

PROGRAM = Path(__file__).parent / "library" / "program.py"
EXAMPLES = """
import doctest, sys
from git_ccsync.operations import interface
runner = doctest.DocTestRunner()
made = [getattr(interface, name) for name in ORDER]
for one in made:
    for test in doctest.DocTestFinder(recurse=False).find(one, one.__name__, globs={}):
        runner.run(test)
print(runner.summarize(verbose=False))
sys.exit(runner.summarize(verbose=False).failed)
"""
#: In this order they tell the story of a first day.
ORDER = (
    "open_workspace",
    "sessions",
    "push",
    "pull",
    "sync",
    "status",
    "to_portable",
    "to_local",
    "write_ccsync",
    "read_ccsync",
)


@pytest.fixture
def laptop(world: World) -> Machine:
    machine = world.machine("laptop")
    machine.session("fix bug")
    machine.init()
    return machine


def python(machine: Machine, *words: str) -> subprocess.CompletedProcess[str]:
    env = machine.env | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *words], cwd=machine.clone, env=env, capture_output=True, text=True, check=False
    )


def test_every_function_has_an_example_and_it_runs(laptop: Machine) -> None:
    functions = {name for name in interface.__all__ if callable(getattr(interface, name)) and name[0].islower()}
    parser = doctest.DocTestParser()
    assert {name for name in functions if parser.get_examples(getattr(interface, name).__doc__)} == functions
    assert functions == set(ORDER)
    done = python(laptop, "-c", f"ORDER = {ORDER!r}\n{EXAMPLES}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_readme_says_what_is_true(laptop: Machine) -> None:
    text = (ROOT / "README.md").read_text()
    section = text[text.index("## From Python") :]
    code = section[section.index("```python\n") + 10 :]
    done = python(laptop, "-c", code[: code.index("```")])
    assert done.returncode == 0, done.stderr
    assert "fix bug" in done.stdout


def test_a_users_program_runs(laptop: Machine) -> None:
    done = python(laptop, str(PROGRAM), str(laptop.clone))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("fix bug ")


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("mypy"), reason="mypy (extra [dev]) is not installed")
def test_a_users_program_is_typed(tmp_path: Path) -> None:
    words = ["-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", str(PROGRAM)]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_names_are_those_of_the_library() -> None:
    assert set(git_ccsync.__all__) == {*interface.__all__, "__version__"}
    assert all(getattr(git_ccsync, name) is getattr(interface, name) for name in interface.__all__)
    assert set(git_ccsync.__all__) <= set(dir(git_ccsync))
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        git_ccsync.nonsense  # noqa: B018
    assert (Path(git_ccsync.__file__).parent / "py.typed").exists()


def test_importing_it_loads_nothing() -> None:
    code = (
        "import sys, __future__; before = set(sys.modules); import git_ccsync; print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "['git_ccsync']\n"


def test_errors_are_of_one_kind(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = world.machine("laptop")
    done = python(
        machine,
        "-c",
        "import git_ccsync as g\ntry: g.push(g.open_workspace())\nexcept g.CcsyncError as e: print(e.status)",
    )
    assert done.stdout == "1\n"
