"""What a company sets for all its computers: obeyed as git obeys its system configuration, and not talked out of it below.
What a repository brings along is no setting.
"""

from __future__ import annotations

from pathlib import Path

import pytest

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
