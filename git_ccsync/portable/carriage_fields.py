"""The small fields of a one-file session, checked: foreign words that are shown and compared, never believed."""

from __future__ import annotations

from git_ccsync.errors import BadData

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Bytes of side files in one file, in all.
SIDE_CAP = 32 << 20
_DASHES = (8, 13, 18, 23)
_HEX = frozenset("0123456789abcdef")
#: The longest of the small words.
_LONGEST = 4096


def checked_id(value: object) -> str:
    """A session's id; BadData unless it is a lower-case UUID, the only form that becomes a file's name."""
    good = isinstance(value, str) and len(value) == 36
    if good and all((c == "-") if at in _DASHES else c in _HEX for at, c in enumerate(str(value))):
        return str(value)
    shown = "nothing" if value is None else repr(str(value)[:40])
    raise BadData(f"its 'sessionId' is {shown}, which is no session's id")


def plain_project(key: str) -> str:
    """A `projectKey` in the form that can be compared and shown: `git:<host>/<path>` or `name:<word>`, no account, no
    password, no query; "" for anything else.
    """
    kind, _, rest = key.partition(":")
    if any(c < " " or c == "\x7f" for c in rest):
        return ""
    if kind == "name":
        word = rest.replace("\\", "/").rstrip("/").rpartition("/")[2]
        return f"name:{word}" if word else ""
    place = _place(rest) if kind == "git" else ""
    return f"git:{place}" if place else ""


def _place(url: str) -> str:
    """Host and path of a URL, of `host:path`, or of `host/path`; "" for a path on a disk."""
    scheme, marker, rest = url.partition("://")
    if marker:
        host, _, path = rest.partition("/")
        host = "" if scheme.lower() == "file" else host.rpartition("@")[2].partition(":")[0]
    else:
        host, colon, path = url.rpartition("@")[2].partition(":")
        if not colon or "/" in host:
            host, _, path = url.rpartition("@")[2].partition("/")
    path = "/".join(part for part in path.partition("?")[0].partition("#")[0].split("/") if part)
    return f"{host.lower()}/{path.removesuffix('.git')}" if len(host) > 1 and host != ".." and path else ""


def one_text(fields: Mapping[str, object], name: str, warnings: list[str]) -> str:
    """The text in a field, "" where there is none, or too long a one."""
    value = fields.get(name)
    if isinstance(value, str) and len(value) <= _LONGEST and "\0" not in value:
        return value
    if value is not None:
        warnings.append(f"its '{name}' is passed over: it is no word of a usual length")
    return ""


def text_pairs(value: object, warnings: list[str]) -> tuple[tuple[str, str], ...]:
    """The texts of an object by name; what is something else is left out."""
    if not isinstance(value, dict):
        if value is not None:
            warnings.append("its 'roots' are passed over: they are no object")
        return ()
    good = ((name, text) for name, text in value.items() if isinstance(text, str) and "\0" not in name + text)
    return tuple((name, text) for name, text in good if len(name) <= 64 and len(text) <= _LONGEST)


def raw_lines(value: object, warnings: list[str]) -> dict[int, bytes]:
    """Lines by number, out of their base64."""
    import base64

    found: dict[int, bytes] = {}
    for number, text in value.items() if isinstance(value, dict) else ():
        try:
            if number.isascii() and number.isdecimal() and len(number) < 16:
                found[int(number)] = base64.b64decode(text, validate=True)
        except (ValueError, TypeError):
            warnings.append("a line in its 'rawLines' is passed over: it is no base64")
    return {number: line for number, line in found.items() if b"\n" not in line}


def dump_side_files(files: Sequence[tuple[str, bytes]]) -> dict[str, object]:
    """As they stand in the file."""
    import base64

    found: dict[str, object] = {}
    for name, data in files:
        try:
            found[name] = data.decode()
        except UnicodeDecodeError:
            found[name] = {"base64": base64.b64encode(data).decode()}
    return found


def load_side_files(value: object, warnings: list[str]) -> tuple[tuple[str, bytes], ...]:
    """Names, unchecked, with contents; what cannot be read is left out with a warning."""
    if value is not None and not isinstance(value, dict):
        warnings.append("its 'sideFiles' are passed over: they are no object")
    found, size = [], 0
    for name, held in value.items() if isinstance(value, dict) else ():
        data = _content(held)
        size += len(data or b"")
        if data is None or size > SIDE_CAP:
            warnings.append(f"its side file '{name[:80]}' is passed over: {'too much' if data else 'no content'}")
        else:
            found.append((name, data))
    return tuple(found)


def _content(held: object) -> bytes | None:
    import base64

    try:
        if isinstance(held, str):
            return held.encode()
        return base64.b64decode(held["base64"], validate=True) if isinstance(held, dict) else None
    except (ValueError, TypeError, KeyError):
        return None
