"""Whether a shell finds the completions: its own places, start files, links; of the login shell alone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from git_ccsync.cli import shells


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    place = tmp_path / "home"
    place.mkdir()
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "share"))
    return place


def found(monkeypatch: pytest.MonkeyPatch, shell: str, *, fix: bool = False) -> bool:
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    (check,) = shells.checks(fix=fix)
    assert check.name == shell
    assert check.ok == (not check.mend)
    return check.ok


@pytest.mark.parametrize(
    ("shell", "place", "line"),
    [
        ("bash", ".bashrc", 'eval "$(git ccsync completion bash)"'),
        ("zsh", ".zfunc/_git-ccsync", "#compdef git-ccsync"),
        ("fish", ".config/fish/conf.d/git-ccsync.fish", "complete -c git-ccsync"),
        ("fish", ".config/fish/config.fish", "git ccsync completion fish | source"),
    ],
)
def test_what_the_manual_says_is_found(
    monkeypatch: pytest.MonkeyPatch, home: Path, shell: str, place: str, line: str
) -> None:
    assert not found(monkeypatch, shell)
    (home / place).parent.mkdir(parents=True, exist_ok=True)
    (home / place).write_text(f"# mine\n{line}\n")
    assert found(monkeypatch, shell)


def test_short_functions_are_no_completion(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    (home / ".bashrc").write_text('eval "$(git ccsync completion bash --aliases)"\n')
    assert not found(monkeypatch, "bash")


def test_the_mend_for_zsh_works_as_it_stands(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("SHELL", "/usr/bin/zsh")
    (check,) = shells.checks()
    program = home / "bin" / "git-ccsync"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho '#compdef git-ccsync'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    subprocess.run(["sh", "-c", check.mend.split("'")[1]], check=True)
    assert found(monkeypatch, "zsh")


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_fix_links_them(monkeypatch: pytest.MonkeyPatch, home: Path, shell: str) -> None:
    assert found(monkeypatch, shell, fix=True)
    links = [path for path in (home / ".local/share").rglob("git-ccsync*") if path.is_symlink()]
    assert len(links) == {"bash": 1, "fish": 2}[shell]
    assert all(path.read_bytes() for path in links)
    assert found(monkeypatch, shell)


def test_another_login_shell_means_all_that_are_installed(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setenv("SHELL", "/bin/sh")
    assert {check.name for check in shells.checks()} <= {"bash", "zsh", "fish"}
