"""Builders of transcript rows as Claude Code 2.1 writes them: bytes, one whole line each. Knows nothing of machines.

A `Transcript` grows like a conversation: it remembers the last uuid (parentUuid of the next row), its clock and how many
rows it made. Every id and time follows from the seed, so that a test's bytes are the same in every run.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

VERSION = "2.1.330"
SIGNATURE = "EqQBCkYIBxgCKkBzaWduZWQgYnkgdGhlIEFQSQ=="


def line(row: object) -> bytes:
    """One row as Claude Code dumps it: compact, raw UTF-8, newline-ended."""
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"


def stamp(seconds: float) -> str:
    """Epoch seconds as Claude Code writes times."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(seconds * 1000) % 1000:03d}Z"


class Transcript:
    """One growing conversation; every method returns the new line or lines, and leaves writing them to the caller."""

    def __init__(self, session: str, cwd: str, *, start: float, branch: str = "main", seed: object = None) -> None:
        self.session, self.cwd, self.branch = session, cwd, branch
        self.clock = start
        self.parent: str | None = None
        self.turn = 0
        self._random = random.Random(f"{session}{seed or ''}")

    def identity(self) -> str:
        """The next uuid of this conversation."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def fork(self, seed: object) -> Transcript:
        """The same conversation as another machine would go on with it: same past, other uuids from here on."""
        other = Transcript(self.session, self.cwd, start=self.clock, branch=self.branch, seed=seed)
        other.parent, other.turn = self.parent, self.turn
        return other

    def row(self, kind: str, **fields: object) -> bytes:
        """A row of the tree (user, assistant, system, attachment), hung on the one before it."""
        self.clock += 1
        made = self.identity()
        row = {"parentUuid": self.parent, "isSidechain": False, "type": kind, **fields, "uuid": made}
        row |= {"timestamp": stamp(self.clock), "userType": "external", "entrypoint": "cli", "cwd": self.cwd}
        row |= {"sessionId": self.session, "version": VERSION, "gitBranch": self.branch}
        self.parent = made
        return line(row)

    def user(self, text: str, **fields: object) -> bytes:
        """A prompt."""
        return self.row("user", message={"role": "user", "content": text}, **fields)

    def assistant(self, *blocks: dict[str, object], **fields: object) -> bytes:
        """An answer made of content blocks."""
        message = {"role": "assistant", "model": "claude-opus-4", "type": "message", "content": list(blocks)}
        return self.row("assistant", message=message, **fields)

    def exchange(self, text: str = "") -> bytes:
        """A prompt and its answer: two lines."""
        self.turn += 1
        question = text or f"question {self.turn}: why does {self.cwd}/src/main.py fail?"
        answer = {"type": "text", "text": f"answer {self.turn}: look at {self.cwd}/src/main.py, line {self.turn}"}
        return self.user(question) + self.assistant(answer)

    def signed(self, thought: str) -> bytes:
        """An answer with a signed thinking block: neither its text nor its signature may ever change."""
        thinking: dict[str, object] = {"type": "thinking", "thinking": thought, "signature": SIGNATURE}
        return self.assistant(thinking, {"type": "text", "text": "done"})

    def tool(self, path: str, output: str) -> bytes:
        """A Read tool call on `path` and its result: two lines, paths in both and in toolUseResult."""
        call = "toolu_" + self.identity().replace("-", "")[:24]
        use = self.assistant({"type": "tool_use", "id": call, "name": "Read", "input": {"file_path": path}})
        result = {"tool_use_id": call, "type": "tool_result", "content": output}
        facts = {"type": "text", "file": {"filePath": path, "content": output, "numLines": output.count("\n") + 1}}
        return use + self.row("user", message={"role": "user", "content": [result]}, toolUseResult=facts)

    def persisted(self, path: str) -> bytes:
        """A tool result too large for the transcript, kept in the side file `path`."""
        text = f"<persisted-output>\nOutput too large. Full output saved to: {path}\n</persisted-output>"
        result = {"tool_use_id": "toolu_0", "type": "tool_result", "content": text}
        return self.row(
            "user", message={"role": "user", "content": [result]}, toolUseResult={"persistedOutputPath": path}
        )

    def bookkeeping(self, title: str = "", prompt: str = "hello") -> bytes:
        """The block of rows without uuid that Claude Code appends again after every turn."""
        rows: list[dict[str, object]] = [{"type": "last-prompt", "lastPrompt": prompt, "leafUuid": self.parent}]
        if title:
            rows.append({"type": "custom-title", "customTitle": title})
        rows += [{"type": "mode", "mode": "default"}, {"type": "permission-mode", "permissionMode": "default"}]
        return b"".join(line({**row, "sessionId": self.session}) for row in rows)

    def title(self, title: str) -> bytes:
        """What /rename appends."""
        return line({"type": "custom-title", "customTitle": title, "sessionId": self.session})

    def relocated(self, cwd: str) -> bytes:
        """What /cd appends after it has moved the file."""
        self.cwd = cwd
        return line({"type": "relocated", "sessionId": self.session, "relocatedCwd": cwd})

    def worktree(self, original: str, path: str) -> bytes:
        """What a session in a linked worktree carries."""
        state = {
            "originalCwd": original,
            "worktreePath": path,
            "worktreeBranch": "worktree-x",
            "sessionId": self.session,
        }
        return line({"type": "worktree-state", "worktreeSession": state, "sessionId": self.session})

    def huge(self, size: int) -> bytes:
        """One user row of at least `size` bytes."""
        return self.user("x" * size)


def odd_lines() -> list[bytes]:
    """Lines that Claude Code tolerates and nobody may change: CRLF, BOM, NUL, bad UTF-8, duplicate keys, no JSON, blank."""
    return [
        b'{"type":"user","message":{"role":"user","content":"crlf"},"uuid":"u1","parentUuid":null}\r\n',
        b'\xef\xbb\xbf{"type":"x-unknown","bom":true}\n',
        b'{"type":"x","nul":"\x00"}\n',
        b'{"type":"x","bad":"\xff\xfe\xc3("}\n',
        b'{"a":1,"a":2,"n":1e999,"m":1.10}\n',
        b'{"text":"{{REPO}} and {{=HOME}} stay {{NOTHING}}"}\n',
        '{"text":"line\u2028separator \\u2028 \ud83d"}\n'.encode("utf-8", "surrogatepass"),
        b"[1,2,3]\n",
        b"not json at all\n",
        b"\n",
    ]


def subagent(session: str, agent: str, cwd: str, rows: int = 2, *, start: float) -> bytes:
    """The transcript of one subagent: rows with isSidechain and agentId."""
    made = Transcript(session, cwd, start=start, seed=agent)
    return b"".join(made.user(f"sub task {n} in {cwd}", isSidechain=True, agentId=agent) for n in range(rows))


def join(lines: Iterable[bytes]) -> bytes:
    """Lines as one file's bytes."""
    return b"".join(lines)
