"""The real Claude Code on a machine of a world: one prompt with -p, many over a stream, or typed at in a terminal. Its
whole environment is made here; it talks to the Api that it is given and to nobody else. Knows nothing of git-ccsync.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from tests.support.claude_typed import Typed
from tests.support.machine import LIMIT, ROOT, executable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.support.anthropic import Api
    from tests.support.machine import Machine

#: Where `npm install --prefix .cache/claude @anthropic-ai/claude-code@latest` in the checkout puts it.
CACHE = ROOT / ".cache" / "claude"

KEY = "sk-ant-api03-a-dummy-key-that-opens-nothing-0123456789abcdef"

QUIET = {
    "DISABLE_TELEMETRY": "1",
    "DISABLE_AUTOUPDATER": "1",
    "DISABLE_ERROR_REPORTING": "1",
    "DISABLE_BUG_COMMAND": "1",
    "DISABLE_INSTALLATION_CHECKS": "1",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL": "1",
}

#: Tools that run without a question. (--dangerously-skip-permissions is refused to root.)
TOOLS = ("--permission-mode", "acceptEdits", "--allowedTools", "Bash,Read,Write,Edit,Agent")


def find_claude(environment: dict[str, str]) -> Path | None:
    """The executable of Claude Code: GIT_CCSYNC_CLAUDE, else what npm has put into the checkout's cache; None if there is
    none. The package's own launcher is filled in by an install script that npm may not have run: the native package's
    executable is taken rather than that."""
    given = environment.get("GIT_CCSYNC_CLAUDE", "")
    if given:
        return Path(given)
    natives = sorted(CACHE.glob("node_modules/@anthropic-ai/claude-code-*/claude"))
    return next((path for path in natives if _runs(path)), None)


def _runs(program: Path) -> bool:
    """Whether an executable is made for this computer (npm may install both the glibc and the musl one)."""
    try:
        return subprocess.run([program, "--version"], capture_output=True, env={}, check=False).returncode == 0
    except OSError:
        return False


class Answer(NamedTuple):
    """What `claude -p` ended with: exit status, the answer's text, the session's id, stderr."""

    status: int
    text: str
    session: str
    err: str


class ClaudeCode:
    """Claude Code of one machine. `env` is all that it sees; `directory` its Claude directory, `settings` the user's."""

    def __init__(self, machine: Machine, program: Path, api: Api) -> None:
        self.machine, self.program, self.api = machine, program, api
        self.directory = machine.claude
        self.settings = machine.claude / "settings.json"
        self.env = self._environment()
        self._seed()

    def version(self) -> str:
        """The version's number."""
        done = subprocess.run([self.program, "--version"], env=self.env, capture_output=True, text=True, check=True)
        return done.stdout.split()[0]

    def words(self, *, resume: str = "", last: bool = False, args: Sequence[str] = ()) -> list[str]:
        """The command line that continues a session (`resume`: id or title; `last`: --continue) or starts one."""
        going = ["--resume", resume] if resume else ["--continue"] if last else []
        return [str(self.program), *going, *TOOLS, *args]

    def ask(
        self,
        prompt: str,
        *,
        resume: str = "",
        last: bool = False,
        cwd: Path | None = None,
        args: Sequence[str] = (),
        status: int | None = 0,
    ) -> Answer:
        """`claude -p PROMPT` in the clone (or `cwd`), to its end; asserts its exit status unless that is None."""
        words = self.words(resume=resume, last=last, args=args)
        with self.start(prompt, words, cwd=cwd) as running:
            try:
                out, err = running.communicate(timeout=LIMIT)
            finally:
                running.kill()
        assert status in (None, running.returncode), f"{prompt!r}: {running.returncode}: {out}{err}"
        result = _json(out)
        return Answer(running.returncode, result.get("result", out), result.get("session_id", ""), err)

    def start(self, prompt: str, words: Sequence[str] = (), *, cwd: Path | None = None) -> subprocess.Popen[str]:
        """`claude -p PROMPT` without waiting; the caller waits for it, or kills it. `words` are of `words()`."""
        return subprocess.Popen(
            [*(words or self.words()), "--output-format", "json", "-p", prompt],
            env=self.env,
            cwd=cwd or self.machine.clone,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def stream(self, *, resume: str = "", last: bool = False, cwd: Path | None = None) -> Stream:
        """One process that is asked many times; for how long turns take, and for hooks between them."""
        kinds = ("-p", "--input-format", "stream-json", "--output-format", "stream-json", "--verbose")
        return Stream(self, self.words(resume=resume, last=last, args=kinds), cwd or self.machine.clone)

    def typed(self, *, resume: str = "", last: bool = False, cwd: Path | None = None) -> Typed:
        """Claude Code in a terminal, ready to be typed at."""
        window = Typed(self, self.words(resume=resume, last=last), cwd or self.machine.clone)
        try:
            return window.ready()
        except BaseException:
            window.__exit__()
            raise

    def picker(self, *, cwd: Path | None = None) -> Typed:
        """Claude Code's own list of sessions in a terminal; Enter picks, then it is `ready()`. Sessions that were begun
        with -p are not offered there."""
        return Typed(self, self.words(args=["--resume"]), cwd or self.machine.clone)

    def eavesdrop(self, *events: str) -> None:
        """Install hooks, as a user's own, that note what they are told; `heard` reads it."""
        command = f"cat >> '{self._heard}'"
        settings = _json(self.settings.read_text()) if self.settings.exists() else {}
        hooks = settings.setdefault("hooks", {})
        for event in events:
            hooks.setdefault(event, []).append({"hooks": [{"type": "command", "command": command}]})
        self.settings.write_text(json.dumps(settings, indent=2))

    def heard(self) -> list[dict[str, Any]]:
        """What the hooks of `eavesdrop` were told, in order."""
        return [json.loads(line) for line in self._heard.read_text().splitlines()] if self._heard.exists() else []

    @property
    def _heard(self) -> Path:
        return self.machine.home / "heard.jsonl"

    def trust(self, *directories: Path) -> None:
        """Let nothing be asked in these directories."""
        seeded = json.loads(self._config().read_text())
        for directory in directories:
            seeded["projects"][str(directory)] = {"hasTrustDialogAccepted": True, "hasCompletedProjectOnboarding": True}
        self._config().write_text(json.dumps(seeded))

    def live(self) -> dict[int, dict[str, Any]]:
        """The markers of running sessions: process id to content."""
        return {int(path.stem): _json(path.read_text()) for path in self.directory.glob("sessions/*.json")}

    def ended(self, session: str, since: float) -> bool:
        """Whether a turn of a session has ended after `since` (epoch seconds)."""
        lines = b"".join(path.read_bytes() for path in self.directory.glob(f"projects/*/{session}.jsonl")).splitlines()
        rows = (_json(os.fsdecode(line)) for line in lines if b'"turn_duration"' in line)
        stamps = (row["timestamp"] for row in rows if row.get("subtype") == "turn_duration")
        return any(datetime.fromisoformat(stamp).timestamp() > since for stamp in stamps)

    def _environment(self) -> dict[str, str]:
        """Everything, so that nothing of the caller's is seen; a connection to anywhere else would show up in
        `api.elsewhere`."""
        machine = self.machine.env
        kept = {key: value for key, value in machine.items() if not key.startswith("GIT_") or "CONFIG" in key}
        path = os.pathsep.join([str(self._launcher()), "/usr/local/bin", "/usr/bin", "/bin"])
        proxies = {"HTTPS_PROXY": self.api.url, "HTTP_PROXY": self.api.url, "NO_PROXY": "127.0.0.1,localhost"}
        access = {"ANTHROPIC_API_KEY": KEY, "ANTHROPIC_BASE_URL": self.api.url}
        return kept | QUIET | access | proxies | {"PATH": path, "SHELL": "/bin/bash", "TERM": "xterm-256color"}

    def _launcher(self) -> Path:
        """A directory with `git-ccsync` for Claude Code's hooks, wherever it is run from here."""
        directory = self.machine.home / ".local" / "bin"
        directory.mkdir(parents=True, exist_ok=True)
        words = " ".join("'" + word.replace("'", "'\\''") + "'" for word in executable())
        script = directory / "git-ccsync"
        script.write_text(f'#!/bin/sh\nPATH={os.path.dirname(sys.executable)}:$PATH exec {words} "$@"\n')
        script.chmod(0o755)
        return directory

    def _config(self) -> Path:
        elsewhere = "CLAUDE_CONFIG_DIR" in self.machine.env
        return (self.directory if elsewhere else self.machine.home) / ".claude.json"

    def _seed(self) -> None:
        """What a user has answered already: the tour, the key, the trust in the clone."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        seeded = {
            "hasCompletedOnboarding": True,
            "numStartups": 3,
            "theme": "dark",
            "customApiKeyResponses": {"approved": [KEY[-20:]], "rejected": []},
            "projects": {},
        }
        self._config().write_text(json.dumps(seeded))
        self.trust(self.machine.clone)


class Stream:
    """`claude -p` fed with prompts one after the other; a context manager: leaving ends its input and waits."""

    def __init__(self, claude: ClaudeCode, words: Sequence[str], cwd: Path) -> None:
        self.session = ""
        self._process = subprocess.Popen(
            words, env=claude.env, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True,
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(LIMIT)
        self._process.stdout.close()

    def say(self, prompt: str) -> float:
        """One turn; the seconds from the prompt to the result, with the hooks in between."""
        assert self._process.stdin
        assert self._process.stdout
        row = {"type": "user", "message": {"role": "user", "content": prompt}}
        before = time.monotonic()
        self._process.stdin.write(json.dumps(row) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            event = json.loads(line)
            if event.get("type") == "result":
                self.session = event["session_id"]
                return time.monotonic() - before
        raise AssertionError(f"claude ended over {prompt!r}: {self._process.wait()}")

    def median(self, turns: int = 20) -> float:
        """The median of the seconds that a turn takes, after a first one that does not count."""
        self.say("the first one")
        return statistics.median(self.say(f"turn {number}") for number in range(turns))


def _json(text: str) -> dict[str, Any]:
    """An object; empty for anything else, such as a file that is being written."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
