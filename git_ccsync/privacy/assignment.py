r"""Secrets by the name that they are given: `password = "…"`, `API_TOKEN=…`, `"client_secret":"…"`, `--token …`,
`Authorization: Bearer …`, `<password>…</password>`, `login x password …`, at any depth of JSON. Pure.
"""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.privacy import looks, names, sieve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from re import Match, Pattern

    from git_ccsync.privacy.finding import Hit
    from git_ccsync.privacy.names import Name

#: The longest value, how much of it is looked at, and how far a value may stand from its name.
_LONGEST = 8192
_LOOK = 256
_APART = 96


class _Value(Frozen):
    """What a name is given: the bytes as they stand, where, whether in quotes, whether nothing follows on the line, and
    whether the name is one of an environment, in capitals.
    """

    text: bytes
    start: int
    quoted: bool
    alone: bool
    loud: bool


def find(text: bytes, low: bytes, word: bytes, places: Iterable[int], *, whole: bool) -> Iterator[Hit]:
    """Secret values in TEXT (LOW is its lower-case form) whose names hold WORD at one of the PLACES."""
    past = 0
    for at in places:
        end = at + len(word)
        if at < past or not sieve.may_assign(word, low[end : end + names.LONGEST + 24], low[max(0, at - 80) : at]):
            continue
        name = names.around(low, at, word)
        value = _given(text, low, name, whole=whole) if name else None
        if name and value:
            # Names inside a long value are not worth a look of their own: hostile text may have any number of them.
            past = value.start + len(value.text) if len(value.text) > _LOOK else past
            if _is_secret(name, value):
                yield value.start, value.start + len(value.text), names.KINDS[word]


_SETTING = (b"setenv", b"env", b"setx")
_HEADERS = (b"bearer", b"basic")

_SPACE = rb"(?:[ \t]|\\{1,15}t){0,16}"
_QUOTE = rb"""(?:\\{0,15}["'`]|\\{1,15}u0027)"""
#: What may stand between a name and its value.
_BETWEEN = rb"""
(?:%(quote)b)? \]? \*{0,2}
(?: %(space)b (?: := | => | -> | =(?!=) | \\{1,15}u003d ) %(space)b
  | %(space)b : \*{0,2} %(space)b (?: [a-z][a-z0-9_.\[\]|?]{0,24} %(space)b =(?!=) %(space)b )?
  | (?: [\s,] | \\{1,15}[nrt] | - ){0,40} (?:%(quote)b)? value (?:%(quote)b)? %(space)b [:=] %(space)b
  | (?P<pair> %(space)b , %(space)b (?= \\{0,15}["'] ) )
  | (?P<tag> > )
  | (?P<whose> [ ] for [ ] [^:="'\\\n]{1,40} : \*{0,2} [ \t]{1,3} )
  | (?P<said> [ \t]+ (?:is|was) (?:[ \t]*:)? [ \t]+ )
  | (?P<blank> (?: [ \t\n] | \\{1,15}[nt] ){1,8} )
)
(?: (?: \x1b | \\{1,15}u001b | \\{1,15}x1b ) \[ [0-9;]{0,12} m ){0,3}
(?: (?:bearer|basic|token|apikey|ssws) [ \t]{1,4} | convertto-securestring [ \t]{1,4} (?: -string [ \t]{1,4} )? )?
"""
_OPENING = rb"""[fbrul@$]{0,2}(\\{0,15})(["'`])"""
#: A value without quotes: to the next byte that ends one in code, in a list, in a URL; or, in an environment file, at all.
_ESCAPES = rb"""|\\{1,15}/|\\{1,15}u00(?:2[bBfF]|3[dD])"""
_BARE = rb"""(?:[^\s"'`\\,;&<>(){}\[\]|\x00-\x1f]{1,8192}""" + _ESCAPES + rb"){1,200}"
_LINE = rb"""(?:[^\s"'`\\\x00-\x1f]{1,8192}""" + _ESCAPES + rb"){1,200}"

