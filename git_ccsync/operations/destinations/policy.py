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
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.run.workspace import Workspace

KEY = "ccsync.require"
ENCRYPT, PRIVATE = "encrypt", "private"


def required(config: Config) -> frozenset[str]:
    """What is asked for: ENCRYPT, PRIVATE, both or nothing. Refused for a word that is neither: it was meant to forbid
    something. So for a key without a value.
    """
    values = config.get_all(KEY)
    if "" in values and None in dict(config.items())[KEY]:
        raise Refused(f"'{KEY}' has no value: nothing is sent", *_who_asks())
    words = frozenset(word for value in values for word in value.replace(",", " ").lower().split())
    for word in sorted(words - {ENCRYPT, PRIVATE}):
        raise Refused(f"'{KEY}' is '{word}', which this version does not know: nothing is sent", *_who_asks())
    return words


def check_sealed(ws: Workspace, destination: Destination, *, encrypt: bool = False) -> None:
    """Refused if sessions must be encrypted and a push to `destination` would send some that are not, also if the branch is
    encrypted first, as `encrypt` says.
    """
    if ENCRYPT not in required(ws.config):
        return
    sealed, clear = in_clear(ws, destination, encrypt=encrypt)
    if clear:
        why = (
            "and commits that would be sent are from before"
            if sealed or encrypt
            else "and those of this repository are not"
        )
        raise Refused(
            f"sessions must be encrypted ({named(ws.repo, ENCRYPT)}), {why}",
            *(REWRITE if sealed else (*_FORGET, f"    git update-ref -d {ws.ref}") if encrypt else _ENCRYPT),
            *_who_asks(),
        )
    if not (sealed or encrypt):
        raise Refused(
            f"sessions must be encrypted ({named(ws.repo, ENCRYPT)}), and those of this repository are not",
            *_ENCRYPT,
            *_who_asks(),
        )


def in_clear(ws: Workspace, destination: Destination, *, encrypt: bool = False) -> tuple[bool, bool]:
    """Whether the local branch is an encrypted one, as its tip says, and whether a push to `destination` would send commits
    that have sessions in clear: a branch may have been plain before. One that `init` is to `encrypt` sends none of them as
    it is: what the remote lacks is sealed in one commit (init_probe).
    """
    sealed, clear = _looked_through(ws, destination)
    if encrypt and not sealed:
        from git_ccsync.state import keyring
        from git_ccsync.state.marks import Marks

        clear = clear and bool(keyring.is_sealed(Marks(ws.state)))
    return sealed, clear


def _looked_through(ws: Workspace, destination: Destination) -> tuple[bool, bool]:
    from git_ccsync.git import refs
    from git_ccsync.git.objects import Reader
    from git_ccsync.operations.destinations import route
    from git_ccsync.operations.run.workspace import refreshed
    from git_ccsync.state.marks import Marks
    from git_ccsync.store import branch
    from git_ccsync.store.format import SEALED_FORMAT, SMALL_CAP

    ws, sealed = refreshed(ws), False
    moved = route.is_moved(ws, Marks(ws.state), destination)  # then what is known of there is of another place
    tip, there = ws.tip(), "" if moved else ws.tip(destination.tracking)
    with Reader(ws.repo) as reader:
        for commit in refs.commits(ws.repo, tip, limit=-1) if tip else ():
            if commit.oid == there:
                break
            found = branch.entry(reader, commit.tree, "format")
            if found and reader.blob(found[1], SMALL_CAP) == SEALED_FORMAT:
                sealed = sealed or commit.oid == tip
            elif branch.entry(reader, commit.tree, "sessions"):
                return sealed, True
        if tip and tip == there:
            found = branch.entry(reader, ws.tree(), "format")
            sealed = bool(found and reader.blob(found[1], SMALL_CAP) == SEALED_FORMAT)
    return sealed, False


_ENCRYPT = ("git ccsync init --encrypt", "    encrypts them from now on")
#: What helps a branch that is encrypted and was plain before.
REWRITE = ("git ccsync key rotate --rewrite", "    begins the branch anew, all of it encrypted")
_FORGET = ("what is on this disk is taken up again by the next push, once the local branch is gone:",)


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
