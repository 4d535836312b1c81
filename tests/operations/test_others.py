"""Branches of other people: looked at apart, one session of them taken over, and never written to."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from git_ccsync.errors import Refused
from git_ccsync.git import push
from git_ccsync.git.force import replace
from git_ccsync.git.remote import Target
from git_ccsync.git.repository import Repository
from tests.support import unpack
from tests.support.opening import check_opens

if TYPE_CHECKING:
    from tests.support.machine import Machine
    from tests.support.session import Session
    from tests.support.world import World


def taken(al: Machine, session: Session, *more: str) -> dict[str, object]:
    """Take bob's session over; what is said of it."""
    al.ok("list", "--branch", "bob")
    told = json.loads(al.ok("pull", "--branch", "bob", "--session", session.id, "--json", *more).out)
    (one,) = told["taken"]
    return one


@pytest.mark.slow
def test_a_session_is_taken_over_and_named(al: Machine, bob: Machine) -> None:
    session = bob.session("fix bug", lines=6)
    bob.ok("push")
    al.ok("list", "--branch", "bob")
    done = al.ok("pull", "--branch", "bob", "--session", session.id[:8])
    (copy,) = al.sessions()
    assert copy != session.id
    assert done.out == (
        f"{session.id[:8]} of bob/desktop taken over as {copy[:8]}  fix bug  (16 lines)\nclaude --resume {copy}\n"
    )
    text = al.transcript(copy)
    assert str(al.clone).encode() in text
    assert not any(theirs.encode() in text for theirs in (str(bob.clone), session.id))
    check_opens(al.path(copy), al.clone)
    assert "new, from bob/desktop" in al.ok("list").out
    assert "taken over from bob/desktop" in al.ok("show", copy).out
    assert "+16  from bob/desktop" in al.ok("log").out
    assert "taken" in al.ok("list", "--branch", "bob").out
    al.ok("push")
    assert "up-to-date" in al.ok("push").out
    assert "was taken over from 'bob/desktop'" in al.ccsync("show", "--diff", copy, status=1).err
    fork = al.ok("fork", copy, "mine").out.split()[3]
    assert "from" not in al.ok("show", fork).out.partition("\n\n")[0]
    assert "mine  +1  fork" in al.ok("log").out


@pytest.mark.slow
def test_taken_again_it_grows_or_becomes_another(al: Machine, bob: Machine) -> None:
    session = bob.session("fix bug", lines=2)
    bob.ok("push")
    first = taken(al, session)
    again = taken(al, session)
    assert (first["action"], again["action"], again["session"]) == ("new", "kept", first["session"])
    bob.append(session, 2)
    bob.ok("push")
    grown = taken(al, session)
    assert (grown["action"], grown["session"]) == ("grown", first["session"])
    check_opens(al.path(str(first["session"])))
    mine = al.append(al.here(str(first["session"])), 1)
    kept = taken(al, session)
    assert (kept["action"], kept["more"]) == ("kept", True)
    theirs = bob.append(session, 1)
    bob.ok("push")
    assert taken(al, session, "--dry-run")["action"] == "further"
    assert len(al.sessions()) == 1
    further = taken(al, session)
    assert further["action"] == "further"
    assert further["session"] != first["session"]
    assert taken(al, session)["action"] == "kept"
    assert al.transcript(str(first["session"])).endswith(mine)
    assert al.transcript(str(further["session"])).count(b"\n") == bob.transcript(session.id).count(b"\n")
    assert theirs.count(b"\n")
    check_opens(al.path(str(further["session"])))


def test_undo_takes_it_back(al: Machine, bob: Machine) -> None:
    session = bob.session("fix bug")
    bob.ok("push")
    before = al.git("rev-parse", "refs/ccsync/al")
    taken(al, session)
    al.ok("undo")
    assert not al.sessions()
    assert al.git("rev-parse", "refs/ccsync/al") == before
    assert taken(al, session)["action"] == "new"


@pytest.mark.slow
@pytest.mark.parametrize("filters", [True, False])
def test_only_what_was_asked_for_is_fetched_and_apart(
    world: World, al: Machine, bob: Machine, *, filters: bool
) -> None:
    world.git("config", "uploadpack.allowFilter", str(filters).lower())
    wanted = bob.session("wanted")
    for one in (wanted, bob.session("other")):
        one.write(b'{"type":"system","pad":"%s"}\n' % os.urandom(6000).hex().encode())
    bob.ok("push")
    before = places(al)
    al.ok("list", "--branch", "bob")
    small = apart(al)
    assert places(al) == before
    assert small < 8000 if filters else small > 12_000
    al.ok("pull", "--branch", "bob", "--session", wanted.id)
    assert apart(al) - small < 16_000
    refs, config, shallow, _ = places(al)
    assert (config, shallow) == (before[1], "false")
    assert "bob" not in refs
    assert al.git("fsck", "--full", status=0) is not None
    al.ok("push")
    al.ok("pull")
    assert "bob" not in al.git("for-each-ref")


