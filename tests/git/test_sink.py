"""Writing objects: git must be able to read all of it, and a crash at any system call must leave no half of one."""

from __future__ import annotations

import os
import random
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from git_ccsync.errors import CcsyncError
from git_ccsync.git import repository
from git_ccsync.git.objects import Reader, Sink, hash_object
from tests.git.filling import fill
from tests.git.test_command import no_children
from tests.support.machine import ROOT


def leftovers(place: Path) -> list[str]:
    return [name for _, _, names in os.walk(place / ".git/objects") for name in names if name.startswith("tmp_")]


def packs(place: Path) -> list[str]:
    return sorted(path.suffix for path in (place / ".git/objects/pack").iterdir())


def test_a_few_objects_are_loose(repo, place, git):
    sink = Sink(repo)
    commit, blobs = fill(sink, 10)
    assert sink.pending(blobs[3]) == b"000003\n" * 14
    assert git("cat-file", "--batch-check", input=blobs[3].encode()).endswith("missing")
    sink.finish()
    assert sink.pending(blobs[3]) is None
    git("update-ref", "refs/ccsync/me", commit)
    assert git("fsck", "--strict", "--full", "--no-dangling") == ""
    assert packs(place) == []
    assert leftovers(place) == []
    path = place / ".git/objects" / commit[:2] / commit[2:]
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


@pytest.mark.parametrize(
    "many",
    [{"blobs": 400}, {"blobs": 30, "size": 100_000}, {"blobs": 5, "sessions": 31}],
    ids=["objects", "bytes", "sessions"],
)
def test_many_objects_are_one_pack(repo, place, git, many):
    with Sink(repo, sessions=many.pop("sessions", 0)) as sink:
        commit, blobs = fill(sink, **many)
        for oid in (blobs[0], blobs[-1], commit):
            assert hash_object("commit" if oid == commit else "blob", sink.pending(oid) or b"") == oid
        assert sink.pending("1" * 40) is None
        sink.finish()
    git("update-ref", "refs/ccsync/me", commit)
    assert packs(place) == [".idx", ".pack"]
    assert leftovers(place) == []
    assert git("fsck", "--strict", "--full", "--no-dangling") == ""
    (pack,) = (place / ".git/objects/pack").glob("*.pack")
    assert stat.S_IMODE(pack.stat().st_mode) == 0o444
    with Reader(repo) as reader:
        assert [kind for _, kind, _ in reader.many(blobs, cap=1 << 20)] == ["blob"] * len(blobs)
        assert [kind for _, kind, _ in reader.bulk().many(blobs, cap=1 << 20)] == ["blob"] * len(blobs)


def test_the_index_is_the_one_that_git_would_make(repo, place, git, tmp_path):
    with Sink(repo, sessions=99) as sink:
        sink.add("blob", b"")
        sink.add("blob", random.Random(1).randbytes(3 << 20))
        fill(sink, 50)
        sink.finish()
    (pack,) = (place / ".git/objects/pack").glob("*.pack")
    git("index-pack", "-o", str(tmp_path / "idx"), str(pack))
    assert (tmp_path / "idx").read_bytes() == pack.with_suffix(".idx").read_bytes()


def test_the_same_object_twice(repo, place, git):
    for sessions in (0, 31):
        with Sink(repo, sessions=sessions) as sink:
            assert sink.add("blob", b"x") == sink.add("blob", b"x")
            sink.finish()
    assert "in-pack: 1\n" in git("count-objects", "-v")
    (pack,) = (place / ".git/objects/pack").glob("*.pack")
    git("index-pack", "-o", str(place / "idx"), str(pack))


def test_what_exists_is_freshened_and_not_rewritten(repo, place, git):
    oid = git("hash-object", "-w", "--stdin", input=b"x")
    path = place / ".git/objects" / oid[:2] / oid[2:]
    os.utime(path, (1, 1))
    before = path.stat()
    sink = Sink(repo)
    sink.add("blob", b"x")
    sink.finish()
    assert path.stat().st_ino == before.st_ino
    assert path.stat().st_mtime > 1_000_000


def test_an_empty_file_left_by_a_crash_is_replaced(repo, place, git):
    oid = git("hash-object", "-w", "--stdin", input=b"x")
    path = place / ".git/objects" / oid[:2] / oid[2:]
    path.unlink()
    path.touch()
    sink = Sink(repo)
    sink.add("blob", b"x")
    sink.finish()
    assert git("cat-file", "-p", oid) == "x"