#: Cookies are pairs with "; " between them: all of a header is taken.
_HEADER = rb"""[^"'\\\r\n]{8,8192}"""

_compiled: list[Pattern[bytes]] = []


def _patterns() -> list[Pattern[bytes]]:
    """The patterns of what stands between, of an opening quote, of a bare value, one in an environment file, a header's."""
    if not _compiled:
        import re

        between = _BETWEEN.replace(b"%(space)b", _SPACE).replace(b"%(quote)b", _QUOTE)
        _compiled.append(re.compile(between, re.VERBOSE | re.IGNORECASE))
        _compiled.append(re.compile(_OPENING, re.IGNORECASE))
        _compiled.extend(map(re.compile, (_BARE, _LINE, _HEADER)))
    return _compiled


def _given(text: bytes, low: bytes, name: Name, *, whole: bool) -> _Value | None:
    """The value of NAME, if it has one."""
    limit = min(len(text), name.end + _APART + _LONGEST)
    if not whole:
        newline = text.find(b"\n", name.end, limit)
        limit = newline if newline >= 0 else limit
    between = _patterns()[0].match(text, name.end, min(limit, name.end + _APART))
    if not between or not _fits(between, low, name, whole=whole):
        return None
    loud = text[name.start : name.end].isupper()
    if between.lastgroup == "pair" and not loud:
        return None
    if name.word == b"cookie":
        found = _patterns()[4].match(text, between.end(), limit)
        return _Value(found[0], found.start(), quoted=False, alone=True, loud=loud) if found else None
    value = _quoted(text, between.end(), limit, loud=loud) or _of_words(text, between, limit, name)
    return value or _bare(text, between, limit, loud=loud)


def _fits(between: Match[bytes], low: bytes, name: Name, *, whole: bool) -> bool:
    """Whether what stands between may do so for this name."""
    if between.lastgroup == "tag":
        return low[name.start - 1 : name.start] == b"<"
    if between.lastgroup == "blank":
        before = low[max(0, name.start - 160) : name.start]
        before = before if whole else before.rpartition(b"\n")[2]
        if _leads(before, name.head) or (low[between.end() :][:16].lstrip(b"\\")[:1] == b"'" and _creates(before)):
            return True
        if name.word in _HEADERS or name.head.startswith(b"-") or (name.word == b"pass" and b"login" in before):
            return True
        return before.rstrip().endswith(_SETTING) or b"set -" in before[-12:]
    return True


def _leads(before: bytes, head: bytes) -> bool:
    """Whether a value follows the name that begins with HEAD, behind a blank, in what BEFORE begins: a command that sets it,
    a line of redis.conf.
    """
    return (
        head.endswith(b"require")
        or before.endswith(b"configure set ")
        or b"nmcli " in before
        or b"git config " in before
    )


def _creates(before: bytes) -> bool:
    """Whether BEFORE begins a statement of SQL that gives a user a password."""
    return before.endswith(b"with ") or b"user " in before or b"role " in before


def _quoted(text: bytes, at: int, limit: int, *, loud: bool) -> _Value | None:
    """The value in quotes AT: to the next quote that is escaped as often as the first."""
    opening = _patterns()[1].match(text, at, limit)
    if not opening:
        return None
    start, quote = opening.end(), opening[1] + opening[2]
    end = text.find(quote, start, limit)
    while end > start and _escaped_more(text, start, end, len(opening[1])):  # a part of the value
        end = text.find(quote, end + len(quote), limit)
    value = text[start:end] if end > start else b""
    if not value or b"\\n" in value or _crosses(value, quote):
        return None
    return _Value(value, start, quoted=True, alone=True, loud=loud)


def _escaped_more(text: bytes, start: int, end: int, depth: int) -> bool:
    """Whether the backslashes before END escape the quote there once more than DEPTH of them do; in pairs (of that depth)
    they are backslashes of the value that starts at START.
    """
    slash = end
    while slash > start and text[slash - 1] == 0x5C:
        slash -= 1
    return (end - slash) % (2 * (depth + 1)) != 0


