"""What a published kind of secret looks like: the form of a rule, and all rules by the literal that gives them away.

The rules themselves stand in rules_*.py, none of them here. A rule is data; `finding` runs it.
"""

from __future__ import annotations

from _operator import itemgetter

from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from re import Pattern

    #: kind, literals (separated by spaces), pattern, source, check, bytes before the literal
    Row = tuple[str, str, str, str] | tuple[str, str, str, str, str] | tuple[str, str, str, str, str, int]

#: Joints of a token, which stand between its parts, and all bytes of one that has no other.
JOINTS = b"-_+~"
WORDS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + JOINTS
_JOINED = bytes(0x20 if byte in JOINTS else byte for byte in range(256))


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
    by their first two or three bytes (`pairs`: keys of two with no joint behind); `inside`: anywhere in a run; `before`: in what leads to one.
    """

    heads: dict[bytes, tuple[tuple[bytes, tuple[Rule, ...]], ...]]
    pairs: frozenset[bytes]
    inside: tuple[tuple[bytes, tuple[Rule, ...]], ...]
    before: tuple[tuple[bytes, tuple[Rule, ...]], ...]


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
    inside, before = [], []
    for literal, known in _by_literal(rows).items():
        leads = bool(literal.translate(None, WORDS)) or known[0].check == "led"
        # Soon behind the literal a byte may end its run, although the token goes on.
        if leads or any(mark in rule.pattern for mark in (b"+/", b".~") for rule in known):
            before.append((literal, known))
        if leads:
            continue
        if known[0].back:
            inside.append((literal, known))
        else:
            key = literal.translate(_JOINED).partition(b" ")[0][:3]
            heads[key] = (*heads.get(key, ()), (literal, known))
    pairs = frozenset(key for key, known in heads.items() for literal, _ in known if key == literal and len(key) == 2)
    return Rules(heads, pairs, tuple(inside), tuple(before))


def pieces(runs: bytes) -> set[bytes]:
    """What the words in RUNS (joined by blanks) begin with, where a key of `heads` may be among it."""
    words = runs.translate(_JOINED).split(b" ")
    found = set(map(_THREE, words))
    # Two letters that no joint follows begin longer words.
    return found | load().pairs.intersection(map(_TWO, found))


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