@pytest.mark.parametrize("sessions", [0, 31])
def test_a_sink_that_is_left_leaves_nothing(repo, place, git, sessions):
    before = git("count-objects", "-v")
    with Sink(repo, sessions=sessions) as sink:
        fill(sink, 50)
    assert git("count-objects", "-v") == before
    assert leftovers(place) == []


def test_a_sink_can_be_used_again(repo, git):
    sink = Sink(repo)
    for number in range(2):
        oid = sink.add("blob", b"%d" % number)
        sink.finish()
        assert git("cat-file", "-p", oid) == str(number)


def test_finishing_nothing(repo, place):
    for sessions in (0, 31):
        Sink(repo, sessions=sessions).finish()
    assert packs(place) == []


@pytest.mark.skipif(os.getuid() == 0 and not shutil.which("setpriv"), reason="root can write everywhere")
def test_a_store_that_cannot_be_written(repo, place):
    script = (
        "import sys; from git_ccsync.git import repository; from git_ccsync.git.objects import Sink\n"
        "from git_ccsync.errors import CcsyncError\n"
        "repo = repository.Repository(*sys.argv[1:4], sys.argv[4], False)\n"
        "for n in (0, 31):\n"
        "    try:\n"
        "        with Sink(repo, sessions=n) as sink: sink.add('blob', b'x'); sink.finish()\n"
        "    except CcsyncError as error: print(error.message)\n"
    )
    line = [sys.executable, "-c", script, *repo[:4]]
    if os.getuid() == 0:
        line = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *line]
    for path in (place / ".git/objects", place / ".git/objects/pack"):
        path.chmod(0o555)
    said = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    for path in (place / ".git/objects", place / ".git/objects/pack"):
        path.chmod(0o755)
    assert said.stdout == f"cannot write objects to '{repo.object_dir}': Permission denied\n" * 2, said.stderr


def put(sink: Sink, data: bytes) -> None:
    sink.add("blob", data)
    sink.finish()


def test_a_full_disk(repo, place, git):
    """RLIMIT_FSIZE stands in for it: every write beyond it fails."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    data = random.Random(1).randbytes(1 << 20)
    try:
        for sessions in (0, 31):
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 18, hard))
            with Sink(repo, sessions=sessions) as sink, pytest.raises(CcsyncError, match="cannot write objects"):
                put(sink, data)
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            assert leftovers(place) == []
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert git("fsck", "--full", "--no-dangling") == ""


@pytest.mark.parametrize("value", ["group", "all", "0640", "umask", ""])
def test_shared_repositories_get_the_modes_that_git_gives(tmp_path, value):
    modes = []
    for writer in ("git", "ours"):
        path = tmp_path / writer
        subprocess.run(["git", "init", "-q", f"--shared={value or 'umask'}", str(path)], check=True)
        objects = path / ".git/objects"
        if writer == "git":
            head = subprocess.run(
                ["git", "-C", str(path), "hash-object", "-w", "--stdin"], input=b"x", capture_output=True, check=True
            )
            oid = head.stdout.decode().strip()
            git_pack(path, oid)
        else:
            for sessions in (31, 0):
                sink = Sink(repository.discover(str(path)), sessions=sessions)
                sink.add("blob", b"x")
                sink.finish()
        loose, folder = objects / oid[:2] / oid[2:], objects / oid[:2]
        found = [loose, folder, *sorted((objects / "pack").glob("pack-*.[ip]*"))]
        modes.append([oct(each.stat().st_mode) for each in found])
    assert modes[0] == modes[1]
    assert len(modes[0]) == 4


def git_pack(path: Path, oid: str) -> None:
    """Git's own pack of one object, beside the loose one."""
    subprocess.run(
        ["git", "-C", str(path), "-c", "pack.writeReverseIndex=false", "pack-objects", "-q", ".git/objects/pack/pack"],
        input=oid.encode() + b"\n",
        stdout=subprocess.DEVNULL,
        check=True,
    )


def test_memory_is_bounded_by_what_is_under_way(repo):
    """Sixty megabytes of what does not compress, in the largest blobs there are: far less may stand in memory."""
    script = (
        "import os, resource, sys; from git_ccsync.git import repository; from git_ccsync.git.objects import Sink\n"
        "repo = repository.Repository(*sys.argv[1:5], False)\n"
        "data = os.urandom(16 << 20)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "with Sink(repo, sessions=31) as sink:\n"
        "    for n in range(4):\n"
        "        data = b'%d' % n + data[1:]\n"
        "        sink.add('blob', data)\n"
        "    sink.finish()\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, *repo[:4]], cwd=ROOT, capture_output=True, text=True, check=True
    )
    scale = 1024 if sys.platform == "darwin" else 1
    assert int(said.stdout) // scale < 64


