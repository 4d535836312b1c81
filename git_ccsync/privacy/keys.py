"""Keys of people and machines: public keys, wrapping an epoch's key for one of them, unwrapping it. All of age is here.

An epoch's key is 32 random bytes (`model.Keyring`). Who may read the branch has it wrapped with age to a public key: X25519
(`age1…`, a machine's own), ssh-ed25519 or ssh-rsa. Everything read here came from a remote, or from a person's hand.
"""

from __future__ import annotations

from git_ccsync.errors import BadData, CryptMissing, KeyMissing
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.privacy import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any, BinaryIO

    #: What can unwrap: an identity of pyrage's.
    Identity = Any

#: Bytes: of a public key as text (RSA with 16384 bits has 2,800), of an age file with one key or one name in it.
PUBLIC_CAP, WRAPPED_CAP = 4096, 8192
#: Characters of a name or comment that are kept.
NAME_CAP = 64
_HEX = frozenset("0123456789abcdef")
_HEAD = b"git-ccsync key 1"
_REQUEST = b"git-ccsync request 1"


class Public(Frozen):
    """A public key: `text` in its one canonical form (without comment), `comment` what stood behind it."""

    text: str
    comment: str = ""

    @property
    def id(self) -> str:
        """What it is called on the branch: 32 hex digits."""
        return _digest(b"git-ccsync recipient 1\0", self.text.encode()).hex()[:32]

    @property
    def words(self) -> str:
        """Its fingerprint, to be compared by people."""
        return words_of(self.id)

    @property
    def kind(self) -> str:
        """`age`, `ssh-ed25519` or `ssh-rsa`."""
        return "age" if self.text.startswith("age1") else self.text.partition(" ")[0]


class EpochKey(Frozen):
    """What is wrapped: the key of one epoch of the branch `fingerprint`."""

    fingerprint: str
    epoch: int
    key: bytes


class Request(Frozen):
    """A machine that wants to be let in: its public key, its name as it was encrypted."""

    public: Public
    sealed_name: bytes


def words_of(fingerprint: str) -> str:
    """A fingerprint (hex digits) in words."""
    return words.of(bytes.fromhex(fingerprint))


def is_recipient_id(name: str) -> bool:
    """Whether `name` has the form of a recipient's id."""
    return len(name) == 32 and _HEX.issuperset(name)


def _digest(domain: bytes, data: bytes) -> bytes:
    from hashlib import sha256

    return sha256(domain + data).digest()


def _age() -> Any:
    try:
        import pyrage  # type: ignore[import-untyped, unused-ignore]
    except ImportError:
        raise CryptMissing from None
    return pyrage


def check_installed() -> None:
    """CryptMissing unless the packages are there."""
    _age()
    try:
        import cryptography  # noqa: F401
    except ImportError:
        raise CryptMissing from None


def parse_public(line: str) -> Public:
    """The public key in a line as ssh-keygen or age-keygen write one. BadData for anything else."""
    fields = line.split(None, 2)
    if len(line) > PUBLIC_CAP or not line.strip().isprintable() or not fields:
        raise _no_public()
    if fields[0].startswith("age1"):
        text, comment = fields[0], " ".join(fields[1:])
    elif len(fields) > 1 and fields[0] in ("ssh-ed25519", "ssh-rsa"):
        text, comment = f"{fields[0]} {_canonical(*fields[:2])}", " ".join(fields[2:]).strip()
    else:
        raise _no_public()
    _recipient(text)
    return Public(text, comment[:NAME_CAP])


def _canonical(kind: str, encoded: str) -> str:
    """The base64 of an ssh key in its one form, if what it says of its kind is true: else one key had several ids."""
    from binascii import Error, a2b_base64, b2a_base64

    try:
        raw = a2b_base64(encoded, strict_mode=True)
    except (Error, ValueError):
        raise _no_public() from None
    name = kind.encode()
    if not raw.startswith(len(name).to_bytes(4, "big") + name):
        raise _no_public()
    return b2a_base64(raw, newline=False).decode("ascii")


def _recipient(text: str) -> Any:
    age = _age()
    kind = age.x25519 if text.startswith("age1") else age.ssh
    try:
        return kind.Recipient.from_str(text)
    except age.RecipientError:
        raise _no_public() from None


def _no_public() -> BadData:
    return BadData(
        "that is no public key which sessions can be encrypted to",
        "it begins with 'age1', 'ssh-ed25519 ' or 'ssh-rsa '; ssh keys lie in ~/.ssh/*.pub",
    )


def generate() -> str:
    """A new X25519 secret key, as age writes it."""
    return str(_age().x25519.Identity.generate())


def identity(secret: str) -> Identity:
    """What unwraps with an X25519 secret key. KeyMissing if the text is none."""
    age = _age()
    try:
        return age.x25519.Identity.from_str(secret)
    except age.IdentityError:
        raise KeyMissing("this machine's own key is damaged") from None


def public_of(secret: str) -> Public:
    """The public key of an X25519 secret key."""
    return Public(str(identity(secret).to_public()))


