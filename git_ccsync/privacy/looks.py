"""What a value looks like: made by chance, chosen by a person, or a stand-in that is no secret. Pure; no rules here."""

from __future__ import annotations

from git_ccsync.privacy.runs import DIGITS, LETTERS, LOWER, UPPER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    #: text, start and end of a hit in it, and where the line ends begin and end that it may look at
    Check = Callable[[bytes, int, int], bool]

_HEX = b"0123456789abcdefABCDEF-"
#: Joints of a value: between them stand words or pieces of noise.
_JOINTS = b"-_./:+=,@ %~#!*;"

#: What a stand-in says of itself.
_STAND_IN = (
    *(
        b"example",
        b"xxxxx",
        b"*****",
        b"....",
        b"placeholder",
        b"redacted",
        b"replace",
        b"your_",
        b"your-",
        b"yourtoken",
    ),
    *(b"yourkey", b"yoursecret", b"yourpass", b"yourapi", b"youraccess", b"01234567890123", b"deadbeefdeadbeef"),
    *(b"\xe2\x80\xa6", b"\\u2026"),
)
#: The same of values that only their names make suspicious.
_STAND_INS = (
    *_STAND_IN,
    *(b"change", b"dummy", b"redact", b"insert", b"my-", b"my_", b"fixme", b"sample", b"foobar", b"hidden", b"masked"),
    *(
        b"012345678",
        b"123456789",
        b"abcdefg",
        b"qwertyui",
        b"00000000",
        b"deadbeef",
        b"______",
        b"------",
        b"xxxx",
        b"****",
    ),
)
#: … and of what belongs to a template or to code.
_TEMPLATE = (b"${", b"$(", b"{{", b"}}", b"%(", b"#{", b"...")
#: Hashes of passwords, and digests, say so themselves.
_HASHES = (
    b"$2",
    b"$1$",
    b"$5$",
    b"$6$",
    b"$y$",
    b"$argon",
    b"pbkdf2",
    b"scrypt",
    b"{ssha",
    b"{sha",
    b"sha1",
    b"sha2",
    b"sha3",
    b"sha5",
    b"md5",
)

#: Classes of bytes, so that changes between them can be counted.
_CLASS = bytes(
    1 if byte in LOWER else 2 if byte in UPPER else 3 if byte in DIGITS else 4 if chr(byte) in "-_./:+=" else 5
    for byte in range(256)
)


