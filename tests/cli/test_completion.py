"""TAB in real shells: bash with git's completion and bash-completion, zsh with its own _git, fish. Values come from a
stand-in for `git ccsync complete`, so that only the shells' side is asked here; test_complete.py asks ours.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from git_ccsync.cli.commands import group
from tests.cli.terminal import Terminal
from tests.support.machine import ROOT

COMPLETIONS = ROOT / "completions"
BASH_COMPLETION = Path("/usr/share/bash-completion/bash_completion")

STAND_IN = """#!/bin/sh
[ "$1" = complete ] || exit 1
[ "$2" != --home ] || { shift; echo home >>"$HOME/asked"; }
pwd >>"$HOME/asked"
grep "^$3" "$HOME/values-$2" 2>/dev/null
exit 0
"""

VALUES = {
    "sessions": [
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301\tFix the parser (from laptop)",
        "3f9a1c22-0000-41d3-9a0c-0305e82c3302\tA title of 'quotes' & $(signs)",
        "8b21ab77-0000-41d3-9a0c-0305e82c3303",
    ],
    "machines": ["laptop\t3 sessions", "old desktop\t1 session"],
    "remotes": ["origin\tgit@host:acme/app.git", "desktop\tdesktop:src/app"],
    "branches": ["me", "alice"],
    "placeholders": ["PROJECTS\t/home/al/projects"],
}
VALUES["restorable"] = [*VALUES["sessions"], "9c000000-0000-41d3-9a0c-0305e82c3304\tit was removed"]

needs = {
    shell: pytest.mark.skipif(not shutil.which(shell), reason=f"{shell} is not installed") for shell in ("zsh", "fish")
}
needs["bash"] = pytest.mark.skipif(not BASH_COMPLETION.exists(), reason="bash-completion is not installed")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A directory with the stand-in in bin/, a repository in `repo`, and the completions where shells look."""
    home = Path(os.environ["HOME"])
    binary = tmp_path / "bin" / "git-ccsync"
    binary.parent.mkdir()
    binary.write_text(STAND_IN)
    binary.chmod(0o755)
    for kind, lines in VALUES.items():
        (home / f"values-{kind}").write_text("".join(f"{line}\n" for line in lines))
    (tmp_path / "carried.bundle").touch()
    (tmp_path / "carried.txt").touch()
    subprocess.run(["git", "init", "-q", str(tmp_path / "repo")], check=True)
    return tmp_path


