"""Claude's memory files between machines: what one writes the others have, both sides' lines stay, nothing is lost."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from git_ccsync.claude.home import project_key
from tests.operations.stories import everything, sync_all
from tests.support.inside import inside, killed_at
from tests.support.machine import Machine
from tests.support.world import World


def place(machine: Machine) -> Path:
    """Where Claude Code keeps the memory of this machine's clone."""
    return machine.claude / "projects" / project_key(str(machine.clone)) / "memory"


def write(machine: Machine, name: str, text: str | bytes) -> Path:
    """Put a memory file there, at a time that tells it from before."""
    path = place(machine) / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    stamp = max(before + 10**9, int(machine.world.now * 1e9))
    os.utime(path, ns=(stamp, stamp))
    return path


def memory(machine: Machine) -> dict[str, str]:
    """All memory files, with a name in place of what differs between machines."""
    top = place(machine)
    found = {str(path.relative_to(top)): path.read_bytes().decode() for path in top.rglob("*") if path.is_file()}
    return {name: text.replace(str(machine.clone), "{{REPO}}") for name, text in found.items()}


def stored(machine: Machine) -> dict[str, str]:
    """The memory files of the branch on the remote."""
    world = machine.world
    return {
        path.removeprefix("memory/"): world.blob(oid).decode()
        for path, oid in world.branch().items()
        if path.startswith("memory/")
    }


def test_memory_travels_in_portable_text(laptop: Machine, desktop: Machine) -> None:
    write(laptop, "MEMORY.md", f"- build in {laptop.clone}/out\n")
    write(laptop, "logs/a b.md", "one\n")
    pushed = inside(laptop, "push")
    assert [tuple(one)[:3] for one in pushed.memory] == [
        ("MEMORY.md", "added", "branch"),
        ("logs/a b.md", "added", "branch"),
    ]
    assert stored(laptop) == {"MEMORY.md": "- build in {{REPO}}/out\n", "logs%2Fa%20b.md": "one\n"}
    pulled = inside(desktop, "pull")
    assert {(one.name, one.action, one.place) for one in pulled.memory} == {
        ("MEMORY.md", "added", "disk"),
        ("logs/a b.md", "added", "disk"),
    }
    assert (place(desktop) / "MEMORY.md").read_text() == f"- build in {desktop.clone}/out\n"
    assert (place(desktop) / "MEMORY.md").stat().st_mode & 0o777 == 0o600
    assert inside(desktop, "pull").up_to_date
    before = everything(laptop), everything(desktop)
    sync_all(laptop, desktop)
    assert (everything(laptop), everything(desktop)) == before


def test_changes_on_both_sides_meet(laptop: Machine, desktop: Machine) -> None:
    write(laptop, "MEMORY.md", "- a\n- b\n- c\n")
    sync_all(laptop, desktop)
    write(laptop, "MEMORY.md", "- a, says the laptop\n- b\n- c\n- laptop\n")
    write(desktop, "MEMORY.md", "- a\n- c\n- desktop\n")
    sync_all(laptop, desktop)
    assert memory(laptop) == memory(desktop) == {"MEMORY.md": "- a, says the laptop\n- c\n- laptop\n- desktop\n"}


def test_a_line_that_both_changed_stands_there_twice_and_pull_says_so(laptop: Machine, desktop: Machine) -> None:
    write(laptop, "MEMORY.md", "- tests: make\n- end\n")
    sync_all(laptop, desktop)
    write(laptop, "MEMORY.md", "- tests: pytest\n- end\n")
    write(desktop, "MEMORY.md", "- tests: tox\n- end\n")
    inside(laptop, "push")
    pulled = inside(desktop, "pull")
    assert [(one.name, one.action, one.copy) for one in pulled.memory if one.action == "conflict"] == [
        ("MEMORY.md", "conflict", "")
    ]
    sync_all(laptop, desktop)
    assert memory(laptop) == memory(desktop) == {"MEMORY.md": "- tests: pytest\n- tests: tox\n- end\n"}


