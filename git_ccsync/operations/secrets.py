"""secrets: which values would not be sent from here, which were not, and which may be. No value is ever shown or returned."""

from __future__ import annotations

import os

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import reading, scan, transcript
from git_ccsync.errors import BadData, SecretInSigned, Usage
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import grep
from git_ccsync.model import Problem
from git_ccsync.operations import sessions as every_session
from git_ccsync.operations.capturing import censor, describe, idle, scanner
from git_ccsync.operations.run.stage import Stage
from git_ccsync.operations.run.workspace import require_init
from git_ccsync.operations.searching import search_local, search_objects
from git_ccsync.operations.searching.search_local import Tail
from git_ccsync.operations.searching.search_stored import is_rows
from git_ccsync.portable import grammar, redaction
from git_ccsync.state import redaction as kept
from git_ccsync.store.memory import CAP as MEMORY_CAP

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from git_ccsync.model import Session
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.privacy.secrets import Censor, Span

#: What becomes of a value: a marker goes in its place; its session is not sent; its owner lets it through; nobody minds.
REDACTED, BLOCKED, ALLOWED, SENT = "redacted", "blocked", "allowed", "sent"
#: Tags of one session that are told of: text full of what looks like secrets must not fill the memory.
_MOST = 10_000


class Hit(Frozen):
    """A value in one file of a session on this disk: where it stands first (`line` counts from 1), how often, what becomes
    of it. `file` is "" for the transcript, else the side file's name. Line 0 is what the file, or the session's directory,
    is called. A memory file is one of no session, "".
    """

    session: str
    title: str
    file: str
    line: int
    kind: str
    length: int
    tag: str
    times: int
    fate: str


class Scanned(Frozen):
    """What `scan` found, in the order of sessions and lines."""

    hits: tuple[Hit, ...]
    problems: tuple[Problem, ...]


class Left(Frozen):
    """A value that was redacted on the branch: in how many places, in which sessions. `ours`: its tag was made here;
    `allowed`: it may be sent from now on.
    """

    kind: str
    tag: str
    length: int
    times: int
    sessions: tuple[str, ...]
    ours: bool
    allowed: bool


def scan_sessions(ws: Workspace, name: str = "", *, all_lines: bool = False) -> Scanned:
    """Look through what is on this disk and not on the branch yet, or, with `all_lines`, through all of it.

    NotInitialised; NotFound, Usage for the session that `name` means.
    """
    require_init(ws)
    found = (every_session.find(ws, name),) if name else every_session.sessions(ws)
    hits: list[Hit] = []
    problems: list[Problem] = []
    with Stage(ws, dry_run=True) as stage:
        look = _Look(ws)
        for session in found:
            tails = _whole(session) if all_lines else search_local.tails(stage, session, texts=False)
            for tail in tails:
                try:
                    hits += look.file(session, tail)
                except (BadData, OSError) as error:
                    problems.append(Problem(tail.path, getattr(error, "message", "") or str(error.strerror)))  # type: ignore[union-attr]
        hits += [] if name else look.memory(stage, all_files=all_lines)
    return Scanned(tuple(hits), tuple(problems))


def _whole(session: Session) -> Iterator[Tail]:
    """All files of a session that lies here."""
    if not session.path or "elsewhere" in session.state.split(" "):
        return
    yield Tail(b"", session.path, 0)
    for side in scan.side_files(session.path.removesuffix(".jsonl"))[0]:
        yield Tail(os.fsencode(side.name), side.path, 0)