def ssh_identity(data: bytes) -> Identity | None:
    """What unwraps with an ssh private key; None for a kind that age does not know. KeyMissing if it has a passphrase."""
    age = _age()
    guarded = KeyMissing("the ssh key has a passphrase, which git-ccsync does not ask for")
    if b"ENCRYPTED" in data[:PUBLIC_CAP]:
        raise guarded
    try:
        return age.ssh.Identity.from_buffer(data)
    except age.IdentityError as error:
        if "decrypted first" in str(error) or "Encrypted" in str(error):
            raise guarded from None
        return None


def encrypt(data: bytes, to: Iterable[str]) -> bytes:
    """`data` as an age file for the public keys `to`."""
    made: bytes = _age().encrypt(data, [_recipient(text) for text in to])
    return made


def decrypt(data: bytes, identities: Sequence[Identity]) -> bytes | None:
    """What is in an age file, None if it is damaged or was not made for one of `identities`."""
    age = _age()
    if len(data) > WRAPPED_CAP or not identities:
        return None
    try:
        found: bytes = age.decrypt(data, list(identities))
    except (age.DecryptError, age.IdentityError, ValueError):
        return None
    return found


def encrypt_file(source: BinaryIO, out: BinaryIO, to: Iterable[str]) -> None:
    """Write what is left of `source` to `out` as an age file for the public keys `to`, piece by piece."""
    _age().encrypt_io(source, out, [_recipient(text) for text in to])


def decrypt_file(source: BinaryIO, out: BinaryIO, identities: Sequence[Identity]) -> bool:
    """Write what is in the age file `source` to `out`; False if it was not made for one of `identities`. BadData if it is
    damaged: what was written by then is not to be used.
    """
    age = _age()
    try:
        age.decrypt_io(source, out, list(identities))
    except (age.DecryptError, age.IdentityError, ValueError, OSError) as error:
        if "No matching keys" in str(error):
            return False
        raise BadData("the encrypted file is damaged, or not whole") from None
    return True


def wrap(held: EpochKey, public: str) -> bytes:
    """An epoch's key for one public key, bound to branch and epoch."""
    fields = (_HEAD, held.fingerprint.encode(), b"%d" % held.epoch, held.key.hex().encode())
    return encrypt(b" ".join(fields) + b"\n", (public,))


def unwrap(data: bytes, identities: Sequence[Identity]) -> EpochKey | None:
    """The epoch's key in what `wrap` made, None if it was not made for one of `identities`. BadData if it is none."""
    plain = decrypt(data, identities)
    if plain is None:
        return None
    fields = plain.decode("ascii", "replace").removesuffix("\n").split(" ")
    if fields[:3] != _HEAD.decode().split(" ") or len(fields) != 6:
        raise BadData("a wrapped key of the branch holds something else")
    fingerprint, epoch, key = fields[3:]
    fits = is_recipient_id(fingerprint) and len(key) == 64 and _HEX.issuperset(key)
    if not fits or not epoch.isdecimal() or not epoch.isascii() or len(epoch) > 10 or epoch[0] == "0":
        raise BadData("a wrapped key of the branch holds something else")
    return EpochKey(fingerprint, int(epoch), bytes.fromhex(key))


def proof(before: bytes, made: EpochKey) -> bytes:
    """What shows that a new epoch was begun by somebody who had the key `before` of the one before it."""
    import hmac

    said = b"git-ccsync epoch 1\0%s\0%d\0%s" % (made.fingerprint.encode(), made.epoch, made.key)
    return hmac.digest(before, said, "sha256").hex().encode() + b"\n"


def proves(data: bytes, before: bytes, made: EpochKey) -> bool:
    """Whether `data` is that proof."""
    import hmac

    return hmac.compare_digest(data, proof(before, made))


def inbox(key: bytes) -> str:
    """The secret key, made from an epoch's key, with which all who have that read what is asked of them."""
    import hmac

    from git_ccsync.privacy import bech32

    return bech32.encode("age-secret-key-", hmac.digest(key, b"git-ccsync inbox 1", "sha256")).upper()


def dump_request(public: Public, sealed_name: bytes) -> bytes:
    """Bytes of `requests/<id>`."""
    from binascii import b2a_base64

    return b"\n".join((_REQUEST, public.text.encode(), b2a_base64(sealed_name, newline=False), b""))


def load_request(name: str, data: bytes) -> Request:
    """The request that lies at `requests/<name>`. BadData unless it is one, and that key's own."""
    from binascii import Error, a2b_base64

    lines = data.split(b"\n")
    if len(data) > PUBLIC_CAP + WRAPPED_CAP or len(lines) != 4 or lines[0] != _REQUEST or lines[3]:
        raise BadData("a request on the branch is malformed")
    public = parse_public(lines[1].decode("ascii", "replace"))
    if public.id != name or public.text.encode() != lines[1]:
        raise BadData("a request on the branch does not fit its name")
    try:
        return Request(public, a2b_base64(lines[2], strict_mode=True))
    except (Error, ValueError):
        raise BadData("a request on the branch is malformed") from None
