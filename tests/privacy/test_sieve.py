"""The sieve never lets a secret through that the rules would find, and keeps most texts away from them."""

from __future__ import annotations

import pytest

from git_ccsync.privacy import blocks, commands, finding, rules, sieve
from tests.bench.corpus import Corpus
from tests.bench.secrets_carriers import CARRIERS
from tests.bench.secrets_corpus import clean, samples
from tests.privacy.samples import all_rules, depths, sample


def split(literals: list[bytes]) -> set[bytes]:
    return {b" " + one.translate(sieve._SPLIT) for one in literals}


def test_its_literals_are_those_of_the_rules() -> None:
    known = rules.load()
    assert set(sieve.HEADS) == split([literal for group in known.heads.values() for literal, _ in group])
    for mine, theirs in ((sieve.INSIDE, known.inside), (sieve.BEFORE, known.before), (sieve.QUOTED, known.quoted)):
        assert mine == [literal for literal, _ in theirs]
    assert set(sieve.COMMANDS) == {command for command, _, _ in commands._COMMANDS}
    options = {option for _, several, _ in commands._COMMANDS for option in several} - {b""}
    assert {command for command, several, _ in commands._COMMANDS if several == (b"",)} == set(sieve._TELLING)
    assert all(any(one in option for one in sieve._OPTIONS) for option in options)
    assert (blocks._MARK, blocks._PUTTY, *sieve.BODIES) == sieve.MARKS


def passed(text: bytes, *, whole: bool) -> bool:
    """Whether the sieve keeps a text from the rules although they would find something in it."""
    return not sieve.suspicious(text, whole=whole) and bool(finding.find(text, whole=whole))


@pytest.mark.slow
@pytest.mark.parametrize("whole", [False, True])
def test_nothing_of_the_corpus_goes_through(whole: bool) -> None:
    texts = {each.text for each in (*samples(len(CARRIERS)), *clean())}
    assert [text for text in texts if passed(text, whole=whole)] == []


def test_nothing_that_a_rule_describes_goes_through() -> None:
    through = []
    for rule in all_rules():
        for seed in range(3):
            text, _ = sample(rule, seed)
            for form in (*depths(f'see "{text}" there'), f"KEY={text}", f"\\u001b[32m{text}\\u001b[0m", f"a%3D{text}"):
                data = form.encode() + b"\n"
                through += [form for whole in (False, True) if passed(data, whole=whole)]
    assert through == []


def test_most_rows_are_kept_away_from_the_rules() -> None:
    rows = list(Corpus("/home/al/app").rows("7" * 8 + "-7777-4777-8777-" + "7" * 12, 1 << 20, start=0))
    assert sum(sieve.suspicious(row, whole=False) for row in rows) <= len(rows) // 10