def places(machine: Machine) -> tuple[str, ...]:
    """What of the user's repository a partial or shallow fetch would change."""
    words = (("for-each-ref",), ("config", "--local", "--list"), ("rev-parse", "--is-shallow-repository"))
    count = machine.git("count-objects", "-v")
    return (*(machine.git(*word) for word in words), count)


def apart(machine: Machine) -> int:
    """Bytes of packs of what was fetched of others."""
    return sum(
        path.stat().st_size for path in Path(machine.clone).glob(".git/ccsync/*/others/*/git/objects/pack/*.pack")
    )


def test_a_server_that_hands_out_refs_alone(world: World, al: Machine, bob: Machine) -> None:
    world.git("config", "uploadpack.allowFilter", "true")
    session = bob.session("fix bug", lines=40)
    bob.ok("push")
    al.git("config", "protocol.version", "0")
    assert taken(al, session)["action"] == "new"
    assert al.sessions()


def test_a_remote_is_reached_as_from_the_clone(world: World, al: Machine, bob: Machine) -> None:
    world.git("config", "uploadpack.allowFilter", "true")
    session = bob.session("fix bug")
    bob.ok("push")
    server = world.http()
    al.git("remote", "set-url", "origin", server.url("app.git"))
    server.anonymous, server.password = False, "secret"
    refused = al.ccsync("list", "--branch", "bob", status=128).err
    assert "fetch from" in refused or "read" in refused
    al.git("config", "credential.helper", "!echo username=al; echo password=secret; :")
    assert "fix bug" in al.ok("list", "--branch", "bob").out
    assert taken(al, session)["action"] == "new"


def test_whoever_is_new_is_told_of_first(world: World, al: Machine, bob: Machine) -> None:
    session = bob.session("fix bug")
    bob.ok("push")
    refused = al.ccsync("pull", "--branch", "bob", "--session", session.id, status=1)
    assert "bob@example.com> wrote to it last on 'desktop'" in refused.err
    assert "git ccsync list --branch bob" in refused.err
    assert not al.sessions()
    assert "was not looked at here before" in al.ok("list", "--branch", "bob").err
    assert "before" not in al.ok("list", "--branch", "bob").err
    other = world.machine("server", email="mallory@example.com")
    other.init("--branch", "bob")
    other.session("more")
    other.ok("push")
    refused = al.ccsync("pull", "--branch", "bob", "--session", session.id, status=1)
    assert "machine 'server' was not seen on branch 'bob' before" in refused.err
    assert "mallory@example.com>' was not seen on branch 'bob' before" in refused.err
    al.ok("list", "--branch", "bob")
    al.ok("pull", "--branch", "bob", "--session", session.id)


@pytest.mark.slow
def test_what_is_redacted_stays_so_and_ours_is_redacted_too(al: Machine, bob: Machine) -> None:
    key, other = (b"ghp_" + letter * 4 + b"x7Kq2Rm9Tz4Wb6Yc1Nd8Pf3Gh5Jv0LaZ" for letter in (b"A", b"B"))
    session = bob.session("keys")
    session.write(b'{"type":"user","message":{"role":"user","content":"key %s"}}\n' % key)
    bob.ok("push")
    bob.git("config", "ccsync.secrets", "off")
    open_ = bob.session("open")
    open_.write(b'{"type":"user","message":{"role":"user","content":"key %s"}}\n' % other)
    bob.ok("push")
    for one in (session, open_):
        copy = str(taken(al, one)["session"])
        assert b"{{SECRET:" in al.transcript(copy)
        assert not any(one in al.transcript(copy) for one in (key, other))
        assert taken(al, one)["action"] == "kept"
    al.ok("push")
    stored = b"".join(al.world.blobs(list(al.world.branch("refs/ccsync/al").values())))
    assert other not in stored


