"""`init` as its user meets it: destinations, branches, the guard, the probe, races, running it again."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.terminal import Terminal
from tests.support.machine import Machine, executable
from tests.support.sshd import have_sshd
from tests.support.world import World

REF = "refs/ccsync/al"


def config(machine: Machine) -> dict[str, str]:
    lines = machine.git("config", "--local", "--get-regexp", r"^(ccsync\.|remote\.ccsync\.)", status=None).splitlines()
    return dict(line.split(" ", 1) for line in lines)


def at_terminal(machine: Machine, *args: str, cwd: Path | None = None, **more: str) -> Terminal:
    env = machine.env | {"GIT_TERMINAL_PROMPT": "1", "TERM": "xterm"} | more
    return Terminal([*executable(), *args], env, cwd=cwd or machine.clone)


def answers(terminal: Terminal, *talk: str) -> tuple[int, str]:
    """Wait for each odd word on the screen, type the even one after it; status and screen at the end."""
    with terminal:
        for pattern, keys in zip(talk[::2], talk[1::2], strict=True):
            terminal.wait_for(pattern)
            terminal.type(keys + "\n")
        return terminal.finish()


def refuse_hook(world: World, body: str) -> None:
    hook = world.remote / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{body}\n")
    hook.chmod(0o755)


# --- the first time


def test_the_probe_is_the_branchs_first_commit_and_holds_no_session(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.session("fix bug")
    shown = laptop.init()
    tree = world.branch()
    assert set(tree) == {"format", next(path for path in tree if path.startswith("machines/"))}
    assert world.blob(tree["format"]) == b"git-ccsync 1\n"
    assert world.git("log", "--format=%an <%ae> %P", REF) == "Al Example <al@example.com> "
    assert laptop.git("rev-parse", REF) == laptop.git("rev-parse", "refs/ccsync-remotes/origin/al")
    assert config(laptop) == {"ccsync.remote": "origin", "ccsync.branch": "al"}
    assert shown.out == (
        f"sessions of this repository go to 'origin' ({world.remote})\n"
        "  branch   al (new)\n"
        "  machine  laptop\n"
        f"  readers  whoever may read '{world.remote}'\n"
        "next: 'git ccsync push' sends 1 session\n"
    )


def test_the_guard_says_who_reads_and_what_goes(world: World) -> None:
    server = world.http()
    server.anonymous, server.password = False, "secret"
    laptop = world.machine("laptop", url=server.url("app.git", user="al:secret"))
    old = laptop.session("old", age=40 * 86400)
    laptop.session("new").tool_result(data=b"x" * 50_000)
    laptop.git("-c", "user.email=bo@example.com", "commit", "-q", "--allow-empty", "-m", "bo's")
    day = time.strftime("%Y-%m-%d", time.gmtime(old.path.stat().st_mtime))
    said = " ".join(laptop.init().err.split())
    place = "everyone with access to 127.0.0.1/app (2 people commit here): 2 sessions, 5"
    assert place in said
    assert f"kB, oldest {day}" in said
    assert "secret" not in said


def test_only_this_repositorys_sessions_are_counted(world: World) -> None:
    laptop = world.machine("laptop")
    nested = laptop.clone / "vendor" / "lib"
    subprocess.run(["git", "init", "-q", nested], env=laptop.env, check=True)
    laptop.session("ours", cwd=laptop.clone / "vendor")
    laptop.session("nested", cwd=nested)
    laptop.session("home", cwd=laptop.home)
    copied = laptop.session("old", age=400 * 86400)
    os.utime(copied.path)
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 30 * 86400))
    assert ": 1 session," in " ".join(laptop.init("--since", day).err.split())
    assert config(laptop)["ccsync.since"] == day


def test_running_it_again_shows_what_is_set_and_changes_nothing(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.init("--since", "2026-01-01")
    before = config(laptop), laptop.git("for-each-ref"), world.git("for-each-ref")
    state = {path: path.read_bytes() for path in (laptop.clone / ".git" / "ccsync").rglob("*") if path.is_file()}
    os.rename(world.remote, world.remote.with_name("away"))  # it does not even ask
    for words in ((), ("--yes",), ("--remote", "origin"), ("--branch", "al", "--machine", "laptop")):
        again = laptop.ok("init", *words)
        assert again.out == (
            f"sessions of this repository go to 'origin' ({world.remote})\n"
            "  branch   al\n"
            "  machine  laptop\n"
            f"  readers  whoever may read '{world.remote}'\n"
            "  since    2026-01-01\n"
            "nothing to change\n"
        )
        assert not again.err
    os.rename(world.remote.with_name("away"), world.remote)
    assert (config(laptop), laptop.git("for-each-ref"), world.git("for-each-ref")) == before
    assert state == {path: path.read_bytes() for path in state}


def test_a_repository_without_a_commit(world: World) -> None:
    laptop = world.machine("laptop")
    fresh = laptop.home / "fresh"
    laptop.git("init", "-q", str(fresh))
    laptop.git("remote", "add", "origin", str(world.remote), cwd=fresh)
    laptop.ok("init", "--yes", cwd=fresh)
    assert world.branch()


def test_words_that_make_no_sense(world: World) -> None:
    laptop = world.machine("laptop")
    for words in (
        ("--branch", "A b"),
        ("--since", "yesterday"),
        ("--since", "2026-13-01"),
        ("--remote", "ext::sh -c id"),
        ("--remote", "-x"),
        ("--global",),
        ("--machine", "\x1b"),
        ("--all", "--allow-public", "x"),
    ):
        assert laptop.ccsync("init", "--yes", *words).status == 129, words
    for words in (("--machine", "x\ny"), ("--all", "--machine", "x\ny")):
        refused = laptop.ccsync("init", "--yes", *words, status=129)
        assert refused.out + refused.err == (
            "error: the name of a machine is one line of at most 64 printable characters\n"
        )
    assert config(laptop) == {}
    assert not world.branch()


# --- destinations


def test_no_remote_and_a_mistyped_one_are_refused_with_what_to_do(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.git("remote", "remove", "origin")
    refused = laptop.ccsync("init", "--yes")
    assert refused.status == 1
    assert "hint: git ccsync init --remote <url>" in refused.err
    typo = laptop.ccsync("init", "--yes", "--remote", "backup")
    assert (typo.status, typo.err) == (
        1,
        "error: there is no remote named 'backup'\nhint: for a directory write './backup'\n",
    )
    assert not (laptop.clone / "backup").exists()


@pytest.mark.slow
@pytest.mark.parametrize("empty", [True, False])
def test_a_directory_becomes_a_bare_repository_and_serves_many_projects(world: World, empty: bool) -> None:
    laptop = world.machine("laptop")
    session = laptop.session("fix bug")
    stick = world.directory / "stick" / "my sessions"
    if empty:
        stick.mkdir(parents=True)
    laptop.git("config", "--global", "init.defaultObjectFormat", "sha256")
    shown = laptop.init("--remote", str(stick))
    assert "becomes a bare repository" in " ".join(shown.err.split())
    laptop.ok("push")
    key = "path" + str(world.remote).removesuffix(".git").replace("/", "%2F")
    refs = laptop.git("for-each-ref", "--format=%(refname)", cwd=stick)
    assert refs == f"refs/ccsync/{key}/al"
    assert not world.branch()
    assert config(laptop) == {
        "remote.ccsync.url": str(stick),
        "remote.ccsync.skipfetchall": "true",
        "ccsync.remote": "ccsync",
        "ccsync.branch": "al",
        "ccsync.remoteref": f"refs/ccsync/{key}/al",
    }
    laptop.git("fetch", "--all")
    desktop = world.machine("desktop")
    desktop.init("--remote", str(stick))
    desktop.ok("pull")
    assert desktop.path(session.id)


def test_a_url_of_a_remote_that_exists_is_that_remote(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.init("--remote", world.remote.as_uri())
    assert config(laptop)["ccsync.remote"] == "origin"
    assert world.branch()


@pytest.mark.slow
def test_a_short_url_is_the_one_that_git_makes_of_it(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop", email="bo@example.com")
    session = laptop.session("fix bug")
    elsewhere = world.directory / "more" / "own.git"
    for machine in (laptop, desktop):
        machine.git("config", "--global", f"url.{elsewhere.parent}/.insteadOf", "short:")
        machine.git("config", "--global", "url./nowhere/.insteadOf", f"{elsewhere.parent}/")  # not rewritten twice
    shown = laptop.init("--remote", "short:own.git")
    assert f"go to 'ccsync' ({elsewhere})" in shown.out
    assert config(laptop)["remote.ccsync.url"] == "short:own.git"  # git rewrites it whenever it reads it
    assert laptop.ok("init", "--remote", "short:own.git").out.endswith("nothing to change\n")
    assert f"To {elsewhere}\n" in laptop.ok("push").out
    refused = laptop.ccsync("push", f"short:../server/{world.remote.name}")
    assert refused.status == 1
    assert "nobody agreed" in refused.err
    desktop.init("--remote", "short:own.git", "--branch", "al")
    desktop.ok("pull", "short:own.git")
    assert session.id in desktop.sessions()


def test_a_foreign_remote_named_ccsync_is_left_alone(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.git("remote", "add", "ccsync", "/somewhere")
    refused = laptop.ccsync("init", "--yes", "--remote", str(world.directory / "stick"))
    assert refused.status == 1
    assert laptop.git("remote", "get-url", "ccsync") == "/somewhere"
    assert not (world.directory / "stick").exists()


def test_the_only_remote_that_holds_branches_wins_over_origin(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    other = world.directory / "other.git"
    laptop.git("init", "-q", "--bare", str(other))
    for machine in (laptop, desktop):
        machine.git("remote", "add", "other", str(other))
    laptop.init("--remote", "other")
    desktop.init()
    assert config(desktop)["ccsync.remote"] == "other"


def test_a_machine_wide_destination(world: World) -> None:
    laptop = world.machine("laptop")
    stick = world.directory / "stick"
    done = laptop.ok("init", "--global", "--remote", str(stick), cwd=laptop.home)
    assert done.out.startswith(f"sessions of repositories without a choice of their own go to '{stick}'\n")
    assert not stick.exists()
    laptop.init()
    assert config(laptop)["ccsync.remote"] == "ccsync"
    assert laptop.git("for-each-ref", cwd=stick)
    assert not world.branch()


def test_a_working_clone_is_a_remote_like_any_other(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    session = laptop.session("fix bug")
    laptop.git("remote", "add", "desktop", str(desktop.clone))
    laptop.init("--remote", "desktop")
    laptop.ok("push")
    desktop.init("--branch", "al")
    desktop.ok("pull")
    assert desktop.path(session.id)


# --- branches


def test_the_second_machine_takes_up_the_branch_and_adds_itself(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop", email="AL@example.com")
    laptop.session("fix bug")
    laptop.init()
    laptop.ok("push")
    shown = desktop.init()
    assert "branch   al (adopted)\n" in shown.out
    assert shown.out.endswith("next: 'git ccsync pull' brings 1 session here\n")
    assert len([path for path in world.branch() if path.startswith("machines/")]) == 2
    assert world.git("rev-list", "--count", REF) == "3"
    assert desktop.git("rev-parse", REF) == world.git("rev-parse", REF)


def test_commits_without_a_session_say_what_they_are(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    for machine in (laptop, desktop):
        machine.init()
    laptop.ok("machine", "rename", "workbook")
    laptop.ok("sync")
    said = world.git("log", "--reverse", "--format=%s", REF).splitlines()
    assert said == [
        "ccsync: laptop: begin the branch",
        "ccsync: desktop: join the branch",
        "ccsync: workbook: name and open sessions",
    ]


def test_equal_names_of_machines_are_told(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    laptop.init()
    assert "warning: another machine is called 'laptop' too" in desktop.ok("init", "--machine", "laptop").err


def test_a_colleague_gets_a_branch_of_his_own_only_by_name(world: World) -> None:
    laptop, bo = world.machine("laptop"), world.machine("desk", email="bo@example.com")
    laptop.init()
    refused = bo.ccsync("init", "--yes")
    assert refused.status == 1
    assert refused.err.startswith(f"error: it is not clear which branch on '{world.remote}' is yours:\n")
    assert "error:   al: Al Example <al@example.com> on laptop, " in refused.err
    assert "hint: give --branch <name>" in refused.err
    assert config(bo) == {}
    bo.init("--branch", "bo")
    assert world.git("for-each-ref", "--format=%(refname)", "refs/ccsync").split() == [REF, "refs/ccsync/bo"]
    # Now two branches are there, and one of them was last written to under each address.
    again = world.machine("again", email="bo@example.com")
    again.init()
    assert config(again)["ccsync.branch"] == "bo"


@pytest.mark.slow
def test_a_person_chooses_among_branches(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.init()
    tip = world.git("rev-parse", REF)
    for name, keys, branch in (("one", ("1",), "al"), ("two", ("2", ""), "bo"), ("three", ("2", "x"), "x")):
        bo = world.machine(name, email="bo@example.com")
        world.git("update-ref", REF, tip)
        world.git("update-ref", "-d", "refs/ccsync/bo")
        world.git("update-ref", "-d", "refs/ccsync/x")
        talk = ["which one is yours", keys[0]]
        talk += ["name of the new branch", keys[1]] if len(keys) > 1 else []
        talk += ["send sessions there", "y"]
        status, screen = answers(at_terminal(bo, "init"), *talk)
        assert status == 0, screen
        assert " 1  al: Al Example <al@example.com> on " in screen
        assert config(bo)["ccsync.branch"] == branch


def test_no_answer_sets_nothing_up(world: World) -> None:
    laptop, bo = world.machine("laptop"), world.machine("desk", email="bo@example.com")
    laptop.init()
    status, screen = answers(at_terminal(bo, "init"), "which one is yours", "")
    assert status == 1
    assert "error: nothing was set up, and nothing was sent" in screen
    status, screen = answers(at_terminal(bo, "init", "--branch", "al"), "is it yours", "n")
    assert status == 1
    assert "last written to by Al Example <al@example.com>" in screen
    assert config(bo) == {}
    said = bo.ok("init", "--yes", "--branch", "al").err  # what nobody is asked is told
    assert "warning: branch 'al' was last written to by Al Example <al@example.com> on laptop, " in said


def test_no_name_for_a_branch_sets_nothing_up(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.git("config", "--global", "--unset", "user.email")
    status, screen = answers(at_terminal(laptop, "init"), "name of your branch: ", "")
    assert status == 1
    assert "error: nothing was set up, and nothing was sent" in screen


def test_names_of_authors_cannot_write_on_the_terminal(world: World) -> None:
    tree = world.git("mktree")
    hostile = (
        f"tree {tree}\nauthor \x1b[31mMallory\u202e <m@x> 1 +0000\ncommitter M <m@x> 1 +0000\n\nccsync: a\x07b: x\n"
    )
    oid = world.git("hash-object", "-t", "commit", "-w", "--stdin", input=hostile.encode())
    world.git("update-ref", "refs/ccsync/mallory", oid)
    refused = world.machine("laptop").ccsync("init", "--yes")
    assert refused.status == 1
    assert "[31mMallory <m@x> on ab, " in refused.err
    assert not {"\x1b", "\u202e", "\x07"} & set(refused.err)


# --- consent


@pytest.mark.slow
def test_who_cannot_be_told_is_asked_and_silence_is_no(world: World) -> None:
    server = world.http()
    server.anonymous, server.password = False, "secret"
    laptop = world.machine("laptop", url=server.url("app.git", user="al:secret"))
    refused = laptop.ccsync("init")
    assert refused.status == 1
    assert "it cannot be told who can read '127.0.0.1/app', and nobody is here to agree" in refused.err
    for word in ("", "n", "yess"):
        status, screen = answers(at_terminal(laptop, "init"), r"send sessions there\? \[y/N\] ", word)
        assert status == 1, screen
    assert not world.branch()
    status, screen = answers(at_terminal(laptop, "init"), "send sessions there", "y")
    assert status == 0, screen
    assert world.branch()


def test_a_path_is_asked_about_and_enter_means_yes(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.session("fix bug")
    status, screen = answers(at_terminal(laptop, "init"), r"1 session, .*\n(.*\n)?send sessions there\? \[Y/n\] ", "n")
    assert status == 1
    assert "nothing was set up, and nothing was sent" in screen
    assert not world.branch()
    with at_terminal(laptop, "init") as terminal:
        terminal.wait_for("send sessions there")
        terminal.type("\x04")  # the end of input is no answer
        assert terminal.finish()[0] == 1
    assert not world.branch()
    status, screen = answers(at_terminal(laptop, "init"), "send sessions there", "", "from now on", "")
    assert status == 0, screen
    assert "'git ccsync auto on' does that later" in screen
    assert world.branch()


@pytest.mark.parametrize("words", [(), ("--yes",)])
def test_a_path_needs_no_yes_where_nobody_can_be_asked(world: World, words: tuple[str, ...]) -> None:
    laptop = world.machine("laptop")
    if words:  # at a terminal --yes answers
        status, screen = answers(at_terminal(laptop, "init", *words))
        assert status == 0, screen
        assert "[Y/n]" not in screen
    else:
        laptop.ok("init")
    assert world.branch()


def test_a_changed_url_asks_again(world: World) -> None:
    laptop = world.machine("laptop")
    session = laptop.session("fix bug")
    laptop.init()
    laptop.ok("push")
    fork = world.remote.with_name("fork.git")
    world.git("clone", "-q", "--mirror", ".", str(fork))
    laptop.git("remote", "set-url", "origin", str(fork))
    laptop.append(session)
    tip = laptop.git("ls-remote", str(fork), REF)
    refused = laptop.ccsync("push")
    assert refused.status == 1
    assert f"'origin' leads to '{fork}' now, and nobody agreed to send sessions there" in refused.err
    assert laptop.git("ls-remote", str(fork), REF) == tip
    laptop.init()
    laptop.ok("push")
    assert laptop.git("ls-remote", str(fork), REF) != tip
    laptop.git("remote", "set-url", "--add", "--push", "origin", str(fork))
    laptop.git("remote", "set-url", "--add", "--push", "origin", str(world.directory / "more.git"))
    laptop.append(session)
    assert laptop.ccsync("push").status == 1


def test_a_new_place_is_told_as_one_where_the_remote_is_the_same(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.session("fix bug")
    one, two, more = (world.directory / f"{name}.git" for name in ("one", "two", "more"))
    for place in (one, two, more):
        world.git("init", "-q", "--bare", str(place))
    assert laptop.init("--remote", str(one)).out.endswith("\nnext: 'git ccsync push' sends 1 session\n")
    laptop.ok("push")
    said = laptop.init("--remote", str(two)).out
    assert "\n  branch   al (new, " in said
    assert said.endswith("\nnext: 'git ccsync push' sends 1 session\n")
    laptop.ok("push")
    laptop.git("remote", "set-url", "--add", "--push", "ccsync", str(two))
    laptop.git("remote", "set-url", "--add", "--push", "ccsync", str(more))
    assert laptop.init().out.endswith("\nnext: 'git ccsync push' sends 1 session\n")
    laptop.ok("push")
    assert laptop.git("ls-remote", str(more)) == laptop.git("ls-remote", str(two))
    assert "next: " not in laptop.init("--since", "2026-01-01").out


@pytest.mark.slow
def test_a_command_in_a_hint_can_be_pasted(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.session("fix bug")
    laptop.init()
    other = world.directory / "my stick" / "app.git"
    laptop.git("init", "-q", "--bare", str(other))
    refused = laptop.ccsync("push", str(other))
    assert refused.status == 1
    assert f"\nhint: git ccsync push '{other}'\n" in refused.err
    server = world.http()
    os.rename(world.remote, world.remote.with_name("a&b.git"))
    url = server.url("a&b.git")
    laptop.git("remote", "add", "odd", url)
    refused = laptop.ccsync("init", "--remote", "odd")
    assert f"\nhint: git ccsync init --remote odd --allow-public '{url}'\n" in refused.err
    added = laptop.ccsync("init", "--remote", server.url("a&b.git") + "/")
    assert f"\nhint: git ccsync init --remote odd --allow-public '{url}'\n" in added.err


@pytest.mark.slow
def test_it_is_looked_at_again_daily(world: World) -> None:
    server = world.http()
    server.anonymous, server.password = False, "secret"
    laptop = world.machine("laptop", url=server.url("app.git", user="al:secret"))
    session = laptop.session("fix bug")
    laptop.init()
    laptop.ok("push")
    server.anonymous = True
    laptop.append(session)
    laptop.ok("push")  # looked at a moment ago
    (path,) = (laptop.clone / ".git" / "ccsync").glob("*/consent")
    url, agreed, visibility, looked = path.read_text().strip().split("\t")
    assert visibility == "unknown"
    path.write_text(f"{url}\t{agreed}\tunknown\t{int(looked) - 86401}\n")
    laptop.append(session)
    tip = world.git("rev-parse", REF)
    for _ in range(2):
        refused = laptop.ccsync("push")
        assert refused.status == 1
        assert "everyone can read" in refused.err
    assert world.git("rev-parse", REF) == tip
    laptop.git("config", "ccsync.allowPublic", server.url("app.git"))
    laptop.ok("push")
    assert world.git("rev-parse", REF) != tip


# --- what a remote can say to the probe


def test_a_host_that_refuses_the_ref_gets_a_git_branch(world: World) -> None:
    refuse_hook(world, 'case $1 in refs/heads/*) ;; *) echo "only heads here"; exit 1;; esac')
    laptop = world.machine("laptop")
    session = laptop.session("fix bug")
    refused = laptop.ccsync("init", "--machine", "laptop")
    assert refused.status == 128
    assert refused.err.count("remote: only heads here\n") == refused.err.count("does not accept") == 1
    assert "hint: 'git ccsync init --yes' takes 'refs/heads/ccsync/al' instead,\n" in refused.err
    assert config(laptop) == {}
    shown = laptop.init()
    assert "branch   al (new, refs/heads/ccsync/al)\n" in shown.out
    assert "that every clone fetches" in shown.err
    laptop.ok("push")
    assert world.git("for-each-ref", "--format=%(refname)", "refs/heads/ccsync") == "refs/heads/ccsync/al"
    desktop = world.machine("desktop")
    desktop.init()
    assert config(desktop)["ccsync.remoteref"] == "refs/heads/ccsync/al"
    desktop.ok("pull")
    assert desktop.path(session.id)


def test_a_host_that_took_the_ref_before_is_not_said_to_refuse_the_ref(world: World) -> None:
    world.machine("laptop").init()
    refuse_hook(world, "echo the disk is full; exit 1")
    refused = world.machine("desktop").ccsync("init", "--yes", status=128)
    assert "\nremote: the disk is full\n" in refused.err
    assert refused.err.endswith("\nfatal: 'origin' refused the push: hook declined\n")


def test_a_ref_that_is_gone_and_may_not_come_again_becomes_a_git_branch(world: World) -> None:
    (laptop,) = world.initialised("laptop")
    laptop.session("fix bug")
    world.git("update-ref", "-d", REF)
    doctor = laptop.ccsync("doctor", status=1).out
    assert f"'{REF}' is not there\n{'':14}git ccsync sync sends it there again; where that is refused," in doctor
    refuse_hook(world, "case $1 in refs/heads/*) ;; *) exit 1;; esac")
    refused = laptop.ccsync("sync", status=128)
    assert "hint: run 'git ccsync init' to use 'refs/heads/ccsync/…' instead, or another remote\n" in refused.err
    assert "branch   al (refs/heads/ccsync/al)\n" in laptop.ok("init", "--yes").out
    laptop.ok("push")


def test_a_person_is_asked_before_it_becomes_a_git_branch(world: World) -> None:
    refuse_hook(world, "case $1 in refs/heads/*) ;; *) exit 1;; esac")
    laptop = world.machine("laptop")
    status, screen = answers(at_terminal(laptop, "init"), "send sessions there", "y", "instead, a git branch", "n")
    assert status == 128, screen
    assert config(laptop) == {}
    status, screen = answers(at_terminal(laptop, "init"), "send sessions there", "y", "instead, a git branch", "y")
    assert status == 0, screen


def test_no_permission_says_so_and_what_else_there_is(world: World) -> None:
    server = world.http()
    server.push, server.password, server.anonymous = False, "secret", False
    laptop = world.machine("laptop", url=server.url("app.git", user="al:secret"))
    refused = laptop.ccsync("init", "--yes")
    assert refused.status == 128
    assert "fatal: you have no permission to push to 'origin'\n" in refused.err
    assert "hint: git ccsync init --remote <url>\n" in refused.err
    assert config(laptop) == {}


def test_a_permission_that_is_gone_later_says_so_too(world: World) -> None:
    server = world.http()
    server.password, server.anonymous = "secret", False
    laptop = world.machine("laptop", url=server.url("app.git", user="al:secret"))
    laptop.ok("init", "--yes")
    laptop.session("fix bug")
    server.push = False
    refused = laptop.ccsync("push", status=128)
    assert refused.err.endswith(
        "hint: there is no permission to push there: sign in to that host as somebody who may, or\n"
        "hint: git ccsync init --remote <url>\n"
        "hint:     sends sessions to a repository of your own\n"
    )


def test_a_branch_that_is_none_of_ours_says_what_to_do(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.session("fix bug")
    empty = world.git("hash-object", "-t", "tree", "-w", "/dev/null")
    world.git("update-ref", "refs/ccsync/al", world.git("commit-tree", empty, "-m", "empty"))
    refused = laptop.ccsync("init", "--yes", status=1)
    assert refused.err.splitlines()[-2:] == [
        "hint: git ccsync init --branch <name>",
        "hint:     leaves it as it is, and begins another one",
    ]
    laptop.ok("init", "--yes", "--branch", "mine")
    laptop.ok("push")


def test_a_server_that_says_nothing_is_given_up_when_the_user_says(world: World) -> None:
    server = world.http()
    server.hang_after = 0
    laptop = world.machine("laptop")
    laptop.git("remote", "set-url", "origin", server.url("app.git"))
    laptop.git("config", "ccsync.stallLimit", "1")
    given_up = laptop.ccsync("init", "--yes")
    assert given_up.status == 128
    assert "nothing heard for 1 second from" in given_up.err


def test_an_absent_remote(world: World) -> None:
    laptop = world.machine("laptop")
    os.rename(world.remote, world.remote.with_name("away"))
    refused = laptop.ccsync("init", "--yes")
    assert refused.status == 128
    assert f"fatal: cannot read '{world.remote}': " in refused.err


@pytest.mark.slow
def test_two_inits_at_once_make_one_branch(world: World) -> None:
    machines = [world.machine(f"m{number}") for number in range(4)]
    for machine in machines:
        machine.session(f"of {machine.name}")
    started = [machine.start("init", "--yes", "--machine", machine.name) for machine in machines]
    for process in started:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, out + err
    assert world.git("rev-list", "--max-parents=0", "--count", REF) == "1"
    names = [path for path in world.branch() if path.startswith("machines/")]
    assert len(names) == 4
    for machine in machines:
        machine.ok("push")
    assert len({path.split("/")[3] for path in world.branch() if path.startswith("sessions/")}) == 4


@pytest.mark.slow
def test_a_branch_with_another_beginning_is_never_joined_silently(world: World) -> None:
    laptop = world.machine("laptop")
    here = laptop.session("made here")
    laptop.init()
    laptop.ok("push")
    world.git("update-ref", "-d", REF)
    desktop = world.machine("desktop")
    there = desktop.session("made there")
    desktop.init()
    desktop.ok("push")
    laptop.append(here)
    refused = laptop.ccsync("push")
    assert refused.status == 1
    assert "another beginning" in refused.err
    laptop.git("config", "--unset", "ccsync.branch")
    assert laptop.ccsync("init").status == 1
    status, screen = answers(at_terminal(laptop, "init"), "should they be put together", "n")
    assert status == 1, screen
    assert len({path.split("/")[3] for path in world.branch() if path.startswith("sessions/")}) == 1
    status, screen = answers(at_terminal(laptop, "init"), "should they be put together", "y", "from now on", "y")
    assert status == 0, screen
    assert b"SessionEnd" in (laptop.claude / "settings.json").read_bytes()
    laptop.ok("push")
    assert world.stored(here.id)
    assert world.stored(there.id)
    assert world.git("rev-list", "--max-parents=0", "--count", REF) == "1"


def test_it_moves_to_another_remote_with_all_that_was_captured(world: World) -> None:
    laptop = world.machine("laptop")
    session = laptop.session("fix bug")
    laptop.init()
    laptop.ok("push")
    laptop.path(session.id).unlink()
    stick = world.directory / "stick"
    laptop.init("--remote", str(stick))
    laptop.ok("push")
    listed = laptop.git("ls-tree", "-r", "--name-only", config(laptop)["ccsync.remoteref"], cwd=stick)
    assert session.id in listed


@pytest.mark.slow
def test_the_next_step_is_what_is_left_to_do(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")

    def told(machine: Machine, *args: str) -> tuple[str, str]:
        """The line of the branch and the next step."""
        lines = machine.init(*args).out.splitlines()
        return lines[1].removeprefix("  branch   "), lines[-1]

    assert told(laptop) == ("al (new)", "next: 'git ccsync push', once Claude Code has a session here")
    first, second = laptop.session("one"), laptop.session("two")
    laptop.ok("push")
    first.path.unlink()
    stick = world.directory / "stick"
    laptop.git("init", "-q", "--bare", str(stick))
    laptop.git("remote", "add", "stick", str(stick))
    assert told(laptop, "--remote", "stick") == ("al (new)", "next: 'git ccsync push' sends 2 sessions")
    assert told(laptop, "--remote", "origin") == (
        "al",
        "next: 'git ccsync sync', after work; all sessions are there and here",
    )
    laptop.session("three")
    assert told(laptop, "--remote", "stick") == ("al", "next: 'git ccsync push' sends 3 sessions")
    mine = desktop.session("four")
    assert told(desktop) == ("al (adopted)", "next: 'git ccsync sync' brings 2 sessions here and sends 1")
    desktop.ok("sync")
    mine.path.unlink()
    second.path.unlink()
    desktop.git("remote", "add", "stick", str(stick))
    assert told(desktop, "--remote", "stick") == ("al", "next: 'git ccsync push' sends 3 sessions")


@pytest.mark.slow
def test_only_what_a_pull_brings_is_promised(world: World) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    laptop.init()
    for age in (40, 50):
        laptop.session(f"{age} days ago", age=age * 86400)
    laptop.ok("push")
    told = "next: 'git ccsync sync', after work; 2 sessions have been idle for too long to come here"
    assert desktop.init().out.splitlines()[-1] == told
    laptop.session("today")
    gone = laptop.session("gone")
    laptop.ok("push")
    laptop.ok("rm", gone.id)
    laptop.ok("push")
    third = world.machine("third")
    assert third.init().out.splitlines()[-1] == "next: 'git ccsync pull' brings 1 session here"
    third.ok("pull")
    assert len(third.sessions()) == 1


@pytest.mark.slow
@pytest.mark.skipif(not have_sshd(), reason="no ssh server")
def test_over_ssh(world: World) -> None:
    server = world.ssh()
    laptop = world.machine("laptop")
    server.admit(laptop)
    laptop.git("remote", "set-url", "origin", server.url(world.remote))
    laptop.session("fix bug")
    assert laptop.ccsync("init").status == 1  # who may log in there cannot be told
    laptop.init()
    laptop.ok("push")
    assert world.branch()


# --- all of them


@pytest.mark.slow
def test_all_lists_every_repository_and_asks_once(world: World) -> None:
    server = world.http()
    laptop = world.machine("laptop")
    laptop.session("fix bug")
    other, public, lonely = (laptop.home / name for name in ("other", "public", "lonely"))
    for path in (other, public):
        laptop.git("clone", "-q", str(world.remote), str(path), cwd=laptop.home)
    laptop.git("remote", "set-url", "origin", server.url("app.git"), cwd=public)
    laptop.git("init", "-q", str(lonely))
    for path in (other, public, lonely):
        laptop.session(path.name, cwd=path)
    refused = laptop.ccsync("init", "--all", cwd=laptop.home)
    assert refused.status == 1
    assert not world.branch()
    status, screen = answers(
        at_terminal(laptop, "init", "--all", cwd=laptop.home, COLUMNS="60"), "of these 2 repositories there", "y"
    )
    assert status == 0, screen
    assert screen.count("  left out: ") == 2
    assert "  left out: everyone can read it\n" in screen
    assert "  left out: this repository has no remote" in screen
    assert "…" not in screen
    assert "".join(screen.split()).count(f"whoevermayread'{world.remote}'") == 2
    assert "1 session" in screen
    again = laptop.ok("init", "--all", cwd=laptop.home)
    assert again.out.count("set up already") == 2
    assert "nothing to set up" in again.out
    os.rename(world.remote, world.remote.with_name("away"))
    laptop.git("remote", "set-url", "origin", str(world.remote.with_name("other.git")), cwd=other)
    assert laptop.ccsync("init", "--all", cwd=laptop.home).status == 1


def test_all_with_one_place_for_all(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.session("fix bug")
    lonely = laptop.home / "lonely"
    laptop.git("init", "-q", str(lonely))
    laptop.session("alone", cwd=lonely)
    stick = world.directory / "stick"
    laptop.ok("init", "--all", "--yes", "--remote", str(stick), cwd=laptop.home)
    refs = laptop.git("for-each-ref", "--format=%(refname)", cwd=stick).split()
    assert len(refs) == 2
    assert "refs/ccsync/directory%2Flonely/al" in refs


@pytest.mark.parametrize("words", [(), ("--remote", "upstream")])
def test_a_remote_that_was_renamed_is_found_again(world: World, words: tuple[str, ...]) -> None:
    laptop = world.initialised("laptop")[0]
    laptop.session("fix bug")
    laptop.ok("push")
    laptop.git("remote", "rename", "origin", "upstream")
    refused = laptop.ccsync("push")
    assert (refused.status, refused.err.splitlines()[0]) == (1, "error: there is no remote named 'origin'")
    assert "to push" not in laptop.ccsync("status").out
    assert (
        "✗ remote      there is no remote named 'origin'\n              git ccsync init" in laptop.ccsync("doctor").out
    )
    assert laptop.ok("init", "--yes", *words).out.startswith("sessions of this repository go to 'upstream' ")
    assert laptop.ok("push").out == "Everything up-to-date\n"
    assert "in step" in laptop.ok("status").out
