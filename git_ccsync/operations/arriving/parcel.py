"""A file for somebody: what `export --to` encrypts with age, and `import` opens again. Needs the packages of [crypt] then."""

from __future__ import annotations

import os

from git_ccsync.errors import BadData, KeyMissing
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.state import files, identity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.privacy.keys import Identity

#: How an age file begins: as bytes, and as text.
HEADS = (b"age-encryption.org/v1\n", b"-----BEGIN AGE ENCRYPTED FILE-----")
#: So much of it is looked at for whom it was made, and the longest private key, in bytes.
_HEADER_CAP, _KEY_CAP = 64 << 10, 64 << 10


class To(Frozen):
    """Whom a file is for: public keys in their canonical form."""

    keys: tuple[str, ...]


def to(words: Sequence[str]) -> To:
    """The public keys that `words` are, or that stand in the files of these names. BadData, Usage, CryptMissing."""
    from git_ccsync.operations import keys

    return To(tuple(dict.fromkeys(public.text for word in words for public in keys.publics(word))))


def spool(ws: Workspace) -> BinaryIO:
    """A file without a name, that is gone when it is closed."""
    import tempfile

    os.makedirs(ws.here.state, 0o700, exist_ok=True)
    return tempfile.TemporaryFile(dir=ws.here.state)


def seal(plain: BinaryIO, out: BinaryIO, whom: To) -> None:
    """Write `plain`, from its beginning, to `out`, encrypted."""
    from git_ccsync.privacy import keys

    plain.seek(0)
    keys.encrypt_file(plain, out, whom.keys)


def is_sealed(file: BinaryIO) -> bool:
    """Whether an open file is one of age's; it stands at its beginning then."""
    file.seek(0)
    start = file.read(max(map(len, HEADS)))
    file.seek(0)
    return start.startswith(HEADS)


def opened(ws: Workspace, file: BinaryIO, label: str, named: Sequence[str] = ()) -> BinaryIO:
    """What is in the age file `file`, as a file that is to be closed: opened with the private keys in the files `named`, else
    with this machine's own key or one in ~/.ssh. KeyMissing if none fits, BadData if it is damaged, CryptMissing.
    """
    from git_ccsync.privacy import keys

    header = file.read(_HEADER_CAP)
    file.seek(0)
    having = [key for path in named for key in _in_file(path)] if named else list(_own(ws, header))
    plain, fits = spool(ws), False
    try:
        fits = bool(having) and keys.decrypt_file(file, plain, having)
    finally:
        if not fits:
            plain.close()
    if not fits:
        raise _not_for_us(label, named)
    plain.seek(0)
    return plain


def _not_for_us(label: str, named: Sequence[str]) -> KeyMissing:
    if named:
        listed = ", ".join(f"'{path}'" for path in named)
        return KeyMissing(f"'{label}' is encrypted, and not to the key in {listed}")
    return KeyMissing(
        f"'{label}' is encrypted, and neither this machine's own key nor one in ~/.ssh opens it",
        "--identity <file> names another private key",
        "'git ccsync key show' prints this machine's public key: whoever sent it can encrypt to that",
    )


def _in_file(path: str) -> Iterator[Identity]:
    """The private keys in a file: one of ssh, or lines as age-keygen writes them. KeyMissing if it holds none."""
    from git_ccsync.privacy import keys

    data = files.read(path, _KEY_CAP)
    lines = [line.strip() for line in data.decode("ascii", "replace").splitlines()]
    found = [keys.identity(line) for line in lines if line.upper().startswith("AGE-SECRET-KEY-")]
    ssh = keys.ssh_identity(data) if data and not found else None
    if ssh is None and not found:
        raise KeyMissing(f"'{path}' holds no private key of ssh or age", "~/.ssh/id_ed25519 would be one")
    yield from found or [ssh]


def _own(ws: Workspace, header: bytes) -> Iterator[Identity]:
    """This machine's own key, and those of ~/.ssh that the header of the file names."""
    from git_ccsync.privacy import keys

    secret = identity.read(ws.here.state)
    if secret:
        yield keys.identity(secret)
    for path in _ssh(ws.environ, header):
        try:
            found = keys.ssh_identity(files.read(path, _KEY_CAP))
        except KeyMissing as error:
            raise KeyMissing(
                f"it is encrypted to '{path}', which has a passphrase, and git-ccsync asks for none",
                "'ssh-keygen -p' can write a copy without one, for --identity <file>",
            ) from error
        if found is not None:
            yield found


def _ssh(environ: Mapping[str, str], header: bytes) -> Iterator[str]:
    """The private keys in ~/.ssh whose public half the header names, by its first bytes; none is opened for that."""
    from binascii import a2b_base64, b2a_base64
    from hashlib import sha256

    from git_ccsync.privacy import keys

    folder = os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".ssh")
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".pub"))
    except OSError:
        return
    for name in names:
        path = os.path.join(folder, name)
        try:
            kind, _, encoded = keys.parse_public(files.read(path, _KEY_CAP).decode().strip()).text.partition(" ")
        except (BadData, OSError, UnicodeDecodeError):
            continue
        tag = b2a_base64(sha256(a2b_base64(encoded)).digest()[:4], newline=False).rstrip(b"=")
        if b"-> %s %s" % (kind.encode(), tag) in header and os.path.isfile(path.removesuffix(".pub")):
            yield path.removesuffix(".pub")
