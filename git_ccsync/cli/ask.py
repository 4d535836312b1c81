"""Questions to the person at the terminal. Enter alone means no, unless the question says otherwise."""

from __future__ import annotations

import os
import sys

from git_ccsync.cli import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def possible() -> bool:
    """True if somebody is there to answer: stdin and stderr are terminals, and GIT_TERMINAL_PROMPT is not 0."""
    return os.isatty(0) and os.isatty(2) and os.environ.get("GIT_TERMINAL_PROMPT", "1") not in ("0", "false")


def yes(question: str, *, default: bool = False) -> bool:
    """`question [y/N] `; only y and yes mean yes. With `default`, `[Y/n]`: Enter does too, but not the end of input."""
    word = _line(f"{question} [{'Y/n' if default else 'y/N'}] ").lower()
    return word.strip() in ("y", "yes") or (default and word == "\n")


def text(question: str, default: str = "") -> str:
    """A line of text; `default` if nothing was typed."""
    shown = f" [{render.safe(default)}]" if default else ""
    return _answer(f"{question}{shown}: ") or default


def choose(question: str, items: Sequence[str]) -> int:
    """The index of one of `items`, shown with numbers; -1 if none was chosen. A wrong number is asked again."""
    for number, item in enumerate(items, 1):
        render.note(f"  {number:>2}  {render.safe(item)}")
    while True:
        word = _answer(f"{question} [1-{len(items)}, Enter for none] ")
        if not word:
            return -1
        if word.isdecimal() and 1 <= int(word) <= len(items):
            return int(word) - 1
        render.note(f"'{render.safe(word)}' is not one of them")


def _answer(prompt: str) -> str:
    return _line(prompt).strip()


def _line(prompt: str) -> str:
    """What was typed, with its line end; "" at the end of input."""
    sys.stdout.flush()
    sys.stderr.write(prompt)
    sys.stderr.flush()
    line = sys.stdin.readline() if sys.stdin else ""
    if not line.endswith("\n"):  # end of input: the cursor still stands behind the question
        sys.stderr.write("\n")
    return line
