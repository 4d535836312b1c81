"""What `ccsync.require` asks of every push: encrypted sessions, private places. A company sets it for all its computers.

The values of every scope hold together (git-config(1), SCOPES): a lower one can ask for more, and take nothing back.
Nothing here is asked where the key is not set.
"""

from __future__ import annotations

from git_ccsync.errors import Refused
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from git_ccsync.git.config import Config
    from git_ccsync.git.repository import Repository
    from git_ccsync.operations.workspace import Workspace

KEY = "ccsync.require"
ENCRYPT, PRIVATE = "encrypt", "private"
_SEALED, _FORMAT_CAP = b"git-ccsync 1 sealed\n", 64


def required(config: Config) -> frozenset[str]:
    """What is asked for: ENCRYPT, PRIVATE, both or nothing. Refused for a word that is neither: it was meant to forbid
    something.
    """
    words = frozenset(word for value in config.get_all(KEY) for word in value.replace(",", " ").lower().split())
    for word in sorted(words - {ENCRYPT, PRIVATE}):
        raise Refused(f"'{KEY}' is '{word}', which this version does not know: nothing is sent", *_who_asks())
    return words


def check_sealed(ws: Workspace, *, sealed: bool = False) -> None:
    """Refused if sessions must be encrypted and are not, nor, as `sealed` says, will be."""
    if ENCRYPT in required(ws.config) and not sealed and not is_sealed(ws):
        raise Refused(
            f"sessions must be encrypted ({named(ws.repo, ENCRYPT)}), and those of this repository are not",
            "git ccsync init --encrypt",
            "    encrypts them from now on",
            *_who_asks(),
        )


def is_sealed(ws: Workspace) -> bool:
    """Whether the local branch, which is what a push sends, is an encrypted one: its tip says so."""
    from git_ccsync.git.objects import Reader
    from git_ccsync.operations.workspace import refreshed
    from git_ccsync.store import branch

    with Reader(ws.repo) as reader:
        found = branch.entry(reader, refreshed(ws).tree(), "format")
        return found is not None and reader.blob(found[1], _FORMAT_CAP) == _SEALED


def public(repo: Repository, shown: str) -> Refused:
    """The refusal of the place `shown`, which everybody can read, where private ones are asked for."""
    return Refused(
        f"sessions must not go to a public place ({named(repo, PRIVATE)}), and everyone can read '{shown}'",
        "git ccsync init --remote <url>",
        "    sends them to a private repository instead",
        *_who_asks(),
    )


def named(repo: Repository, word: str) -> str:
    """The setting and the file that asks for `word`, the widest scope first."""
    from git_ccsync.git import config

    for origin, value in config.origins(repo, KEY):
        if word in value.lower().replace(",", " ").split():
            return f"{KEY}={word} in '{origin}'"
    return f"{KEY}={word}"


def _who_asks() -> tuple[str, ...]:
    return (f"git config --show-scope --show-origin --get-all {KEY}", "    tells who asks for it")
