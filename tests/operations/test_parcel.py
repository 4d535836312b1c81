"""`export --to`: a file that only one reader can open, and what import says to everybody else."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.support.opening import check_opens

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.machine import Machine
    from tests.support.world import World

pyrage = pytest.importorskip("pyrage")


@pytest.fixture
def al(world: World) -> Machine:
    return world.machine("laptop")


@pytest.fixture
def bob(world: World, al: Machine) -> Machine:
    return world.machine("desktop", email="bob@example.com")


def ssh_key(place: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    """A new pair of keys; the private one's path."""
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    words = [
        "ssh-keygen",
        "-q",
        "-t",
        kind,
        *(["-b", "2048"] if kind == "rsa" else []),
        "-N",
        passphrase,
        "-C",
        "bob@desktop",
        "-f",
        str(place),
    ]
    subprocess.run(words, check=True)
    return place


def sent(al: Machine, tmp_path: Path, *to: str) -> tuple[str, Path]:
    """A session encrypted to these keys: its id and the file."""
    session, file = al.session("fix bug"), tmp_path / "for-bob.ccsync"
    done = al.ok("export", session.id, *(word for one in to for word in ("--to", one)), "-o", str(file))
    assert "private half" in done.err
    text = file.read_bytes()
    assert not any(part in text for part in (session.id.encode(), b"fix bug", b"question", os.fsencode(al.clone)))
    return session.id, file


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_key_of_ssh_opens_it(al: Machine, bob: Machine, tmp_path: Path, kind: str) -> None:
    key = ssh_key(bob.home / ".ssh" / f"id_{kind}", kind)
    session, file = sent(al, tmp_path, f"{key}.pub")
    bob.ok("import", str(file))
    check_opens(bob.path(session), bob.clone)
    refused = al.ccsync("import", str(file), status=1)
    assert "is encrypted, and neither this machine's own key nor one in ~/.ssh opens it" in refused.err


def test_a_named_key_and_several_readers(al: Machine, bob: Machine, tmp_path: Path) -> None:
    secret = pyrage.x25519.Identity.generate()
    other = ssh_key(tmp_path / "keys" / "other")
    session, file = sent(al, tmp_path, str(secret.to_public()), f"{other}.pub")
    named = tmp_path / "identity"
    named.write_text(f"# of bob's\n{secret}\n")
    wrong = ssh_key(tmp_path / "keys" / "wrong")
    assert "and not to the key in" in bob.ccsync("import", "--identity", str(wrong), str(file), status=1).err
    assert "holds no private key" in bob.ccsync("import", "--identity", f"{wrong}.pub", str(file), status=1).err
    bob.ok("import", "--identity", str(named), str(file))
    check_opens(bob.path(session), bob.clone)
    assert "all of it is here already" in bob.ok("import", "--identity", str(other), str(file)).out


def test_what_cannot_be(al: Machine, bob: Machine, tmp_path: Path) -> None:
    key = ssh_key(bob.home / ".ssh" / "id_ed25519", passphrase="secret words")
    _, file = sent(al, tmp_path, f"{key}.pub")
    locked = bob.ccsync("import", str(file), status=1).err
    assert f"it is encrypted to '{key}', which has a passphrase" in locked
    opens = ssh_key(tmp_path / "keys" / "open")
    _, file = sent(al, tmp_path, f"{opens}.pub")
    file.write_bytes(file.read_bytes()[:-20])
    assert "damaged, or not whole" in bob.ccsync("import", "--identity", str(opens), str(file), status=1).err
    assert not bob.sessions()
    out = str(tmp_path / "x")
    assert "private key" in al.ccsync("export", "--to", str(opens), "-o", out, status=129).err
    assert "no public key" in al.ccsync("export", "--to", "bob", "-o", out, status=1).err
    assert "--to does not go" in al.ccsync("export", "--bundle", "--to", f"{opens}.pub", "-o", out, status=129).err
    assert not os.path.exists(out)
