"""Configuration as git itself sees it, from every place it can come from."""

from __future__ import annotations

import pytest

from git_ccsync.errors import CcsyncError, GitFailed
from git_ccsync.git import config


def test_every_source_counts(place, git, tmp_path, monkeypatch):
    (tmp_path / "more").write_text("[ccsync]\n\tincluded = yes\n")
    git("config", "include.path", str(tmp_path / "more"))
    git("config", "ccsync.remote", "origin")
    git("config", "--global", "ccsync.remote", "elsewhere")
    git("config", "--global", "ccsync.branch", "me")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "ccsync.since")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "2026-01-01")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'ccsync.message=from -c'")
    found = config.read(str(place))
    assert found.get("ccsync.remote") == "origin"
    assert found.get_all("ccsync.remote") == ("elsewhere", "origin")
    assert found.get("ccsync.branch") == "me"
    assert found.get_bool("ccsync.included")
    assert found.get("ccsync.since") == "2026-01-01"
    assert found.get("ccsync.message") == "from -c"


def test_a_work_trees_own_configuration(place, git, tmp_path):
    git("config", "extensions.worktreeConfig", "true")
    git("worktree", "add", "-q", str(tmp_path / "side"))
    git("config", "--worktree", "ccsync.translate", "false", cwd=tmp_path / "side")
    assert not config.read(str(tmp_path / "side")).get_bool("ccsync.translate", default=True)
    assert config.read(str(place)).get_bool("ccsync.translate", default=True)


def test_what_our_calls_set_does_not_show(repo, git):
    assert config.read(git_dir=repo.git_dir).get("core.hooksPath") == ""
    git("config", "core.hooksPath", ".githooks")
    assert config.read(git_dir=repo.git_dir).get("core.hooksPath") == ".githooks"


def test_keys_are_compared_as_git_does(repo, git):
    git("config", "Remote.Some.Where.URL", "u")
    found = config.read(git_dir=repo.git_dir)
    assert found.get("REMOTE.Some.Where.url") == "u"
    assert found.get("remote.some.where.url") == ""
    assert found.remotes() == ("Some.Where",)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("x", True), ("x = ON", True), ("x = no", False), ("x =", False), ("x = 2k", True), ("x = 0", False)],
)
def test_booleans(repo, place, written, meant):
    with open(place / ".git/config", "a") as file:
        file.write(f"[ccsync]\n\t{written}\n")
    assert config.read(git_dir=repo.git_dir).get_bool("ccsync.x", default=not meant) is meant


@pytest.mark.parametrize(("written", "meant"), [("7", 7), ("2k", 2048), ("0", 0), ("1g", 1 << 30)])
def test_numbers(repo, git, written, meant):
    git("config", "ccsync.x", written)
    assert config.read(git_dir=repo.git_dir).get_int("ccsync.x") == meant


def test_nonsense_is_refused_in_gits_words(repo, git):
    git("config", "ccsync.x", "maybe")
    found = config.read(git_dir=repo.git_dir)
    with pytest.raises(CcsyncError, match=r"bad boolean config value 'maybe' for 'ccsync.x'"):
        found.get_bool("ccsync.x")
    with pytest.raises(CcsyncError, match=r"bad numeric config value 'maybe' for 'ccsync.x'"):
        found.get_int("ccsync.x")
    assert found.get_int("ccsync.absent", 5) == 5
    git("config", "ccsync.x", "-1M")
    with pytest.raises(CcsyncError, match=r"bad numeric config value '-1M' for 'ccsync.x'"):
        config.read(git_dir=repo.git_dir).get_int("ccsync.x")


def test_a_value_of_many_lines(repo, git):
    git("config", "ccsync.x", "a\nb = c\n")
    assert config.read(git_dir=repo.git_dir).get("ccsync.x") == "a\nb = c\n"


def test_remotes_are_those_with_a_place(repo, git):
    git("remote", "add", "origin", "/a")
    git("config", "remote.push.pushurl", "/b")
    git("config", "remote.half.prune", "true")
    assert config.read(git_dir=repo.git_dir).remotes() == ("origin", "push")


def test_a_broken_file_is_told_with_its_line(place):
    (place / ".git/config").write_text((place / ".git/config").read_text() + "[broken\n")
    with pytest.raises(GitFailed, match=r"bad config line"):
        config.read(str(place))


def test_writing(repo, git):
    for value in ("-strange", "b"):
        config.add_value(repo, "ccsync.ignore", value)
    assert git("config", "--get-all", "ccsync.ignore") == "-strange\nb"
    config.set_value(repo, "ccsync.ignore", "--c")
    assert git("config", "--get-all", "ccsync.ignore") == "--c"
    config.unset(repo, "ccsync.ignore")
    config.unset(repo, "ccsync.ignore")
    config.set_value(repo, "ccsync.remote", "x", glob=True)
    assert git("config", "--local", "--get-regexp", "^core.bare") == "core.bare false"
    assert git("config", "--global", "ccsync.remote") == "x"
