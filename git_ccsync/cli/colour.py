"""Colours as git has them: wanted by `color.ccsync`, `color.ui` and NO_COLOR, given by name. Decides, does not write."""

from __future__ import annotations

import os

from git_ccsync.cli import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.git.config import Config

_CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class Palette:
    """Paints, or leaves text alone: `palette("green", "new")`."""

    __slots__ = ("on",)

    def __init__(self, *, on: bool) -> None:
        self.on = on

    def __call__(self, name: str, text: str) -> str:
        """`text` in the colour `name` ("" for none)."""
        if not (self.on and name and text):
            return text
        return f"\033[{_CODES[name]}m{text}\033[m"


PLAIN = Palette(on=False)


def palette(config: Config | None) -> Palette:
    """The palette for stdout. `config` may be None where there is no repository to ask."""
    return Palette(on=wanted(config, terminal=render.is_terminal()))


def wanted(config: Config | None, *, terminal: bool) -> bool:
    """git-config(1), color.ui: never, always, or auto (the default, also said as true): where a person reads."""
    if os.environ.get("NO_COLOR"):
        return False
    value = (config.get("color.ccsync") or config.get("color.ui") if config else "").lower()
    if value == "always":
        return True
    if value in ("never", "false", "no", "off", "0"):
        return False
    return terminal and os.environ.get("TERM", "dumb") != "dumb"
