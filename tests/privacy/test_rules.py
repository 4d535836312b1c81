"""Every rule finds what it describes, wherever that stands; the tables are in order."""

from __future__ import annotations

import re

import pytest

from git_ccsync.privacy import finding, looks, rules, sieve
from git_ccsync.privacy.rules import Rule
from tests.privacy.samples import all_rules, depths, sample

#: What these describe is more than chance can make up; test_blocks knows it.
BLOCKS = ("jwk", "long")
RULES = [rule for rule in all_rules() if rule.check not in BLOCKS]
#: What stands around tokens.
AROUND = ["KEY=%s", "(%s)", "`%s`", "\\u001b[32m%s\\u001b[0m", "a%%3D%s", "x\\u003d%s\\u0026y", "\x1b[1;31m%s", "%s."]
NAMES = [f"{rule.kind}-{number}" for number, rule in enumerate(RULES)]


def found(text: str) -> list[tuple[str, str]]:
    data = text.encode()
    return [(kind, data[start:end].decode()) for start, end, kind in finding.find(data)]


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_rule_finds_what_it_describes(rule: Rule) -> None:
    missed = []
    for seed in range(8):
        text, secret = sample(rule, seed)
        for form in depths(f'see "{text}" there'):
            hits = "\n".join(value for _, value in found(form + "\n"))
            if secret.replace("\\", "") not in hits.replace("\\", ""):
                missed.append(form)
    # Chance may make what looks like a stand-in, or what has hardly a digit.
    assert len(missed) <= 4, missed


@pytest.mark.parametrize("rule", RULES, ids=NAMES)
def test_a_token_is_found_between_what_is_usual(rule: Rule) -> None:
    samples = [sample(rule, seed) for seed in range(6)]
    for around in AROUND:
        missed = [
            text for text, secret in samples if not any(secret in value for _, value in found(around % text + "\n"))
        ]
        assert len(missed) <= 2, (around, missed)


def test_there_are_many_kinds_and_each_tells_its_source() -> None:
    assert len({rule.kind for rule in RULES}) >= 120
    for rule in RULES:
        assert re.fullmatch(r"[a-z0-9-]{3,32}", rule.kind)
        assert "." in rule.source or rule.source.startswith("RFC")
        assert rule.check in looks.CHECKS
        assert all(len(literal) <= sieve.LITERAL for literal in rule.literals)


def test_patterns_are_made_when_they_are_needed() -> None:
    rules._compiled.clear()
    finding.find(b'{"usage":{"input_tokens":4,"output_tokens":136},"uuid":"dfe30c1a-94b1-4f6e-8c5e-21a3b7d9e001"}\n')
    assert not rules._compiled
    finding.find(b"npm_" + b"aB3dE6gH9j" * 4 + b"\n")
    assert len(rules._compiled) <= 1
