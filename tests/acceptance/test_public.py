"""A destination that anyone can read is refused, whatever is said to hurry it along; only its own URL lifts that."""

from __future__ import annotations

from tests.support.world import World


def test_a_public_destination_is_refused_until_it_is_named(world: World) -> None:
    server = world.http()
    laptop = world.machine("laptop", url=server.url("app.git"))
    session = laptop.session("fix bug")
    refused = laptop.ccsync("init", "--yes", "--machine", "laptop")
    assert refused.status == 1
    assert refused.err.startswith("error: ")
    assert f"hint: git ccsync init --allow-public {server.url('app.git')}\n" in refused.err
    assert laptop.ccsync("push").status == 1
    assert not world.branch()

    wrong = laptop.ccsync("init", "--yes", "--machine", "laptop", "--allow-public", server.url("other.git"))
    assert wrong.status == 1
    assert not world.branch()

    laptop.init("--allow-public", server.url("app.git"))
    laptop.ok("push")
    assert world.stored(session.id)


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
