"""What a company sets for all its computers: obeyed as git obeys its system configuration, and not talked out of it below.
What a repository brings along is no setting.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from git_ccsync.errors import Refused
from git_ccsync.git.config import Config
from git_ccsync.operations.destinations import policy
from tests.support.machine import Machine
from tests.support.world import World


@pytest.fixture
def system(world: World) -> Path:
    """The system's git configuration of the computers of this test."""
    return world.directory / "etc-gitconfig"


def governed(machine: Machine, system: Path, text: str) -> Machine:
    """The machine, with that text as its system's configuration."""
    system.write_text(text)
    machine.env |= {"GIT_CONFIG_NOSYSTEM": "0", "GIT_CONFIG_SYSTEM": str(system)}
    return machine


def test_a_rule_that_says_nothing_forbids_all() -> None:
    """A line of `require` alone was meant to forbid something, too."""
    with pytest.raises(Refused, match=r"'ccsync.require' has no value: nothing is sent"):
        policy.required(Config({"ccsync.require": ["private", None]}))
    assert policy.required(Config({"ccsync.require": ["", "private"]})) == {policy.PRIVATE}


@pytest.mark.slow
@pytest.mark.parametrize("lower", ["", "private", "off"])
def test_what_must_be_encrypted_is_not_sent_plain(world: World, system: Path, lower: str) -> None:
    """Neither by init nor by push, whoever agreed to the place and whatever a lower scope says."""
    laptop = governed(world.machine("laptop"), system, "[ccsync]\n\trequire = encrypt\n")
    session = laptop.session("fix bug")
    laptop.git("config", "ccsync.require", lower)
    refused = laptop.ccsync("init", "--yes", "--machine", "laptop", status=1)
    told = (
        f"sessions must be encrypted (ccsync.require=encrypt in '{system}'), and those of this repository are not"
        if lower != "off"
        else "'ccsync.require' is 'off', which this version does not know: nothing is sent"
    )
    assert f"error: {told}" in refused.err.splitlines()
    assert not world.branch()
    system.write_text("")
    laptop.git("config", "--unset", "ccsync.require")
    laptop.init()
    system.write_text("[ccsync]\n\trequire = encrypt\n")
    laptop.git("config", "ccsync.require", lower)
    for words in (("push",), ("sync",), ("push", str(world.remote))):
        assert f"error: {told}" in laptop.ccsync(*words, status=1).err.splitlines()
    assert not [path for path in world.branch() if path.startswith("sessions/")]
    system.write_text("")
    laptop.git("config", "--unset", "ccsync.require")
    laptop.ok("push")
    assert world.stored(session.id)


@pytest.mark.slow
def test_a_public_place_cannot_be_allowed_where_private_ones_are_asked_for(world: World, system: Path) -> None:
    url = world.http().url("app.git")
    laptop = world.machine("laptop", url=url)
    laptop.session("fix bug")
    laptop.init("--allow-public", url)
    laptop.ok("push")
    before = world.git("rev-parse", "refs/ccsync/al")
    governed(laptop, system, "[ccsync]\n\trequire = private\n\tallowPublic = " + url + "\n")
    laptop.session("another")
    refused = laptop.ccsync("push", status=1)
    assert refused.err == (
        f"error: sessions must not go to a public place (ccsync.require=private in '{system}'), "
        f"and everyone can read '{url}'\n"
        "hint: git ccsync init --remote <url>\n"
        "hint:     sends them to a private repository instead\n"
        "hint: git config --show-scope --show-origin --get-all ccsync.require\n"
        "hint:     tells who asks for it\n"
    )
    other = governed(world.machine("desktop", url=url), system, system.read_text())
    assert other.ccsync("init", "--yes", "--allow-public", url, status=1).err == refused.err
    assert world.git("rev-parse", "refs/ccsync/al") == before


def test_what_the_system_sets_holds_until_a_lower_scope_sets_it(world: World, system: Path) -> None:
    laptop = governed(world.machine("laptop"), system, "[ccsync]\n\tsecrets = block\n\tmessage = company {machine}\n")
    session = laptop.session("fix bug")
    session.write(session.rows.user("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYzK8pQ2vRt7wL"))
    laptop.init()
    assert "holds a secret" in laptop.ccsync("push", status=1).err
    laptop.git("config", "ccsync.secrets", "redact")
    laptop.ok("push")
    assert b"wJalrXUtnFEMI" not in world.stored(session.id)
    assert world.git("log", "-1", "--format=%s", "refs/ccsync/al") == "company laptop"


# --- what a repository brings along


