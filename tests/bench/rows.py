"""The rows of the table: each measures one operation on a stage of its own and returns what was seen. No printing."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.bench.corpus import Corpus
from tests.bench.measure import Comparison, interleave, peak, run, size
from tests.bench.stage import Kept, Stage, add_line, fill, link_tree, ours, state_of
from tests.support.machine import Machine, executable
from tests.support.session import Session

#: 300 MB in sessions of uneven sizes (MB), as people have them. Of these the baseline's search for deltas takes half a
#: minute; of thirty equal ones it takes two, which would flatter us.
SIZES = (100, 70, 50, 30, 20, 15, 10, 5)


class Row(NamedTuple):
    """One line of the table. `must` and `aim` bound the ratio, or `ours` where `bound` says so; `unit` is of both sides."""

    name: str
    baseline: str
    unit: str
    floor: str
    must: float
    aim: float
    measure: Callable[[Stage, int], Comparison]
    bound: str = "ratio"


def git_repository(stage: Stage, path: Path) -> None:
    """A repository with a bare remote beside it and one commit on both."""
    stage.git("init", "-q", "--bare", f"{path}.git", cwd=stage.directory)
    stage.git("clone", "-q", f"{path}.git", str(path), cwd=stage.directory)
    commit_blob(stage, path, "first")
    stage.git("push", "-q", "origin", "HEAD", cwd=path)


def commit_blob(stage: Stage, path: Path, text: str) -> None:
    """One commit of one small file."""
    (path / "file").write_text(text * 20)
    stage.git("add", ".", cwd=path)
    stage.git("commit", "-q", "-m", "x", cwd=path)


def first_push(stage: Stage, runs: int, *, offline: bool) -> Comparison:
    """CPU of the first push of 300 MB in eight sessions. Offline the remote is gone: objects and the local commit only.
    Nobody looks for secrets: that has a row of its own.
    """
    world = stage.world("objects" if offline else "first-push")
    machine = world.machine("laptop")
    machine.init()
    machine.git("config", "ccsync.secrets", "off")
    fill(machine, sizes(stage))
    before = Kept(stage.directory / f"kept-{offline}", *state_of(machine))
    plain = stage.directory / f"baseline-{offline}"

    def baseline() -> float:
        for path in (plain, plain.with_suffix(".git")):
            run(["rm", "-rf", str(path)], stage.plain, stage.directory)
        git_repository(stage, plain)
        link_tree(machine.claude / "projects", plain / "sessions")
        cpu = stage.git("add", ".", cwd=plain).cpu + stage.git("commit", "-q", "-m", "all", cwd=plain).cpu
        return cpu if offline else cpu + stage.git("push", "-q", "origin", "HEAD", cwd=plain).cpu

    def mine() -> float:
        before.restore()
        if offline:
            run(["rm", "-rf", str(world.remote)], stage.plain, stage.directory)
        cost = ours(machine, "push", may_fail=offline)
        assert list(machine.clone.glob(".git/objects/pack/*.pack")), "nothing was committed"
        return cost.cpu

    return interleave(baseline, mine, min(runs, 3 if offline else 2))


def redacting(stage: Stage, runs: int) -> Comparison:
    """CPU of the first push of 300 MB with redaction on, against the same with it off."""
    world = stage.world("redaction")
    machine = world.machine("laptop")
    machine.init()
    fill(machine, sizes(stage))
    before = Kept(stage.directory / "kept-redaction", *state_of(machine))

    def push(mode: str) -> float:
        before.restore()
        machine.git("config", "ccsync.secrets", mode)
        return ours(machine, "push").cpu

    return interleave(lambda: push("off"), lambda: push("redact"), min(runs, 2))


def sizes(stage: Stage) -> list[int]:
    """The 300 MB, session by session, in bytes."""
    return [stage.bytes(megabytes) for megabytes in SIZES]


def quiet_push(stage: Stage, runs: int) -> Comparison:
    """Wall time of a push with nothing to do, of a repository with 30 sessions."""
    machine, _sessions = pushed(stage, "quiet", [20_000] * 30)
    return interleave(stage.python, lambda: ours(machine, "push").wall, runs)


def pushed(stage: Stage, name: str, each: list[int]) -> tuple[Machine, list[Session]]:
    """A machine of a new world, and its sessions of these sizes, which have all been pushed."""
    machine = stage.world(name).machine("laptop")
    machine.init()
    sessions = fill(machine, each)
    ours(machine, "push")
    return machine, sessions


def append_and_push(stage: Stage, runs: int) -> Comparison:
    """Wall time of pushing one more line of a 50 MB session, against a git push of one small blob."""
    machine = stage.world("append").machine("laptop")
    machine.init()
    session = fill(machine, [stage.bytes(50)])[0]
    ours(machine, "push")
    corpus = Corpus(str(machine.clone), 2)
    plain = stage.directory / "append-baseline"
    git_repository(stage, plain)

    def baseline() -> float:
        commit_blob(stage, plain, corpus.row(session.id, start=0).decode())
        return stage.git("push", "-q", "origin", "HEAD", cwd=plain).wall

    def mine() -> float:
        add_line(machine, session, corpus)
        return ours(machine, "push").wall

    return interleave(baseline, mine, runs)


def over_http(stage: Stage, name: str) -> tuple[Machine, Callable[[], int]]:
    """A machine whose remote is a smart-HTTP server with a password, and what its pushes have shipped so far (bytes)."""
    world = stage.world(name)
    server = world.http()
    server.anonymous, server.password = False, "secret"
    machine = world.machine("laptop", url=server.url("app.git", user="al:secret"))
    machine.init()
    return machine, server.shipped


def append_bytes(stage: Stage, runs: int) -> Comparison:
    """Bytes on the wire and growth of the remote, whichever is more, for one more line of a 50 MB session."""
    machine, shipped = over_http(stage, "append-bytes")
    session = fill(machine, [stage.bytes(50)])[0]
    ours(machine, "push")
    corpus = Corpus(str(machine.clone), 3)
    worst, line = 0, 0
    for _ in range(min(runs, 5)):
        wire, disk = shipped(), size(machine.world.remote)
        before = session.path.stat().st_size
        add_line(machine, session, corpus)
        line = session.path.stat().st_size - before
        ours(machine, "push")
        worst = max(worst, shipped() - wire, size(machine.world.remote) - disk)
    return Comparison(line, worst, worst / line)


def life_bytes(stage: Stage, _runs: int) -> Comparison:
    """Bytes on the wire over a session's life, one push every 25 kB, against zlib -1 of the same pieces."""
    machine, shipped = over_http(stage, "life")
    session = Session(
        machine.claude, "7" * 8 + "-7777-4777-8777-" + "7" * 12, str(machine.clone), start=machine.world.now
    )
    before, packed = shipped(), 0
    for piece in pieces(
        Corpus(str(machine.clone), 4).rows(session.id, stage.bytes(10), start=machine.world.now), 25_000
    ):
        session.write(piece)
        packed += len(zlib.compress(piece, 1))
        ours(machine, "push")
    spent = shipped() - before
    return Comparison(packed, spent, spent / packed)


