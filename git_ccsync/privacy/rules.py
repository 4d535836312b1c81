"""What a published kind of secret looks like: the form of a rule, and all rules by the literal that gives them away.

The rules themselves stand in rules_*.py, none of them here. A rule is data; `finding` runs it.
"""

from __future__ import annotations

from _operator import itemgetter

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.privacy import runs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from re import Pattern

    #: kind, literals (separated by spaces), pattern, source, check, bytes before the literal
    Row = tuple[str, str, str, str] | tuple[str, str, str, str, str] | tuple[str, str, str, str, str, int]

_JOINED = bytes(0x20 if byte in runs.JOINTS else byte for byte in range(256))


class Rule(Frozen):
    """A kind of secret. A hit begins `back` bytes before one of the literals and is what `pattern` matches from there,
    or its first group. `source` is where the provider tells of the format. `check` names a test of `looks` that the
    text must stand. "weak" stands for literals that ordinary words begin with too: a hit has digits close behind them; so
    does "led", and the literal stands before a run rather than in it.
    """

    kind: str
    literals: tuple[bytes, ...]
    pattern: bytes
    source: str
    check: str = ""
    back: int = 0


def _rule(row: Row) -> Rule:
    kind, literals, pattern, source, *more = row
    return Rule(kind, tuple(literals.encode().split(b" ")), pattern.encode(), source, *more)


def _by_literal(rows: Iterable[Row]) -> dict[bytes, tuple[Rule, ...]]:
    found: dict[bytes, tuple[Rule, ...]] = {}
    for rule in map(_rule, rows):
        for literal in rule.literals:
            found[literal] = (*found.get(literal, ()), rule)
    return found


class Rules(Frozen):
    """All rules, by where their literals stand. `heads`: at the beginning of a run of word bytes or behind a joint in it,
    by their first two or three bytes (`pairs`: keys of two with no joint behind); `inside`: anywhere in a run; `before`: in
    what leads to one that a sign leads to; `quoted`: before any.
    """

    heads: dict[bytes, tuple[tuple[bytes, tuple[Rule, ...]], ...]]
    pairs: frozenset[bytes]
    inside: tuple[tuple[bytes, tuple[Rule, ...]], ...]
    before: tuple[tuple[bytes, tuple[Rule, ...]], ...]
    quoted: tuple[tuple[bytes, tuple[Rule, ...]], ...]


def load() -> Rules:
    """All rules, in the order of the tables: of two hits of equal extent the first one names it."""
    if not _rules:
        from git_ccsync.privacy import rules_cloud, rules_code, rules_models, rules_services

        _rules.append(
            _sorted((*rules_code.TABLE, *rules_cloud.TABLE, *rules_models.TABLE, *rules_services.TABLE)),
        )
    return _rules[0]


def _sorted(rows: Iterable[Row]) -> Rules:
    heads: dict[bytes, tuple[tuple[bytes, tuple[Rule, ...]], ...]] = {}
    groups: dict[str, list[tuple[bytes, tuple[Rule, ...]]]] = {"inside": [], "before": [], "quoted": []}
    for literal, known in _by_literal(rows).items():
        for group in _groups(literal, known):
            if group == "heads":
                key = literal.translate(_JOINED).partition(b" ")[0][:3]
                heads[key] = (*heads.get(key, ()), (literal, known))
            else:
                groups[group].append((literal, known))
    pairs = frozenset(key for key, known in heads.items() for literal, _ in known if key == literal and len(key) == 2)
    return Rules(heads, pairs, *map(tuple, groups.values()))


def _groups(literal: bytes, known: tuple[Rule, ...]) -> Iterator[str]:
    """Where LITERAL is looked for."""
    if literal[-1:] in b'":':
        yield "quoted"
    elif literal.translate(None, runs.WORDS) or known[0].check == "led":
        yield "before"
    else:
        yield "inside" if known[0].back else "heads"
        # Soon behind the literal a byte may end its run, although the token goes on.
        if any(mark in rule.pattern for mark in (b"+/", b".~") for rule in known):
            yield "before"


def pieces(found: bytes) -> set[bytes]:
    """What the words in FOUND (runs, joined by blanks) begin with, where a key of `heads` may be among it."""
    heads = set(map(_THREE, found.translate(_JOINED).split(b" ")))
    # Two letters that no joint follows begin longer words.
    return heads | load().pairs.intersection(map(_TWO, heads))


def compiled(rule: Rule) -> Pattern[bytes]:
    """The pattern of RULE, made when it is first asked for: most texts ask for none."""
    found = _compiled.get(rule.pattern)
    if found is None:
        import re

        # What goes on in letters or digits is something else, or a form that is not known yet.
        found = _compiled[rule.pattern] = re.compile(b"(?:%b)(?![A-Za-z0-9])" % rule.pattern)
    return found


_THREE = itemgetter(slice(3))
_TWO = itemgetter(slice(2))
_rules: list[Rules] = []
_compiled: dict[bytes, Pattern[bytes]] = {}
