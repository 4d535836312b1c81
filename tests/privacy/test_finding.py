"""What is found depends on the line alone, leaves JSON JSON, and costs no more on hostile text than on any other."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from git_ccsync.privacy import finding, rules
from tests.privacy.samples import all_rules, sample
from tests.privacy.test_blocks import armour
from tests.privacy.test_names import NONE, SECRETS

TOKENS = [sample(rule)[0] for rule in all_rules() if rule.check not in ("jwk", "long")]
PARTS = [text for text, _ in SECRETS] + NONE + TOKENS + [armour("RSA PRIVATE KEY"), armour("PGP PRIVATE KEY BLOCK")]
LITERALS = [literal.decode() for rule in all_rules() for literal in rule.literals]
GLUE = [
    "",
    " ",
    "\n",
    '"',
    "'",
    "\\",
    ":",
    "=",
    "/",
    ".",
    "-",
    "_",
    "@",
    "://",
    "login ",
    "kty",
    '"kty"',
    "password",
    "\u2192",
]
GLUE += [
    "-----BEGIN ",
    "PRIVATE KEY-----",
    "-----END RSA PRIVATE KEY-----",
    "aB3dE6gH9jK2mN5pQ8sT",
    "A" * 40,
    "{{SECRET:x.4.",
]


def found(data: bytes, *, whole: bool = False) -> list[tuple[int, int, str]]:
    return finding.find(data, whole=whole)


lines = st.lists(
    st.sampled_from(PARTS) | st.sampled_from(GLUE) | st.sampled_from(LITERALS) | st.text(max_size=4), max_size=6
)
texts = st.lists(lines.map("".join), max_size=5).map("\n".join)


@pytest.mark.slow
@settings(max_examples=300)
@given(texts)
def test_each_line_is_judged_alone(text: str) -> None:
    data = text.encode("utf-8", "replace")
    whole = found(data)
    at, single = 0, []
    for line in data.split(b"\n"):
        single += [(start + at, end + at, kind) for start, end, kind in found(line + b"\n")]
        assert [hit[:2] for hit in found(line)] == [hit[:2] for hit in found(line + b"\n")]
        at += len(line) + 1
    assert whole == single


@pytest.mark.slow
@settings(max_examples=100)
@example(["u+ZswtPZyvXyzGmihoMP", "glsa_8MskCY4GrGj134Eq19f0afWOnmgZ4GMM_ee4ac3f7"], 1)
@given(st.lists(lines.map("".join), min_size=1, max_size=6), st.integers(1, 80))
def test_slices_change_nothing(rows: list[str], size: int) -> None:
    data = "".join(row.replace("\n", " ") + "\n" for row in rows).encode("utf-8", "replace")
    whole = found(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finding, "_SLICE", size)
        assert found(data) == whole


def taken_out(data: bytes, *, whole: bool = False) -> bytes:
    out, at = [], 0
    for start, end, kind in found(data, whole=whole):
        out += [data[at:start], b"{{SECRET:%b.1.00000000.0000}}" % kind.encode()]
        at = end
    return b"".join([*out, data[at:]])


def shape(value: object) -> object:
    """The keys and the kinds of values of JSON, at every depth at which its strings are JSON."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(inner) for inner in value]
    return type(value)