def stand_in(value: bytes, words: tuple[bytes, ...] = _STAND_INS) -> bool:
    """Whether VALUE says that it is no secret: `xxxx`, `your-key`, `AKIA…EXAMPLE`, or hardly more than one letter."""
    low = value.lower()
    return any(word in low for word in words) or len(set(low)) < min(6, 2 + len(low) // 4)


def template(value: bytes) -> bool:
    """Whether VALUE is to be filled in or computed by what surrounds it."""
    return any(mark in value for mark in _TEMPLATE) or value[:1] == b"<" or value[-1:] == b">"


def changes(value: bytes) -> int:
    """How often two neighbours in VALUE are of different kinds (a capital before a small letter is one word)."""
    kinds = value.translate(_CLASS)
    return sum(1 for a, b in zip(kinds, kinds[1:], strict=False) if a != b and (a, b) != (2, 1))


def by_chance(value: bytes) -> bool:
    """Whether VALUE (at least 16 bytes) looks like the output of a generator: digits and letters thoroughly mixed."""
    if len(value) < 16 or is_uuid(value):
        return False
    return (
        (_hex(value) if not value.translate(None, _HEX) else _noise(value))
        and not stand_in(value)
        and not template(value)
    )


def _noise(value: bytes) -> bool:
    """Whether the longest piece of VALUE is no word and no number."""
    longest = max(_pieces(value), key=len)
    if len(longest) < 10 or not longest.translate(None, LETTERS) or not longest.translate(None, DIGITS):
        return False
    return changes(longest) >= max(3, len(longest) // 6)


def _hex(value: bytes) -> bool:
    """Whether hex digits make a key: 32 at a time, with letters and digits, and many of them."""
    longest = max(value.split(b"-"), key=len)
    return len(longest) >= 32 and bool(longest.translate(None, DIGITS)) and len(set(longest.lower())) >= 8


def _pieces(value: bytes) -> list[bytes]:
    return value.translate(_JOINED).split(b" ")


_JOINED = bytes(0x20 if byte in _JOINTS else byte for byte in range(256))


def is_uuid(value: bytes) -> bool:
    """Whether VALUE is written as a UUID is."""
    return [len(part) for part in value.split(b"-")] == [8, 4, 4, 4, 12] and not value.translate(None, _HEX)


def chosen(value: bytes) -> bool:
    """Whether VALUE may be a password that a person chose: letters with digits or signs among them, and no path, address,
    number with a unit, version, hash or template.
    """
    low = value.lower()
    if not 6 <= len(value) <= 200 or stand_in(value) or template(value) or low.startswith(_HASHES):
        return False
    if value[:1] in b"/.~$@%&" or b"://" in value or is_uuid(value) or b" " in value:
        return False
    letters = len(value) - len(value.translate(None, LETTERS))
    rest = value.translate(None, LETTERS + b"_-./:")
    if letters == len(value):
        return _jumbled(value)
    return letters >= 2 and bool(rest) and not _of_code(value)


def _jumbled(value: bytes) -> bool:
    """Whether VALUE, of letters, is no word and no words: nearly as many capitals as small letters, and in no order."""
    capitals = len(value) - len(value.translate(None, UPPER))
    return 10 <= len(value) < 4 * capitals < 3 * len(value) and changes(value) >= max(3, len(value) // 6)


#: Words of what is said about a password, rather than of one.
_SAID = frozenset(
    b"a an the is are be must should may can has have at to in for of not no your my our this that with and or enter new old "
    b"please password passwords passphrase invalid wrong required change confirm forgot reset least characters letters".split()
)


def passphrase(value: bytes) -> bool:
    """Whether VALUE is some words that make no sentence: `correct horse battery staple`."""
    words = value.split(b" ")
    plain = value.translate(None, LOWER + DIGITS + b" ") == b"" and not _SAID.intersection(words)
    return 4 <= len(words) <= 12 and min(map(len, words)) > 2 and plain and not stand_in(value)


def spaced(value: bytes) -> bool:
    """Whether VALUE may be a password with blanks in it: no sentence, and a word that mixes letters with digits or signs."""
    words = value.split(b" ")
    if not 2 <= len(words) <= 12 or not 8 <= len(value) <= 200 or stand_in(value) or template(value) or b"://" in value:
        return False
    if _SAID.intersection(word.strip(b".,;:!?").lower() for word in words) or value[:1] in b"/.~$@%&([":
        return False
    return passphrase(value) or any(map(_mixed_word, words))


def _mixed_word(word: bytes) -> bool:
    letters, digits = word.translate(None, DIGITS), len(word) - len(word.translate(None, DIGITS))
    return len(word) > 4 and digits > 0 and len(letters) > 2 and not word[:1].isdigit() and not _of_code(word)


def _of_code(value: bytes) -> bool:
    """Whether VALUE is a dotted name, a file name, or a number with something behind it."""
    if value[:1].isdigit() and not value.lstrip(DIGITS + b".:,-").translate(None, LETTERS) and len(value) < 12:
        return len(value.lstrip(DIGITS + b".:,-")) <= 3
    return (
        b"." in value and not value.translate(None, LETTERS + DIGITS + b"_./-") and all(map(_is_word, _pieces(value)))
    )


def _is_word(piece: bytes) -> bool:
    return not piece or (not piece[:1].isdigit() and changes(piece) <= 1) or piece.isdigit()


def user_and_password(value: bytes) -> bool:
    """Whether VALUE is base64 of `user:password` (RFC 7617), as headers and Docker's configuration have it."""
    import binascii

    try:
        plain = binascii.a2b_base64(value + b"==")
    except ValueError:
        return False
    user, colon, password = plain.partition(b":")
    return bool(colon) and len(password) > 2 and plain.isascii() and user.isalnum() and not stand_in(password)


def checksummed(value: bytes) -> bool:
    """Whether a token ends in the CRC-32 of its middle in six digits of base 62 (GitHub's form, which npm shares)."""
    import zlib

    body = value.rpartition(b"_")[2]
    number, digits = zlib.crc32(body[:-6]), []
    for _ in range(6):
        number, digit = divmod(number, 62)
        digits.append((DIGITS + UPPER + LOWER)[digit])
    return body[-6:] == bytes(reversed(digits))


def _real(text: bytes, start: int, end: int) -> bool:
    return not stand_in(text[start:end], _STAND_IN)


def _mixed(text: bytes, start: int, end: int) -> bool:
    return by_chance(text[start:end])


def _long(text: bytes, start: int, end: int) -> bool:
    return len(set(text[start:end])) > 12


def _crc(text: bytes, start: int, end: int) -> bool:
    return checksummed(text[start:end]) or _real(text, start, end)


def _jwk(text: bytes, start: int, end: int) -> bool:
    """Whether a key of JSON Web Key stands on the same line, near."""
    low, high = text.rfind(b"\n", max(0, start - 2000), start) + 1, text.find(b"\n", end, end + 2000)
    around = text[max(low, start - 2000) : high if high >= 0 else end + 2000]
    return b'"kty' in around or b'"kty\\' in around


#: The tests that rules name.
CHECKS: dict[str, Check] = {
    "": _real,
    "weak": _real,
    "led": _real,
    "mixed": _mixed,
    "long": _long,
    "crc": _crc,
    "jwk": _jwk,
}
