"""Names and bytes of storage format 1 (gitformat-ccsync(5)): paths in the tree, meta and machine files. Pure.

Everything read here came from a remote: each parser takes any bytes and gives a value or raises BadData.
"""

from __future__ import annotations

from itertools import islice

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Machine, Meta
from git_ccsync.store.table import SMALL_CAP, dump, load

if TYPE_CHECKING:
    from collections.abc import Iterable

    from git_ccsync.store.table import Value

__all__ = ["SMALL_CAP", "dump", "load"]

FORMAT, SEALED_FORMAT = b"git-ccsync 1\n", b"git-ccsync 1 sealed\n"
#: Caps, judged before content is read (gitformat-ccsync(5), LIMITS).
#: New lines are cut at line ends near 1 MiB; a longer line spans segments of at most this. A larger one is nobody's:
#: what is to be done with one takes several times its size in memory.
MAX_SEGMENT, SEGMENT_CAP = 16 << 20, 17 << 20
#: Segments of one file: one a minute for two years. A small tree can name one group again and again.
MAX_SEGMENTS = 1 << 20
GROUP = 64
#: Sessions, and placeholders, that the file of one machine names: of a thousand machines all are held at once.
NAMED = 500
#: No number of ours is larger; Python would print some that are only for so long.
MOST = (1 << 63) - 1

_HEX = frozenset("0123456789abcdef")
_DASHES = (8, 13, 18, 23)


def is_session_id(name: str) -> bool:
    """Whether `name` is a lower-case UUID, the only form that Claude Code looks up (case-sensitively)."""
    if len(name) != 36:
        return False
    return all((c == "-") if i in _DASHES else (c in _HEX) for i, c in enumerate(name))


def is_machine_id(name: str) -> bool:
    """Whether `name` is a machine id: 16 lower-case hex digits."""
    return len(name) == 16 and all(c in _HEX for c in name)


def session_path(session: str) -> str:
    """The folder of a session in the tree: `sessions/3/f/3f…`."""
    return f"sessions/{session[0]}/{session[1]}/{session}"


def segment_path(number: int) -> tuple[str, str]:
    """Group and name of segment `number` within its file: 64 -> ("0001", "00")."""
    return f"{number // GROUP:04d}", f"{number % GROUP:02d}"


def escape_name(path: str) -> str:
    """One tree component for a side file's relative path: %, /, control bytes and a leading dot as %XX."""
    raw = path.encode("utf-8", "surrogateescape")
    out = "".join(chr(b) if 0x20 < b < 0x7F and b not in b'%/\\"' else f"%{b:02X}" for b in raw)
    return "%2E" + out[1:] if out.startswith(".") else out


def unescape_name(name: bytes) -> str:
    """The relative path that `escape_name` was given; BadData unless it stays inside its folder."""
    from binascii import Error, unhexlify

    pieces = name.split(b"%")
    try:
        raw = pieces[0] + b"".join(unhexlify(p[:2]) + p[2:] for p in pieces[1:])
    except (Error, ValueError):
        raise BadData("side file name is not well escaped") from None
    path = raw.decode("utf-8", "surrogateescape")
    parts = path.split("/")
    if (
        "\0" in path
        or "\\" in path
        or any(p in ("", ".", "..") or len(p.encode("utf-8", "surrogateescape")) > 255 for p in parts)
    ):
        raise BadData("side file name leaves its folder")
    if escape_name(path).encode() != name:
        raise BadData("side file name has more than one form")
    return path


def dump_meta(meta: Meta, before: bytes = b"") -> bytes:
    """Bytes of a `meta` file. Keys of `before` that this version does not know are kept."""
    values: dict[str, Value] = meta._asdict()
    return dump(_with_unknown(values, before, "meta"))


def _with_unknown(values: dict[str, Value], before: bytes, what: str) -> dict[str, Value]:
    """The values, and those of `before` under keys that this version does not know."""
    try:
        held = load(before, what) if before else {}
    except BadData:
        return values
    extra = {key: _keepable(value) for key, value in held.items() if key not in values and key.isidentifier()}
    return values | {key: value for key, value in extra.items() if value is not None}


def _keepable(value: object) -> Value | None:
    """A value of a key that this version does not know, in a form that `dump` can write back."""
    if isinstance(value, list):
        return tuple(value) if all(isinstance(item, str) for item in value) else None
    if isinstance(value, dict):
        return value if all(isinstance(item, str) for item in value.values()) else None
    return value if isinstance(value, (str, int)) else None


def load_meta(data: bytes) -> Meta:
    """The Meta in a `meta` file; values of the wrong type count as absent, numbers below 0 as 0."""
    raw = load(data, "meta")
    empty = Meta()
    values: dict[str, object] = {}
    for key, default in empty._asdict().items():
        value = raw.get(key, default)
        if type(value) is not type(default):
            value = default
        if type(value) is int:
            value = max(0, min(value, MOST))
        values[key] = value
    return Meta(**values)  # type: ignore[arg-type]


def dump_machine(machine: Machine, before: bytes = b"") -> bytes:
    """Bytes of a `machines/<id>` file; the id is the file's name. Unknown keys of `before` are kept."""
    values: dict[str, Value] = {
        "name": machine.name,
        "os": machine.os,
        "open": tuple(sorted(machine.open)),
        "unfinished": tuple(sorted(machine.unfinished)),
        "placeholders": dict(machine.placeholders),
        "done": dict(machine.done),
    }
    return dump(_with_unknown(values, before, "machine"))


def load_machine(identity: str, data: bytes) -> Machine:
    """The Machine in `machines/<identity>`."""
    raw = load(data, f"machine '{identity}'")
    places = raw.get("placeholders")
    pairs = places.items() if isinstance(places, dict) else ()
    return Machine(
        id=identity,
        name=_text(raw.get("name"))[:64] or identity,
        os=_text(raw.get("os"))[:64],
        open=_ids(raw.get("open")),
        unfinished=_ids(raw.get("unfinished")),
        placeholders=tuple(sorted((k, v) for k, v in islice(pairs, NAMED) if isinstance(v, str))),
        done=_marks(raw.get("done")),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _ids(value: object) -> tuple[str, ...]:
    items: Iterable[object] = value if isinstance(value, list) else ()
    return tuple(islice((item for item in items if isinstance(item, str) and is_session_id(item)), NAMED))


def _marks(value: object) -> tuple[tuple[str, str], ...]:
    pairs = value.items() if isinstance(value, dict) else ()
    fit = ((one, tree) for one, tree in pairs if is_session_id(one) and isinstance(tree, str) and _is_oid(tree))
    return tuple(sorted(islice(fit, NAMED)))


def _is_oid(text: str) -> bool:
    return len(text) == 40 and _HEX.issuperset(text)


def dump_tombstone(who: str, when: str, tree: str, lines: int) -> bytes:
    """Bytes of `deleted/<id>`: which machine hid the session (its id), when, its last tree and its line count then."""
    return dump({"who": who, "when": when, "tree": tree, "lines": lines})


def load_tombstone(data: bytes) -> tuple[str, int]:
    """(tree, lines) of a tombstone."""
    raw = load(data, "tombstone")
    lines = raw.get("lines")
    return _text(raw.get("tree")), max(0, min(lines, MOST)) if isinstance(lines, int) else 0
