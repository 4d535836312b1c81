"""Sessions outside any repository: kept in a repository of our own, carried between homes that lie elsewhere."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from git_ccsync.claude.home import project_key
from tests.support import wrapped
from tests.support.events import Events, until
from tests.support.machine import Machine, Result
from tests.support.session import Session
from tests.support.world import World

REF = "refs/ccsync/git-ccsync%2Fhome/al"


def notes(machine: Machine, folder: str = "notes", *, lines: int = 2, branch: str = "") -> Session:
    """A session in a directory under the home that is in no repository."""
    place = machine.home / folder
    place.mkdir(parents=True, exist_ok=True)
    made = machine.session("", cwd=place, lines=b"")
    made.rows.branch = branch
    made.talk(lines, title=f"in {folder}")
    return made


def home(machine: Machine, verb: str, *words: str, status: int = 0) -> Result:
    """A verb with --home, from the home directory."""
    return machine.ccsync(verb, "--home", *words, cwd=machine.home, status=status)


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine]:
    """Two machines that keep such sessions in one private place."""
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    place = world.directory / "private"
    for machine in (laptop, desktop):
        machine.git("config", "--global", "safe.bareRepository", "explicit")  # ours is one, and named each time
        home(machine, "init", "--yes", "--machine", machine.name, "--remote", str(place))
    return laptop, desktop


def listed(machine: Machine, *words: str) -> dict[str, str]:
    """What `list --home` shows: id to state."""
    found = json.loads(home(machine, "list", "--json", *words).out)["sessions"]
    return {one["id"]: one["state"] for one in found}


def stored(world: World, session: Session) -> bytes:
    """The session's lines as they lie in the private place."""
    listing = f"git ls-tree -r {REF} | grep {session.id}/transcript | cut -f1 | cut -d' ' -f3"
    script = f"{listing} | while read oid; do git cat-file blob $oid; done"
    where = world.directory / "private"
    return subprocess.run(
        ["sh", "-c", script], cwd=where, env=world.environment, capture_output=True, check=True
    ).stdout


def test_it_is_set_up_in_the_words_of_init(world: World) -> None:
    laptop = world.machine("laptop")
    notes(laptop)
    place = world.directory / "private"
    done = home(laptop, "init", "--yes", "--remote", str(place))
    assert done.out.splitlines()[0] == f"sessions outside any repository go to 'ccsync' ({place})"
    assert done.out.splitlines()[-1] == "next: 'git ccsync --home push' sends 1 session"


