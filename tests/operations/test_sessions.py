"""What `list` and `status` are made from: the standing of each session, and which one a word means."""

from __future__ import annotations

import json
import os

import pytest

from git_ccsync.state import files
from tests.support.machine import Machine
from tests.support.world import World

DAY = 86_400


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine]:
    """A laptop that has pushed three sessions, the last one idle for long; a desktop that has pulled."""
    laptop, desktop = world.initialised("laptop", "desktop")
    for number in range(3):
        laptop.session(f"session {number}", age=50 * DAY if number == 2 else number * DAY)
    laptop.ok("push")
    desktop.ok("pull")
    return laptop, desktop


def listed(machine: Machine, *args: str) -> list[dict[str, object]]:
    found = machine.ccsync("list", "--json", *args)
    return json.loads(found.out)["sessions"]


def states(machine: Machine, *args: str) -> dict[str, object]:
    return {str(one["title"]): one["state"] for one in listed(machine, *args)}


def status(machine: Machine, *args: str) -> dict[str, object]:
    return json.loads(machine.ok("status", "--json", *args).out)


def ids(machine: Machine) -> dict[str, str]:
    return {str(one["title"]): str(one["id"]) for one in listed(machine)}


def test_sessions_are_listed_before_init(world: World) -> None:
    laptop = world.machine("laptop")
    session = laptop.session("fix bug", lines=3)
    (found,) = listed(laptop)
    assert (found["id"], found["title"], found["state"], found["messages"]) == (session.id, "fix bug", "new", 6)
    assert not (laptop.clone / ".git" / "ccsync").exists() or not list((laptop.clone / ".git").glob("ccsync/*/titles"))