def pieces(rows: object, length: int) -> list[bytes]:
    """Whole rows joined to pieces of at least `length` bytes."""
    made, piece = [], b""
    for row in rows:  # type: ignore[attr-defined]
        piece += row
        if len(piece) >= length:
            made.append(piece)
            piece = b""
    return made


def second_machine(laptop: Machine) -> Machine:
    """A desktop in the laptop's world that has said init but holds no session."""
    desktop = laptop.world.machine("desktop")
    desktop.init()
    return desktop


def first_pull(stage: Stage, runs: int) -> Comparison:
    """CPU of the first pull of 300 MB, against git fetch of the same ref, objects checked by both."""
    laptop, sessions = pushed(stage, "first-pull", sizes(stage))
    desktop = second_machine(laptop)
    before = Kept(stage.directory / "kept-pull", *state_of(desktop), desktop.claude)
    plain = stage.directory / "pull-baseline"

    def baseline() -> float:
        run(["rm", "-rf", str(plain)], stage.plain, stage.directory)
        stage.git("clone", "-q", "--no-local", str(desktop.world.remote), str(plain), cwd=stage.directory)
        spec = "refs/ccsync/al:refs/ccsync/al"
        return stage.git("-c", "fetch.fsckObjects=true", "fetch", "-q", "origin", spec, cwd=plain).cpu

    def mine() -> float:
        before.restore()
        cost = ours(desktop, "pull")
        assert len(desktop.sessions()) == len(sessions)
        return cost.cpu

    return interleave(baseline, mine, min(runs, 3))


def next_pull(stage: Stage, runs: int) -> Comparison:
    """Wall time of pulling one more line, against git fetch of one commit."""
    laptop, sessions = pushed(stage, "next-pull", [20_000] * 30)
    desktop = second_machine(laptop)
    ours(desktop, "pull")
    corpus = Corpus(str(laptop.clone), 5)
    plain, other = stage.directory / "next-baseline", stage.directory / "next-other"
    git_repository(stage, plain)
    stage.git("clone", "-q", f"{plain}.git", str(other), cwd=stage.directory)

    def baseline() -> float:
        commit_blob(stage, plain, corpus.row("x", start=0).decode())
        stage.git("push", "-q", "origin", "HEAD", cwd=plain)
        return stage.git("fetch", "-q", "origin", cwd=other).wall

    def mine() -> float:
        add_line(laptop, sessions[0], corpus)
        ours(laptop, "push")
        wall = ours(desktop, "pull").wall
        assert desktop.transcript(sessions[0].id).count(b"\n") == sessions[0].read().count(b"\n")
        return wall

    return interleave(baseline, mine, runs)


def status(stage: Stage, runs: int, *, sessions: int) -> Comparison:
    """Wall time of status in a repository with many small sessions."""
    machine, _sessions = pushed(stage, f"status-{sessions}", [1500] * sessions)
    ours(machine, "status")
    return interleave(stage.python, lambda: ours(machine, "status").wall, runs)


def tab(stage: Stage, runs: int) -> Comparison:
    """Wall time of what a shell asks when TAB is pressed where a session belongs, with 3,000 of them."""
    machine, _sessions = pushed(stage, "tab", [1500] * 3000)
    return interleave(stage.python, lambda: ours(machine, "complete", "sessions", "").wall, runs)


def memory(stage: Stage, _runs: int) -> Comparison:
    """Peak memory over the interpreter's own: the first push and the first pull of a 200 MB session with 4 MiB lines."""
    world = stage.world("memory")
    laptop, desktop = world.machine("laptop"), world.machine("desktop")
    laptop.init()
    fill(laptop, [stage.bytes(200)], largest=4_000_000)
    words = executable()
    idle = peak([*words, "--version"], laptop.env, laptop.clone)
    pushing = peak([*words, "push"], laptop.env, laptop.clone)
    assert world.branch()
    desktop.init()
    pulling = peak([*words, "pull"], desktop.env, desktop.clone)
    assert desktop.sessions().keys() == laptop.sessions().keys()
    return Comparison(idle, max(pushing, pulling) - idle, max(pushing, pulling) / idle)
