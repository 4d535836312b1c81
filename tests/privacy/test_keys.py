"""Keys of people and machines: public keys from hands and remotes, wrapped epoch keys, proofs, requests, codes, words."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.errors import BadData, KeyMissing
from git_ccsync.privacy import keys, recovery, words
from git_ccsync.privacy.keys import EpochKey
from tests.support.machine import ROOT

SECRET = keys.generate()
OWN = keys.public_of(SECRET)
HELD = EpochKey("ab" * 16, 3, bytes(range(32)))
WRAPPED = keys.wrap(HELD, OWN.text)


def ssh_key(place: Path, kind: str, *more: str) -> tuple[str, bytes]:
    """A fresh pair: the line of the public half, the private half."""
    path = place / f"id_{kind}"
    words_ = ["ssh-keygen", "-q", "-t", kind, "-C", "al@laptop", "-f", str(path)]
    subprocess.run([*words_, *(more or ("-N", ""))], check=True, stdin=subprocess.DEVNULL)
    return path.with_name(path.name + ".pub").read_text(), path.read_bytes()


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_key_wrapped_for_an_ssh_key_is_unwrapped_by_its_private_half(tmp_path: Path, kind: str) -> None:
    line, private = ssh_key(tmp_path, kind)
    public = keys.parse_public(line)
    assert (public.kind, public.comment, public.text.count(" ")) == (f"ssh-{kind}", "al@laptop", 1)
    assert keys.unwrap(keys.wrap(HELD, public.text), [keys.ssh_identity(private)]) == HELD


def test_an_ssh_key_with_a_passphrase_says_so_and_one_of_another_kind_is_passed_over(tmp_path: Path) -> None:
    _, guarded = ssh_key(tmp_path, "ed25519", "-N", "correct horse")
    with pytest.raises(KeyMissing, match="has a passphrase"):
        keys.ssh_identity(guarded)
    line, other = ssh_key(tmp_path, "ecdsa")
    assert keys.ssh_identity(other) is None
    with pytest.raises(BadData, match="no public key"):
        keys.parse_public(line)


def test_one_key_has_one_id_whatever_stands_around_it(tmp_path: Path) -> None:
    line, _ = ssh_key(tmp_path, "ed25519")
    kind, encoded, _ = line.split()
    plain = keys.parse_public(line)
    assert keys.parse_public(f"  {kind}   {encoded}   another comment ").id == plain.id
    assert keys.is_recipient_id(plain.id)
    assert plain.id != OWN.id
    for bad in (encoded[:-4], encoded[:-2] + "\u00e9", encoded.lower(), f"{encoded}\n{kind}", ""):
        with pytest.raises(BadData):
            keys.parse_public(f"{kind} {bad}")
    with pytest.raises(BadData):
        keys.parse_public(f"ssh-rsa {encoded}")  # says ed25519 inside


@given(st.one_of(st.text(), st.from_regex(r"(age1|ssh-ed25519 |ssh-rsa )[ -~]*", fullmatch=True)))
def test_no_text_but_a_key_is_one(text: str) -> None:
    with pytest.raises(BadData):
        keys.parse_public(text)


@given(st.integers(0, len(WRAPPED) - 1), st.integers(1, 255))
def test_a_wrapped_key_with_one_changed_byte_opens_nothing(at: int, change: int) -> None:
    damaged = bytearray(WRAPPED)
    damaged[at] ^= change
    found = keys.unwrap(bytes(damaged), [keys.identity(SECRET)])
    assert found is None or found == HELD  # age does not look at the case of a few letters


@given(st.binary(max_size=300))
def test_what_is_no_wrapped_key_opens_nothing(data: bytes) -> None:
    assert keys.unwrap(data, [keys.identity(SECRET)]) is None
    assert keys.unwrap(WRAPPED + bytes(keys.WRAPPED_CAP), [keys.identity(SECRET)]) is None


@pytest.mark.parametrize(
    "plain", [b"", b"x" * 99, b"git-ccsync key 1 %s 0 %s\n" % (b"ab" * 16, b"00" * 32), b"git-ccsync key 1 a b c\n"]
)
def test_what_was_wrapped_must_be_a_key(plain: bytes) -> None:
    with pytest.raises(BadData, match="holds something else"):
        keys.unwrap(keys.encrypt(plain, [OWN.text]), [keys.identity(SECRET)])


def test_a_proof_holds_for_one_key_of_one_epoch_of_one_branch_only() -> None:
    before, made = os.urandom(32), HELD
    proof = keys.proof(before, made)
    assert keys.proves(proof, before, made)
    for other in (made._replace(epoch=4), made._replace(key=bytes(32)), made._replace(fingerprint="cd" * 16)):
        assert not keys.proves(proof, before, other)
    assert not keys.proves(proof, os.urandom(32), made)
    assert not keys.proves(b"", before, made)


def test_a_request_belongs_to_its_key_and_its_name_is_for_the_inbox_alone() -> None:
    inbox = keys.inbox(HELD.key)
    data = keys.dump_request(OWN, keys.encrypt(b"desktop", [keys.public_of(inbox).text]))
    assert b"desktop" not in data
    found = keys.load_request(OWN.id, data)
    assert found.public == OWN
    assert keys.decrypt(found.sealed_name, [keys.identity(inbox)]) == b"desktop"
    assert keys.decrypt(found.sealed_name, [keys.identity(SECRET)]) is None
    with pytest.raises(BadData, match="does not fit its name"):
        keys.load_request("0" * 32, data)


@given(st.binary(max_size=200))
def test_what_is_no_request_is_none(data: bytes) -> None:
    for text in (data, b"git-ccsync request 1\n" + data, b"git-ccsync request 1\n" + OWN.text.encode() + b"\n" + data):
        try:
            assert keys.load_request(OWN.id, text).public == OWN
        except BadData:
            pass


def test_a_recovery_code_survives_paper_and_mistakes_are_noticed() -> None:
    code = recovery.make()
    assert len(code) == 34
    assert recovery.secret_of(code) != recovery.secret_of(recovery.make())
    spoken = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert recovery.secret_of(f" {spoken}\n") == recovery.secret_of(code)
    keys.public_of(recovery.secret_of(code))  # age takes it for a key
    missed = 0
    for at, letter in enumerate(code):
        wrong = code[:at] + ("2" if letter == "Z" else "Z") + code[at + 1 :]
        try:
            recovery.secret_of(wrong)
        except BadData:
            missed += 1
    assert missed >= 30
    with pytest.raises(BadData, match="seven groups"):
        recovery.secret_of(code[:-1])


def test_words_are_told_apart_by_their_beginnings() -> None:
    listed = words._LIST
    assert len(listed) == 512 == len({word[:4] for word in listed})
    assert all(word.isascii() and word.islower() and 4 <= len(word) <= 7 for word in listed)
    assert OWN.words == words.of(bytes.fromhex(OWN.id))
    assert len(OWN.words.split()) == words.COUNT
    assert words.of(bytes(16)) == " ".join([listed[0]] * 8)
    assert words.of(b"\xff" * 16) == " ".join([listed[511]] * 8)
    assert words.same(OWN.words.upper().replace(" ", ",\n"), OWN.words)
    assert not words.same(OWN.words.rpartition(" ")[0], OWN.words)


def test_without_the_packages_one_sentence_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "pyrage.py").write_text("raise ImportError\n")
    program = "from git_ccsync.privacy import keys; keys.generate()"
    env = {"PYTHONPATH": f"{tmp_path}:{ROOT}", "PATH": os.environ["PATH"]}
    done = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=False)
    assert "encrypted branches need the Python packages 'pyrage' and 'cryptography'" in done.stderr
