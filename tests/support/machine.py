"""One machine of a world: its environment, its sessions on disk, and `git-ccsync` run as a real process."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.support import spare
from tests.support.seal import sealed_environment
from tests.support.session import Session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.support.claude import Claude
    from tests.support.world import World

ROOT = Path(__file__).resolve().parents[2]

# No process of ours may hang a test run; the slowest verb of any test takes a fraction of this.
LIMIT = 120


class Result(NamedTuple):
    """What a process left: exit status, stdout, stderr (text; bytes that are no UTF-8 survive as surrogates)."""

    status: int
    out: str
    err: str


def run(
    args: Sequence[str], env: Mapping[str, str], *, cwd: Path, input: bytes = b"", status: int | None = 0
) -> Result:
    """Run a process to its end; asserts its exit status unless that is None."""
    done = subprocess.run(args, cwd=cwd, env=env, input=input, capture_output=True, timeout=LIMIT, check=False)
    return checked(args, cwd, (done.returncode, done.stdout, done.stderr), status)


def checked(args: Sequence[str], cwd: Path, done: tuple[int, bytes, bytes], status: int | None) -> Result:
    """What a process left, as text; asserts its exit status unless that is None."""
    result = Result(done[0], os.fsdecode(done[1]), os.fsdecode(done[2]))
    if status is not None:
        assert result.status == status, f"{' '.join(args)} in {cwd}: {result}"
    return result


def executable() -> list[str]:
    """The words that start git-ccsync: the installed script, else this checkout's package under this interpreter."""
    script = Path(sys.executable).with_name("git-ccsync")
    if script.exists():
        return [str(script)]
    start = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from git_ccsync.cli import main; sys.exit(main())"
    return [sys.executable, "-c", start]


class Machine:
    """A computer and user: `home`, `clone` (the work tree), `claude` (the Claude directory), `env`."""

    def __init__(self, world: World, name: str, *, home: Path, clone: Path, claude: Path | str, email: str) -> None:
        self.world, self.name, self.home, self.clone = world, name, home, clone
        self.env = sealed_environment(home, email=email, upkeep=world.upkeep)
        self.claude = Path(claude) if claude else home / ".claude"
        if claude:
            self.env["CLAUDE_CONFIG_DIR"] = str(claude)

    # --- processes

    def ccsync(
        self, *args: str, cwd: Path | None = None, input: bytes = b"", status: int | None = None, **env: str
    ) -> Result:
        """Run `git-ccsync ARGS` in the clone (or `cwd`), with `env` over the machine's own environment; in a fork of the
        spare process where that is the same, unless the world is to be `real`.
        """
        words, everything, place = [*executable(), *args], self.env | env, cwd or self.clone
        if self.world.real or not spare.fits(everything, input):
            return run(words, everything, cwd=place, input=input, status=status)
        done = spare.run([words[0], *args], everything, cwd=place, input=input, limit=LIMIT)
        return checked(words, place, done, status)

    def ok(self, *args: str, cwd: Path | None = None, **env: str) -> Result:
        """The same, and it must end with status 0."""
        return self.ccsync(*args, cwd=cwd, status=0, **env)

    def start(self, *args: str, prefix: Sequence[str] = (), **env: str) -> subprocess.Popen[bytes]:
        """Start `git-ccsync ARGS` (behind `prefix`, such as strace) without waiting; the caller must wait for it."""
        return subprocess.Popen(
            [*prefix, *executable(), *args], cwd=self.clone, env=self.env | env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def init(self, *args: str) -> Result:
        """`git-ccsync init` with this machine's name, without questions."""
        first, encrypt = self.world.first, self.world.encrypted and not self.world.first
        self.world.first = first or self
        done = self.ok("init", "--yes", "--machine", self.name, *(["--encrypt"] if encrypt else ()), *args)
        if self.world.encrypted and first:
            first.ok("key", "approve", "--yes")
        return done

    def git(self, *args: str, cwd: Path | None = None, status: int | None = 0) -> str:
        """git in the clone; its output without the last newline."""
        return run(["git", *args], self.env, cwd=cwd or self.clone, status=status).out.rstrip("\n")

    def push_to_both(self) -> Path:
        """Let pushes go to the remote and to a copy of it beside it, which is returned; both have everything then."""
        other = self.world.remote.with_name("two.git")
        self.git("clone", "-q", "--bare", str(self.world.remote), str(other))
        for url in (self.world.remote, other):
            self.git("remote", "set-url", "--push", "--add", "origin", str(url))
        self.init()
        self.ok("push")
        return other

    # --- sessions

    def session(
        self,
        title: str = "",
        *,
        cwd: Path | str | None = None,
        lines: int | bytes = 2,
        id: str = "",
        age: float = 0,
        key: str = "",
    ) -> Session:
        """A new session on this machine's disk, run in `cwd` (default: the clone).

        `lines` counts prompts and answers (at least 1), or is the transcript itself; `age` is in seconds before the
        world's now; `key` overrides the project directory's name.
        """
        name = id or str(uuid.UUID(int=self.world.random.getrandbits(128), version=4))
        made = Session(self.claude, name, str(cwd or self.clone), start=self.world.now - age, key=key, maker=self.name)
        if isinstance(lines, bytes):
            made.write(lines)
        else:
            made.talk(lines, title=title)
        return made

    def append(self, session: Session, lines: int = 1) -> bytes:
        """Continue a session that lies on this machine, whoever made it; returns the bytes appended."""
        return self.here(session.id).talk(lines)

    def here(self, session: str) -> Session:
        """A handle on a session that lies on this machine's disk; raises if it does not."""
        path = self.path(session)
        return Session.adopt(path, maker=self.name)

    def path(self, session: str) -> Path:
        """Where the one transcript of a session lies on this machine."""
        found = sorted(self.claude.glob(f"projects/*/{session}.jsonl"))
        assert len(found) == 1, f"{session} on {self.name}: {[str(path) for path in found]}"
        return found[0]

    def transcript(self, session: str) -> bytes:
        """The bytes of a session's transcript on this machine."""
        return self.path(session).read_bytes()

    def sessions(self) -> dict[str, bytes]:
        """Every session on this machine's disk: id to transcript."""
        return {path.stem: path.read_bytes() for path in sorted(self.claude.glob("projects/*/*.jsonl"))}

    def files(self) -> dict[str, bytes]:
        """Every regular file under the Claude directory: relative path to bytes."""
        found = (path for path in sorted(self.claude.rglob("*")) if path.is_file() and not path.is_symlink())
        return {str(path.relative_to(self.claude)): path.read_bytes() for path in found}

    def run_claude(self, session: str) -> Claude:
        """A process that holds `session` live on this machine, as Claude Code does; stopped with the world."""
        from tests.support.claude import Claude

        started = Claude(self, session)
        self.world.stops(started)
        return started
