"""Private keys as blocks: every armour, whole and cut short, in listings and diffs, at any depth of JSON."""

from __future__ import annotations

import base64
import json
import random

import pytest

from git_ccsync.privacy import finding
from tests.privacy.samples import depths

NOISE = random.Random(7)


@pytest.fixture(autouse=True)
def same_noise() -> None:
    """Each test has the same bytes, whatever ran before it in its process."""
    NOISE.seed(7)


def body(lines: int = 12, width: int = 64) -> str:
    text = base64.b64encode(NOISE.randbytes(lines * width)).decode()
    return "\n".join(text[at : at + width] for at in range(0, lines * width, width))


def armour(name: str, text: str = "", dashes: str = "-----") -> str:
    space = " " if dashes == "----" else ""
    end = " " if dashes == "----" else ""
    return f"{dashes}{space}BEGIN {name}{end}{dashes}\n{text or body()}\n{dashes}{space}END {name}{end}{dashes}"


def spans(text: str, *, whole: bool = False) -> list[tuple[str, str]]:
    data = text.encode()
    return [(kind, data[start:end].decode()) for start, end, kind in finding.find(data, whole=whole)]


NAMES = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "DSA PRIVATE KEY", "OPENSSH PRIVATE KEY"]
NAMES += ["ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]


@pytest.mark.parametrize("name", NAMES)
def test_a_block_is_taken_out_as_a_whole(name: str) -> None:
    kind = "pgp-private-key" if "PGP" in name else "private-key"
    key = armour(name)
    [found] = spans(f"cat id\n{key}\ndone\n", whole=True)
    assert found == (kind, key)
    for form in depths(key)[1:]:
        [(got, value)] = spans(form + "\n")
        assert got == kind
        assert value.startswith("-----BEGIN")
        assert value.endswith("KEY BLOCK-----" if "PGP" in name else "KEY-----")
        assert form.replace(value, "x").count("\\") <= form.count("\\")
        json.loads(form.replace(value, "{{SECRET}}"))


def test_headers_and_four_dashes() -> None:
    key = armour("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,6B2E5A0C11\n\n" + body())
    assert spans(key, whole=True) == [("private-key", key)]
    key = armour("SSH2 ENCRYPTED PRIVATE KEY", 'Comment: "me"\n' + body(), "----")
    assert spans(key, whole=True) == [("private-key", key)]
    [(_, value)] = spans(json.dumps(key.replace('"', "")) + "\n")
    assert value.endswith("KEY ----")


def test_a_listing_a_diff_and_a_key_that_was_cut() -> None:
    key = armour("OPENSSH PRIVATE KEY")
    numbered = "\n".join(f"{n:6d}\u2192{line}" for n, line in enumerate(key.split("\n"), 1))
    added = "\n".join("+" + line for line in key.split("\n"))
    for text in (numbered, added, numbered.replace("\u2192", "\t")):
        for ascii_only in (True, False):
            row = json.dumps({"x": text}, ensure_ascii=ascii_only)
            [(_, value)] = spans(row + "\n")
            assert value.endswith("KEY-----")
            short = row[: len(row) // 2] + '"}'
            [(_, value)] = spans(short + "\n")
            assert len(value) > len(row) // 2 - 80
            json.loads(short.replace(value, "x"))


def test_a_key_as_a_list_of_strings_in_a_patch() -> None:
    lines = [" a", *("+" + line for line in armour("EC PRIVATE KEY").split("\n")), "-b: c"]
    row = json.dumps({"structuredPatch": [{"newLines": 9, "lines": lines}], "x": "y"})
    taken = row
    for kind, value in spans(row + "\n"):
        assert kind == "private-key"
        taken = taken.replace(value, "{{SECRET}}")
    assert json.loads(taken)["structuredPatch"][0]["lines"][2:-2] == ["+{{SECRET}}"] * 12
    assert (
        spans(json.dumps({"lines": ["+-----BEGIN EC PRIVATE KEY-----", "+...", "+-----END EC PRIVATE KEY-----"]})) == []
    )


def test_the_string_around_a_block_ends_it() -> None:
    text = json.dumps(
        {"a": "-----BEGIN RSA PRIVATE KEY-----\n" + body(4), "b": "-----END RSA PRIVATE KEY-----", "c": body()}
    )
    [(_, value)] = spans(text + "\n")
    assert '"' not in value
    json.loads(text.replace(value, "x"))


def test_a_service_account_keeps_the_rest_of_its_file() -> None:
    account = {
        "type": "service_account",
        "private_key_id": "0f" * 20,
        "private_key": armour("PRIVATE KEY") + "\n",
        "client_id": "1",
    }
    for form in (json.dumps(account), json.dumps({"x": json.dumps(account, indent=2)})):
        [(kind, value)] = spans(form + "\n")
        assert kind == "private-key"
        json.loads(form.replace(value, "x"))
    text = json.dumps(account, indent=2)
    [(_, value)] = spans(text, whole=True)
    json.loads(text.replace(value, "x"))


def test_talk_of_keys_is_none() -> None:
    for text in (
        'if "-----BEGIN RSA PRIVATE KEY-----" in text:',
        "-----BEGIN PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\\nMIIEvQ...\\n-----END PRIVATE KEY-----",
        "a PRIVATE KEY is secret, a PUBLIC KEY is not",
        armour("PUBLIC KEY").replace("\n", "\\n"),
        armour("CERTIFICATE").replace("\n", "\\n"),
        "-----BEGIN RSA PRIVATE KEY-----\\n" + "A" * 64 + "\\n-----END RSA PRIVATE KEY-----",
    ):
        assert spans(text + "\n") == []


def test_putty_json_web_keys_and_keys_in_base64() -> None:
    putty = f"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: me\nPublic-Lines: 2\n{body(2)}\n"
    putty += f"Private-Lines: 14\n{body(14)}\nPrivate-MAC: {'0f1e2d3c' * 8}\n"
    for text, whole in ((putty, True), *((form + "\n", False) for form in depths(putty)[1:])):
        [(kind, value)] = spans(text, whole=whole)
        assert kind == "putty-private-key"
        assert len(value) > 14 * 64
    key = {"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}
    key["d"] = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X2Csdfk8wE5"
    for form in depths(json.dumps(key))[:3]:
        assert ("private-key-jwk", key["d"]) in spans(form + "\n")
    encoded = base64.b64encode(armour("EC PRIVATE KEY").encode()).decode()
    for form in depths(f"client-key-data: {encoded}"):
        assert (
            spans(form + "\n")[0] == ("private-key-base64", encoded.rstrip("=")) or spans(form + "\n")[0][1] == encoded
        )


BODIES = (
    "MIIEpAIBAAKCAQEA", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ", "MHcCAQEEI", "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49",
    "MC4CAQAwBQYDK2VwBCIEI", "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ", "MIIFHDBOBgkqhkiG9w0BBQ0wQTApBgkqhkiG9w0BBQww",
)  # fmt: skip


@pytest.mark.parametrize("begin", BODIES)
def test_a_key_without_its_first_line_is_known_by_how_it_begins(begin: str) -> None:
    text = begin + body(4).replace("\n", "")[: 64 * 3 + 40 - len(begin)] + "=="
    lines = "\n".join(text[at : at + 64] for at in range(0, len(text), 64))
    for form, whole in (
        *((f"the key: {one} and more\n", False) for one in depths(lines)[1:]),
        (f"{lines}\nand words\n", True),
    ):
        [(kind, value)] = spans(form, whole=whole)
        assert kind == "private-key"
        assert (value[:9], value[-2:]) == (begin[:9], "==")
    [(_, value)] = spans(f"{begin}/{lines[len(begin) + 1 :]}\nand words\n", whole=True)
    assert value.startswith(f"{begin[:9]}")
    assert spans(f"{begin}\n") == []
    assert spans(f"x{'q7Zr2mXpLc01' * 3}{begin}{'A' * 30}\n") == []
