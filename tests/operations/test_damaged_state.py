"""Damaged files in the state directories: bad lines are passed over, and no command is lost for one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.support.machine import Machine

JUNK = {
    "a NUL": b"/a\0b\n",
    "random bytes": random.Random(1).randbytes(400) + b"\n",
    "fields of random bytes": b"\t".join(random.Random(2).randbytes(9).replace(b"\n", b"") for _ in range(40)) + b"\n",
    "words": b"REPO\tx\nseen\t\npush\tyesterday\npull\t-1\n%zz\n",
    "long numbers": b"push\t" + b"9" * 400 + b"\npull\t\xd9\xa3\nfetched\t\xc2\xb2\n",
}
#: These say who this machine is; without them it is another one.
OWN = ("id", "binding")


def damage(top: Path, junk: bytes) -> list[str]:
    """Put junk behind every line-wise file, and in the place of every other one."""
    damaged = []
    for path in sorted(path for path in top.rglob("*") if path.is_file() and path.name not in (*OWN, "lock")):
        data = path.read_bytes()
        path.write_bytes(data + junk if data.endswith(b"\n") else junk)
        damaged.append(path.name)
    return damaged


@pytest.mark.slow
@pytest.mark.parametrize("kind", JUNK)
def test_every_command_still_works(laptop: Machine, kind: str) -> None:
    session = laptop.session("fix bug")
    laptop.ok("push")
    for verb in ("pull", "status", "list"):
        laptop.ok(verb)
    assert {"trees", "roots", "here", "marks"} <= {*damage(laptop.clone / ".git" / "ccsync", JUNK[kind])}
    damage(laptop.home / ".local" / "state" / "git-ccsync", JUNK[kind])
    for args in (["status"], ["list"], ["show", session.id[:8]], ["machine", "list"], ["tasks"]):
        assert "fatal" not in laptop.ok(*args).err
    laptop.append(session)
    for args in (["push"], ["pull"], ["sync"], ["status", "--exit-code"], ["list", "--all"]):
        assert laptop.ok(*args).status == 0
    assert "in step" in laptop.ok("status").out