def test_every_state(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    assert states(laptop) == {"session 0": "here", "session 1": "here", "session 2": "here"}
    assert states(desktop) == {"session 0": "here", "session 1": "here", "session 2": "not-here"}
    names = ids(desktop)
    desktop.append(desktop.here(names["session 0"]))
    desktop.path(names["session 1"]).unlink()
    desktop.session("fresh")
    expected = {"fresh": "new", "session 0": "ahead", "session 1": "removed", "session 2": "not-here"}
    assert states(desktop) == expected
    assert list(states(desktop)) == ["session 0", "fresh", "session 1", "session 2"]
    with desktop.path(names["session 0"]).open("ab") as file:
        file.write(b'{"half a row')
    assert states(desktop)["session 0"] == "torn ahead"
    desktop.ok("push")
    assert states(desktop) == {**expected, "fresh": "here", "session 0": "torn"}


def test_the_remote_is_judged_as_it_was_seen_last(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    names = ids(laptop)
    laptop.append(laptop.here(names["session 0"]))
    laptop.session("another")
    laptop.ok("push")
    assert states(desktop)["session 0"] == "here"
    assert status(desktop)["behind"] == 0
    assert status(desktop, "--fetch")["behind"] == 2
    assert states(desktop) == {
        "session 0": "behind", "session 1": "here", "session 2": "not-here", "another": "not-here",
    }  # fmt: skip
    desktop.append(desktop.here(names["session 0"]))
    assert states(desktop)["session 0"] == "diverged"
    told = status(desktop)
    assert (told["behind"], told["diverged"], told["in_step"]) == (1, 1, False)
    desktop.ok("sync")
    assert status(desktop)["in_step"] is True
    assert states(desktop, "--conflicts") == {"session 0 (from desktop)": "copy", "session 0": "here"}


def test_a_commit_that_was_not_sent_is_ahead(pair: tuple[Machine, Machine], world: World) -> None:
    laptop, _ = pair
    laptop.append(laptop.here(ids(laptop)["session 0"]))
    hidden = world.remote.rename(world.remote.with_suffix(".away"))
    assert laptop.ccsync("push").status == 128
    told = status(laptop)
    assert (told["ahead"], told["ahead_lines"], told["in_step"]) == (1, 5, False)
    assert states(laptop)["session 0"] == "ahead"
    hidden.rename(world.remote)


def test_a_shortened_file_is_behind(pair: tuple[Machine, Machine]) -> None:
    _, desktop = pair
    path = desktop.path(ids(desktop)["session 0"])
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    assert states(desktop)["session 0"] == "behind"
    assert status(desktop)["behind"] == 1
    desktop.ok("pull")
    assert states(desktop)["session 0"] == "here"


def test_live_here_is_open_there(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    name = ids(laptop)["session 0"]
    claude = laptop.run_claude(name)
    claude.append()
    assert states(laptop)["session 0"] == "live ahead"
    assert status(laptop)["live"] == [name]
    laptop.ok("push")
    desktop.ok("pull")
    (one,) = listed(desktop, "--open")
    assert (one["id"], one["state"], one["open_on"]) == (name, "open", ["laptop"])
    assert status(desktop)["open_elsewhere"] == [[name, "laptop"]]
    claude.stop()
    laptop.ok("push")
    desktop.ok("pull")
    assert desktop.ccsync("list", "--open").status == 1


def test_side_files_count_as_ahead(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    laptop.here(ids(laptop)["session 0"]).side("tool-results/x.txt", b"0123456789")
    told = status(laptop)
    assert (told["ahead"], told["ahead_bytes"]) == (1, 10)
    laptop.ok("push")
    assert status(laptop)["in_step"] is True


def test_sessions_that_are_not_to_be_sent_are_not_ahead(world: World) -> None:
    laptop = world.machine("laptop")
    laptop.session("old", age=300 * DAY)
    laptop.session("young")
    laptop.init("--since", "2026-06-01")
    assert states(laptop) == {"young": "new", "old": "left-out"}
    laptop.ok("push")
    assert states(laptop) == {"young": "here", "old": "left-out"}
    told = status(laptop)
    assert (told["ahead"], told["in_step"], told["sessions"]) == (0, True, 1)


def test_a_copy_that_waits_for_its_file_is_behind(pair: tuple[Machine, Machine]) -> None:
    """It was made by a push that was too late; the next pull gives both versions files of their own."""
    laptop, desktop = pair
    session = ids(laptop)["session 0"]
    for machine in (laptop, desktop):
        machine.append(machine.here(session))
        machine.ok("push")
    copy = "session 0 (from desktop)"
    assert states(desktop)[copy] == "behind copy"
    told = status(desktop)
    assert (told["behind"], told["removed"], told["in_step"]) == (2, 0, False)
    desktop.ok("pull")
    assert states(desktop)[copy] == "copy"
    assert status(desktop)["in_step"]
    desktop.path(ids(desktop)[copy]).unlink()
    assert states(desktop)[copy] == "removed copy"


def test_an_id_in_another_projects_directory_is_elsewhere(pair: tuple[Machine, Machine]) -> None:
    _, desktop = pair
    path = desktop.path(ids(desktop)["session 0"])
    (desktop.claude / "projects" / "-else").mkdir()
    path.rename(desktop.claude / "projects" / "-else" / path.name)
    assert states(desktop)["session 0"] == "elsewhere"


def test_filters(pair: tuple[Machine, Machine]) -> None:
    _, desktop = pair
    assert list(states(desktop, "--not-here")) == ["session 2"]
    assert len(states(desktop, "--machine", "laptop")) == 3
    desktop.append(desktop.here(ids(desktop)["session 1"]))
    desktop.ok("push")
    assert list(states(desktop, "--machine", "desktop")) == ["session 1"]
    day = str(listed(desktop)[-1]["updated"])[:10]
    assert len(states(desktop, "--since", day)) == 3
    assert desktop.ccsync("list", "--since", "9999-01-01").status == 1
    assert desktop.ccsync("list", "--since", "yesterday").status == 129
    nobody = desktop.ccsync("list", "--machine", "nobody")
    assert (nobody.status, nobody.err.split("\n")[0]) == (1, "error: no machine 'nobody' is known here")


def test_a_session_is_named_by_id_prefix_title_or_latest(pair: tuple[Machine, Machine]) -> None:
    _, desktop = pair
    names = ids(desktop)

    def found(word: str) -> str:
        return str(json.loads(desktop.ok("show", "--json", word).out)["title"])

    assert found(names["session 2"][:4]) == found(names["session 2"].upper()) == found("session 2") == "session 2"
    assert found("@{latest}") == "session 0"
    for word in ("abc", names["session 2"][:3], "session", "session 2 ", "g" * 8):
        assert desktop.ccsync("show", word).status == 1
    assert desktop.ccsync("show", "abc").err == (
        "error: no session 'abc'\n"
        "hint: the beginning of an id needs at least 4 digits\n"
        "hint: run 'git ccsync list' to see them\n"
    )
    assert "at least" not in desktop.ccsync("show", "abcdef").err


def test_a_word_for_several_sessions_lists_them(world: World) -> None:
    laptop = world.machine("laptop")
    first = laptop.session("twins", id="abcd0000-0000-4000-8000-000000000000")
    second = laptop.session("twins", id="abcd1111-0000-4000-8000-000000000000")
    for word in ("abcd", "twins"):
        told = laptop.ccsync("show", word)
        assert told.status == 129
        assert told.err.startswith(f"error: '{word}' means 2 sessions\nhint: ")
        assert first.id[:13] in told.err
        assert second.id[:13] in told.err
    laptop.session("twins", id="abcd1111-0000-4000-8000-0000000000ff")
    hints = [line.split()[1] for line in laptop.ccsync("show", "twins").err.splitlines() if line.startswith("hint: ")]
    assert len(set(hints)) == 3
    assert not laptop.ok("list", "--all").out.endswith("\n\n")


def test_branches_are_told_with_their_authors(pair: tuple[Machine, Machine]) -> None:
    _, desktop = pair
    (found,) = json.loads(desktop.ok("list", "--branches", "--json").out)["branches"]
    assert (found["name"], found["sessions"], found["mine"]) == ("origin/al", 3, True)
    assert found["author"].endswith("<al@example.com>")
    told = desktop.ok("list", "--branches")
    assert told.out.startswith("* origin/al  3 sessions")
    assert told.err == (
        "these are the branches as of the last fetch\n"
        "hint: git ls-remote origin 'refs/*ccsync/*'\n"
        "hint:     lists all that are there now\n"
    )
    assert "refs/ccsync/al" in desktop.git("ls-remote", "origin", "refs/*ccsync/*")
    desktop.git("update-ref", "refs/ccsync-remotes/host%2Fapp/al", "refs/ccsync/al")  # where a push to a URL was noted
    desktop.git("update-ref", "-d", "refs/ccsync-remotes/origin/al")
    told = desktop.ok("list", "--branches")
    assert told.out.startswith("* host%2Fapp/al  3 sessions")
    assert "hint: git ls-remote origin 'refs/*ccsync/*'\n" in told.err


def test_hostile_meta_harms_only_its_session(pair: tuple[Machine, Machine]) -> None:
    _, desktop = pair
    name = ids(desktop)["session 0"]
    folder = f"sessions/{name[0]}/{name[1]}/{name}"
    index = {"GIT_INDEX_FILE": str(desktop.home / "index")}
    desktop.env |= index
    desktop.git("read-tree", "refs/ccsync/al")
    (desktop.clone / "bad").write_bytes(b"\xff\x00 not toml")
    oid = desktop.git("hash-object", "-w", "bad")
    desktop.git("update-index", "--add", "--cacheinfo", f"100644,{oid},{folder}/meta")
    commit = desktop.git("commit-tree", desktop.git("write-tree"), "-p", "refs/ccsync/al", "-m", "bad")
    for key in index:
        del desktop.env[key]
    desktop.git("update-ref", "refs/ccsync/al", commit)
    assert sorted(states(desktop)) == ["", "session 1", "session 2"]


def test_a_cache_that_cannot_be_read_or_written_costs_only_time(pair: tuple[Machine, Machine]) -> None:
    _, desktop = pair
    before = listed(desktop), status(desktop)
    (state,) = (desktop.clone / ".git" / "ccsync").iterdir()
    for name in ("titles", "standing", "pushed"):
        (state / name).write_bytes(os.urandom(100))
    assert (listed(desktop), status(desktop)) == before
    tree = desktop.git("rev-parse", "refs/ccsync/al^{tree}")
    files.save_cache(str(state / "titles"), ("another version", tree, {"x": ()}, {}))
    assert listed(desktop) == before[0]


def test_without_the_index_the_files_themselves_tell(pair: tuple[Machine, Machine]) -> None:
    _, desktop = pair
    names = ids(desktop)
    desktop.append(desktop.here(names["session 0"]))
    before = [{**one, "bytes": 0} for one in listed(desktop)], {**status(desktop), "ahead_bytes": 0}
    (state,) = (desktop.clone / ".git" / "ccsync").iterdir()
    (state / "index").unlink()
    for _ in range(2):
        assert ([{**one, "bytes": 0} for one in listed(desktop)], {**status(desktop), "ahead_bytes": 0}) == before
    desktop.append(desktop.here(names["session 1"]))
    assert states(desktop) == {"session 0": "ahead", "session 1": "ahead", "session 2": "not-here"}
    desktop.ok("push")
    assert states(desktop) == {"session 0": "here", "session 1": "here", "session 2": "not-here"}


def test_sessions_of_a_repository_inside_are_not_ours(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    inside = laptop.clone / "vendor" / "lib"
    laptop.git("init", "-q", str(inside))
    laptop.session("theirs", cwd=inside)
    for _ in range(2):
        assert "theirs" not in states(laptop)
    (inside / ".git").rename(inside / "not-git")
    laptop.git("config", "ccsync.ignore", "nothing")  # what was judged is judged anew with other rules
    assert states(laptop)["theirs"] == "new"
    laptop.git("config", "ccsync.ignore", "vendor/")
    assert "theirs" not in states(laptop)


def test_status_changes_nothing_and_notices_everything(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    before = laptop.files(), laptop.git("for-each-ref")
    assert status(laptop) == status(laptop)
    assert (laptop.files(), laptop.git("for-each-ref")) == before
    name = ids(laptop)["session 0"]
    path = laptop.path(name)
    stat = path.stat()
    path.write_bytes(path.read_bytes().replace(b"answer 2", b"ANSWER 2"))  # the same size, another time
    assert path.stat().st_size == stat.st_size
    laptop.append(laptop.here(ids(laptop)["session 1"]))
    told = status(laptop)
    assert (told["ahead"], told["diverged"]) == (1, 1)
    laptop.git("config", "ccsync.remote", "ext::nowhere")
    assert laptop.ccsync("status").status == 1
