"""The side files of a session that was carried here by hand: made where missing, grown where ours is the beginning."""

from __future__ import annotations

import os

from git_ccsync.claude import files as claude_files
from git_ccsync.claude import install as writing
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations.installing.sides_install import FORBIDDEN
from git_ccsync.portable.carriage import SIDE_CAP

if TYPE_CHECKING:
    from typing import Protocol

    from git_ccsync.portable.carriage import CarriedSession
    from git_ccsync.state.record import Recorder

    class Local(Protocol):
        """Foreign text with this machine's paths."""

        def __call__(self, text: bytes, *, whole: bool = False) -> bytes:
            """The same with this machine's paths."""


def put(carried: CarriedSession, local: Local, path: str, tag: str, told: Recorder) -> tuple[int, tuple[str, ...]]:
    """Bring the side files of the transcript `path` here: how many were written, and what was left out and why."""
    written, warnings = 0, []
    for name, data in carried.side_files:
        try:
            place, text = _wanted(name, data, local, path.removesuffix(".jsonl"))
            written += _put(name, place, text, tag, told)
        except (BadData, OSError) as error:
            reason = getattr(error, "message", "") or os.strerror(getattr(error, "errno", 0) or 5)
            warnings.append(f"side file '{name[:80]}' is left out: {reason}")
    return written, tuple(warnings)


def _wanted(name: str, data: bytes, local: Local, top: str) -> tuple[str, bytes]:
    """Where a side file goes, and what is to be in it."""
    parts = writing.check_name(name)
    if name in FORBIDDEN or name.endswith(".key") or any(part.startswith(".") for part in parts):
        raise BadData("nothing of that name is taken from others")
    text = data if b"\0" in data else local(data, whole=True)
    return os.path.join(top, *parts), text


def _put(name: str, place: str, text: bytes, tag: str, told: Recorder) -> bool:
    if os.path.lexists(place):
        held = claude_files.read_small(place, SIDE_CAP)
        if held == text or (held is not None and name.endswith(".jsonl") and held.startswith(text)):
            return False
        if held is None or not name.endswith(".jsonl") or not text.startswith(held):
            raise BadData("another one is here already")
    told.before(place)
    writing.put_side(place, text, tag=tag)
    told.after(place)
    return True
