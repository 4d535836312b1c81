"""What is remembered of a repository: believed while all that it came from stands as it was, and not a moment longer."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from git_ccsync.git import config, known, repository


@pytest.fixture
def settled(place, git):
    """The repository, with configuration that is old enough to be believed."""
    git("config", "ccsync.branch", "al")
    age(place)
    return place


def age(place) -> None:
    for path in (*(place / ".git").iterdir(), Path(os.environ["HOME"], ".gitconfig")):
        os.utime(path, (time.time() - 60,) * 2)


def asked(cwd):
    """What git says, and whether it is to be believed later."""
    found = repository.discover(str(cwd)), config.read(str(cwd))
    return found, known.note(*found, str(cwd), os.environ)


def test_it_says_what_git_said(settled):
    below = settled / "a" / "b"
    below.mkdir(parents=True)
    for cwd in (settled, below):
        (repo, values), note = asked(cwd)
        again = known.recall(note, str(cwd), os.environ)
        assert again
        assert again[0] == repo
        assert again[1].items() == values.items()
        assert again[1].get("ccsync.branch") == "al"


@pytest.mark.parametrize("change", ["value", "home", "xdg", "worktree config", "shallow", "nested", "gone"])
def test_any_change_is_seen(settled, git, tmp_path, monkeypatch, change):
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home/.config"))
    (tmp_path / "home/.config/git").mkdir(parents=True)
    below = settled / "a" / "b"
    below.mkdir(parents=True)
    _, note = asked(below)
    assert known.recall(note, str(below), os.environ)
    if change == "value":
        git("config", "ccsync.branch", "bo")
    elif change == "home":
        (tmp_path / "home/.gitconfig").write_text("[a]\n\tb = c\n")
    elif change == "xdg":
        (tmp_path / "home/.config/git/config").write_text("[a]\n\tb = c\n")
    elif change == "worktree config":
        (settled / ".git/config.worktree").write_text("[a]\n\tb = c\n")
    elif change == "shallow":
        (settled / ".git/shallow").write_text("")
        os.utime(settled / ".git/shallow", (1, 1))
    elif change == "nested":
        (settled / "a/.git").write_text("gitdir: elsewhere\n")
    else:
        os.rename(settled / ".git", settled / "other")
    assert known.recall(note, str(below), os.environ) is None


@pytest.mark.parametrize("name", ["GIT_CONFIG_SYSTEM", "GIT_CONFIG_GLOBAL"])
@pytest.mark.parametrize("was", [None, ""])
def test_what_a_company_puts_into_a_place_of_its_own_is_seen(settled, tmp_path, monkeypatch, name, was):
    """Also into a file that was not there, or in which nothing was: git names no such file as an origin."""
    named = tmp_path / "named"
    monkeypatch.setenv(name, str(named))
    if was is not None:
        named.write_text(was)
        os.utime(named, (time.time() - 60,) * 2)
    _, note = asked(settled)
    assert known.recall(note, str(settled), os.environ)
    named.write_text("[ccsync]\n\trequire = encrypt\n")
    assert known.recall(note, str(settled), os.environ) is None


@pytest.mark.parametrize("name", ["GIT_CONFIG_COUNT", "GIT_DIR", "GIT_CONFIG_PARAMETERS", "HOME", "PATH"])
def test_another_environment_is_another_question(settled, name):
    _, note = asked(settled)
    assert known.recall(note, str(settled), {**os.environ, name: "1"}) is None


def test_the_name_of_a_trace_is_none(settled):
    """A git with trace2 switched on names each of its runs to its children: that is no other configuration."""
    _, note = asked(settled)
    for session in ("20261121T1-P1", "20261121T2-P2"):
        assert known.recall(note, str(settled), {**os.environ, "GIT_TRACE2_PARENT_SID": session})


def test_it_is_not_believed_for_ever(settled, monkeypatch):
    _, note = asked(settled)
    now = time.time()
    for later in (known.BELIEVED + 5, -3600):
        monkeypatch.setattr(time, "time", lambda later=later: now + later)
        assert known.recall(note, str(settled), os.environ) is None


@pytest.mark.parametrize("setting", ["include.path", "includeIf.gitdir:/x/.path"])
def test_what_hangs_on_other_files_is_not_remembered(settled, git, setting):
    git("config", setting, "/nowhere")
    age(settled)
    assert asked(settled)[1] is None


def test_only_the_plain_repository_is_remembered(settled, git, tmp_path):
    git("commit", "-q", "--allow-empty", "-m", "x")
    git("worktree", "add", "-q", str(tmp_path / "linked"))
    age(settled)
    assert asked(tmp_path / "linked")[1] is None


def test_a_change_of_this_very_moment_is_not_remembered(settled, git):
    git("config", "a.b", "c")
    os.utime(settled / ".git/config", (time.time() + 1,) * 2)
    assert asked(settled)[1] is None


@pytest.mark.parametrize("held", [None, (), {"a": 1}, (1, 2, 3)])
def test_nothing_is_made_of_what_it_did_not_say(settled, held):
    assert known.recall(held, str(settled), os.environ) is None
