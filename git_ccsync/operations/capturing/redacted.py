"""What was redacted since the last push, counted for those who are told of it. Values are known by their tags alone."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Redacted
from git_ccsync.operations.capturing.censor import WARN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from git_ccsync.model import PushResult
    from git_ccsync.operations.run.stage import Stage

#: In the index: (the mark of the push before, sessions with the tags met in them). In the marks: the tip of the last push
#: that told of any.
KEY = "redacted"
#: What stands in a session's place for all that travels beside sessions.
BESIDE = "beside"
#: So many values are named in a warning.
_NAMED = 10


def note(stage: Stage, session: str, *, sent: bool = True, known: Iterable[bytes] = ()) -> None:
    """Count for `session` what the censor met since the last call; forget it if the session is not `sent`, and what has a
    marker in the portable texts `known`, which the branch has already.
    """
    found = stage.codecs.censor.taken()
    if found and known and stage.codecs.censor.mode != WARN:  # what is sent as it is, is told each time
        texts = tuple(known)
        found = tuple(one for one in found if not any(f".{one.tag}.".encode() in text for text in texts))
    if not found or not sent:
        return
    held = _held(stage)
    tags = sorted({*held.get(session, ()), *(f"{one.kind} {one.tag}" for one in found)})
    stage.index.remember(KEY, (stage.marks.get(KEY), {**held, session: tuple(tags)}))


def added(stage: Stage, result: PushResult) -> PushResult:
    """`result` with what was redacted since the last push, or, where secrets are sent as they are, with a warning."""
    held = _held(stage)
    if stage.codecs.censor.trouble:
        result = result._replace(warnings=(*result.warnings, stage.codecs.censor.trouble))
    if not held:
        return result
    total = Redacted(len({tag for tags in held.values() for tag in tags}), len(held.keys() - {BESIDE}))
    if stage.codecs.censor.mode != WARN:
        return result._replace(redacted=total)
    tags = ", ".join(sorted({tag for tags in held.values() for tag in tags})[:_NAMED])
    more = ", …" if total.values > _NAMED else ""
    text = f"secrets are sent as they are, since 'ccsync.secrets' is '{WARN}': {tags}{more}"
    return result._replace(warnings=(*result.warnings, text))


def told(stage: Stage) -> dict[str, str]:
    """The mark by which all of that is known to have been sent, {} if there was nothing."""
    return {KEY: stage.tip} if _held(stage) else {}


def _held(stage: Stage) -> dict[str, tuple[str, ...]]:
    held = stage.index.value(KEY)
    return held[1] if isinstance(held, tuple) and held[0] == stage.marks.get(KEY) else {}
