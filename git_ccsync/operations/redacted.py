"""What was redacted since the last push, counted for those who are told of it. Values are known by their tags alone."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Redacted

if TYPE_CHECKING:
    from git_ccsync.operations.stage import Stage

#: In the index: (the mark of the push before, sessions with the tags met in them). In the marks: the tip of the last push
#: that told of any.
KEY = "redacted"


def note(stage: Stage, session: str, *, sent: bool = True) -> None:
    """Count for `session` what the censor met since the last call; forget it if the session is not `sent`."""
    found = stage.codecs.censor.taken()
    if not found or not sent:
        return
    held = _held(stage)
    tags = sorted({*held.get(session, ()), *(f"{one.kind} {one.tag}" for one in found)})
    stage.index.remember(KEY, (stage.marks.get(KEY), {**held, session: tuple(tags)}))


def total(stage: Stage) -> Redacted:
    """How many values in how many sessions since the last push."""
    held = _held(stage)
    return Redacted(len({tag for tags in held.values() for tag in tags}), len(held))


def told(stage: Stage) -> dict[str, str]:
    """The mark by which all of that is known to have been sent, {} if there was nothing."""
    return {KEY: stage.tip} if _held(stage) else {}


def _held(stage: Stage) -> dict[str, tuple[str, ...]]:
    held = stage.index.value(KEY)
    return held[1] if isinstance(held, tuple) and held[0] == stage.marks.get(KEY) else {}