def test_two_files_of_one_name_are_both_kept_and_listed(laptop: Machine, desktop: Machine) -> None:
    write(laptop, "MEMORY.md", "- [user](user.md)\n")
    write(laptop, "user.md", "---\nname: user\n---\nlikes tea\n")
    write(desktop, "user.md", "---\nname: user\n---\nlikes coffee\n")
    inside(laptop, "push")
    inside(desktop, "sync")
    sync_all(laptop, desktop)
    assert memory(laptop) == memory(desktop)
    assert memory(laptop)["user.md"] == "---\nname: user\n---\nlikes tea\n"
    assert memory(laptop)["user.desktop.md"] == "---\nname: user\n---\nlikes coffee\n"
    assert "(user.desktop.md)" in memory(laptop)["MEMORY.md"]


def test_equal_files_are_one(laptop: Machine, desktop: Machine) -> None:
    for machine in (laptop, desktop):
        write(machine, "MEMORY.md", f"- in {machine.clone}\n")
    inside(laptop, "push")
    pulled = inside(desktop, "pull")
    assert [(one.action, one.place) for one in pulled.memory] == [("added", "branch")]
    assert inside(desktop, "push").up_to_date
    assert stored(laptop) == {"MEMORY.md": "- in {{REPO}}\n"}


def test_what_is_deleted_here_goes_there_but_not_what_changed_there(laptop: Machine, desktop: Machine) -> None:
    for name in ("gone.md", "changed.md", "kept.md"):
        write(laptop, name, f"{name}\n")
    sync_all(laptop, desktop)
    (place(laptop) / "gone.md").unlink()
    (place(laptop) / "changed.md").unlink()
    write(desktop, "changed.md", "changed.md\nmore\n")
    sync_all(laptop, desktop)
    assert memory(laptop) == memory(desktop) == {"changed.md": "changed.md\nmore\n", "kept.md": "kept.md\n"}
    trash = desktop.home / ".local/state/git-ccsync/trash"
    assert "gone.md\n" in [path.read_text() for path in trash.iterdir()]


def test_a_directory_that_is_gone_comes_back(laptop: Machine, desktop: Machine) -> None:
    write(laptop, "MEMORY.md", "- a\n")
    sync_all(laptop, desktop)
    shutil.rmtree(place(laptop))
    sync_all(laptop, desktop)
    assert memory(laptop) == memory(desktop) == {"MEMORY.md": "- a\n"}


def test_a_branch_that_went_back_takes_nothing_away(laptop: Machine, desktop: Machine) -> None:
    """It is no deletion of somebody's: the file is sent again."""
    sync_all(laptop)
    before = laptop.git("rev-parse", "refs/ccsync/al")
    write(laptop, "MEMORY.md", "- a\n")
    sync_all(laptop, desktop)
    for path in (laptop.clone, laptop.world.remote):
        laptop.git("update-ref", "refs/ccsync/al", before, cwd=path)
    laptop.git("update-ref", "-d", "refs/ccsync-remotes/origin/al")
    sync_all(laptop)
    assert memory(laptop) == stored(laptop) == {"MEMORY.md": "- a\n"}


@pytest.mark.slow
def test_memory_follows_a_repository_that_moves(laptop: Machine, desktop: Machine) -> None:
    """Where Claude Code has made the new directory already, it is empty, and nothing was deleted."""
    write(laptop, "MEMORY.md", f"- in {laptop.clone}\n")
    sync_all(laptop, desktop)
    moved = laptop.clone.parent / "moved"
    shutil.move(laptop.clone, moved)
    laptop.clone = moved
    place(laptop).mkdir(parents=True)
    sync_all(laptop, desktop)
    assert (place(laptop) / "MEMORY.md").read_text() == f"- in {moved}\n"
    assert memory(laptop) == memory(desktop) == stored(laptop)
    shutil.rmtree(place(laptop))
    for path in laptop.clone.glob(".git/ccsync/*/index"):
        path.unlink()
    sync_all(laptop, desktop)
    assert memory(laptop) == memory(desktop) == stored(laptop) != {}