class _Look:
    """Looks through files with the rules that a push has, but for what is allowed."""

    def __init__(self, ws: Workspace) -> None:
        from git_ccsync.privacy.secrets import Censor

        known = censor.Censor(ws).known
        self._ws = ws
        self._mode, self._allowed = censor.mode(ws, branch=True), known.allowed
        other = scanner.configured(ws)
        self._rules: Censor = Censor(known.key, also=other.find if other else None)

    def file(self, session: Session, tail: Tail) -> list[Hit]:
        """The values in one file and in what it is called, each once."""
        found: dict[str, Hit] = {}
        whole = not is_rows(tail.name)
        at = Hit(session.id, session.title, self._shown(tail.name), 0, "", 0, "", 1, "")
        for first, text in _texts(tail):
            if first == 1 and tail.start < 0:
                name = tail.name or self._directory(text)
                self._add(found, at, name, _spans(name, self._rules, whole=True), fixed=None)
            spans, fixed = _spans(text, self._rules, whole=whole), _fixed(text, self._rules, whole=whole)
            self._add(found, at._replace(line=first), text, spans, fixed=fixed)
        return list(found.values())

    def memory(self, stage: Stage, *, all_files: bool) -> list[Hit]:
        """The values in Claude's memory files, or in those that changed since they were captured."""
        if not idle.carries_memory(self._ws):
            return []
        seen = stage.index.value("memory")
        before = seen if isinstance(seen, tuple) and not all_files else ()
        found: dict[tuple[str, str], Hit] = {}
        for file in idle.memory_files(self._ws):
            data = claude_files.read_small(f"{idle.memory_directory(self._ws)}/{file.name}", MEMORY_CAP)
            if data and tuple(file) not in before:
                here: dict[str, Hit] = {}
                at = Hit("", "memory", f"memory/{self._shown(os.fsencode(file.name))}", 1, "", 0, "", 1, "")
                self._add(
                    here, at, data, _spans(data, self._rules, whole=True), fixed=_fixed(data, self._rules, whole=True)
                )
                found |= {(file.name, tag): hit for tag, hit in here.items()}
        return list(found.values())

    def _add(
        self, found: dict[str, Hit], first: Hit, text: bytes, spans: Iterable[Span], *, fixed: set[str] | None
    ) -> None:
        """Put the values at SPANS of TEXT among those FOUND; FIRST stands where it begins, FIXED cannot be replaced (None:
        none of them).
        """
        newlines = at = 0
        for span in spans:
            newlines, at = newlines + text.count(b"\n", at, span.start) * bool(first.line), span.start
            kind, tag = span.kind.decode(), span.tag.decode()
            held = found.get(tag)
            if held:
                found[tag] = held._replace(times=held.times + 1)
            elif len(found) < _MOST:
                line, length = first.line + newlines, span.end - span.start
                fate = self._fate(tag, fixed=fixed is None or tag in fixed)
                found[tag] = first._replace(line=line, kind=kind, length=length, tag=tag, fate=fate)

    def _directory(self, text: bytes) -> bytes:
        """The directory, below its work tree, of the session whose rows are TEXT."""
        cwd = os.path.realpath(transcript.facts(text).cwd or os.sep)
        around = [tree for tree in self._ws.trees if f"{cwd}{os.sep}".startswith(f"{tree}{os.sep}")]
        place = describe.place(self._ws, cwd, max(around, key=len)) if around else ()
        return "\n".join(place).encode("utf-8", "surrogateescape")

    def _shown(self, name: bytes) -> str:
        """NAME of a side file, without what is not to be shown."""
        for span in reversed(self._rules.spans(name, whole=True)):
            name = name[: span.start] + b"\xe2\x80\xa6" + name[span.end :]
        return os.fsdecode(name)

    def _fate(self, tag: str, *, fixed: bool) -> str:
        if tag in self._allowed:
            return ALLOWED
        if self._mode in (censor.WARN, censor.OFF):
            return SENT
        return BLOCKED if fixed or self._mode == censor.BLOCK else REDACTED


def _spans(text: bytes, rules: Censor, *, whole: bool) -> Sequence[Span]:
    """What the rules find in TEXT; if that is nothing, what they find where it has two bytes a letter."""
    found = rules.spans(text, whole=whole)
    return found if found or not whole or b"\0" not in text else rules.spans(text.replace(b"\0", b""), whole=True)


