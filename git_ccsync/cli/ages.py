"""When something was and how long ago, in git's words. `datetime` would cost more than all of `status`."""

from __future__ import annotations

import time


def seconds(stamp: str) -> float | None:
    """Seconds since 1970 of `2026-11-21T10:57:01.522Z` (UTC, as Claude Code writes it); None if it is no such time."""
    try:
        year, month, day = int(stamp[0:4]), int(stamp[5:7]), int(stamp[8:10])
        hour, minute, second = int(stamp[11:13] or 0), int(stamp[14:16] or 0), int(stamp[17:19] or 0)
    except ValueError:
        return None
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    # Days from the civil calendar, with years that begin in March so that the leap day comes last.
    shifted = year - (month <= 2)
    days = 365 * shifted + shifted // 4 - shifted // 100 + shifted // 400
    days += (153 * ((month + 9) % 12) + 2) // 5 + day - 1 - 719468
    return float(((days * 24 + hour) * 60 + minute) * 60 + second)


def clock(stamp: str) -> str:
    """`2026-11-21 10:57` in this machine's own time zone; "" for a time that is unknown or has no place in a calendar."""
    then = seconds(stamp)
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(then)) if then is not None else ""
    except (OverflowError, OSError, ValueError):
        return ""


def ago(stamp: str, now: float) -> str:
    """`3 hours ago`, as git's date.c has it; "" for a time that is unknown."""
    then = seconds(stamp)
    if then is None:
        return ""
    if then > now + 60:
        return "in the future"
    return _words(max(0, int(now - then))) + " ago"


def _words(passed: int) -> str:
    if passed < 90:
        return _plural(passed, "second")
    minutes = (passed + 30) // 60
    if minutes < 90:
        return _plural(minutes, "minute")
    hours = (minutes + 30) // 60
    if hours < 36:
        return _plural(hours, "hour")
    days = (hours + 12) // 24
    if days < 14:
        return _plural(days, "day")
    if days < 70:
        return _plural((days + 3) // 7, "week")
    if days < 365:
        return _plural((days + 15) // 30, "month")
    return _plural((days + 183) // 365, "year")


def _plural(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