@pytest.mark.slow
def test_memory_stays_here_if_it_is_told_to(laptop: Machine, desktop: Machine) -> None:
    laptop.git("config", "ccsync.memory", "false")
    write(laptop, "MEMORY.md", "- a\n")
    sync_all(laptop, desktop)
    assert not stored(laptop)
    write(desktop, "MEMORY.md", "- b\n")
    sync_all(desktop, laptop)
    assert memory(laptop) == {"MEMORY.md": "- a\n"}
    laptop.git("config", "ccsync.memory", "true")
    sync_all(laptop, desktop)
    assert memory(laptop) == memory(desktop) == {"MEMORY.md": "- b\n- a\n"}


SECRET = "ghp_" + "h7Kq2LmPzX9vBt4NwYc8RdJs5FgQa1Eu3oTi"


def test_secrets_stay_here_and_the_others_lines_come(laptop: Machine, desktop: Machine) -> None:
    write(laptop, "MEMORY.md", f"- token = {SECRET}\n- b\n")
    sync_all(laptop, desktop)
    assert SECRET not in stored(laptop)["MEMORY.md"]
    assert "{{SECRET:" in stored(laptop)["MEMORY.md"]
    write(desktop, "MEMORY.md", (place(desktop) / "MEMORY.md").read_text() + "- c\n")
    sync_all(desktop, laptop)
    assert (place(laptop) / "MEMORY.md").read_text() == f"- token = {SECRET}\n- b\n- c\n"
    assert stored(laptop)["MEMORY.md"] == (place(desktop) / "MEMORY.md").read_text()
    before = everything(laptop), everything(desktop)
    sync_all(laptop, desktop)
    assert (everything(laptop), everything(desktop)) == before


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["index", "memory"])
def test_lost_state_costs_no_line(laptop: Machine, desktop: Machine, lost: str) -> None:
    write(laptop, "MEMORY.md", "- a\n")
    sync_all(laptop, desktop)
    write(laptop, "MEMORY.md", "- a\n- b\n")
    for path in laptop.clone.glob(f".git/ccsync/*/{lost}"):
        path.unlink()
    sync_all(laptop, desktop)
    assert memory(laptop) == memory(desktop) == {"MEMORY.md": "- a\n- b\n"}


def test_a_push_that_comes_too_late_is_merged_onto_theirs(laptop: Machine, desktop: Machine) -> None:
    """Each has committed before it knew of the other: the branch merges, and no disk is asked."""
    write(laptop, "MEMORY.md", "- a\n- b\n")
    write(laptop, "both.md", "x\n")
    sync_all(laptop, desktop)
    write(laptop, "MEMORY.md", "- a\n- b\n- laptop\n")
    (place(laptop) / "both.md").unlink()
    write(desktop, "MEMORY.md", "- b\n- desktop\n")
    write(desktop, "both.md", "x\ny\n")
    inside(laptop, "push")
    pushed = inside(desktop, "push")
    assert pushed.retries == 1
    assert stored(desktop) == {"MEMORY.md": "- b\n- laptop\n- desktop\n", "both.md": "x\ny\n"}
    sync_all(laptop, desktop)
    assert memory(laptop) == memory(desktop) == stored(desktop)


def test_a_dry_run_changes_nothing_and_says_what_would(laptop: Machine, desktop: Machine) -> None:
    write(laptop, "MEMORY.md", "- a\n")
    write(desktop, "user.md", "x\n")
    before = everything(laptop), everything(desktop)
    planned = inside(laptop, "push", dry_run=True)
    assert [tuple(one)[:3] for one in planned.memory] == [("MEMORY.md", "added", "branch")]
    assert (everything(laptop), everything(desktop)) == before
    inside(laptop, "push")
    files = desktop.files()
    planned = inside(desktop, "pull", dry_run=True)
    assert ("MEMORY.md", "added", "disk") in [tuple(one)[:3] for one in planned.memory]
    assert desktop.files() == files
    sync_all(laptop, desktop)
    assert memory(laptop) == memory(desktop) == {"MEMORY.md": "- a\n", "user.md": "x\n"}