def environment(desk: Path) -> dict[str, str]:
    data = desk / "share"
    for source, target in (
        ("bash/git-ccsync", "bash-completion/completions/git-ccsync"),
        ("fish/git-ccsync.fish", "fish/vendor_completions.d/git-ccsync.fish"),
        ("fish/conf.d/git-ccsync.fish", "fish/vendor_conf.d/git-ccsync.fish"),
    ):
        (data / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(COMPLETIONS / source, data / target)
    path = f"{desk / 'bin'}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "XDG_DATA_DIRS": f"{data}:/usr/local/share:/usr/share", "TERM": "xterm"}


BASH_START = f"""
PS1='READY> '
bind 'set bell-style none' 'set show-all-if-ambiguous on' 'set completion-query-items 0' 'set page-completions off'
bind 'set enable-bracketed-paste off'
bind -x '"\\C-t": printf "%s\\n" "$READLINE_LINE" >>"$HOME/lines"'
. {BASH_COMPLETION}
"""

ZSH_START = """
PROMPT='READY> '
unsetopt beep auto_list prompt_cr prompt_sp
setopt auto_list list_packed
LISTMAX=1000
fpath=({completions}/zsh $fpath)
autoload -U compinit && compinit -u -D
bindkey -e
dump () {{ print -r -- "$BUFFER" >>"$HOME/lines" }}
zle -N dump
bindkey '^T' dump
"""


class Shell:
    """A shell on a terminal: `line` is what a line has become after TAB, `listed` what TAB shows."""

    def __init__(self, name: str, desk: Path, columns: int) -> None:
        env = environment(desk)
        start = desk / f"start.{name}"
        if name == "bash":
            start.write_text(BASH_START)
            argv = ["bash", "--noprofile", "--rcfile", str(start), "-i"]
        else:
            start.write_text(ZSH_START.format(completions=COMPLETIONS))
            argv = ["zsh", "-f", "-i"]
        self.terminal = Terminal(argv, env, cwd=desk, columns=columns)
        if name == "zsh":
            self.terminal.type(f". '{start}'\n")
        self.count = 0
        self.terminal.wait_for("READY> ")
        self._mark()

    def _mark(self) -> str:
        self.count += 1
        before = len(self.terminal.screen)
        # Quoted in two halves: the echo of what is typed must not look like what it prints.
        self.terminal.type(f"\x15echo 'MA''RK{self.count}'\n")
        # The prompt after it: before that, keys go to the terminal's own line editing.
        return self.terminal.wait_for(f"(?s)\nMARK{self.count}\n.*READY> ")[before:]

    def line(self, typed: str) -> str:
        """What the line says after TAB (^T writes it down)."""
        self.terminal.type(f"\x15{typed}\t\x14")
        self._mark()
        return (Path(os.environ["HOME"]) / "lines").read_text().splitlines()[-1]

    def listed(self, typed: str) -> str:
        """What the screen shows after TAB."""
        self.terminal.type(f"\x15{typed}\t")
        return self._mark()


@pytest.fixture
def shell(desk: Path, request: pytest.FixtureRequest) -> Callable[..., Shell]:
    def start(name: str, columns: int = 120) -> Shell:
        made = Shell(name, desk, columns)
        request.addfinalizer(made.terminal.__exit__)
        return made

    return start


def fish(desk: Path, typed: str, cwd: Path | None = None) -> dict[str, str]:
    """fish's own answer: candidates and their descriptions."""
    done = subprocess.run(
        ["fish", "-c", "complete -C $argv[1]", typed],
        env=environment(desk),
        cwd=cwd or desk,
        capture_output=True,
        check=True,
        text=True,
    )
    return {value: told for value, _, told in (line.partition("\t") for line in done.stdout.splitlines())}


@pytest.mark.slow
def test_what_a_word_becomes(desk: Path, shell: Callable[..., Shell], name: str) -> None:
    one = shell(name)
    assert one.line("git ccsync pus") == "git ccsync push "
    assert one.line("git-ccsync pus") == "git-ccsync push "
    assert one.line("git -C repo ccsync stat") == "git -C repo ccsync status "
    assert one.line("git ccsync push --dr").rstrip() == "git ccsync push --dry-run"
    assert one.line("git ccsync push ori").rstrip() == "git ccsync push origin"
    assert one.line("git ccsync pull carr").rstrip() == "git ccsync pull carried.bundle"
    assert one.line("git ccsync restore 9c").rstrip() == "git ccsync restore 9c000000-0000-41d3-9a0c-0305e82c3304"
    assert one.line("git ccsync show 8b").rstrip() == "git ccsync show 8b21ab77-0000-41d3-9a0c-0305e82c3303"
    assert one.line("git-ccsync push --session=8b").rstrip().endswith("--session=8b21ab77-0000-41d3-9a0c-0305e82c3303")
    assert one.line("git ccsync push --session 8b").rstrip().endswith("--session 8b21ab77-0000-41d3-9a0c-0305e82c3303")
    assert one.line("git ccsync list --machine=old").rstrip() == r"git ccsync list --machine=old\ desktop"
    assert one.line("git ccsync machine for").rstrip() == "git ccsync machine forget"
    assert one.line("git ccsync machine forget lap").rstrip() == "git ccsync machine forget laptop"
    assert one.line("git ccsync resume 8b").rstrip() == "git ccsync resume 8b21ab77-0000-41d3-9a0c-0305e82c3303"
    assert one.line("git ccsync resume --machine=old").rstrip() == r"git ccsync resume --machine=old\ desktop"
    assert one.line("git ccsync lease pru").rstrip() == "git ccsync lease prune"
    assert (
        one.line("git ccsync lease prune 8b").rstrip() == "git ccsync lease prune 8b21ab77-0000-41d3-9a0c-0305e82c3303"
    )
    assert one.line("git ccsync placeholder rm PRO").rstrip() == "git ccsync placeholder rm PROJECTS"
    assert one.line("git ccsync init --branch=al").rstrip() == "git ccsync init --branch=alice"
    assert one.line("git ccsync completion z").rstrip() == "git ccsync completion zsh"
    assert one.line("git ccsync list --branch rep") == "git ccsync list --branch rep", "a file is no branch"
    assert one.line("git ccsync push --session=rep").endswith("--session=rep")
    assert one.line("git ccsync show rep") == "git ccsync show rep"
    assert one.line("git ccsync init --remote rep").rstrip("/ ") == "git ccsync init --remote repo"
    assert one.line("git ccsync --hom").rstrip() == "git ccsync --home"
    assert one.line("git ccsync --home pus") == "git ccsync --home push "
    assert "home" not in asked()
    assert (
        one.line("git-ccsync --home show 8b").rstrip() == "git-ccsync --home show 8b21ab77-0000-41d3-9a0c-0305e82c3303"
    )
    assert "home" in asked()


def asked() -> list[str]:
    """Where values were asked for; "home" before it with --home."""
    return (Path(os.environ["HOME"]) / "asked").read_text().splitlines()


test_what_a_word_becomes = pytest.mark.parametrize(
    "name", [pytest.param("bash", marks=needs["bash"]), pytest.param("zsh", marks=needs["zsh"])]
)(test_what_a_word_becomes)


@pytest.mark.parametrize("name", [pytest.param("bash", marks=needs["bash"]), pytest.param("zsh", marks=needs["zsh"])])
def test_what_is_shown(desk: Path, shell: Callable[..., Shell], name: str) -> None:
    one = shell(name)
    shown = one.listed("git ccsync p")
    assert all(verb in shown for verb in ("push", "pull", "placeholder"))
    shown = one.listed("git -C repo ccsync restore 3f")
    assert "Fix the parser (from laptop)" in shown
    assert "A title of 'quotes' & $(signs)" in shown
    assert asked()[-1] == str(desk / "repo"), "the sessions are those of repository that -C names"


@needs["bash"]
def test_bash_keeps_descriptions_within_the_terminal(desk: Path, shell: Callable[..., Shell]) -> None:
    shown = shell("bash", columns=60).listed("git ccsync show 3f")
    assert "Fix the parser (fro…" in shown
    assert all(len(line) <= 60 for line in shown.splitlines())


@needs["fish"]
def test_fish_reads_one_file_alone_too(desk: Path) -> None:
    """`git ccsync completion fish | source`, or the same in ~/.config/fish/conf.d."""
    env = environment(desk) | {"XDG_DATA_DIRS": "/usr/share"}
    script = f"source {COMPLETIONS}/fish/git-ccsync.fish; complete -C 'git ccsync pu'"
    done = subprocess.run(["fish", "-c", script], env=env, cwd=desk, capture_output=True, check=True, text=True)
    assert {line.split("\t")[0] for line in done.stdout.splitlines()} == {"push", "pull", "purge"}


@pytest.mark.slow
@needs["fish"]
def test_fish(desk: Path) -> None:
    assert set(fish(desk, "git ccsync pu")) == {"push", "pull", "purge"}
    assert fish(desk, "git-ccsync pus")["push"] == "send what is new here"
    assert "--dry-run" in fish(desk, "git ccsync push --dr")
    assert "ccsync" in fish(desk, "git ccs")
    assert "push" in fish(desk, "git -C repo ccsync pus")
    assert len(fish(desk, "git -C repo ccsync restore 3f")) == 2
    assert asked()[-1] == str(desk / "repo")
    assert set(fish(desk, "git ccsync push ")) == {"origin", "desktop"}
    assert {"origin", "desktop", "carried.bundle"} <= set(fish(desk, "git ccsync pull "))
    assert "carried.txt" not in fish(desk, "git ccsync pull ")
    assert any("9c00" in word for word in fish(desk, "git ccsync restore 9c"))
    assert (
        fish(desk, "git ccsync restore 3f2")["3f2504e0-4f89-41d3-9a0c-0305e82c3301"] == "Fix the parser (from laptop)"
    )
    assert any("8b21ab77" in word for word in fish(desk, "git-ccsync push --session 8b"))
    assert any("8b21ab77" in word for word in fish(desk, "git-ccsync push --session=8b"))
    assert set(fish(desk, "git-ccsync machine ")) == {"list", "rename", "forget"}
    assert set(fish(desk, "git-ccsync machine forget ")) == {"laptop", "old desktop"}
    assert set(fish(desk, "git-ccsync lease ")) == {"list", "release", "prune"}
    assert any("8b21ab77" in word for word in fish(desk, "git-ccsync lease release 8b"))
    assert any("8b21ab77" in word for word in fish(desk, "git-ccsync resume --machine laptop 8b"))
    assert set(fish(desk, "git-ccsync placeholder rm ")) == {"PROJECTS"}
    assert set(fish(desk, "git-ccsync completion ")) == {"bash", "zsh", "fish"}
    assert "--home" in fish(desk, "git ccsync --ho")
    assert set(fish(desk, "git ccsync --home pu")) == {"push", "pull", "purge"}
    assert "home" not in asked()
    assert any("8b21ab77" in word for word in fish(desk, "git-ccsync --home show 8b"))
    assert "home" in asked()
    assert set(fish(desk, "git-ccsync --home machine ")) == {"list", "rename", "forget"}


def declared() -> dict[str, set[str]]:
    """By verb, or verb and action: the long options that click knows."""
    found: dict[str, set[str]] = {}
    root = group()
    context = click.Context(root, info_name="git ccsync")
    for verb in root.list_commands(context):
        command = root.get_command(context, verb)
        assert command is not None
        actions = command.commands.items() if isinstance(command, click.Group) else [("", command)]
        for action, one in actions:
            below = click.Context(
                one, info_name=action or verb, parent=click.Context(command, context, verb) if action else context
            )
            names = {name for param in one.get_params(below) for name in (*param.opts, *param.secondary_opts)}
            found[f"{verb} {action}".strip()] = {name for name in names if name.startswith("--")}
    return found


@needs["bash"]
def test_bash_knows_every_option(desk: Path) -> None:
    script = f". {COMPLETIONS}/bash/git-ccsync; " + "".join(
        f"verb={words.split()[0]} action='{' '.join(words.split()[1:])}'; echo \"{words}:\" $(__git_ccsync_options); "
        for words in declared()
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    answered = {}
    for line in done.stdout.splitlines():
        words, _, options = line.partition(":")
        answered[words] = {option.rstrip("=") for option in options.split()}
    assert answered == declared()


@pytest.mark.slow
@needs["fish"]
def test_fish_knows_every_option(desk: Path) -> None:
    for words, options in declared().items():
        found = {word.rstrip("=") for word in fish(desk, f"git-ccsync {words} --") if word.startswith("--")}
        assert found == options, words


@pytest.mark.slow
@needs["zsh"]
def test_zsh_knows_every_option(desk: Path, shell: Callable[..., Shell]) -> None:
    one = shell("zsh", columns=200)
    for words, options in declared().items():
        shown = one.listed(f"git-ccsync {words} --")
        listed = {word.rstrip("=") for word in shown.split() if word.startswith("--") and word != "--"}
        if len({option[:3] for option in options}) > 1:  # else what they share is typed, and nothing is listed yet
            assert listed >= options, words
