"""Names of what travels beside sessions are looked at for secrets as those of side files are."""

from __future__ import annotations

from tests.acceptance.test_secrets import Secrets
from tests.operations.test_memory import write
from tests.support import unpack
from tests.support.world import World


def test_a_memory_file_whose_name_is_a_secret_stays_here(world: World) -> None:
    secrets, laptop = Secrets(), world.machine("laptop")
    laptop.session("fix bug")
    write(laptop, f"{secrets.token()}.md", "one\n")
    write(laptop, "good.md", "two\n")
    laptop.init()
    done = laptop.ccsync("push", status=1)
    assert "holds a secret in its name: github-token " in done.err
    assert {path for path in world.branch() if path.startswith("memory/")} == {"memory/good.md"}
    assert unpack.search(world.remote, secrets.made) == []


def test_a_plan_whose_name_is_a_secret_stays_here(world: World) -> None:
    secrets, laptop = Secrets(), world.machine("laptop")
    private = world.directory / "private"
    laptop.ok("init", "--home", "--yes", "--machine", "laptop", "--remote", str(private))
    laptop.ok("global", "on", cwd=laptop.home)
    for name in (secrets.token(), "otter"):
        path = laptop.claude / "plans" / f"{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Plan\n")
    assert "holds a secret in its name: github-token " in laptop.ccsync("push", "--home", status=1).err
    assert unpack.search(private, secrets.made) == []