def test_odd_things_stay_where_they_are(laptop: Machine, desktop: Machine) -> None:
    write(laptop, "MEMORY.md", "- a\n")
    write(laptop, "big.md", "x" * (1 << 20) + "\n")
    write(laptop, ".hidden.md", "x\n")
    write(laptop, "a:b.md", "x\n")
    write(laptop, "utf16.md", "x\n".encode("utf-16"))
    (place(laptop) / "link.md").symlink_to(laptop.clone / "README")
    write(laptop, "private/x.md", "x\n")
    (laptop.clone / ".ccsyncignore").write_text("memory/private/\n")
    os.mkfifo(place(laptop) / "pipe")
    pushed = inside(laptop, "push")
    assert stored(laptop) == {"MEMORY.md": "- a\n"}
    told = {"memory/big.md": False, "memory/a:b.md": True, "memory/utf16.md": True}
    assert {one.subject: one.stray for one in pushed.problems} == told
    assert inside(laptop, "push").up_to_date
    (laptop.clone / ".ccsyncignore").unlink()
    inside(laptop, "push")
    assert set(stored(laptop)) == {"MEMORY.md", "private%2Fx.md"}
    inside(desktop, "pull")
    write(desktop, "link.md", "mine\n")
    write(desktop, "big.md", "small\n")
    inside(desktop, "push")
    inside(laptop, "pull")
    assert (place(laptop) / "link.md").is_symlink()
    assert (place(laptop) / "big.md").stat().st_size > 1 << 20
    assert set(stored(laptop)) == {"MEMORY.md", "link.md", "big.md", "private%2Fx.md"}


def test_a_hostile_branch_writes_nowhere_else(laptop: Machine, desktop: Machine) -> None:
    write(laptop, "MEMORY.md", "- a\n")
    sync_all(laptop, desktop)
    (place(desktop) / "sub").symlink_to(desktop.home)
    world = laptop.world
    good = world.git("hash-object", "-w", "--stdin", input=b"evil\n")
    big = world.git("hash-object", "-w", "--stdin", input=b"x" * (5 << 20))
    names = (
        "..%2Fevil.md",
        "%2E%2E%2Fevil.md",
        "sub%2Fevil.md",
        "memory.MD",
        "con.md",
        "%2Ehidden.md",
        "a%5Cb",
        "new.md",
    )
    rows = [f"100644 blob {good}\t{name}" for name in names] + [f"100644 blob {big}\tbig.md"]
    rows += [f"120000 blob {good}\tlink.md", f"100755 blob {good}\trun.md"]
    old = world.git("ls-tree", "refs/ccsync/al:memory").split("\n")
    tree = world.git("mktree", input="\n".join(sorted([*old, *rows])).encode())
    top = [row for row in world.git("ls-tree", "refs/ccsync/al").split("\n") if not row.endswith("\tmemory")]
    root = world.git("mktree", input="\n".join([*top, f"040000 tree {tree}\tmemory"]).encode())
    commit = world.git("commit-tree", "-p", "refs/ccsync/al", "-m", "evil", root)
    world.git("update-ref", "refs/ccsync/al", commit)
    before = {str(path) for path in desktop.home.rglob("*")}
    inside(desktop, "pull")
    made = {
        path for path in before ^ {str(path) for path in desktop.home.rglob("*")} if "evil" in path or ".md" in path
    }
    assert made == {str(place(desktop) / "new.md")}
    write(desktop, "more.md", "x\n")
    inside(desktop, "push")
    assert {row.split("\t")[1] for row in world.git("ls-tree", "refs/ccsync/al:memory").split("\n")} == {
        *(row.split("\t")[1] for row in [*old, *rows]),
        "more.md",
    }


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before", "while"])
def test_a_file_that_is_written_as_it_is_replaced_waits(laptop: Machine, desktop: Machine, moment: str) -> None:
    from git_ccsync.claude import install_memory
    from git_ccsync.operations.companions import memory_install

    write(laptop, "MEMORY.md", "- a\n")
    sync_all(laptop, desktop)
    write(laptop, "MEMORY.md", "- a\n- b\n")
    inside(laptop, "push")
    module, name = (memory_install, "install") if moment == "before" else (install_memory, "replace")
    done = getattr(module, name)

    def late(*args: object) -> object:
        write(desktop, "MEMORY.md", "- a\n- desktop\n")
        return done(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, late)
        assert [one.subject for one in inside(desktop, "pull").problems] == ["memory/MEMORY.md"] * (moment == "while")
    assert memory(desktop) == {"MEMORY.md": "- a\n- desktop\n"}
    sync_all(desktop, laptop)
    assert memory(laptop) == memory(desktop) == {"MEMORY.md": "- a\n- b\n- desktop\n"}