def _crosses(value: bytes, quote: bytes) -> bool:
    """Whether a string around this one ends in VALUE, so that what was found is not the end of what QUOTE opened."""
    if b'"' not in value:
        return False
    if quote[-1:] == b'"':  # all that are escaped more often are a part of the value
        return value.count(b'"') != value.count(b"\\" + quote)
    plain = value.replace(b"\\\\", b"").replace(b'\\"', b"")
    return b'"' in plain or b'":' in value or b'",' in value


def _of_words(text: bytes, between: Match[bytes], limit: int, name: Name) -> _Value | None:
    """The value with blanks in it, and no quotes around it, that a line of YAML gives a password: `password: two words1`."""
    if name.word != b"pass" or name.head or name.tail not in names.PASS or between[0].rstrip(b" ") != b":":
        return None
    before = text[max(0, name.start - 40) : name.start].rstrip(b" -")
    if before[-1:] not in (b"", b"\n") and before[-2:] != b"\\n":
        return None
    import re

    found = re.compile(rb"""[^\n\\"'#{}\[\]]{8,200}""").match(text, between.end(), limit)
    value = found[0].strip() if found else b""
    return (
        _Value(value, between.end(), quoted=True, alone=True, loud=False)
        if b" " in value and looks.spaced(value)
        else None
    )


def _bare(text: bytes, between: Match[bytes], limit: int, *, loud: bool) -> _Value | None:
    """The value without quotes behind BETWEEN."""
    start = between.end()
    line = loud and between[0] == b"="
    found = _patterns()[3 if line else 2].match(text, start, limit)
    if not found:
        return None
    value = found[0].rstrip(b".,;:!?)" if between.lastgroup == "said" else b",;")
    follows = text[start + len(value) : start + len(value) + 2]
    if follows[:1] in _CALLS or (between.lastgroup == "tag" and follows not in (b"</", b"<\\")):
        return None
    # Words go on behind a blank, but `password=x` is no sentence.
    ends = between.lastgroup == "blank" or (between[0][:1] in b"=:" and not between.lastgroup)
    alone = follows[:1] in _ENDS or (follows[:1] == b" " and ends)
    return _Value(value, start, quoted=False, alone=alone, loud=loud)


_CALLS = frozenset((b"(", b"[", b"{"))
_ENDS = frozenset((b"", b"\n", b"\r", b"\x1b", b"\\", b'"', b"<", b"&", b";"))


def _is_secret(name: Name, value: _Value) -> bool:
    """Whether VALUE looks like a secret of that NAME."""
    text = value.text if b"\\" not in value.text else _unescaped(value.text)
    text = text[:_LOOK]
    if looks.by_chance(text):
        return names.surely(name) or value.loud
    if looks.is_uuid(text):
        return names.opens_with_uuid(name)
    if name.word in (b"auth", b"basic"):
        return looks.user_and_password(text)
    if name.word == b"psk":
        return value.quoted and 8 <= len(text) < 64 and not (looks.stand_in(text) or looks.template(text))
    if b" " in text:
        return name.word == b"pass" and name.tail in names.PASS and _with_blanks(name, value, text)
    if name.word not in (b"pass", b"pwd", b"secret") or not looks.chosen(text):
        return False
    plain = not value.quoted and not text.translate(None, names.BYTES)
    if plain and not (value.loud or value.alone):
        return False
    return name.word != b"secret" or (len(text) > 7 and looks.changes(text) > 2)


def _with_blanks(name: Name, value: _Value, text: bytes) -> bool:
    """Whether a value with blanks is a password: what is a name in an environment says so of some words, too."""
    return value.quoted and ((value.loud and looks.passphrase(text)) or (not name.head and looks.spaced(text)))


def _unescaped(text: bytes) -> bytes:
    """TEXT with the escapes of JSON that values have, as far as that helps to judge it."""
    for code, plain in ((b"2b", b"+"), (b"2f", b"/"), (b"3d", b"=")):
        text = text.replace(b"u00" + code, plain).replace(b"u00" + code.upper(), plain)
    return text.replace(b"\\", b"")