@settings(max_examples=300)
@given(lines.map("".join), st.booleans(), st.integers(0, 3))
@example("-----BEGIN RSA PRIVATE KEY-----\\", True, 1)
@example("DB_PASSWORD=hunter2hunter\\", False, 0)
@example("DB_PASSWORD=hunter2hunter\\", False, 2)
def test_json_stays_json(text: str, ascii_only: bool, depth: int) -> None:
    row: object = {"a": text, "password": text, "b": [text, 1, None], "api_key": text}
    for _ in range(depth):
        row = {"x": json.dumps(row, ensure_ascii=ascii_only), "token": 12345678}
    data = json.dumps(row, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    after = json.loads(taken_out(data + b"\n"))
    assert shape(after) == shape(row)


@given(texts)
def test_spans_are_in_order_apart_and_on_one_line(text: str) -> None:
    data = text.encode("utf-8", "replace")
    past = 0
    for start, end, _ in found(data):
        assert past <= start < end
        assert b"\n" not in data[start:end]
        past = end
    past = 0
    for start, end, _ in found(data, whole=True):
        assert past <= start < end <= len(data)
        past = end


@given(lines.map("".join))
def test_what_was_redacted_is_not_found_again(text: str) -> None:
    data = (json.dumps({"x": text}) + "\n").encode()
    once = taken_out(data)
    for start, end, kind in found(once):
        assert b"{{SECRET" not in once[start:end], (kind, once[start:end])


def test_a_key_in_a_file_is_found_over_its_lines() -> None:
    text = f"# {'x' * 200_000}\nDB_PASSWORD=hunter2hunter\n{armour('EC PRIVATE KEY')}\nend\n".encode()
    kinds = [kind for _, _, kind in found(text, whole=True)]
    assert kinds == ["password", "private-key"]
    assert b"BEGIN" not in taken_out(text, whole=True)


def test_secrets_in_base64_data_are_chance() -> None:
    data = b"".join(b"%b/%b+" % (rule.literals[0].strip(b"._-"), b"aB3dE6gH9jK2mN5pQ8sT" * 3) for rule in all_rules())
    data = (data * 4).translate(None, b'$":. !\\').replace(b"@", b"a")
    row = b'{"type":"base64","data":"' + b"iVBORw0KGgoAAAANSUhEUgAAAAUA" * 20 + data + b'"}\n'
    assert [hit for hit in found(row) if hit[0] > 800] == []


LOADS = {
    "literals": "".join(LITERALS),
    "literals apart": " ".join(LITERALS) + " ",
    "starts of jwt": "eyJhbGciOiJIUzI1NiJ9aaaa.",
    "starts of jwt in a word": "-eyJhbGciOiJIUzI1NiJ9",
    "passwords": "password=",
    "passwords that never end": 'password="a',
    "names": "token_",
    "escapes": "\\",
    "escaped names": '\\"password\\\\" ',
    "begins": "-----BEGIN RSA PRIVATE KEY-----",
    "begins and bodies": "-----BEGIN RSA PRIVATE KEY-----\\n" + "aB3d" * 12 + "\\n",
    "at": "a:b@",
    "urls": "://a:b",
    "urls at": "https://a:b@",
    "long words": "aB3dE6gH9jK2mN5pQ8sT ",
    "joints": "sk-" * 9 + " ",
    "quotes": "'\"`",
    "blanks": "password " + " " * 30,
    "machine": "login password ",
    "keys": "AKIA2E0A8F3B244C9986, ",
    "azure": "abc8Q~" * 7 + " ",
    "base64": "aB3dE6gH9jK2mN5pQ8sT/",
    "braces": "{{SECRET:a.1.",
    "assign": "api_key:=",
    "values": "secret,value:",
}


@pytest.mark.slow
@pytest.mark.parametrize("load", LOADS, ids=str)
def test_hostile_text_costs_time_in_proportion(load: str) -> None:
    unit = LOADS[load].encode()
    start = time.process_time()
    found(unit * (400_000 // len(unit)) + b"\n")
    assert time.process_time() - start < 8


def test_patterns_try_nothing_twice() -> None:
    for rule in all_rules():
        pattern = rules.compiled(rule)
        for literal in rule.literals:
            start = time.process_time()
            for byte in (b"a", b"A", b"0", b"\\", b"-", b".", b"/", b"=", b" ", b"\\n", b"aA0-", b"\\/"):
                pattern.match(b"0" * rule.back + literal + byte * 24_000, 0)
            assert time.process_time() - start < 2, rule.kind


RUN = b"q7Zr2mXpLc01nVb7Rt3wQ9"


@pytest.mark.parametrize(
    "text",
    [
        b"login al\npassword gh0stWriter77\n",  # netrc, but on two lines
        b"token=q7Zr2mXpLc01nVb7\n" + RUN + b"\n",  # a run that is led to by the line before
        b"hvs.\n" + RUN + RUN + b"\n",
        b"AKIA2E0A8F3B244C9986\nkX2rXUtnFEMI/K7MDENG/bPxRfiCYq8Zr1mLpKEY\n",
        b"password =\nZx81!spectrum\n",
        b"docker login -u al -p\nZx81!spectrum\n",
        b'{"kty":"EC"}\n{"d":"' + RUN * 2 + b'"}\n',
    ],
    ids=repr,
)
def test_a_line_end_parts_what_belongs_together(text: bytes) -> None:
    singles = [kind for line in text.splitlines(keepends=True) for _, _, kind in found(line)]
    assert [kind for _, _, kind in found(text)] == singles
    assert singles in ([], ["aws-access-key"])
    assert len(found(text.replace(b"\n", b" "))) > len(singles) or b"hvs" in text


def test_what_overlaps_is_taken_as_one() -> None:
    hits = [(3, 9, "b"), (0, 5, "a"), (20, 22, "c"), (20, 25, "d"), (25, 26, "e")]
    assert finding._merged(hits) == [(0, 9, "a"), (20, 25, "d"), (25, 26, "e")]


def test_escapes_are_left_whole() -> None:
    for text, span, kept in (
        (rb'"\nabc"', (2, 6), b"abc"),
        (rb'"\\nabc"', (3, 7), b"nabc"),
        (rb'"\u003dabc"', (2, 10), b"abc"),
        (rb'"abc\n"', (1, 5), b"abc"),
        (rb'"abc\\n"', (1, 6), rb"abc\\"),
        (rb'"abc\u003d"', (1, 8), b"abc"),
        (rb'"abc\u003d"', (1, 10), rb"abc\u003d"),
        (rb'"\n"', (2, 3), b""),
    ):
        taken = [text[start:end] for start, end, _ in finding._whole_escapes(text, [(*span, "k")])]
        assert b"".join(taken) == kept


@pytest.mark.parametrize("path", ["/srv/data-of-the-team" * 9, "/one/two/six" * 14])
def test_a_long_path_is_no_image(path: str) -> None:
    token = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lM6"
    text = f'{{"path":"{path}/{token}"}}\n'.encode()
    assert [text[start:end].decode() for start, end, _ in finding.find(text)] == [token]