@pytest.mark.slow
def test_a_kill_anywhere_loses_no_line(laptop: Machine, desktop: Machine) -> None:
    write(laptop, "MEMORY.md", "- a\n")
    write(laptop, "gone.md", "x\n")
    sync_all(laptop, desktop)
    number, running = 0, True
    lines = {"- a"}
    while running:
        write(laptop, "MEMORY.md", memory(laptop)["MEMORY.md"] + f"- laptop {number}\n")
        write(desktop, "MEMORY.md", memory(desktop)["MEMORY.md"] + f"- desktop {number}\n")
        lines |= {f"- laptop {number}", f"- desktop {number}"}
        (place(laptop) / "gone.md").unlink(missing_ok=True)
        inside(laptop, "push")
        running = killed_at(desktop, "sync", number)
        number += 9
    sync_all(laptop, desktop)
    assert memory(laptop) == memory(desktop) == stored(laptop)
    assert lines == set(memory(laptop)["MEMORY.md"].splitlines())
    assert len(memory(laptop)["MEMORY.md"].splitlines()) == len(lines)
    assert set(memory(laptop)) == {"MEMORY.md"}


def test_status_counts_files(laptop: Machine, desktop: Machine) -> None:
    def told(machine: Machine, *args: str) -> list[str]:
        rows = [row.split("\t") for row in machine.ok("status", "--porcelain", *args).out.splitlines()]
        return [field for row in rows if row[0] in ("memory", "in-step") for field in row[1:]]

    laptop.session("fix bug")
    sync_all(laptop, desktop)
    assert told(laptop) == ["1", "0", "0"]
    write(laptop, "MEMORY.md", "- a\n")
    write(laptop, "user.md", "x\n")
    assert told(laptop) == told(laptop) == ["0", "2", "0"]
    assert "2 memory files to push (git ccsync push)" in laptop.ok("status").out
    inside(laptop, "push")
    assert told(laptop) == ["1", "0", "0"]
    assert told(desktop, "--fetch") == ["0", "0", "2"]
    assert "2 memory files to pull (git ccsync pull)" in desktop.ok("status").out
    inside(desktop, "pull")
    assert told(desktop) == ["1", "0", "0"]
    (place(desktop) / "user.md").unlink()
    assert told(desktop) == ["0", "1", "0"]


@pytest.mark.slow
def test_what_is_said(laptop: Machine, desktop: Machine) -> None:
    write(laptop, "MEMORY.md", "- a\n")
    assert "\nmemory: 1 file added\n" in laptop.ok("push").out
    write(desktop, "MEMORY.md", "- b\n")
    write(desktop, "user.md", "x\n")
    out = desktop.ok("pull", "--porcelain").out.splitlines()
    assert [row for row in out if row.startswith("memory")] == [
        "memory\tadded\tbranch\t\tMEMORY.md",
        "memory\tadded\tbranch\t\tuser.md",
        "memory\tupdated\tdisk\t\tMEMORY.md",
    ]
    desktop.ok("push")
    assert "\nmemory: 1 file updated, 1 added\n" in laptop.ok("pull").out
    write(laptop, "MEMORY.md", "- one\n- b\n")
    write(desktop, "MEMORY.md", "- two\n- b\n")
    laptop.ok("push")
    assert "  conflict  memory/MEMORY.md: both versions stand in it\n" in desktop.ok("sync").out
    assert laptop.ok("pull").out.endswith("memory: 1 file updated\n")
    assert laptop.ok("pull").out == "Already up to date.\n"


