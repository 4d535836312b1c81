"""The ground that tests stand on is tested itself: the seal, the servers' moods, the live session, the key rule."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.machine import Machine
from tests.support.session import project_key
from tests.support.sshd import have_sshd
from tests.support.world import World


def test_the_real_claude_directory_cannot_be_touched() -> None:
    import pwd

    with pytest.raises(PermissionError, match="real Claude directory"):
        os.listdir(os.path.join(pwd.getpwuid(os.getuid()).pw_dir, ".claude"))


def test_nothing_of_the_caller_leaks_in(tmp_path: Path) -> None:
    origins = subprocess.run(["git", "config", "--list", "--show-origin"], capture_output=True, text=True, check=True)
    assert {line.split("\t")[0] for line in origins.stdout.splitlines()} == {f"file:{tmp_path}/sealed-home/.gitconfig"}
    assert sorted(key for key in os.environ if key.startswith("GIT_")) == [
        "GIT_ALLOW_PROTOCOL", "GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE", "GIT_CONFIG_NOSYSTEM", "GIT_TERMINAL_PROMPT",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/home/al/app.git", "-home-al-app-git"),
        ("/x/über 😀", "-x--ber---"),
        ("/" + "a" * 199, "-" + "a" * 199),
    ],
)
def test_project_keys(path: str, key: str) -> None:
    assert project_key(path) == key


def test_a_live_session_writes_and_leaves(world: World) -> None:
    laptop = world.machine("laptop")
    session = laptop.session("fix bug")
    claude = laptop.run_claude(session.id)
    data = claude.append()
    assert laptop.transcript(session.id).endswith(data)
    assert claude.marker.exists()
    claude.stop()
    assert not claude.marker.exists()


def test_two_machines_continue_a_session_differently(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    session = laptop.session("fix bug", id="00000000-0000-4000-8000-000000000001")
    desktop.session(id=session.id, lines=session.read())
    ours, theirs = laptop.append(session), desktop.append(session)
    assert ours != theirs
    assert b'"parentUuid":"' in theirs


def lies(world: World) -> dict[str, str]:
    """Every file of a world but for git's objects, with what differs by chance or time in the same words."""

    def plain(text: str) -> str:
        text = re.sub(r"[0-9a-f]{16,40}(-\d+)?", "<id>", text.replace(str(world.directory), "<world>"))
        return re.sub(r"\d{10}", "<time>", text)

    files = [path for path in sorted(world.directory.rglob("*")) if path.is_file() and "objects" not in path.parts]
    return {
        plain(str(path)): "" if path.name == "index" else plain(path.read_text()) + oct(path.stat().st_mode)
        for path in files
    }


def test_what_init_left_is_the_same_in_another_world(tmp_path: Path) -> None:
    with World(tmp_path / "one") as one, World(tmp_path / "another world") as other:
        for name in ("laptop", "desktop"):
            one.machine(name).init()
        machines = other.initialised("laptop", "desktop")
        assert lies(other) == lies(one)
        for path in other.directory.rglob("*"):
            assert not path.is_file() or b"ccsync-initialised-" not in path.read_bytes(), path
        for machine in machines:
            assert machine.ok("push").out == "Everything up-to-date\n"
            machine.git("fsck", "--strict")


def fetching(machine: Machine, url: str) -> subprocess.Popen[bytes]:
    """A `git fetch` from `url` that has just been started, in its own process group."""
    return subprocess.Popen(
        ["git", "fetch", "-q", url, "main"],
        cwd=machine.clone, env=machine.env, start_new_session=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def fetch(machine: Machine, url: str) -> int:
    """The status of a fetch from `url`."""
    return fetching(machine, url).wait(60)


def test_the_http_servers_moods(world: World) -> None:
    server, laptop = world.http(), world.machine("laptop")
    url = server.url("app.git")
    assert fetch(laptop, url) == 0
    laptop.git("push", "-q", url, "HEAD:refs/heads/anyone")
    server.password = "secret"
    assert fetch(laptop, url) == 0
    laptop.git("push", "-q", url, "HEAD:refs/heads/nobody", status=128)
    laptop.git("push", "-q", server.url("app.git", user="al:secret"), "HEAD:refs/heads/al")
    server.anonymous = False
    assert fetch(laptop, url) != 0
    server.push = False
    laptop.git("push", "-q", server.url("app.git", user="al:secret"), "HEAD:refs/heads/b", status=128)
    assert "refs/heads/nobody" not in world.git("for-each-ref")
    assert server.shipped() > 0


def test_an_http_server_that_breaks_off(world: World) -> None:
    server, laptop = world.http(), world.machine("laptop")
    server.drop_after = 10
    assert fetch(laptop, server.url("app.git")) != 0


def test_an_http_server_that_hangs(world: World) -> None:
    server, laptop = world.http(), world.machine("laptop")
    server.hang_after = 10
    running = fetching(laptop, server.url("app.git"))
    with pytest.raises(subprocess.TimeoutExpired):
        running.wait(1)
    os.killpg(running.pid, 9)
    running.wait(10)


def test_an_http_server_with_a_limit(world: World) -> None:
    server, laptop = world.http(), world.machine("laptop")
    server.limit = 1
    assert fetch(laptop, server.url("app.git")) != 0
    assert [request.status for request in server.requests] == [200, 429]


@pytest.mark.skipif(not have_sshd(), reason="no sshd here")
def test_ssh(world: World) -> None:
    laptop = world.machine("laptop")
    sshd = world.ssh()
    sshd.admit(laptop)
    assert fetch(laptop, sshd.url(world.remote)) == 0
