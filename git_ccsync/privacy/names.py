"""Which names are a secret's: `DB_PASSWORD`, `clientSecret`, `x-api-key`; not `token_count`, `secretName`, `primary_key`. Pure."""

from __future__ import annotations

from git_ccsync.frozen import Frozen
from git_ccsync.privacy import runs

#: The bytes of a name.
BYTES = runs.LETTERS + runs.DIGITS + b"_-"
#: The longest name on either side of the word.
LONGEST = 40

KINDS = {
    b"pass": "password",
    b"pwd": "password",
    b"psk": "password",
    b"secret": "secret",
    b"token": "token",
    b"key": "api-key",
    b"auth": "authorization",
    b"bearer": "authorization",
    b"basic": "authorization",
    b"credential": "credential",
    b"cookie": "cookie",
}


class Name(Frozen):
    """A name: the word that is telling, what stands before and behind it (lower case), and where it is in the text."""

    word: bytes
    head: bytes
    tail: bytes
    start: int
    end: int


#: What a key is of, if it is a secret's.
_KEYS = (
    *(b"api", b"access", b"secret", b"private", b"auth", b"account", b"encryption", b"encrypt", b"signing", b"sign"),
    *(b"master", b"service", b"storage", b"shared", b"app", b"application", b"client", b"hmac", b"webhook", b"deploy"),
    *(b"jwt", b"aes", b"functions", b"subscription", b"consumer", b"admin", b"root", b"license", b"integration"),
    *(b"secondary", b"ingest", b"write", b"preshared", b"psk", b"sas", b"server", b"session", b"host", b"crypto"),
)
_NO_KEYS = (b"public", b"foreign", b"cache", b"partition", b"sort", b"lookup", b"dict", b"restore", b"sha", b"hash")
#: What a name ends in that speaks of a secret without being one.
_ABOUT = frozenset(
    b"id ids count type url uri endpoint name names path file dir expires expiry expiration ttl length len size limit hash "
    b"header field prefix suffix format policy regex pattern label hint title message error status version arn ref digest "
    b"kind class issuer algorithm required enabled manager store provider column param input attempts budget usage used "
    b"izer izers page generator validator at in by fingerprint location form reset max min index key_id hashes sum "
    b"md5 sha sha1 sha256 ring rotation strategy lifetime age seconds minutes days timeout map list env environ".split()
)
_ABOUT_ENDS = tuple(word for word in _ABOUT if len(word) > 3)
#: What makes other words of them: bypass, compass, nextPageToken, cancelToken.
_NO_HEADS = (b"by", b"com", b"tres", b"sur", b"over", b"under", b"page", b"continuation", b"cancel", b"public", b"no")
#: What `pass` may be followed by and still be a password's name: PASS, PASSWORD, DB_PASS_PROD.
PASS = (b"word", b"wd", b"phrase", b"code", b"wort")
_PLACES = frozenset((b"", b"prod", b"production", b"dev", b"staging", b"test", b"live", b"local", b"value", b"env"))


def around(low: bytes, at: int, word: bytes) -> Name | None:
    """The name that holds WORD, which stands AT in LOW (text in lower case), if it is a secret's."""
    end = at + len(word)
    before = low[max(0, at - LONGEST) : at]
    head = before[len(before.rstrip(BYTES)) :]
    if head and low[at - len(head) - 1 : at - len(head)] == b"\\" and head[0] in b"nrt":
        head = head[1:]
    behind = low[end : end + LONGEST]
    tail = behind[: len(behind) - len(behind.lstrip(BYTES))]
    name = Name(word, head, tail, at - len(head), end + len(tail))
    return name if _is_secret(word, head.strip(b"-_"), tail) else None


def _is_secret(word: bytes, head: bytes, tail: bytes) -> bool:
    if word in (b"bearer", b"basic"):
        return not head and not tail
    if word == b"cookie":
        return tail in (b"", b"s") and head in (b"", b"set", b"http")
    if word == b"auth":
        return tail in (b"", b"orization") and head in (b"", b"proxy", b"x", b"http", b"basic", b"registry")
    if word == b"key":
        plain = head.rstrip(b"_-")
        if b"public" in head or b"publishable" in head:
            return False
        return not plain.endswith(_NO_KEYS) and (plain.endswith(_KEYS) or bool(plain)) and not _about(tail)
    if word == b"pass":
        if tail.startswith(PASS):
            tail = tail[2 if tail.startswith(b"wd") else 6 if tail.startswith(b"phrase") else 4 :]
        elif tail.strip(b"-_0123456789") not in _PLACES:
            return False
    return not head.endswith(_NO_HEADS) and not _about(tail)


def _about(tail: bytes) -> bool:
    """Whether a name that goes on so is about a secret."""
    last = tail.replace(b"-", b"_").rstrip(b"_0123456789").rpartition(b"_")[2]
    return last in _ABOUT or last.endswith(_ABOUT_ENDS)


def surely(name: Name) -> bool:
    """Whether a plain key or token of this name is one that opens something: api_key rather than some other key."""
    return name.word != b"key" or name.head.rstrip(b"_-").endswith(_KEYS)


def opens_with_uuid(name: Name) -> bool:
    """Whether a UUID of this name is a secret: api_key, client_secret, _authToken; but not token, or session_key."""
    if name.tail or name.word not in (b"key", b"token", b"secret"):
        return False
    return name.head.rstrip(b"_-").endswith(_KEYS) if name.word != b"secret" else bool(name.head)
