"""The arguments of the timed verbs, read without click (24 ms). Whatever is not plain goes to click instead.

It knows no errors: what it cannot read, click reads, or refuses with the right words. tests/cli/test_quick.py holds
both equal.
"""

from __future__ import annotations

from git_ccsync.cli.options_timed import Carry, StatusOptions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

MACHINE_OUTPUT: dict[str, tuple[str, object]] = {
    "--all": ("all", True),
    "--json": ("json", True),
    "--porcelain": ("porcelain", "v1"),
    "--porcelain=v1": ("porcelain", "v1"),
    "-z": ("z", True),
}

CARRY: dict[str, tuple[str, object]] = {
    **MACHINE_OUTPUT,
    "--progress": ("progress", 1),
    "--no-progress": ("progress", 0),
    "-n": ("dry_run", True),
    "--dry-run": ("dry_run", True),
    "-q": ("quiet", True),
    "--quiet": ("quiet", True),
    "-v": ("verbose", True),
    "--verbose": ("verbose", True),
}

STATUS: dict[str, tuple[str, object]] = {
    **MACHINE_OUTPUT,
    "--fetch": ("fetch", True),
    "--exit-code": ("exit_code", True),
}


def carry(args: Sequence[str]) -> Carry | None:
    """The options of push, pull or sync; None if they are for click to read."""
    found: dict[str, object] = {}
    for word in args:
        if word in CARRY:
            field, value = CARRY[word]
        elif word and word[0] != "-" and "remote" not in found:
            field, value = "remote", word
        elif word.startswith("--session=") and len(word) > len("--session="):
            field, value = "session", (*_sessions(found), word.removeprefix("--session="))
        else:
            return None
        found[field] = value
    if _two_forms(found):
        return None
    return Carry(**found)  # type: ignore[arg-type]


def _sessions(found: dict[str, object]) -> tuple[str, ...]:
    before = found.get("session", ())
    assert isinstance(before, tuple)
    return before


def _two_forms(found: dict[str, object]) -> bool:
    return "json" in found and ("porcelain" in found or "z" in found)


def status(args: Sequence[str]) -> StatusOptions | None:
    """The options of status; None if they are for click to read."""
    found: dict[str, object] = {}
    for word in args:
        if word not in STATUS:
            return None
        field, value = STATUS[word]
        found[field] = value
    if _two_forms(found):
        return None
    return StatusOptions(**found)  # type: ignore[arg-type]
