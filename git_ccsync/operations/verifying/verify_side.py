"""The side files of a session, looked at: their segments, and what lies here in step with them."""

from __future__ import annotations

import os

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import reading
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import DIVERGED
from git_ccsync.operations.exchange.follow import Stored, follow_disk
from git_ccsync.operations.verifying.faults import Fault
from git_ccsync.operations.verifying.verify_session import Broken
from git_ccsync.portable import match
from git_ccsync.state import files as own_files
from git_ccsync.store import segments
from git_ccsync.store.format import unescape_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.operations.verifying.verify_session import Check
    from git_ccsync.store.branch import Parts


def check(found: Check, parts: Parts, transcript: str) -> Iterator[Fault]:
    """What is wrong with the side files `parts.files` of the session that `found` looked at; `transcript` is its path here,
    "" if it is not here.
    """
    for name, tree in parts.files:
        before = len(found.faults)
        shown = f"files/{name.decode('ascii', 'replace')}"
        try:
            oids = segments.listing(found.stage, tree)
            path = _path(found, name, tree, transcript) if transcript else ""
            whole = b"".join(_content(found, shown, oids, keep=bool(path) and not path.endswith(".jsonl")))
            if path and not _same(found, path, oids, whole):
                yield Fault("changed-file", shown, "is another one here than on the branch", found.session)
        except Broken:
            yield from found.faults[before:]
        except BadData as error:
            if error.message == "segments are missing":
                yield Fault("segment-gap", shown, "segments are missing between others", found.session)


def _content(found: Check, shown: str, oids: tuple[str, ...], *, keep: bool) -> Iterator[bytes]:
    """The checked content, b"" for each piece if it is not to be kept."""
    for data in found.feed(shown, oids):
        yield data if keep else b""


def _path(found: Check, name: bytes, tree: str, transcript: str) -> str:
    """Where the file lies here, "" if the index does not have it for in step with `tree`, or it has changed since: then the
    next capture takes it.
    """
    try:
        path = os.path.join(transcript.removesuffix(".jsonl"), unescape_name(name))
    except BadData:
        return ""
    entry = found.stage.index.get(path)
    if not entry or entry.session != name.decode() or entry.tree != tree or not os.path.lexists(path):
        return ""
    same = own_files.stamp(path) == (entry.size, entry.mtime_ns, entry.inode)
    return path if same or path.endswith(".jsonl") else ""


def _same(found: Check, path: str, oids: tuple[str, ...], whole: bytes) -> bool:
    if path.endswith(".jsonl"):
        return not _diverged(found, path, oids)
    ours = own_files.read(path)
    return whole == ours if b"\0" in whole else match.in_step(found.codec, whole, ours)


def _diverged(found: Check, path: str, oids: tuple[str, ...]) -> bool:
    try:
        fd = claude_files.open_regular(path)
    except (BadData, OSError):
        return True
    try:
        end = reading.last_newline(fd, os.fstat(fd).st_size)
        return follow_disk(found.stage, found.codec, Stored(oids), fd, end).verdict.scenario == DIVERGED
    finally:
        os.close(fd)
