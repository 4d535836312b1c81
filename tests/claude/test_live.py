"""Which sessions a process holds: real processes, and markers that nobody should believe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from git_ccsync.claude import live
from git_ccsync.claude.live import is_live, live_sessions, recently_written
from tests.support.claude import marker
from tests.support.transcript import Transcript
from tests.support.world import World

ID = "3f0c8a52-1111-4222-8333-94445555666a"
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@pytest.fixture
def sleeper() -> Iterator[int]:
    """A living process; its name would mislead who splits /proc/<pid>/stat at spaces."""
    code = "import sys\ntry: open('/proc/self/comm', 'w').write('a) S 1 (b')\nexcept OSError: pass\nprint(flush=True)\nsys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.readline()
        yield process.pid


def started(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[19]


def domain() -> str:
    machine = Path("/etc/machine-id")
    identity = machine.read_text().strip() if machine.exists() else ""
    return f"linux:{identity}:{os.readlink('/proc/self/ns/pid')}"


def put(tmp_path: Path, pid: object, data: bytes) -> None:
    (tmp_path / "sessions").mkdir(exist_ok=True)
    (tmp_path / "sessions" / f"{pid}.json").write_bytes(data)


def gone() -> int:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


def test_a_claude_process_holds_its_session_until_it_ends(world: World) -> None:
    laptop = world.machine("laptop")
    one, other = laptop.session("fix bug").id, laptop.session("other").id
    claude, crashed = laptop.run_claude(one), laptop.run_claude(other)
    assert live_sessions(str(laptop.claude)) == {one: claude.pid, other: crashed.pid}
    crashed.kill()
    assert live_sessions(str(laptop.claude)) == {one: claude.pid}
    claude.stop()
    assert live_sessions(str(laptop.claude)) == {}


def test_without_markers_nothing_is_live(tmp_path: Path) -> None:
    assert live_sessions(str(tmp_path)) == {}
    (tmp_path / "sessions").mkdir()
    assert live_sessions(str(tmp_path)) == {}


@LINUX
def test_only_another_start_time_proves_another_process(tmp_path: Path, sleeper: int) -> None:
    for start, alive in (
        (started(sleeper), True),
        ("1", False),
        ("", True),
        ("Sat Nov 21 10:57:01 2026", True),
        (7, False),
    ):
        put(tmp_path, sleeper, marker(sleeper, ID, procStart=start, pidDomain=domain()))
        assert (ID in live_sessions(str(tmp_path))) == alive, start
    put(tmp_path, sleeper, marker(sleeper, ID, procStart=int(started(sleeper))))
    assert live_sessions(str(tmp_path)) == {ID: sleeper}


@LINUX
def test_processes_of_elsewhere_cannot_be_seen_dead(tmp_path: Path) -> None:
    pid = gone()
    for foreign in (domain().replace("[", "[1"), "darwin:x", "windows"):
        put(tmp_path, pid, marker(pid, ID, procStart="1", pidDomain=foreign))
        assert live_sessions(str(tmp_path)) == {ID: pid}, foreign
    for ours in (domain(), "linux:", "", 7, None):
        put(tmp_path, pid, marker(pid, ID, procStart="1", pidDomain=ours))
        assert live_sessions(str(tmp_path)) == {}, ours


@pytest.mark.skipif(not os.path.exists("/etc/machine-id"), reason="a machine without an id")
def test_another_machine_that_shares_the_home_is_elsewhere(tmp_path: Path) -> None:
    pid = gone()
    put(tmp_path, pid, marker(pid, ID, procStart="1", pidDomain="linux:0123:" + domain().split(":", 2)[2]))
    assert live_sessions(str(tmp_path)) == {ID: pid}


@LINUX
def test_a_zombie_is_dead(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        while Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
            time.sleep(0.005)
        put(tmp_path, process.pid, marker(process.pid, ID, procStart=started(process.pid)))
        assert live_sessions(str(tmp_path)) == {}


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"{", b"null", b"[]", b"{}", b'{"pid":%d}', b'{"pid":%d,"sessionId":7}', b"\x00" * 1000, b"\xff"),
        *(b'{"pid":%d,"sessionId":"x","pad":"' + b"x" * 70_000 + b'"}', b"[" * 60_000),
    ],
)
def test_markers_without_a_session_name_none(tmp_path: Path, sleeper: int, data: bytes) -> None:
    put(tmp_path, sleeper, data.replace(b"%d", b"%d" % sleeper))
    assert live_sessions(str(tmp_path)) == {}


@pytest.mark.parametrize("pid", ["0", "-1", "1e99", "true", '"1"', "null", "9" * 5000, "2147483648", "1.5"])
def test_impossible_process_ids_are_those_of_the_name(tmp_path: Path, sleeper: int, pid: str) -> None:
    data = f'{{"pid":{pid},"sessionId":"{ID}"}}'.encode()
    put(tmp_path, "noname", data)
    assert live_sessions(str(tmp_path)) in ({}, {ID: 1})
    (tmp_path / "sessions/noname.json").unlink()
    put(tmp_path, sleeper, data)
    assert live_sessions(str(tmp_path)) in ({}, {ID: sleeper}, {ID: 1})


def test_a_marker_that_is_just_being_written_is_waited_for(tmp_path: Path, sleeper: int) -> None:
    put(tmp_path, sleeper, b"")
    path = tmp_path / "sessions" / f"{sleeper}.json"
    code = f"import time; time.sleep(0.005); open({str(path)!r}, 'wb').write({marker(sleeper, ID)!r})"
    with subprocess.Popen([sys.executable, "-S", "-c", code]):
        until = time.monotonic() + 10
        while not live_sessions(str(tmp_path)) and time.monotonic() < until:
            pass
    assert live_sessions(str(tmp_path)) == {ID: sleeper}


def test_odd_markers_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "sessions").mkdir()
    os.mkfifo(tmp_path / "sessions/1.json")
    (tmp_path / "sessions/2.json").symlink_to("1.json")
    (tmp_path / "sessions/3.json").mkdir()
    (tmp_path / "sessions/4.key").write_bytes(b"secret")
    assert live_sessions(str(tmp_path)) == {}


def test_dates_differ_only_by_more_than_a_journey() -> None:
    assert not live._differs("Sat Nov 21 10:57:01 2026", "Sat Nov 21 10:57:01 2026")
    assert not live._differs("Sat Nov 21 10:57:01 2026", "Sat Nov 21 19:27:01 2026")
    assert live._differs("Sat Nov 21 10:57:01 2026", "Sat Nov 21 10:58:01 2026")
    assert live._differs("Sat Nov 21 10:57:01 2026", "Mon Nov 23 10:57:01 2026")
    assert not live._differs("gibberish", "Sat Nov 21 10:57:01 2026")
    assert not live._differs("114685", "Sat Nov 21 10:57:01 2026")


def transcript(tmp_path: Path, version: str) -> str:
    rows = Transcript(ID, "/home/al/app", start=1_700_000_000)
    path = tmp_path / f"{ID}.jsonl"
    path.write_bytes(
        rows.exchange().replace(
            b'"version":"2.1.330"', json.dumps({"version": version})[1:-1].replace(" ", "").encode()
        )
    )
    return str(path)


@pytest.mark.parametrize(
    ("version", "counts"),
    [("1.0.128", True), ("2.0.76", True), ("2.1.330", False), ("3.0.0", False), ("", False), ("x.y", False)],
)
def test_a_fresh_write_counts_where_no_marker_is_written(tmp_path: Path, version: str, counts: bool) -> None:
    path = transcript(tmp_path, version)
    assert is_live(str(tmp_path), ID, path) == counts
    assert not is_live(str(tmp_path), ID, path, ours_mtime_ns=os.stat(path).st_mtime_ns)
    os.utime(path, (time.time() - 60,) * 2)
    assert not is_live(str(tmp_path), ID, path)


def test_an_absent_transcript_is_not_fresh(tmp_path: Path) -> None:
    assert not recently_written(str(tmp_path / "none"))
    assert not is_live(str(tmp_path), ID, str(tmp_path / "none"))
