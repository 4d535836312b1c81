"""Looks for planted byte strings in everything that a git directory holds: objects unpacked, other files as they are.

Knows nothing of git-ccsync. A string is looked for in every form in which a program may have written it down: as it is,
inside JSON (up to three levels, with / and non-ASCII escaped or not), percent-encoded, and somewhere inside base64.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import urllib.parse
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

#: Shorter pieces of base64 would be found by chance.
SHORTEST = 8
LEVELS = 3


class Found(NamedTuple):
    """One planted string in one place: "blob 1f3a…" or a file's path below the git directory; `form` is how it is spelled."""

    place: str
    form: str
    secret: bytes


def search(repository: Path, secrets: Iterable[bytes]) -> list[Found]:
    """Everywhere that one of the strings survives; [] is the answer to hope for."""
    wanted = [(form, text, secret) for secret in secrets for form, text in forms(secret).items()]
    found = []
    for place, content in contents(repository):
        found += [Found(place, form, secret) for form, text, secret in wanted if text in content]
    return found


def forms(secret: bytes) -> dict[str, bytes]:
    """Name and bytes of every spelling of the string; one that equals an earlier one is left out."""
    assert len(secret) >= SHORTEST, "too short to be told from chance"
    percent = urllib.parse.quote_from_bytes(secret, safe="").encode()
    found: dict[str, bytes] = {}
    for name, text in {"raw": secret, **in_json(secret), "percent": percent, **in_base64(secret)}.items():
        if text not in found.values():
            found[name] = text
    return found


def in_json(secret: bytes) -> dict[str, bytes]:
    """The string inside JSON strings inside JSON strings; {} if it is no text."""
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        return {}
    found = {}
    for name, ascii_only, slash in (("json", False, "/"), ("ascii json", True, "/"), ("slashed json", False, "\\/")):
        inner = text
        for level in range(1, LEVELS + 1):
            inner = json.dumps(inner, ensure_ascii=ascii_only)[1:-1].replace("/", slash)
            found[f"{name} {level}"] = inner.encode()
    return found


def in_base64(secret: bytes) -> dict[str, bytes]:
    """What the string becomes wherever it stands in an encoded text: six bits a letter, so there are three positions."""
    found = {}
    for name, encode in (("base64", base64.b64encode), ("base64url", base64.urlsafe_b64encode)):
        for before in range(3):
            letters = encode(b"\0" * before + secret).rstrip(b"=")
            start, end = (before * 8 + 5) // 6, (before + len(secret)) * 8 // 6
            if end - start >= SHORTEST:
                found[f"{name} +{before}"] = letters[start:end]
    return found


def contents(repository: Path) -> Iterator[tuple[str, bytes]]:
    """(place, bytes) of every object, reachable or not, and of every other file of the git directory."""
    yield from objects(repository)
    yield from files(repository)


def objects(repository: Path) -> Iterator[tuple[str, bytes]]:
    """("blob 1f3a…", content) of every object, out of packs with their deltas resolved and out of loose files."""
    words = ["git", "-C", str(repository), "cat-file", "--batch-all-objects", "--unordered", "--buffer", "--batch"]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as git:
        assert git.stdout
        while head := git.stdout.readline():
            oid, kind, size = head.split()
            yield f"{kind.decode()} {oid.decode()}", git.stdout.read(int(size))
            git.stdout.read(1)
    assert git.returncode == 0, "cat-file failed"


def files(directory: Path) -> Iterator[tuple[str, bytes]]:
    """(path, bytes) of every file: also refs, logs and what a dead process left; inflated too where they can be."""
    for path in sorted(directory.rglob("*")):
        name = os.path.relpath(path, directory)
        yield f"{name}, its name", os.fsencode(path.name)
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            yield name, content
            if inflated := inflate(content):
                yield f"{name}, inflated", inflated


def inflate(content: bytes) -> bytes:
    """A zlib stream's content, as far as it goes; b"" for anything else."""
    try:
        return zlib.decompressobj().decompress(content)
    except zlib.error:
        return b""
