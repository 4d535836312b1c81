"""The censor: modes, tags, keys, what is allowed, what it remembers."""

from __future__ import annotations

import hashlib
import hmac
import subprocess
import sys

import pytest

from git_ccsync.errors import BadData, SecretFound
from git_ccsync.privacy.secrets import BLOCK, OFF, REDACT, WARN, Censor, Found
from tests.support.source import ROOT

KEY, OTHER = b"k" * 32, b"o" * 32
TOKEN = b"ghp_16C7e42F292c6912E7710c838347Ae178B4a"
LINE = b'{"x":"use %b here, %b there; DB_PASSWORD=hunter2hunter"}\n' % (TOKEN, TOKEN)


def tag(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).hexdigest()[:8].encode()


def test_a_span_tells_kind_tag_and_key() -> None:
    first, second, third = Censor(KEY).spans(LINE)
    assert LINE[first.start : first.end] == LINE[second.start : second.end] == TOKEN
    assert (first.kind, first.tag) == (second.kind, second.tag) == (b"github-token", tag(KEY, TOKEN))
    assert (third.kind, third.tag) == (b"password", tag(KEY, b"hunter2hunter"))
    assert first.key == third.key
    assert len(first.key) == 4
    assert not first.key.translate(None, b"0123456789abcdef")
    [other, _, _] = Censor(OTHER).spans(LINE)
    assert (other.tag, other.key) != (first.tag, first.key)


def test_it_remembers_what_it_met_until_that_is_taken() -> None:
    censor = Censor(KEY)
    censor.spans(LINE)
    censor.spans(LINE)
    met = (
        Found("github-token", tag(KEY, TOKEN).decode(), 4),
        Found("password", tag(KEY, b"hunter2hunter").decode(), 2),
    )
    assert censor.taken() == met
    assert censor.taken() == ()


def test_what_is_allowed_is_not_met() -> None:
    allowed = tag(KEY, TOKEN).decode()
    [span] = Censor(KEY, allowed=[allowed]).spans(LINE)
    assert span.kind == b"password"
    Censor(KEY, BLOCK, allowed=[allowed, tag(KEY, b"hunter2hunter").decode()]).spans(LINE)


def test_modes() -> None:
    assert len(Censor(KEY, REDACT).spans(LINE)) == 3
    for mode, met in ((WARN, 2), (OFF, 0)):
        censor = Censor(KEY, mode)
        assert censor.spans(LINE) == []
        assert len(censor.taken()) == met
    with pytest.raises(SecretFound, match="github-token " + tag(KEY, TOKEN).decode()) as caught:
        Censor(KEY, BLOCK).spans(LINE)
    assert isinstance(caught.value, BadData)
    assert caught.value.found == (
        ("github-token", tag(KEY, TOKEN).decode()),
        ("password", tag(KEY, b"hunter2hunter").decode()),
    )
    assert TOKEN.decode() not in str(caught.value)
    assert Censor(KEY, BLOCK).spans(b"nothing here\n") == []


def test_a_text_fits_the_tag_that_was_made_of_it() -> None:
    censor, after = Censor(KEY), Censor(OTHER, former=[KEY])
    [span, *_] = censor.spans(LINE)
    for known in (censor, after, Censor(KEY, OFF)):
        assert known.fits(span.key, span.tag, TOKEN)
        assert not known.fits(span.key, span.tag, TOKEN[::-1])
    assert Censor(OTHER).fits(span.key, span.tag, TOKEN[::-1])


PROBE = """
import sys
sys.path.insert(0, sys.argv[1])
from git_ccsync.privacy.secrets import Censor
before = set(sys.modules)
censor = Censor(b"k" * 32)
{}
print(sorted({{"re", "hashlib", "hmac", "git_ccsync.privacy.finding"}} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("use", "loaded"),
    [
        ("", "[]"),
        ("Censor(b'', 'off').spans(b'x')", "[]"),
        (
            r"""censor.spans(b'{"usage":{"input_tokens":4},"text":"pass the tokens, a secret"}\n')""",
            "['git_ccsync.privacy.finding']",
        ),
        ("censor.spans(b'ghp_16C7e42F292c6912E7710c838347Ae178B4a')", "['git_ccsync.privacy.finding', 're']"),
    ],
    ids=["made", "off", "clean", "hit"],
)
def test_nothing_is_loaded_before_it_is_needed(use: str, loaded: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(use), str(ROOT)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == loaded


def test_a_marker_is_no_secret_though_it_says_so() -> None:
    censor = Censor(bytes(32))
    secret = b"ghp_A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"
    marker = b"{{SECRET:github-token.40.814e899c.c01e}}"
    for text in (marker, b"see %b, " % marker, marker.replace(b"{{", b"{{=="), b'{"secret":"%b"}' % marker):
        assert censor.spans(text) == []
    text = b"%b %b SECRET:%b %b" % (marker, secret, secret, marker)
    assert [text[span.start : span.end] for span in censor.spans(text)] == [secret, secret]
    fake = b"{{SECRET:%b.40.814e899c.c01e}}" % secret
    assert censor.spans(fake), "no place to hide one"
