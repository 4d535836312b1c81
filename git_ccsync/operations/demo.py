"""demo: the main job on two make-believe machines around a bare remote, by the real commands, in one directory."""

from __future__ import annotations

import os
import sys

from git_ccsync.claude import home
from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import elsewhere
from git_ccsync.state import files

if TYPE_CHECKING:
    from collections.abc import Callable

SESSION = "3f6c1d2e-58a4-4b7e-9c10-2f4d8e6a7b90"


class Said(Frozen):
    """One command of the demo: who typed what, what came back, and its status. `words` () is a remark in `text`."""

    machine: str
    words: tuple[str, ...]
    text: str
    status: int = 0


class _Machine:
    """A make-believe computer: home, Claude directory, clone."""

    def __init__(self, name: str, top: str, clone: str, say: Callable[[Said], None]) -> None:
        self.name, self.say = name, say
        self.home = os.path.join(top, name, "home")
        self.clone = os.path.join(top, name, clone)
        self.claude = os.path.join(self.home, ".claude")
        os.makedirs(self.claude)
        files.replace(os.path.join(self.home, ".gitconfig"), b"[user]\n\tname = Alex\n\temail = alex@example.com\n")

    @property
    def env(self) -> dict[str, str]:
        """Nothing of the caller's but the way to programs: no home, no configuration, no credentials."""
        beside = os.path.dirname(os.path.abspath(sys.argv[0]))
        path = os.pathsep.join((beside, os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)))
        return {
            "PATH": path,
            "HOME": self.home,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C.UTF-8",
        }

    def git(self, *words: str, quiet: bool = False, cwd: str = "") -> None:
        """Type `git words`; CcsyncError if it fails, since the demo shows what works."""
        output = elsewhere.run(words, cwd=cwd or self.clone, env=self.env)
        # What the commands of the demo say on stderr (the guard's text, warnings) they say first.
        text = (output.stderr + output.stdout).decode("utf-8", "replace")
        if not quiet:
            self.say(Said(self.name, ("git", *words), text, output.status))
        if output.status:
            raise CcsyncError(f"the demo's 'git {' '.join(words)}' failed with status {output.status}", text.strip())

    def transcript(self, session: str) -> str:
        key = home.project_key(os.path.realpath(self.clone))
        return os.path.join(self.claude, "projects", key, f"{session}.jsonl")

    def talk(self, session: str, *turns: tuple[str, str]) -> None:
        """What Claude Code would append for these turns of the session."""
        path = self.transcript(session)
        count = files.read(path).count(b"\n")
        text = "".join(_turn(self, session, count + 2 * number, *turn) for number, turn in enumerate(turns))
        files.append(path, text.encode())

    def remark(self, text: str) -> None:
        self.say(Said(self.name, (), text))

    def sessions(self) -> list[str]:
        folder = os.path.dirname(self.transcript(SESSION))
        return sorted(name[:-6] for name in os.listdir(folder) if name.endswith(".jsonl"))


def _turn(machine: _Machine, session: str, number: int, prompt: str, answer: str) -> str:
    """A prompt and an answer as rows; the answer names a file by its absolute path."""
    import json
    import time
    import uuid

    clone = os.path.realpath(machine.clone)
    rows = []
    names = [str(uuid.uuid5(uuid.UUID(session), f"{machine.name}{number + at}")) for at in (0, 1)]
    for at, (role, text) in enumerate((("user", prompt), ("assistant", answer.replace("REPO", clone)))):
        content: object = text if role == "user" else [{"type": "text", "text": text}]
        rows.append({
            "parentUuid": names[0] if at else None, "type": role, "message": {"role": role, "content": content},
            "uuid": names[at], "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(time.time() - 600 + 60 * (number + at))), "cwd": clone,
            "sessionId": session, "version": "2.1.330", "gitBranch": "main",
        })  # fmt: skip
    return "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)


def demo(top: str, say: Callable[[Said], None]) -> None:
    """Play the demo in the empty directory `top`; `say` gets each command as it is done."""
    laptop = _Machine("laptop", top, "work/app", say)
    desktop = _Machine("desktop", top, "src/the app", say)
    remote = os.path.join(top, "remote.git")
    laptop.git("init", "--quiet", "--bare", "-b", "main", remote, quiet=True, cwd=top)
    laptop.git("clone", "--quiet", remote, laptop.clone, quiet=True, cwd=top)
    laptop.git("commit", "--quiet", "--allow-empty", "-m", "Begin", quiet=True)
    laptop.git("push", "--quiet", "origin", "HEAD:main", quiet=True)
    desktop.git("clone", "--quiet", remote, desktop.clone, quiet=True, cwd=top)
    _carry(laptop, desktop)
    _diverge(laptop, desktop)


def _carry(laptop: _Machine, desktop: _Machine) -> None:
    laptop.talk(SESSION, ("Why does the parser drop the last line?", "The loop in REPO/src/parse.py stops too early."))
    laptop.remark(f"a session about {laptop.clone}/src/parse.py")
    laptop.git("ccsync", "init", "--machine", "laptop", "--yes")
    laptop.git("ccsync", "push")
    desktop.git("ccsync", "init", "--machine", "desktop", "--yes")
    desktop.git("ccsync", "pull")
    desktop.git("ccsync", "list")
    path = f"{os.path.realpath(desktop.clone)}/src/parse.py".encode()
    if path not in files.read(desktop.transcript(SESSION)):
        raise CcsyncError("the session did not arrive with this machine's paths")
    desktop.remark(f"its paths are this machine's now: {path.decode()}")
    desktop.talk(SESSION, ("Fix it.", "Done: REPO/src/parse.py reads to the end."))
    desktop.remark("the session goes on here")
    desktop.git("ccsync", "push")
    laptop.git("ccsync", "pull")
    if files.read(laptop.transcript(SESSION)).count(b"\n") != 4:
        raise CcsyncError("the session did not come back whole")


def _diverge(laptop: _Machine, desktop: _Machine) -> None:
    laptop.talk(SESSION, ("Add a test.", "Added REPO/tests/test_parse.py."))
    desktop.talk(SESSION, ("Now the docs.", "Described it in REPO/README.md."))
    desktop.remark("offline, both machines go on with the same session")
    desktop.git("ccsync", "sync")
    laptop.git("ccsync", "sync")
    laptop.git("ccsync", "list")
    desktop.git("ccsync", "sync")
    if laptop.sessions() != desktop.sessions() or len(laptop.sessions()) != 2:
        raise CcsyncError("the two machines do not hold the same two sessions")
    desktop.remark("both conversations are on both machines, and both resume")
