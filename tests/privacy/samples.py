"""Made-up secrets for the tests: one of every rule, grown from its pattern by a seeded chance. Nothing here was ever valid."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from functools import cache
from re import _constants as code  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]

from git_ccsync.privacy import rules
from git_ccsync.privacy.rules import Rule


def all_rules() -> list[Rule]:
    """Every rule once, in the order of the tables."""
    found = rules.load()
    groups = list(found.heads.values())
    entries = [entry for group in groups for entry in group] + [*found.inside, *found.before, *found.quoted]
    return list(dict.fromkeys(rule for _, known in entries for rule in known))


@cache
def sample(rule: Rule, seed: int = 0) -> tuple[str, str]:
    """A text that RULE describes and the part of it that is to be redacted."""
    chance = random.Random(f"{rule.kind}{rule.pattern!r}{seed}")
    tree = parser.parse(rule.pattern.decode())
    for _ in range(200):
        text = "".join(_grow(tree, chance))
        if rule.kind == "telegram-token":
            text = "".join(chance.choices("123456789", k=9)) + text
        literal = chance.choice(rule.literals).decode()
        if not rule.back and not any(word in text.encode() for word in rule.literals):
            text = literal + text[len(literal) :]
        found = re.search(rule.pattern, text.encode())
        if found and found.end() == len(text) and any(literal in text.encode() for literal in rule.literals):
            return text, found[1 if found.re.groups else 0].decode()
    raise AssertionError(rule)


def _grow(tree: object, chance: random.Random) -> Iterator[str]:
    for kind, value in tree:  # type: ignore[attr-defined]
        if kind is code.LITERAL:
            yield chr(value)
        elif kind is code.IN:
            yield chance.choice(_members(value))
        elif kind is code.MAX_REPEAT:
            low, high, inner = value
            if not low and list(inner) == [(code.LITERAL, 92)]:  # an escape that is not needed here
                continue
            for _ in range(chance.randint(low, min(high, low + 12))):
                yield from _grow(inner, chance)
        elif kind is code.SUBPATTERN:
            yield from _grow(value[-1], chance)
        elif kind is code.BRANCH:
            escaping = any(next(iter(branch)) == (code.LITERAL, 92) for branch in value[1])
            yield from _grow(value[1][0] if escaping else chance.choice(value[1]), chance)
        elif kind not in (code.ASSERT, code.ASSERT_NOT):
            raise AssertionError(kind)


def _members(items: list[tuple[object, object]]) -> str:
    """The letters of a class; of an excluding one, some that it allows."""
    found = ""
    for kind, value in items:
        if kind is code.LITERAL:
            found += chr(value)  # type: ignore[arg-type]
        elif kind is code.RANGE:
            found += "".join(map(chr, range(value[0], value[1] + 1)))  # type: ignore[index]
        elif kind is code.CATEGORY:
            found += {
                code.CATEGORY_WORD: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_",
                code.CATEGORY_DIGIT: "0123456789",
                code.CATEGORY_SPACE: " ",
            }[value]
        elif kind is code.NEGATE:
            return "abcdefghijklmnopqrstuvwxyz0123456789"
    return found


def depths(text: str) -> list[str]:
    """TEXT as it stands plainly, in a row, in JSON in a row, and in JSON in JSON in a row, with line ends around it."""
    out = [text]
    for _ in range(3):
        text = json.dumps({"x": f"a\n{text}\nb"})
        out.append(text)
    return out
