"""Draws random text from patterns such as "ghp_<w36>"; what is drawn is what a label calls secret. No format lives here.

A placeholder is <letter count>, with "!" behind it if only the marked ones are secret; <W> is a word, <x> a uuid, <.> nothing. Repository
text therefore never holds anything that looks like a credential; the values exist at run time only and follow from the seed.
"""

from __future__ import annotations

import random
import re
import string
import uuid
from pathlib import Path
from typing import NamedTuple

BASE62 = string.ascii_letters + string.digits
ALPHABETS = {
    "w": BASE62,
    "h": "0123456789abcdef",
    "H": "0123456789ABCDEF",
    "u": BASE62 + "-_",
    "b": BASE62 + "+/",
    "d": string.digits,
    "l": string.ascii_lowercase,
    "a": string.ascii_lowercase + string.digits,
    "U": string.ascii_uppercase + string.digits,
    "q": string.ascii_uppercase + "234567",
    "Q": string.ascii_lowercase + "234567",
    "m": string.ascii_letters,
    "s": BASE62 + "!#%*+-.=?@^_~&()",
    "p": BASE62 + "-_.!*",
    "A": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
}
WORDS = [
    "account", "adapter", "amber", "anchor", "apple", "archive", "badge", "basket", "batch", "beacon", "bridge",
    "bucket", "buffer", "canvas", "carbon", "castle", "cedar", "channel", "charter", "cinder", "client", "cloud",
    "cobalt", "collect", "copper", "coral", "corner", "cursor", "dapple", "delta", "docket", "driver", "ember",
    "engine", "falcon", "feather", "filter", "flight", "forest", "gateway", "ginger", "glacier", "granite", "handler",
    "harbor", "hazel", "index", "invoice", "island", "jasper", "kernel", "ladder", "lantern", "ledger", "linen",
    "loader", "maple", "marble", "meadow", "mirror", "module", "monitor", "nectar", "needle", "object", "orchard",
    "order", "paddle", "parser", "pebble", "pepper", "picker", "pilot", "planet", "plugin", "pocket", "prairie",
    "profile", "quarry", "queue", "quiver", "record", "reducer", "relay", "render", "report", "river", "rocket",
    "router", "saddle", "sample", "schema", "server", "shelter", "signal", "silver", "socket", "spindle", "storage",
    "stream", "summit", "syntax", "table", "tangle", "target", "temple", "thread", "timber", "tunnel", "update",
    "valley", "vector", "velvet", "violet", "walnut", "widget", "window",
]  # fmt: skip
PLACEHOLDER = re.compile(r"<([a-zA-Z.])(\d*)(!?)>")
#: Shorter drawn parts are ids (a team, an account) unless they are marked.
SHORTEST = 16


class Value(NamedTuple):
    """A credential as it stands in a file, and the parts of it that must not leave the machine."""

    text: str
    secrets: tuple[str, ...]


class Draw:
    """One stream of random text; equal seeds give equal text."""

    def __init__(self, seed: object) -> None:
        self.random = random.Random(str(seed))

    def text(self, alphabet: str, count: int) -> str:
        """`count` characters of an alphabet named by its letter."""
        return "".join(self.random.choices(ALPHABETS[alphabet], k=count))

    def word(self) -> str:
        """A plain English word."""
        return self.random.choice(WORDS)

    def uuid(self) -> str:
        """A version 4 uuid."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def pick(self, choices):
        """One of several."""
        return self.random.choice(choices)

    def fill(self, pattern: str) -> str:
        """The pattern with every placeholder drawn."""
        return PLACEHOLDER.sub(lambda found: self._part(found[1], found[2]), pattern)

    def value(self, pattern: str) -> Value:
        """The pattern drawn and labelled: its marked parts are secret, or all that are long enough."""
        marked, long, texts, end = [], [], [], 0
        for found in PLACEHOLDER.finditer(pattern):
            part = self._part(found[1], found[2])
            texts += [pattern[end : found.start()], part]
            end = found.end()
            if found[3]:
                marked.append(part)
            elif len(part) >= SHORTEST:
                long.append(part)
        secrets = tuple(marked or long)
        assert secrets, f"nothing secret in {pattern}"
        return Value("".join(texts) + pattern[end:], secrets)

    def _part(self, letter: str, count: str) -> str:
        if count:
            return self.text(letter, int(count))
        return {"W": self.word(), "x": self.uuid(), ".": ""}[letter]


def url(scheme: str, user: str, password: str, rest: str) -> str:
    """A URL with a password in it, put together here so that no such literal stands in the source."""
    return f"{scheme}://{user}:{password}" + "@" + rest


def table(name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """(name, patterns) of every section of a table beside this file: a name behind §, one pattern a line, ⏎ for a line end."""
    sections = (Path(__file__).parent / name).read_text(encoding="utf-8").split("\n§ ")[1:]
    found = []
    for section in sections:
        title, _, rows = section.partition("\n")
        found.append((title, tuple(row.replace("⏎", "\n") for row in rows.split("\n") if row)))
    return tuple(found)
