"""The one-file form of a session (gitformat-ccsync(5), ONE FILE): JSON written and read in pieces. Pure; decides nothing.

Reading is liberal in what does not matter and strict in the rest. Whatever the length of the transcript, memory holds
about a mebibyte of it, or its longest line: the file is gone through once for what it says, and again for the lines.
"""

from __future__ import annotations

from git_ccsync.errors import BadData, Unsupported
from git_ccsync.frozen import Frozen
from git_ccsync.portable.carriage_fields import (
    SIDE_CAP,
    checked_id,
    dump_side_files,
    load_side_files,
    one_text,
    plain_project,
    raw_lines,
    text_pairs,
)
from git_ccsync.portable.carriage_scan import Memory, Scanner, decoded

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from git_ccsync.portable.carriage_scan import Source

__all__ = ["SIDE_CAP", "VERSION", "CarriedSession", "read_ccsync", "write_ccsync"]

#: `_schemaVersion`: the only one there is.
VERSION = 1
#: The most that all fields but the transcript may hold, in bytes.
FIELDS_CAP = 2 * SIDE_CAP
_BOM = b"\xef\xbb\xbf"


class CarriedSession(Frozen):
    """One session in a file. `text()` gives the transcript's bytes from the start, in pieces of whole lines.

    `project` is `git:<host>/<path>` or `name:<word>` without credentials, "" where the file says nothing that can be
    compared; `cwd` and `roots` (name, path) are text of the machine that wrote it, never to be opened; `exported` is ms
    since 1970, `lines` what was counted; `side_files` are (name, content), the names unchecked. `warnings` say what was
    odd and passed over; `partial`: some of that is text of the file that the session lacks now.
    """

    id: str
    text: Callable[[], Iterable[bytes]]
    project: str = ""
    cwd: str = ""
    machine: str = ""
    exported: int = 0
    lines: int = 0
    roots: tuple[tuple[str, str], ...] = ()
    side_files: tuple[tuple[str, bytes], ...] = ()
    warnings: tuple[str, ...] = ()
    partial: bool = False


def write_ccsync(session: CarriedSession) -> Iterator[bytes]:
    """The file's bytes, in pieces. `session.text` is gone through twice; `lines`, `warnings` and `partial` are not looked at.

    Lines that are no UTF-8 stand in `jsonl` with U+FFFD, and as they are in `rawLines`.
    """
    import json

    lines, raw = _survey(session.text())
    head: dict[str, object] = {
        "_schemaVersion": VERSION,
        "sessionId": session.id,
        "projectKey": session.project,
        "originalCwd": session.cwd,
        "machineName": session.machine,
        "exportedAt": session.exported,
        "lineCount": lines,
    }
    further = {"roots": dict(session.roots), "rawLines": raw, "sideFiles": dump_side_files(session.side_files)}
    head.update((name, value) for name, value in further.items() if value)
    text = json.dumps(head, ensure_ascii=False, separators=(",", ":"))
    try:
        yield text[:-1].encode()
    except UnicodeEncodeError:  # a path that is no text here
        yield json.dumps(head, separators=(",", ":"))[:-1].encode()
    yield b',"jsonl":"'
    for piece in session.text():
        yield json.dumps(piece.decode("utf-8", "replace"), ensure_ascii=False)[1:-1].encode()
    yield b'"}\n'


def _survey(pieces: Iterable[bytes]) -> tuple[int, dict[str, str]]:
    """How many lines there are, and those that are no UTF-8, by number, in base64."""
    raw: dict[str, str] = {}
    lines, ended = 0, True
    for piece in pieces:
        try:
            piece.decode()
        except UnicodeDecodeError:
            raw.update(_raw_lines(piece, lines))
        lines += piece.count(b"\n")
        ended = piece.endswith(b"\n") or (ended and not piece)
    return lines + (not ended), raw


def _raw_lines(piece: bytes, first: int) -> Iterator[tuple[str, str]]:
    import base64

    for number, line in enumerate(piece.split(b"\n"), first):
        try:
            line.decode()
        except UnicodeDecodeError:
            yield str(number), base64.b64encode(line).decode()