def test_show_and_log_of_theirs(al: Machine, bob: Machine) -> None:
    session = bob.session("fix bug")
    bob.ok("push")
    bob.append(session, 1)
    bob.ok("push")
    shown = al.ok("show", "--branch", "bob", session.id[:8])
    assert str(al.clone / "src") in shown.out
    assert json.loads(al.ok("show", "--branch", "bob", "--json", session.id).out)["machine"] == "desktop"
    assert al.ok("show", "--branch", "bob", "--raw", session.id).out.count("\n") == bob.transcript(session.id).count(
        b"\n"
    )
    log = al.ok("log", "--branch", "bob").out
    assert log.count("desktop  ") == 2
    assert "not pushed" not in log
    assert al.ok("complete", "others", "").out == "bob\n"
    listed = al.ok("list", "--branches", "--porcelain").out.splitlines()
    assert sorted((row.split("\t")[1:3], row.split("\t")[-1]) for row in listed) == [
        (["0", "1"], "origin/bob"),
        (["1", "0"], "origin/al"),
    ]
    assert not al.sessions()


def test_refusals(al: Machine, bob: Machine) -> None:
    for words, status, said in (
        (("list", "--branch", "al"), 129, "'al' is your own branch"),
        (("list", "--branch", "carol"), 1, "there is no branch 'carol' on 'origin'"),
        (("list", "--branch", "../al"), 129, "is not a branch name"),
        (("pull", "--branch", "bob"), 129, "which session?"),
        (("pull", "--branch", "bob", "--all", "--session", "x"), 129, "--all"),
        (("search", "--branch", "bob", "words"), 129, "only list, show, log, pull and init have it"),
    ):
        assert said in al.ccsync(*words, status=status).err, words
    for verb in ("push", "sync", "rm", "undo", "purge", "lease", "handoff", "tasks", "rename", "fork", "restore"):
        assert "unknown option '--branch'; only" in al.ccsync(verb, "--branch", "bob", status=129).err


VERBS = (
    "push",
    "pull",
    "sync",
    "undo",
    "rm {id}",
    "purge --yes {id}",
    "lease release {id}",
    "handoff --write {id}",
    "tasks --done {id}",
    "rename {id} new",
    "fork {id}",
    "restore {id}",
    "machine forget desktop",
)


@pytest.mark.slow
def test_nobody_writes_to_the_branch_of_another(world: World, al: Machine, bob: Machine) -> None:
    session = bob.session("fix bug")
    bob.ok("push")
    al.session("mine")
    al.ok("push")
    before = world.git("rev-parse", "refs/ccsync/bob")
    for key, value in (("ccsync.branch", "bob"), ("ccsync.remoteRef", "refs/ccsync/bob")):
        for verb in VERBS:
            env = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": key, "GIT_CONFIG_VALUE_0": value}
            al.session("more")
            done = al.ccsync(*verb.format(id=session.id).split(" "), **env)
            assert done.status in (1, 128, 129) or key == "ccsync.remoteRef", (verb, done)
            assert world.git("rev-parse", "refs/ccsync/bob") == before, (verb, done)


def test_every_push_asks_whose_branch_it_is(al: Machine) -> None:
    target = Target("origin", str(al.world.remote), "refs/ccsync-remotes/origin/al", own="al")
    assert push.plain(target, "a" * 40, "refs/ccsync/al") == f"{'a' * 40}:refs/ccsync/al"
    assert push.plain(target, "a" * 40, "refs/heads/ccsync/host%2Fapp/al")
    repo = Repository("", "", "", "", False)
    for bad in (target._replace(own=""), target._replace(own="bob")):
        with pytest.raises(Refused):
            push.plain(bad, "a" * 40, "refs/ccsync/al")
        with pytest.raises(Refused):
            push.Push(repo, bad, [("a" * 40, "refs/ccsync/al")], stall=1)
        with pytest.raises(Refused):
            replace(repo, bad, "a" * 40, "refs/ccsync/al", "b" * 40, stall=1)


