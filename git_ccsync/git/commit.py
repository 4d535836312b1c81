"""Commit objects: their bytes, and whose name stands in them. Writes nothing."""

from __future__ import annotations

import os
import time

from git_ccsync.errors import CcsyncError, GitFailed
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import command

if TYPE_CHECKING:
    from git_ccsync.git.config import Config

#: If any of these is set, git itself is asked: it alone knows all the rules (git-var(1)).
_VARIABLES = tuple(f"GIT_{who}_{what}" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL", "DATE"))
_KEYS = ("author.name", "author.email", "committer.name", "committer.email")
#: What git strips from names: inside, and at their ends.
_PLAIN = frozenset("<>\n\r\0")
_CRUD = _PLAIN | frozenset(".,:;\"'\\ ")


def build(tree: str, parent: str, message: str, idents: tuple[str, str]) -> bytes:
    """Content of a commit object; `idents` are author and committer as `identity` gives them, parent "" for a root."""
    head = [f"tree {tree}", *([f"parent {parent}"] if parent else []), f"author {idents[0]}", f"committer {idents[1]}"]
    return ("\n".join(head) + "\n\n" + message).encode("utf-8", "surrogateescape")


def identity(git_dir: str, config: Config) -> tuple[str, str]:
    """(author, committer) idents, `Name <mail> seconds zone`, of whoever git would name in this repository."""
    name, mail = config.get("user.name"), config.get("user.email")
    asked = any(config.get(key) for key in _KEYS) or any(variable in os.environ for variable in _VARIABLES)
    if name and mail and not asked and _plain(name) and _plain(mail):
        ident = f"{name} <{mail}> {_now()}"
        return ident, ident
    author, committer = (command.start(["var", f"GIT_{who}_IDENT"], git_dir=git_dir) for who in ("AUTHOR", "COMMITTER"))
    try:
        return _text(author.finish().stdout), _text(committer.finish().stdout)
    except GitFailed:
        raise CcsyncError(
            "git does not know your name and email address",
            "git config --global user.name 'Your Name'",
            "git config --global user.email you@example.com",
        ) from None


def _plain(text: str) -> bool:
    """Whether git would leave the text as it is (git's ident.c strips some bytes anywhere, others at the ends)."""
    return _CRUD.isdisjoint(text[:1] + text[-1:]) and _PLAIN.isdisjoint(text)


def _text(line: bytes) -> str:
    return line.decode("utf-8", "surrogateescape").rstrip("\n")


def _now() -> str:
    seconds = int(time.time())
    offset = time.localtime(seconds).tm_gmtoff // 60
    return f"{seconds} {'-' if offset < 0 else '+'}{abs(offset) // 60:02d}{abs(offset) % 60:02d}"
