"""A session on a disk, written the way Claude Code writes it: open, append whole lines, close. Knows one file's place."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.support.transcript import Transcript, line, subagent


def project_key(path: str) -> str:
    """The directory name of a working directory under projects/: measured rule of Claude Code 2.1, stated anew so that
    the product's own is checked by it. One "-" per UTF-16 unit; over 200 units a hash follows."""
    units = path.encode("utf-16-be", "surrogatepass")
    codes = [int.from_bytes(units[at : at + 2], "big") for at in range(0, len(units), 2)]
    key = "".join(chr(code) if code < 128 and chr(code).isalnum() else "-" for code in codes)
    if len(key) <= 200:
        return key
    value = 0
    for code in codes:
        value = ((value << 5) - value + code) & 0xFFFFFFFF
    signed = value - (1 << 32) if value & (1 << 31) else value
    return f"{key[:200]}-{base36(abs(signed))}"


def base36(number: int) -> str:
    """A natural number in base 36, lower case."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"


class Session:
    """Handle on one transcript: `id`, `path`, `directory` (of side files), `rows` (the Transcript that makes its rows)."""

    def __init__(self, claude: Path, id: str, cwd: str, *, start: float, key: str = "", maker: str = "") -> None:
        self.id, self.cwd = id, cwd
        self.path = claude / "projects" / (key or project_key(os.path.realpath(cwd))) / f"{id}.jsonl"
        self.directory = self.path.with_suffix("")
        self.rows = Transcript(id, cwd, start=start, seed=maker)

    @classmethod
    def adopt(cls, path: Path, *, maker: str) -> Session:
        """A handle on a transcript that exists already: goes on from its last row, with rows of `maker`'s own."""
        made = cls.__new__(cls)
        parsed = [row for row in map(_parse, path.read_bytes().split(b"\n")) if "uuid" in row]
        made.id, made.path, made.directory = path.stem, path, path.with_suffix("")
        made.cwd = next((row["cwd"] for row in reversed(parsed) if "cwd" in row), "/")
        made.rows = Transcript(made.id, made.cwd, start=path.stat().st_mtime, seed=f"{maker}{path.stat().st_size}")
        made.rows.parent = parsed[-1]["uuid"] if parsed else None
        made.rows.turn = sum(row.get("type") == "user" for row in parsed)
        return made

    def talk(self, exchanges: int, *, title: str = "") -> bytes:
        """Append prompts and answers and the bookkeeping tail; returns the bytes."""
        made = b"".join(self.rows.exchange() for _ in range(exchanges)) + self.rows.bookkeeping(title)
        self.write(made)
        return made

    def write(self, data: bytes) -> bytes:
        """Append bytes in one write, as Claude Code does; the mtime becomes the conversation's clock, if that is past."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            assert os.write(descriptor, data) == len(data)
        finally:
            os.close(descriptor)
        os.utime(self.path, (self.rows.clock, self.rows.clock))
        return data

    def side(self, name: str, data: bytes) -> Path:
        """Write a side file; `name` is relative to the session's directory."""
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(data)
        path.chmod(0o600)
        return path

    def subagent(self, agent: str = "a1b2c3d", rows: int = 2) -> Path:
        """A subagent's transcript and its meta file."""
        self.side(f"subagents/agent-{agent}.meta.json", line({"agentType": "Explore", "cwd": self.cwd}))
        data = subagent(self.id, agent, self.cwd, rows, start=self.rows.clock)
        return self.side(f"subagents/agent-{agent}.jsonl", data)

    def tool_result(self, name: str = "b1", data: bytes = b"long output\n") -> Path:
        """A large tool output and the row that names it."""
        path = self.side(f"tool-results/{name}.txt", data)
        self.write(self.rows.persisted(str(path)))
        return path

    def read(self) -> bytes:
        """The transcript's bytes."""
        return self.path.read_bytes()


def _parse(text: bytes) -> dict[str, str]:
    try:
        row = json.loads(text)
    except ValueError:
        return {}
    return row if isinstance(row, dict) else {}