def test_a_repository_in_the_files_of_another_is_not_gone_into(world: World) -> None:
    """Files named like those of a git directory, with a configuration, a destination and even a consent: whoever can read
    the branch knows the machine's id. Git itself would take a directory of theirs for a repository.
    """
    (laptop,) = world.initialised("laptop")
    laptop.session("fix bug")
    laptop.ok("push")
    (machine,) = [path.name for path in laptop.clone.glob(".git/ccsync/*/") if (path / "binding").exists()]
    theirs, trap = world.directory / "theirs.git", laptop.clone / "docs"
    world.git("init", "-q", "--bare", str(theirs))
    world.git("init", "-q", "--bare", str(trap))
    world.git("--git-dir", str(trap), "fetch", "-q", str(world.remote), "refs/ccsync/al:refs/ccsync/al")
    (trap / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = ..\n"
        f'[remote "origin"]\n\turl = {theirs}\n[ccsync]\n\tbranch = al\n\tremote = origin\n\tsummarizer = touch {trap}/ran\n'
    )
    (trap / "ccsync" / machine).mkdir(parents=True)
    (trap / "ccsync" / machine / "consent").write_text(f"{theirs}\t1\tprivate\t{int(world.now)}\n")
    for words in (("push",), ("sync",), ("status",), ("hook", "SessionEnd")):
        done = laptop.ccsync(*words, cwd=trap)
        assert "this is a bare repository" in done.err or words[0] == "hook"
    assert not world.git("--git-dir", str(theirs), "for-each-ref")
    assert not (trap / "ran").exists()


@pytest.mark.parametrize("rules", [b"!scratch/\n!*\n", b"!\n[z-a]\n\\\n/\n\xff\n" + b"*a" * 30, None])
def test_an_ignore_file_of_a_clone_can_leave_out_more_and_nothing_less(world: World, rules: bytes | None) -> None:
    """None: a link to a terminal, which nobody waits for. The stars would take longer than anybody lives."""
    (laptop,) = world.initialised("laptop")
    laptop.git("config", "--global", "ccsync.ignore", "scratch/")
    for name in ("scratch", "b" + "a" * 200):
        (laptop.clone / name).mkdir()
    if rules is None:
        (laptop.clone / ".ccsyncignore").symlink_to("/dev/tty")
    else:
        (laptop.clone / ".ccsyncignore").write_bytes(rules)
    hidden, session = laptop.session("mine", cwd=laptop.clone / "scratch"), laptop.session("fix bug")
    laptop.session("long", cwd=laptop.clone / ("b" + "a" * 200))
    laptop.ok("push")
    assert world.stored(session.id)
    assert not [path for path in world.branch() if hidden.id in path]


# --- encrypted branches


@pytest.mark.slow
def test_an_encrypted_branch_is_what_is_asked_for(world: World, system: Path) -> None:
    """What is in clear of its past goes nowhere else, though: not where encryption is asked for, not to a public place."""
    pytest.importorskip("pyrage")
    (laptop,) = world.initialised("laptop")
    session = laptop.session("fix bug")
    laptop.ok("push")
    laptop.append(session)
    governed(laptop, system, "[ccsync]\n\trequire = encrypt\n")
    assert laptop.ccsync("push", status=1).err.startswith("error: sessions must be encrypted")
    laptop.ok("init", "--yes", "--encrypt")  # also what the push above has committed here
    laptop.ok("push")
    assert world.git("show", "refs/ccsync/al:format").endswith("sealed")
    elsewhere = world.remote.with_name("elsewhere.git")
    world.git("init", "-q", "--bare", str(elsewhere))
    laptop.append(session)
    refused = laptop.ccsync("init", "--yes", "--remote", str(elsewhere), status=1)
    assert "hint: git ccsync key rotate --rewrite" in refused.err
    system.write_text("[ccsync]\n\trequire = private\n")
    laptop.ok("push")
    system.write_text("")
    url = world.http().url("elsewhere.git")
    refused = laptop.ccsync("init", "--yes", "--remote", url, status=1)
    assert refused.err.splitlines()[0].startswith("error: everyone can read")
    assert "hint: git ccsync key rotate --rewrite\n" in refused.err
    assert "--encrypt" not in refused.err
    assert not world.git("--git-dir", str(elsewhere), "for-each-ref")
    system.write_text("[ccsync]\n\trequire = encrypt\n")
    laptop.ok("key", "rotate", "--rewrite", "--yes")
    laptop.ok("init", "--yes", "--remote", url)
    laptop.ok("push")
    assert "bug" not in world.git("--git-dir", str(elsewhere), "log", "--all", "-p")
