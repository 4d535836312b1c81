"""A destination that anyone can read is refused, whatever is said to hurry it along; only its own URL lifts that."""

from __future__ import annotations

import time

import pytest

from tests.support.world import World


def test_a_public_destination_is_refused_until_it_is_named(world: World) -> None:
    server = world.http()
    laptop = world.machine("laptop", url=server.url("app.git"))
    session = laptop.session("fix bug")
    refused = laptop.ccsync("init", "--yes", "--machine", "my laptop")
    assert refused.status == 1
    assert refused.err.startswith("error: ")
    given = "git ccsync init --machine 'my laptop'"
    assert f"hint: {given} --allow-public {server.url('app.git')}\n" in refused.err
    assert f"hint: {given} --encrypt\n" in refused.err
    assert laptop.ccsync("push").status == 1
    assert not world.branch()

    wrong = laptop.ccsync("init", "--yes", "--machine", "laptop", "--allow-public", server.url("other.git"))
    assert wrong.status == 1
    named = f"'{server.url('other.git')}' is not where sessions go: that is '{server.url('app.git')}'"
    assert wrong.err.startswith(f"error: {named}\n")
    assert not world.branch()

    laptop.init("--allow-public", server.url("app.git"))
    laptop.ok("push")
    assert world.stored(session.id)
    assert named in laptop.ccsync("init", "--allow-public", server.url("other.git"), status=1).err, "set up or not"


def test_the_permission_is_for_that_url_alone(world: World) -> None:
    server = world.http()
    laptop = world.machine("laptop", url=server.url("app.git"))
    session = laptop.session("fix bug")
    laptop.init("--allow-public", server.url("app.git"))
    laptop.ok("push")
    world.git("clone", "-q", "--bare", str(world.remote), str(world.remote.with_name("fork.git")))
    laptop.git("remote", "set-url", "origin", server.url("fork.git"))
    laptop.append(session)
    before = len(server.requests)
    assert laptop.ccsync("push").status == 1
    sent = [request for request in server.requests[before:] if request.path.endswith("git-receive-pack")]
    assert not sent


def test_who_reads_an_encrypted_branch_in_public_is_said_without_contradiction(world: World) -> None:
    pytest.importorskip("pyrage")
    laptop = world.machine("laptop", url=world.http().url("app.git"))
    refused = laptop.ccsync("init", "--encrypt", status=1).err
    assert "everyone, as it is public, sees how often and how much is pushed," in refused
    assert "app' is public, and nobody is here to agree\n" in refused
    assert "cannot be told" not in refused


@pytest.mark.slow
@pytest.mark.parametrize("place", ["empty.git", "same.git"])
def test_what_was_plain_is_encrypted_on_its_way_to_a_public_place(world: World, place: str) -> None:
    """Also what was committed here and never sent, and what is on the branch and not on this disk."""
    pytest.importorskip("pyrage")
    (laptop,) = world.initialised("laptop")
    gone, session = laptop.session("gone"), laptop.session("fix bug")
    laptop.ok("push")
    new, spec = world.remote.with_name(place), "refs/ccsync/*:refs/ccsync/*"
    world.git("init", "-q", "--bare", str(new))
    if place == "same.git":
        world.git("push", "-q", str(new), spec)
    before = world.git("--git-dir", str(new), "for-each-ref", "--format=%(objectname)").split()
    laptop.git("remote", "set-url", "origin", world.http().url(place))
    session.write(session.rows.user("the pudding is unsent"))
    gone.path.unlink()
    laptop.ok("pull", str(world.remote))  # captures, and sends nothing
    assert "nobody agreed" in laptop.ccsync("push", status=1).err
    laptop.ok("init", "--encrypt", "--yes")
    laptop.ok("push")
    assert world.git("--git-dir", str(new), "show", "refs/ccsync/al:format").endswith("sealed")
    sent = world.git("--git-dir", str(new), "log", "-p", "--text", "--all", "--not", *before).splitlines()
    added = "".join(line for line in sent if line.startswith("+"))
    assert "sealed" in added
    assert not [word for word in ("pudding", "fix bug", "laptop", session.id) if word in added]
    laptop.ok("restore", gone.id)
    assert gone.id in laptop.sessions()


@pytest.mark.slow
def test_what_is_only_tried_is_refused_as_well(world: World) -> None:
    server = world.http()
    laptop = world.machine("laptop")
    laptop.session("fix bug")
    laptop.init()
    url = server.url("app.git")
    said = {laptop.ccsync(*words, url).err for words in (("push",), ("push", "-n"), ("sync", "-n"))}
    assert len(said) == 1
    assert f"nobody agreed to send sessions to '{url}'" in said.pop()
    assert laptop.ccsync("push", "-n", url).status == 1
    assert laptop.ok("push", "-n").out.startswith(f"Would push to {world.remote}")
    (path,) = (laptop.clone / ".git" / "ccsync").glob("*/consent")
    laptop.git("remote", "set-url", "origin", url)
    path.write_text(f"{url.removesuffix('.git')}\t1\tpublic\t{int(time.time())}\n")
    before = len(server.requests)
    assert "everyone can read" in laptop.ccsync("push", "-n").err
    assert len(server.requests) == before


def test_a_password_makes_it_private(world: World) -> None:
    server = world.http()
    server.anonymous, server.password = False, "hunter22"
    laptop = world.machine("laptop", url=server.url("app.git", user="al:hunter22"))
    session = laptop.session("fix bug")
    shown = laptop.init()
    pushed = laptop.ok("push", "-v")
    assert world.stored(session.id)
    assert "hunter22" not in shown.out + shown.err + pushed.out + pushed.err
    log = "".join(path.read_text() for path in laptop.home.rglob("log"))
    assert "hunter22" not in log