def test_what_a_pull_committed_is_told_by_the_push(laptop: Machine, desktop: Machine) -> None:
    write(laptop, "MEMORY.md", "- a\n")
    inside(laptop, "pull")
    pushed = inside(laptop, "push")
    assert [tuple(one)[:3] for one in pushed.memory] == [("MEMORY.md", "added", "branch")]
    assert not inside(laptop, "push").memory
    write(laptop, "user.md", "x\n")
    inside(laptop, "pull")
    assert inside(laptop, "push", dry_run=True).memory == inside(laptop, "push").memory != ()


def test_names_that_differ_by_case_alone_do_not_meet(laptop: Machine, desktop: Machine) -> None:
    write(laptop, "user.md", "laptop\n")
    inside(laptop, "push")
    write(desktop, "User.md", "desktop\n")
    for machine in (desktop, laptop) * 2:
        inside(machine, "sync")
    assert "by case alone" in inside(laptop, "pull").problems[0].reason
    assert set(stored(laptop)) == {"User.md", "user.md"}
    assert memory(desktop) == {"User.md": "desktop\n"}
    assert memory(laptop) == {"user.md": "laptop\n"}


def test_what_must_not_go_is_told_each_time(laptop: Machine) -> None:
    laptop.git("config", "ccsync.secrets", "block")
    write(laptop, "MEMORY.md", "- a\n")
    write(laptop, "user.md", f"{SECRET}\n")
    for _ in range(3):
        (problem,) = inside(laptop, "push").problems
        assert (problem.subject, problem.stray) == ("memory/user.md", False)
    assert set(stored(laptop)) == {"MEMORY.md"}
    write(laptop, "user.md", "nothing\n")
    assert not inside(laptop, "push").problems
    assert set(stored(laptop)) == {"MEMORY.md", "user.md"}


def test_secrets_are_found_and_init_says_what_goes(world: World) -> None:
    laptop = world.machine("laptop")
    write(laptop, "MEMORY.md", f"- a\n- token: {SECRET}\n")
    refused = laptop.ccsync("init", "--machine", "laptop")
    assert "no sessions here yet, 1 memory file" in refused.out + refused.err
    laptop.init()
    scanned = laptop.ok("secrets", "scan").out
    assert "memory/MEMORY.md:2  redacted" in scanned
    assert SECRET not in scanned
    laptop.ok("push")
    assert not laptop.ok("secrets", "scan").out
    assert "memory/MEMORY.md:2" in laptop.ok("secrets", "scan", "--all-lines").out


def test_what_is_redacted_on_the_branch_already_blocks_nothing_and_is_counted_once(laptop: Machine) -> None:
    write(laptop, "MEMORY.md", f"- token {SECRET}\n")
    assert "redacted 1 value" in laptop.ok("push").out
    laptop.git("config", "ccsync.secrets", "block")
    for text in (f"- token {SECRET}\n", f"- token {SECRET}\n- a\n"):
        write(laptop, "MEMORY.md", text)
        assert laptop.ok("push").err == ""
    assert stored(laptop)["MEMORY.md"].endswith("}}\n- a\n")
    write(laptop, "MEMORY.md", f"- token {SECRET}\n- another {SECRET[:-3]}Zz9\n")
    assert "holds a secret" in laptop.ccsync("push", status=1).err
    laptop.git("config", "ccsync.secrets", "redact")
    write(laptop, "MEMORY.md", f"- token {SECRET}\n- b\n")
    assert "1 value" not in laptop.ok("push").out
    write(laptop, "MEMORY.md", f"- token {SECRET}\n- b\n- another {SECRET[:-3]}Zz9\n")
    assert "redacted 1 value" in laptop.ok("push").out