WRITE = """
import os, sys
from git_ccsync.git import repository
from git_ccsync.git.objects import Sink
from git_ccsync.git.sharing import settle
from tests.git.filling import fill
repo = repository.Repository(*sys.argv[1:5], False)
os.getppid()  # the mark: system calls count from here
with Sink(repo, sessions=int(sys.argv[5])) as sink:
    commit, _ = fill(sink, 4)
    settle(sink.finish())
"""


class Traced:
    """A process that writes one commit with four blobs, under strace."""

    def __init__(self, repo, log: Path, sessions: int) -> None:
        self.line = [sys.executable, "-c", WRITE, *repo[:4], str(sessions)]
        self.log = log

    def run(self, calls: str, *options: str) -> int:
        trace = ["strace", "-f", "-y", "-qq", "-o", str(self.log), f"-etrace={calls}", *options]
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}  # so that every run makes the same system calls
        return subprocess.run([*trace, *self.line], cwd=ROOT, env=env, check=False).returncode

    def calls(self, names: str) -> tuple[list[str], int]:
        """The system calls of a whole run, the mark among them, and where that stands.

        Of the main thread only: strace counts for each thread by itself.
        """
        assert self.run(f"{names},getppid") == 0
        lines = self.log.read_text().splitlines()
        main = next(line.split()[0] for line in lines if " getppid(" in line)
        found = [line for line in lines if re.match(main + r" +\w+\(", line)]
        return found, next(number for number, line in enumerate(found) if " getppid(" in line)


@pytest.fixture(params=[0, 31], ids=["loose", "pack"])
def traced(repo, tmp_path, request) -> Traced:
    if not shutil.which("strace"):
        pytest.skip("needs strace")
    return Traced(repo, tmp_path / "log", request.param)


@pytest.mark.slow
@pytest.mark.parametrize("call", ["openat", "write", "fsync", "rename", "pwrite64"])
def test_killed_at_a_system_call(place, git, tmp_path, traced, call):
    """kill -9 at the first, middle and last such call: what is seen is whole, and the next run makes up for all."""
    store = place / ".git/objects"
    shutil.copytree(store, tmp_path / "pristine")
    found, mark = traced.calls(call)
    ours = range(mark + 1, len(found))
    for when in sorted({*ours[:1], *ours[len(ours) // 2 :][:1], *ours[-1:]}):
        shutil.rmtree(store)
        shutil.copytree(tmp_path / "pristine", store)
        status = traced.run(call, f"-einject={call}:signal=KILL:when={when}")
        if status == 0 and call == "openat" and when == ours[-1]:
            continue  # another test has byte-compiled a module since: there are fewer such calls now
        assert status == -9
        assert fsck(place) == b""
        subprocess.run(traced.line, cwd=ROOT, check=True)
        assert git("cat-file", "--batch-check", "--batch-all-objects").count(" blob ") == 4
        assert fsck(place) == b""
        git("prune", "--expire=now")
        assert leftovers(place) == []


def fsck(place: Path) -> bytes:
    done = subprocess.run(["git", "fsck", "--full", "--no-dangling"], cwd=place, capture_output=True, check=True)
    return done.stdout + done.stderr


def test_everything_is_on_disk_before_it_has_a_name_and_then_the_name(traced, git):
    found, mark = traced.calls("fsync,rename")
    synced, named, settled = set(), [], set()
    for line in found[mark + 1 :]:
        paths = re.findall(r'[<"](/[^>"]+)[>"]', line)
        if " rename(" in line:
            assert paths[0] in synced, line
            named.append(paths[1])
        else:
            (settled if named else synced).add(paths[0])
    assert len(named) in (2, 6)  # a pack and its index, or six objects
    assert {os.path.dirname(path) for path in named} <= settled
    if len(named) == 6:  # what names others comes after them
        kinds = [git("cat-file", "-t", "".join(path.split("/")[-2:])) for path in named]
        assert kinds == ["blob"] * 4 + ["tree", "commit"]


@pytest.mark.parametrize("finished", [True, False])
def test_the_workers_end_with_the_sink(repo, finished):
    import threading

    with Sink(repo, sessions=31) as sink:
        fill(sink, 30)
        assert any(thread.name == "ccsync-deflate" for thread in threading.enumerate())
        if finished:
            sink.finish()
    assert not any(thread.name == "ccsync-deflate" for thread in threading.enumerate())
    assert no_children()