def read_ccsync(source: bytes | Source) -> CarriedSession:
    """What the file `source` (its bytes, or an open seekable file, which stays open while `text` is used) holds.

    Raises Unsupported for another version, BadData for what is damaged, cut short or no such file.
    """
    found = _Reader(Memory(source) if isinstance(source, bytes) else source)
    found.run()
    return found.session()


class _Reader:
    """One file being read: its small fields, and where the transcript stands in it."""

    def __init__(self, file: Source) -> None:
        file.seek(0)
        self.file, self.scan = file, Scanner(file)
        self.fields: dict[str, object] = {}
        self.warnings: list[str] = []
        self.left: list[str] = []
        self.start, self.lines, self.surrogates = -1, 0, False

    def run(self) -> None:
        """Go through the whole file."""
        scan = self.scan
        scan.skip(_BOM)
        scan.expect(b"{", "it does not begin as a .ccsync file does")
        while scan.peek() != b"}":
            name = scan.value(FIELDS_CAP)
            scan.expect(b":")
            self._field(name)
            if scan.peek() != b"}":
                scan.expect(b",")
        scan.expect(b"}")
        if scan.peek():
            self.left.append("there is more behind the end of the session; it is not read")

    def _field(self, name: object) -> None:
        if not isinstance(name, str):
            raise BadData("a field of it has no name")
        if name != "jsonl":
            self.fields[name] = self.scan.value(FIELDS_CAP)
            return
        if self.start >= 0:
            raise BadData("it has two transcripts ('jsonl')")
        self.scan.expect(b'"', "its 'jsonl' is no text")
        self.start, ended = self.scan.position, True
        for raw in self.scan.pieces():
            piece, odd = decoded(raw)
            self.surrogates |= odd
            self.lines += piece.count(b"\n")
            ended = piece.endswith(b"\n") or (ended and not piece)
        self.lines += not ended

    def session(self) -> CarriedSession:
        """What was read, checked."""
        said = self.fields.get("_schemaVersion")
        if type(said) is not int or said != VERSION:
            shown = "no version" if said is None else f"version {str(said)[:20]!r}"
            raise Unsupported(f"it has {shown} of the .ccsync format, this program knows version {VERSION}")
        name = checked_id(self.fields.get("sessionId"))
        if self.start < 0:
            raise BadData("it has no transcript ('jsonl')")
        self._check_count()
        raw, start, file = raw_lines(self.fields.get("rawLines"), self.left), self.start, self.file
        exported = self.fields.get("exportedAt")
        return CarriedSession(
            name,
            lambda: _transcript(file, start, raw),
            plain_project(one_text(self.fields, "projectKey", self.warnings)),
            one_text(self.fields, "originalCwd", self.warnings),
            one_text(self.fields, "machineName", self.warnings),
            exported if type(exported) is int else 0,
            self.lines,
            text_pairs(self.fields.get("roots"), self.warnings),
            load_side_files(self.fields.get("sideFiles"), self.left),
            (*self.warnings, *self.left),
            bool(self.left),
        )

    def _check_count(self) -> None:
        if self.surrogates:
            self.warnings.append("its transcript has halves of characters; U+FFFD stands in their place")
        said = self.fields.get("lineCount")
        if said is not None and said not in (self.lines, self.lines + 1):  # some count the piece behind the last end
            self.warnings.append(f"it says that it has {str(said)[:20]} lines, and has {self.lines}")


def _transcript(file: Source, start: int, raw: dict[int, bytes]) -> Iterator[bytes]:
    """The transcript that begins at `start`, in pieces of whole lines; `raw` lines in the place of their readings."""
    file.seek(start)
    line = 0
    for piece in Scanner(file).pieces():
        text, _ = decoded(piece)
        if raw:
            text = b"\n".join([_original(part, raw.get(at)) for at, part in enumerate(text.split(b"\n"), line)])
        line += text.count(b"\n")
        yield text


def _original(line: bytes, raw: bytes | None) -> bytes:
    """`raw`, if `line` is how it reads: nothing else may be said by it."""
    return raw if raw is not None and raw.decode("utf-8", "replace").encode() == line else line
