"""tests.support.unpack finds what is planted, however git keeps it and however it is spelled; and nothing else."""

from __future__ import annotations

import base64
import json
import subprocess
import zlib
from pathlib import Path

import pytest

from tests.support.unpack import Found, forms, search

SECRET = 'pa/ss"wört\\of=al'.encode()
OTHER = b"another-one-of-al"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    return tmp_path / "bare.git"


def git(directory: Path, *words: str, stdin: bytes = b"") -> str:
    done = subprocess.run(["git", "-C", str(directory), *words], input=stdin, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().strip()


def blob(bare: Path, content: bytes) -> str:
    return git(bare, "hash-object", "-w", "--stdin", stdin=content)


def commit(bare: Path, names: dict[bytes, str], message: str = "m") -> str:
    rows = b"".join(b"100644 blob %s\t%s\0" % (oid.encode(), name) for name, oid in names.items())
    tree = git(bare, "mktree", "-z", stdin=rows)
    made = git(bare, "commit-tree", tree, "-m", message)
    git(bare, "update-ref", "refs/heads/main", made)
    return made


def json_levels(text: str, levels: int, **how: bool) -> bytes:
    for _ in range(levels):
        text = json.dumps({"text": text}, **how)
    return text.encode()


def test_a_clean_repository_has_nothing(bare: Path) -> None:
    commit(bare, {b"a.txt": blob(bare, b"nothing to see\n" * 1000)})
    assert search(bare, [SECRET, OTHER]) == []


def test_a_loose_blob_that_no_ref_reaches(bare: Path) -> None:
    oid = blob(bare, b"x = " + SECRET + b"\n")
    assert search(bare, [SECRET, OTHER]) == [
        Found(f"blob {oid}", "raw", SECRET),
        Found(f"objects/{oid[:2]}/{oid[2:]}, inflated", "raw", SECRET),
    ]


def test_a_delta_in_a_pack(bare: Path) -> None:
    lines = b"".join(b"line %d of a file that is long enough to be worth a delta\n" % n for n in range(2000))
    planted = blob(bare, lines + OTHER + b"\n")
    commit(bare, {b"one": planted, b"two": blob(bare, lines + b"and more\n" * 99)})
    git(bare, "repack", "-adfq")
    assert not list(bare.glob("objects/??/*")), "everything should be packed now"
    assert b" 1 " in verify(bare), "there should be a delta"
    assert search(bare, [SECRET, OTHER]) == [Found(f"blob {planted}", "raw", OTHER)]


def verify(bare: Path) -> bytes:
    pack = next(bare.glob("objects/pack/*.idx"))
    return subprocess.run(["git", "verify-pack", "-v", str(pack)], stdout=subprocess.PIPE, check=True).stdout


@pytest.mark.parametrize(
    ("form", "content"),
    [
        ("json 1", json_levels(SECRET.decode(), 1, ensure_ascii=False)),
        ("json 3", json_levels(SECRET.decode(), 3, ensure_ascii=False)),
        ("ascii json 2", json_levels(SECRET.decode(), 2)),
        ("slashed json 1", json_levels(SECRET.decode(), 1, ensure_ascii=False).replace(b"/", b"\\/")),
        ("percent", b"https://api/?p=pa%2Fss%22w%C3%B6rt%5Cof%3Dal&x=1"),
        *((f"base64 +{n}", base64.b64encode(b"user:"[: 3 + n] + SECRET + b"!" * n)) for n in range(3)),
    ],
)
def test_every_spelling_is_found(bare: Path, form: str, content: bytes) -> None:
    assert SECRET not in content
    oid = blob(bare, b"before " + content + b" behind\n")
    git(bare, "repack", "-adq")
    found = search(bare, [SECRET, OTHER])
    assert {each.place.split(",")[0] for each in found} <= {f"blob {oid}", f"objects/{oid[:2]}/{oid[2:]}"}
    assert form in {each.form for each in found}


def test_both_alphabets_of_base64_are_known(bare: Path) -> None:
    prickly = b"a>>b??c~~d-of-al"
    oids = [blob(bare, encode(b"u" + prickly)) for encode in (base64.b64encode, base64.urlsafe_b64encode)]
    git(bare, "repack", "-adq")
    found = {each for each in search(bare, [prickly]) if each.place.startswith("blob")}
    names = ("base64 +1", "base64url +1")
    assert found == {Found(f"blob {oid}", name, prickly) for oid, name in zip(oids, names, strict=True)}


def test_names_messages_refs_and_leftovers_are_looked_at(bare: Path) -> None:
    made = commit(bare, {OTHER: blob(bare, b"fine\n")}, message="about another-one-of-al")
    (bare / "objects" / "pack" / "tmp_pack_x").write_bytes(b"PACK" + OTHER)
    (bare / "objects" / "tmp_obj_x").write_bytes(zlib.compress(b"blob 99\0" + OTHER * 3)[:-6])
    (bare / "description").write_bytes(b"# " + OTHER)
    places = {each.place for each in search(bare, [OTHER])}
    tree = git(bare, "rev-parse", f"{made}^{{tree}}")
    wanted = {f"commit {made}", f"tree {tree}", "objects/pack/tmp_pack_x", "objects/tmp_obj_x, inflated", "description"}
    assert wanted <= places


def test_the_name_of_a_ref_is_looked_at(bare: Path) -> None:
    made = commit(bare, {b"a": blob(bare, b"fine\n")})
    git(bare, "update-ref", "refs/heads/another-one-of-al", made)
    assert [each.place for each in search(bare, [OTHER])] == ["refs/heads/another-one-of-al, its name"]


def test_forms_say_each_spelling_once() -> None:
    plain = forms(b"plain-text-of-al")
    assert len(set(plain.values())) == len(plain)
    assert [name for name in plain if not name.startswith("base64")] == ["raw"]


def test_what_is_too_short_is_refused() -> None:
    with pytest.raises(AssertionError, match="too short"):
        forms(b"abc")
