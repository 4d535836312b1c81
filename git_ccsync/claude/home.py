"""Where Claude Code keeps its files: the Claude directory, a directory's project key, the retention limit. Reads only."""

from __future__ import annotations

import os

from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Longest key without a hash, in UTF-16 units.
KEY_LIMIT = 200
DEFAULT_CLEANUP_DAYS = 30
_SETTINGS_CAP = 4 << 20
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_ALNUM = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_NAME_CHARS = _ALNUM | frozenset(b"_-")
_KEY_TABLE = bytes(i if i in _ALNUM else 0x2D for i in range(256))
_DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"com{i}" for i in range(10)), *(f"lpt{i}" for i in range(10))])


def claude_dir(environ: Mapping[str, str]) -> str:
    """Claude Code's directory: $CLAUDE_CONFIG_DIR, else ~/.claude."""
    given = environ.get("CLAUDE_CONFIG_DIR", "")
    if given:
        return os.path.abspath(given)
    home = environ.get("HOME", "") or os.path.expanduser("~")
    return os.path.join(home, ".claude")


def project_key(path: str) -> str:
    """Name of the directory under `projects/` for sessions started in `path`, an absolute real path (not resolved here).

    Every UTF-16 unit that is no ASCII letter or digit becomes "-"; over 200 units: the first 200, "-" and a hash.
    """
    if path.isascii():
        key = path.encode("ascii").translate(_KEY_TABLE).decode("ascii")
        return key if len(key) <= KEY_LIMIT else f"{key[:KEY_LIMIT]}-{_hash36(map(ord, path))}"
    units = _units(path)
    key = "".join(chr(unit) if unit < 256 and unit in _ALNUM else "-" for unit in units)
    return key if len(key) <= KEY_LIMIT else f"{key[:KEY_LIMIT]}-{_hash36(units)}"


def _units(path: str) -> list[int]:
    """UTF-16 units as Node sees the path: bytes that are no UTF-8 arrive there as U+FFFD."""
    raw = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace").encode("utf-16-le")
    return [raw[i] | raw[i + 1] << 8 for i in range(0, len(raw), 2)]


def _hash36(units: Iterable[int]) -> str:
    """The absolute value of Java's 32-bit string hash, in base 36."""
    value = 0
    for unit in units:
        value = (value * 31 + unit) & 0xFFFFFFFF
    value = 0x100000000 - value if value & 0x80000000 else value
    digits = ""
    while value:
        value, digit = divmod(value, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"


def forced_key(environ: Mapping[str, str]) -> str:
    """The key that $CLAUDE_CODE_PROJECT_DIR_NAME forces on every directory, "" for none.

    Claude heeds it only beside CLAUDE_CONFIG_DIR, if it is 1 to 64 of [A-Za-z0-9_-] and no Windows device name.
    """
    name = environ.get("CLAUDE_CODE_PROJECT_DIR_NAME", "")
    if not environ.get("CLAUDE_CONFIG_DIR") or not 0 < len(name) <= 64 or name.lower() in _DEVICES:
        return ""
    return name if name.isascii() and _NAME_CHARS.issuperset(name.encode("ascii")) else ""


def cleanup_days(claude: str) -> int:
    """After how many days without a write Claude deletes a session: cleanupPeriodDays of settings.json, at least 1."""
    from git_ccsync.claude.files import read_small

    data = read_small(os.path.join(claude, "settings.json"), _SETTINGS_CAP)
    if not data or b"cleanupPeriodDays" not in data:
        return DEFAULT_CLEANUP_DAYS
    from git_ccsync.claude.rows import loads

    found = loads(data)
    days = found.get("cleanupPeriodDays") if isinstance(found, dict) else None
    if isinstance(days, bool) or not isinstance(days, (int, float)):
        return DEFAULT_CLEANUP_DAYS
    return int(max(1, min(36500, days)))