@pytest.mark.slow
def test_a_session_from_notes_goes_there_and_back(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session, deep, away = notes(laptop), notes(laptop, "notes/2026/tax (old)"), world.directory / "shared"
    away.mkdir()
    out = laptop.session("", cwd=away, lines=b"")
    out.rows.branch = ""
    out.talk(1)
    home(laptop, "push")
    assert b"{{HOME}}/notes" in stored(world, session)
    assert str(laptop.home).encode() not in stored(world, session)
    assert b"{{REPO}}" not in stored(world, session)
    home(desktop, "pull")
    for made, place in ((session, "notes"), (deep, "notes/2026/tax (old)"), (out, away)):
        there = desktop.path(made.id)  # whether the directory is there or not
        assert there.parent.name == Session(Path("/"), "x", str(desktop.home / place), start=0).path.parent.name
        assert there.read_bytes() == made.read().replace(str(laptop.home).encode(), str(desktop.home).encode())
    desktop.append(session)
    assert home(desktop, "status", "--json").out.count('"in_step": false') == 1
    home(desktop, "push")
    home(laptop, "pull")
    assert laptop.transcript(session.id).count(b"\n") == desktop.transcript(session.id).count(b"\n")
    assert set(listed(laptop)) == {session.id, deep.id, out.id} == set(listed(desktop))
    for machine in pair:
        assert home(machine, "push").out == "Everything up-to-date\n"
        assert "in step" in home(machine, "status").out


def test_sessions_of_repositories_stay_out(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    inside, nested = laptop.session("in the clone"), laptop.clone / "src" / "deep"
    nested.mkdir(parents=True)
    deep = laptop.session("", cwd=nested, lines=b"")
    deep.rows.branch = ""  # as in a clone without a commit
    deep.talk(1)
    was = notes(laptop, "gone", branch="main")  # a clone that was deleted, and a directory in its place
    lost = notes(laptop, "lost")
    shutil.rmtree(laptop.home / "lost")
    kept = notes(laptop)
    (laptop.home / ".ccsyncignore").write_text("private/\n")
    notes(laptop, "private")
    home(laptop, "push")
    assert set(listed(laptop)) == {kept.id}
    assert not {inside.id, was.id, lost.id} & set(listed(laptop))
    laptop.init()
    laptop.ok("push")
    assert kept.id not in laptop.ok("list", "--json").out
    tree = subprocess.run(
        ["git", "ls-tree", "-r", REF],
        cwd=world.directory / "private",
        env=world.environment,
        capture_output=True,
        check=True,
    ).stdout
    assert tree.count(b"/meta") == 1


def test_both_went_on_and_both_are_kept(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = notes(laptop)
    home(laptop, "push")
    home(desktop, "pull")
    laptop.append(session)
    desktop.append(session)
    home(desktop, "push")
    home(laptop, "sync")
    home(desktop, "sync")
    assert len(listed(laptop, "--conflicts")) == 2
    assert {name: text.count(b"\n") for name, text in laptop.sessions().items()} == {
        name: text.count(b"\n") for name, text in desktop.sessions().items()
    }


@pytest.mark.slow
def test_restore_show_search_fork_rename_and_the_others_work_there(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = notes(laptop)
    home(laptop, "push")
    home(desktop, "pull")
    desktop.path(session.id).unlink()
    assert listed(desktop)[session.id].split()[0] in ("removed", "remote")
    home(desktop, "restore", session.id)
    assert desktop.transcript(session.id)
    assert str(desktop.home / "notes") in home(desktop, "show", session.id).out
    assert session.id[:8] in home(desktop, "search", "main.py").out
    home(desktop, "fork", session.id, "another way")
    home(desktop, "rename", session.id, "my notes")
    home(desktop, "push")
    home(laptop, "pull")
    assert {"another way", "my notes"} <= {
        one["title"] for one in json.loads(home(laptop, "list", "--json").out)["sessions"]
    }
    for line in ("tasks", "lease", "secrets", "secrets scan", "machine", f"handoff {session.id}"):
        laptop.ok(*line.split(), "--home", cwd=laptop.home)
    assert session.id[:8] in laptop.ok("complete", "--home", "sessions", session.id[:4], cwd=laptop.home).out
    laptop.session("in the clone")
    home(laptop, "push")
    assert "✓ sessions    2 here" in laptop.ccsync("doctor", "--home", cwd=laptop.home).out
    assert laptop.ok("--home", "list", cwd=laptop.clone).out == home(laptop, "list").out


def test_rm_takes_the_files_off_this_disk_too(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    session = notes(laptop)
    session.tool_result()
    home(laptop, "push")
    before = session.read()
    assert f"{session.id}.jsonl" in home(laptop, "rm", session.id).out
    assert not session.path.exists()
    assert not session.directory.exists()
    assert session.id not in listed(laptop)
    home(laptop, "undo")
    assert session.read() == before
    assert session.directory.is_dir()


def test_files_are_imported_also_where_nothing_is_set_up(world: World, tmp_path: Path) -> None:
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    session, file = laptop.session("", lines=b""), tmp_path / "fix.ccsync"
    session.rows.branch = ""
    session.talk(2, title="fix bug")
    laptop.ok("export", session.id, "-o", str(file))
    other = desktop.home / "other"
    other.mkdir()
    home(desktop, "import", "--directory", str(other), str(file))
    assert desktop.path(session.id).parent.name == project_key(str(other))
    assert f'"cwd":"{other}"'.encode() in desktop.transcript(session.id)
    assert b"{{" not in desktop.transcript(session.id)
    assert "all of it is here already" in home(desktop, "import", "--directory", str(other), str(file)).out
    desktop.path(session.id).unlink()
    home(desktop, "import", "--directory", str(desktop.clone), str(file))
    assert desktop.path(session.id).parent.name == project_key(str(desktop.clone))
    desktop.path(session.id).unlink()
    home(desktop, "import", str(file))
    assert desktop.path(session.id).parent.name == project_key(str(desktop.home))
    assert "init' to choose where" in home(desktop, "push", status=1).err
    home(desktop, "init", "--yes", "--machine", "desktop", "--remote", str(world.directory / "private"))
    home(desktop, "push")
    assert set(listed(desktop)) == {session.id}


def test_what_was_held_in_notes_is_imported_there(pair: tuple[Machine, Machine], tmp_path: Path) -> None:
    laptop, desktop = pair
    session, file = notes(laptop), tmp_path / "notes.ccsync"
    home(laptop, "export", session.id, "-o", str(file))
    (desktop.home / "notes").mkdir()
    home(desktop, "import", str(file))
    assert desktop.path(session.id).parent.name == project_key(str(desktop.home / "notes"))
    assert f'"cwd":"{desktop.home}/notes"'.encode() in desktop.transcript(session.id)
    assert b"{{" not in desktop.transcript(session.id)


def test_without_it_the_way_there_is_told(world: World) -> None:
    laptop = world.machine("laptop")
    done = laptop.ccsync("list", cwd=laptop.home)
    assert done.status == 128
    assert done.err.splitlines()[-1] == "hint: for sessions outside any repository: git ccsync --home init"
    done = laptop.ccsync("push", "--home")
    assert (done.status, done.err.splitlines()) == (
        1,
        [
            "error: sessions outside repositories are not carried yet",
            "hint: run 'git ccsync --home init' to choose where they go",
        ],
    )
    done = laptop.ccsync("init", "--home", "--yes")
    assert done.status == 1
    assert "hint: git ccsync --home init --remote <directory>" in done.err
    laptop.git("init", "-q", cwd=laptop.home)  # as some keep their dotfiles
    done = laptop.ok("init", "--home", "--yes", "--remote", str(world.directory / "private"))
    said = "warning: your home directory is a repository itself: sessions below it belong to that one"
    assert done.err.splitlines()[0] == said


def test_all_counts_it_in(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    laptop.init()
    notes(laptop)
    laptop.session("in the clone")
    done = laptop.ok("push", "--all")
    assert done.out.count("1 session") == 2
    assert "home.git" in done.out
    assert len(json.loads(laptop.ok("list", "--all", "--json").out)["repositories"]) == 2


def test_a_directory_that_becomes_a_repository_is_followed_no_more(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session = notes(laptop)
    home(laptop, "push")
    home(desktop, "pull")
    before = stored(world, session)
    laptop.git("init", "-q", cwd=laptop.home / "notes")
    laptop.append(session)
    home(laptop, "push")
    assert stored(world, session) == before
    assert home(laptop, "push").out == "Everything up-to-date\n"
    desktop.append(session)
    home(desktop, "push")
    mine = laptop.transcript(session.id)
    assert "its directory lies in a repository now" in home(laptop, "pull").out
    assert laptop.transcript(session.id) == mine
    laptop.ok("init", "--yes", "--remote", str(world.directory / "notes.git"), cwd=laptop.home / "notes")
    laptop.ok("push", cwd=laptop.home / "notes")
    assert session.id in laptop.ok("list", "--json", cwd=laptop.home / "notes").out


@pytest.mark.slow
def test_resume_and_new_go_on_where_it_was(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    session, place = notes(laptop), desktop.home / "notes"
    home(laptop, "push")
    place.mkdir()
    wrapped.install(desktop, world.directory / "bin")
    home(desktop, "resume", session.id)
    started = json.loads(Path(desktop.env["CLAUDE_LOG"]).read_text().splitlines()[0])
    assert started["args"] == ["--resume", session.id]
    assert started["cwd"] == str(place)
    assert (
        stored(world, session).count(b"\n") == desktop.transcript(session.id).count(b"\n") > session.read().count(b"\n")
    )
    desktop.ok("--home", "new", "a thought", cwd=place, CLAUDE_DOES="session.rows.branch = ''; talk('hello')")
    assert "a thought" in home(desktop, "list").out
    home(laptop, "pull")
    assert "a thought" in home(laptop, "list").out


def test_hooks_carry_it(world: World, pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    session = notes(laptop)
    home(laptop, "push")
    laptop.append(session)
    events = Events(laptop, session)
    assert events.fire("SessionEnd", reason="prompt_input_exit", env={"CLAUDE_PROJECT_DIR": session.cwd}).out == ""
    until(lambda: stored(world, session).count(b"\n") == session.read().count(b"\n"))


def test_the_repository_is_private_and_has_no_hooks(pair: tuple[Machine, Machine]) -> None:
    laptop, _ = pair
    place = laptop.home / ".local" / "share" / "git-ccsync" / "home.git"
    assert place.stat().st_mode & 0o777 == 0o700
    assert not (place / "hooks").exists()
    assert laptop.git("config", "gc.auto", cwd=place) == "0"