@pytest.mark.slow
def test_an_encrypted_branch_opens_to_whom_its_owner_has_let_in(world: World, al: Machine) -> None:
    pytest.importorskip("pyrage")
    bob = world.machine("desktop", email="bob@example.com")
    bob.init("--branch", "bob", "--encrypt")
    session, other = bob.session("secret plan", lines=3), bob.session("another")
    bob.ok("push")
    refused = al.ccsync("list", "--branch", "bob", status=1).err
    assert "branch 'bob' is encrypted, and whoever it belongs to has not let you in" in refused
    (key,) = [line.split()[-1] for line in refused.splitlines() if "git ccsync key add" in line]
    bob.ok("key", "add", key)
    listed = al.ok("list", "--branch", "bob")
    assert "secret plan" in listed.out
    assert "reads the encrypted branch from now on" in listed.err
    refused = al.ccsync("pull", "--branch", "bob", "--session", session.id, status=1).err
    assert "what is taken over would be sent in clear" in refused
    al.ok("init", "--encrypt", "--yes")
    first = taken(al, session)
    check_opens(al.path(str(first["session"])), al.clone)
    assert taken(al, session)["action"] == "kept"
    bob.append(session, 2)
    bob.ok("push")
    assert taken(al, session)["action"] == "grown"
    assert "secret plan" in al.ok("show", "--branch", "bob", session.id).out
    assert al.ok("log", "--branch", "bob").out.count("desktop  ") == 2
    al.ok("push")
    assert unpack.search(world.remote, [b"secret plan", session.id.encode()]) == []
    before = world.git("rev-parse", "refs/ccsync/bob")
    made = world.git("commit-tree", "refs/ccsync/bob^{tree}", "-p", before, "-m", "ccsync: desktop: 1 session, 1 line")
    world.git("update-ref", "refs/ccsync/bob", made)
    assert "was not made by anyone with the branch's key" in al.ccsync("list", "--branch", "bob", status=1).err
    world.git("update-ref", "refs/ccsync/bob", before)
    bob.ok("key", "remove", public_id(key)[:8])
    bob.append(other, 1)
    bob.ok("push")
    assert "has not let you in" in al.ccsync("list", "--branch", "bob", status=1).err


def public_id(key: str) -> str:
    """What a public key is called on the branch."""
    from git_ccsync.privacy import keys

    return keys.parse_public(key).id


def test_what_its_owner_purges_is_not_kept(al: Machine, bob: Machine) -> None:
    session, other = bob.session("secret plan", lines=30), bob.session("fix bug")
    bob.ok("push")
    al.ok("show", "--branch", "bob", session.id)
    (kept,) = Path(al.clone).glob(".git/ccsync/*/others/*/git")
    assert unpack.search(kept, [session.id.encode()])
    bob.ok("purge", "--yes", session.id)
    listed = al.ok("list", "--branch", "bob").out
    assert other.id[:8] in listed
    assert session.id[:8] not in listed
    assert unpack.search(kept, [b"secret plan"]) == []


def test_a_copy_that_is_open_is_left_alone(al: Machine, bob: Machine) -> None:
    session = bob.session("fix bug")
    bob.ok("push")
    copy = str(taken(al, session)["session"])
    text = al.transcript(copy)
    bob.append(session, 1)
    bob.ok("push")
    running = al.run_claude(copy)
    refused = al.ccsync("pull", "--branch", "bob", "--session", session.id, status=1).err
    assert f"a running Claude Code holds your copy '{copy[:8]}'" in refused
    assert al.transcript(copy) == text
    running.stop()
    assert taken(al, session)["action"] == "grown"


def test_what_is_open_there_is_shown_and_left_so(world: World, al: Machine, bob: Machine) -> None:
    session = bob.session("fix bug")
    bob.run_claude(session.id)
    bob.ok("push")
    before = world.git("rev-parse", "refs/ccsync/bob")
    assert "open on desktop" in al.ok("list", "--branch", "bob", "--open").out
    told = al.ok("pull", "--branch", "bob", "--session", session.id)
    assert "it is open on desktop: what is said there from now on comes when it is pulled again" in told.err
    al.ok("sync")
    assert world.git("rev-parse", "refs/ccsync/bob") == before
    assert "open on" not in al.ok("list").out


def test_no_name_of_theirs_reaches_the_terminal_as_it_is(al: Machine, bob: Machine) -> None:
    session = bob.session("fix \x1b[31mbug")
    config = bob.home / ".config" / "git-ccsync" / "config.toml"
    config.write_text(config.read_text().replace('"desktop"', '"desk\\u001b[2Jtop\\u202e"'))
    bob.ok("push")
    told = [al.ok("list", "--branch", "bob"), al.ok("pull", "--branch", "bob", "--session", session.id)]
    told += [al.ok(verb) for verb in ("list", "log")] + [al.ok("show", next(iter(al.sessions())))]
    told += [al.ok("log", "--branch", "bob"), al.ok("list", "--branches")]
    assert all("top" in one.out for one in told)
    assert not any(bad in one.out + one.err for one in told for bad in ("\x1b", "\u202e"))
