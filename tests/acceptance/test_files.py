"""What lies on the disk afterwards: for its owner alone, whatever the caller's umask; nothing in the way of git or of others."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.machine import executable, run
from tests.support.seal import sealed_environment
from tests.support.world import World

if TYPE_CHECKING:
    from tests.support.machine import Machine


def under(machine: Machine, umask: str, *words: str, status: int | None = 0) -> str:
    """What a verb says that is run under this umask."""
    line = ["sh", "-c", f'umask {umask}; exec "$@"', "sh", *executable(), *words]
    return run(line, machine.env, cwd=machine.clone, status=status).out


def modes(top: Path) -> dict[str, int]:
    """The permissions of everything below a directory, by path."""
    found = [os.path.join(place, name) for place, folders, names in os.walk(top) for name in (*folders, *names)]
    return {path: stat.S_IMODE(os.lstat(path).st_mode) for path in found if not os.path.islink(path)}


@pytest.mark.slow
@pytest.mark.parametrize("umask", ["000", "022"])
def test_what_is_made_is_for_its_owner_alone(world: World, umask: str) -> None:
    """All verbs that write. Directories of a clone's objects are also git's own, and as open as it made the store."""
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    session, other = laptop.session("fix bug"), laptop.session("another")
    session.subagent()
    before = modes(world.directory)
    for machine in (laptop, desktop):
        under(machine, umask, "init", "--yes", "--machine", machine.name)
    under(laptop, umask, "push")
    under(desktop, umask, "pull")
    laptop.append(session)
    desktop.append(desktop.here(session.id))
    under(laptop, umask, "push")
    under(desktop, umask, "sync", status=None)
    for words in (
        ("status",), ("list",), ("search", "bug"), ("log",), ("verify",), ("gc",), ("doctor",), ("tasks",),
        ("rename", session.id, "new name"), ("fork", other.id), ("rm", other.id), ("restore", other.id), ("undo",),
        ("export", session.id, "-o", "one.ccsync"), ("export", "--bundle", "-o", "all.bundle"), ("auto", "on"), ("push",),
        ("placeholder", "add", "DATA=/srv/data"), ("secrets",), ("hook", "SessionEnd"), ("handoff", session.id), ("show", session.id),
        ("key",), ("purge", other.id, "--yes"), ("init", "--yes", "--encrypt"), ("push",), ("key",), ("key", "rotate"),
        ("init", "--yes", "--remote", f"bundles::{laptop.home}/dropbox"), ("push",),
    ):  # fmt: skip
        under(laptop, umask, *words, status=None)
    after = modes(world.directory)
    assert len(after) > len(before) + 100
    made = {path: mode for path, mode in after.items() if path not in before}
    stores = tuple(f"{place}/objects/" for place in (world.remote, laptop.clone / ".git", desktop.clone / ".git"))
    folders = {path: mode for path, mode in made.items() if path.startswith(stores) and os.path.isdir(path)}
    assert {
        path: oct(mode)
        for path, mode in made.items()
        if mode & 0o077 and path not in folders and not path.startswith(f"{world.remote}/")
        if not path.endswith(".idx")  # git makes these 0444; there are names of objects in them
    } == {}
    assert {path: oct(mode) for path, mode in after.items() if before.get(path, mode) != mode} == {}
    assert {path: oct(mode) for path, mode in folders.items() if mode != 0o755} == {}
    assert {oct(mode) for path, mode in made.items() if path.startswith(f"{world.remote}/refs/ccsync/")} == {"0o644"}


PASSWORD = "hunter22-very-secret"


@pytest.mark.slow
def test_a_password_in_a_url_is_neither_shown_nor_written_nor_given_to_a_command_line(world: World) -> None:
    """The remote refuses it, breaks off, is not there; with a trace, in the log, in state and reflogs, for `ps`. It stays
    where its owner wrote it, in the configuration.
    """
    server = world.http()
    server.anonymous, server.password = False, PASSWORD
    good, bad = (server.url("app.git", user=f"al:{word}") for word in (PASSWORD, PASSWORD + "-wrong"))
    laptop = world.machine("laptop", url=good)
    seen, folder = laptop.home / "seen", laptop.home / "bin"
    folder.mkdir()
    (folder / "git").write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >>"{seen}"\nexec {shutil.which("git")} "$@"\n')
    (folder / "git").chmod(0o755)
    shown, trace = "", laptop.home / "trace"
    environment = {"PATH": f"{folder}:{laptop.env['PATH']}", "GIT_TRACE_CCSYNC": "1"}
    laptop.session("fix bug")
    for url in (good, bad, f"http://al:{PASSWORD}@127.0.0.1:1/app.git", good.replace("//", "/")):
        laptop.git("remote", "set-url", "origin", url)
        for words in (
            ("init", "--yes"), ("push",), ("pull",), ("sync",), ("status", "--fetch"), ("doctor",), ("verify",), ("list", "--json"),
            ("log",), ("push", url), ("undo", "--dry-run"), ("hook", "SessionEnd"), ("lease", "list"),
        ):  # fmt: skip
            done = laptop.ccsync(*words, **environment)
            shown += done.out + done.err
        laptop.session("one more")
    laptop.ccsync("push", GIT_TRACE_CCSYNC=str(trace))
    assert PASSWORD not in shown
    assert seen.stat().st_size > 1000
    written = {path for path in laptop.home.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()}
    assert written - {laptop.clone / ".git" / "config", seen} == set()
    lines = [line for line in seen.read_text().splitlines() if PASSWORD in line]
    assert not lines


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be somebody else")
def test_two_users_of_one_clone_have_what_is_theirs() -> None:
    """With core.sharedRepository git lets both write; neither reads what we keep for the other."""
    places = [place for word in executable() if os.path.isabs(word) for place in Path(word).parents]
    if not all(place.stat().st_mode & 0o001 for place in places):
        pytest.skip("another user cannot get at the program that is tested")
    top = Path(tempfile.mkdtemp())
    top.chmod(0o755)
    try:
        with World(top / "world") as world:
            _two_users(world)
    finally:
        shutil.rmtree(top)


def _two_users(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.session("fix bug")
    for place in (laptop.clone, world.remote):
        laptop.git("config", "core.sharedRepository", "0666", cwd=place)
        run(["chmod", "-R", "a+rwX", str(place)], {"PATH": os.defpath}, cwd=place)
        run(["find", str(place), "-type", "d", "-exec", "chmod", "g+s", "{}", "+"], {"PATH": os.defpath}, cwd=place)
    laptop.init()
    laptop.ok("push")
    other = world.directory / "other"
    environment = sealed_environment(other, email="bob@example.com")
    (other / ".gitconfig").write_text((other / ".gitconfig").read_text() + "[safe]\n\tdirectory = *\n")
    run(["chown", "-R", "12345", str(other)], {"PATH": os.defpath}, cwd=other)
    theirs = ["setpriv", "--reuid=12345", "--clear-groups", "--", *executable()]
    for words in (("init", "--yes", "--machine", "bob"), ("status",), ("push",), ("pull",)):
        done = run([*theirs, *words], environment, cwd=laptop.clone, status=None)
        assert done.status == 0, (words, done)
    for words in (("status",), ("push",), ("pull",)):
        laptop.ok(*words)
    folders = sorted((laptop.clone / ".git" / "ccsync").iterdir())
    assert [folder.stat().st_mode & 0o777 for folder in folders] == [0o700, 0o700]