def _fixed(text: bytes, rules: Censor, *, whole: bool) -> set[str]:
    """The tags of values in TEXT that stand where nothing can be replaced."""
    try:
        if whole and b"\0" in text:
            redaction.check(text, rules)  # type: ignore[arg-type]
        else:
            redaction.redact(text, rules, whole=whole)  # type: ignore[arg-type]
    except SecretInSigned as error:
        return {tag for _, tag in error.found}
    return set()


def _texts(tail: Tail) -> Iterator[tuple[int, bytes]]:
    """(number of its first line, text): blocks of whole lines, or a file that is one thing. BadData, OSError."""
    fd = claude_files.open_regular(tail.path)
    try:
        size, start = os.fstat(fd).st_size, max(0, tail.start)
        if not is_rows(tail.name):
            with open(fd, "rb", closefd=False) as file:
                yield 1, file.read()
            return
        line = 1 + sum(block.count(b"\n") for block in reading.blocks(fd, 0, start))
        for block in reading.blocks(fd, start, reading.last_newline(fd, size, start)):
            yield line, block
            line += block.count(b"\n")
    finally:
        os.close(fd)


def redacted_on_branch(ws: Workspace) -> tuple[Left, ...]:
    """The values that were redacted in what the branch has, most frequent first. NotInitialised."""
    require_init(ws)
    known = censor.Censor(ws).known
    found: dict[tuple[bytes, bytes], Left] = {}
    for session, secret in _markers(ws):
        value = secret.tag, secret.key
        held = found.get(value) or Left(
            secret.kind.decode(), secret.tag.decode(), secret.length, 0, (), _is_ours(known, secret), False
        )
        sessions = held.sessions if session in held.sessions else (*held.sessions, session)
        allowed = held.ours and held.tag in known.allowed
        found[value] = held._replace(times=held.times + 1, sessions=sessions, allowed=allowed)
    return tuple(sorted(found.values(), key=lambda one: (-one.times, one.kind, one.tag)))


def _markers(ws: Workspace) -> Iterator[tuple[str, grammar.Secret]]:
    """(session, marker) of each marker on the local branch. What is told of a session, as its title, was said in it: that
    counts only if it was not.
    """
    seen: set[tuple[str, grammar.Secret]] = set()
    told: list[tuple[str, grammar.Secret]] = []
    for session, secret, of_meta in _places(ws):
        if of_meta:
            told.append((session, secret))
        else:
            seen.add((session, secret))
            yield session, secret
    yield from dict.fromkeys(one for one in told if one not in seen)


def _places(ws: Workspace) -> Iterator[tuple[str, grammar.Secret, bool]]:
    """(session, marker, whether it stands in meta) of each marker on the local branch."""
    wanted = grep.Wanted([[grammar.REDACTED]], ignore_case=False, extended=False)
    for _, path, row in search_objects.rows_below(ws, ws.tree(), wanted):
        parts = path.split(b"/")
        if parts[0] != b"sessions" or len(parts) < 5:
            continue
        for piece in row.split(grammar.OPEN)[1:]:
            body, closed, _ = piece.partition(grammar.CLOSE)
            secret = grammar.read_secret(body) if closed else None
            if secret:
                yield parts[3].decode("ascii", "replace"), secret, parts[4] == b"meta"


def _is_ours(known: kept.Known, secret: grammar.Secret) -> bool:
    from git_ccsync.privacy.secrets import name_of

    return name_of(known.key) == secret.key


def allow(ws: Workspace, tags: tuple[str, ...], *, remove: bool = False) -> tuple[str, ...]:
    """Let the values with these tags through from now on, on this machine, or with `remove` no more; all that are let
    through. NotInitialised; Usage for what is no tag.
    """
    require_init(ws)
    for tag in tags:
        if not kept.is_tag(tag):
            raise Usage(f"'{tag}' is no tag", "a tag is 8 hex digits; 'git ccsync secrets scan' shows them")
    known = censor.Censor(ws).known
    if tags:
        kept.allow(known, tags, remove=remove)
    return tuple(sorted(known.allowed - set(tags) if remove else known.allowed | set(tags)))
