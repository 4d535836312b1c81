"""`git ccsync watch`: pushes what is written, pulls what comes, one line each; one a machine; ends well, whatever happens."""

from __future__ import annotations

import os
import plistlib
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from git_ccsync.operations import watch
from git_ccsync.operations.unattended import watch_unit
from tests.support.inside import standing_on
from tests.support.machine import Machine
from tests.support.world import World

pytest.importorskip("watchfiles", reason="the package watchfiles (extra [watch]) is not installed")


class Watch:
    """A watch under way, and what it has said."""

    def __init__(self, machine: Machine, *args: str) -> None:
        self.process = machine.start("watch", *args, PYTHONUNBUFFERED="1")
        self.log = ""

    def says(self, text: str) -> None:
        """Read up to a line that holds `text`."""
        assert self.process.stdout
        pipe = self.process.stdout.fileno()
        while text not in self.log:
            assert select.select([pipe], [], [], 60)[0], self.log
            said = os.read(pipe, 4096).decode()
            assert said, (self.log, self.process.stderr.read() if self.process.stderr else b"")
            self.log += said

    def end(self, number: int) -> int:
        """Send it a signal; its exit status."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=20)
        self.log += out.decode()
        assert not err
        return self.process.returncode


@contextmanager
def watching(machine: Machine, *args: str) -> Iterator[Watch]:
    made = Watch(machine, *args)
    try:
        made.says("watching")
        yield made
    finally:
        made.process.kill()
        made.process.communicate()


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def laptop(world: World) -> Machine:
    (machine,) = world.initialised("laptop")
    machine.session("fix bug")
    machine.ok("push")
    machine.git("config", "ccsync.pushInterval", "0")
    return machine


@pytest.mark.slow
def test_a_day(world: World, laptop: Machine) -> None:
    """What is written goes, what others push comes; a live session is left alone; a second watch is refused."""
    desktop = world.machine("desktop")
    desktop.init()
    desktop.ok("pull")
    (id_,) = laptop.sessions()
    with watching(laptop, "--interval=1") as watch:
        second = laptop.ccsync("watch")
        assert second.status == 1
        assert f"runs already: process {watch.process.pid}, ~/work/app" in second.err
        before = world.stored(id_)
        laptop.append(laptop.here(id_))
        watch.says("~/work/app: pushed 1 session, ")
        assert len(world.stored(id_)) > len(before)
        made = desktop.session("from elsewhere")
        desktop.ok("push")
        watch.says("~/work/app: pulled 1 new")
        assert made.id in laptop.sessions()
        assert laptop.ok("watch", "--stop").out == f"stopped process {watch.process.pid}\n"
        watch.says("stopped")
        assert watch.process.wait() == 0
    assert laptop.ccsync("watch", "--stop").err == "error: no 'git ccsync watch' runs on this machine\n"


@pytest.mark.slow
def test_trouble_does_not_end_it_and_is_told_once(world: World, laptop: Machine) -> None:
    with watching(laptop, "--interval=1", "--push-only") as watch:
        away = world.remote.with_name("away")
        world.remote.rename(away)
        laptop.append(laptop.here(next(iter(laptop.sessions()))))
        watch.says("; will try again")
        away.rename(world.remote)
        watch.says(": pushed 1 session, ")
        assert watch.end(2) == 0
    assert watch.log.count("try again") == 1
    assert watch.log.rstrip().endswith("stopped")


def test_what_goes_wrong_again_and_again_is_told_once(
    world: World, laptop: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the clock is looked at between the tries, when nothing is due."""
    monkeypatch.setattr(watch, "TICK", 20)
    laptop.append(laptop.here(next(iter(laptop.sessions()))))
    world.remote.rename(world.remote.with_name("away"))
    told: list[watch.Happened] = []
    stop = threading.Event()
    timer = threading.Timer(0.7, stop.set)
    with standing_on(laptop):
        timer.start()
        watch.run(watch.Wish(str(laptop.clone), 0.05, True), told.append, stop)
    assert [one.what for one in told] == [watch.FAILED]


def test_it_ends_in_the_middle_of_a_push(world: World, laptop: Machine) -> None:
    hook = world.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ntouch here\nsleep 30\n")
    hook.chmod(0o755)
    with watching(laptop, "--push-only") as watch:
        laptop.append(laptop.here(next(iter(laptop.sessions()))))
        until((world.remote / "here").exists)
        assert watch.end(15) == 0
    hook.unlink()
    laptop.ok("push")
    laptop.git("fsck", "--no-dangling")


def test_without_init_it_says_so(world: World) -> None:
    machine = world.machine("laptop")
    assert machine.ccsync("watch").status == 1


def test_without_the_package_it_names_the_extra(laptop: Machine) -> None:
    code = "import sys; sys.modules['watchfiles'] = None; from git_ccsync.cli import main; sys.exit(main(['watch']))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=laptop.clone, env=laptop.env | {"PYTHONPATH": ":".join(sys.path)},
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 128
    assert b"python3 -m pip install 'git-ccsync[watch]'" in done.stderr
    assert not done.stdout


def test_a_unit_that_starts_it(laptop: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "linux":
        said = laptop.ok("watch", "--install", "--interval=45", "--push-only", SECRET_TOKEN="hush").out
        path = laptop.home / ".config/systemd/user/git-ccsync-watch.service"
        text = path.read_text()
        start = next(line for line in text.splitlines() if line.startswith("ExecStart="))
        assert start.startswith('ExecStart="/')
        assert start.endswith('"watch" "--all" "--interval=45" "--push-only"')
        assert "hush" not in text
        assert "systemctl --user daemon-reload && systemctl --user enable --now git-ccsync-watch" in said
        assert laptop.ok("watch", "--uninstall").out.startswith("removed ")
        assert not path.exists()
    monkeypatch.setattr(sys, "platform", "darwin")
    found = watch_unit.install({"HOME": str(laptop.home), "PATH": "/bin"}, ["/opt/git-ccsync", "watch", "--all"])
    with open(found.path, "rb") as file:
        agent = plistlib.load(file)
    assert agent["ProgramArguments"] == ["/opt/git-ccsync", "watch", "--all"]
    assert agent["EnvironmentVariables"] == {"PATH": "/bin"}
