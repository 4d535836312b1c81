"""Passwords in URLs and connection strings of that form: `scheme://user:password@host`. Pure."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.privacy import looks, runs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.privacy.finding import Hit

#: The longest `//user:password` that is believed.
_LONGEST = 400
#: No URL goes on over these.
_ENDS = b" \t\r\n\"'`<>{}|()\x00"
_SPACED = bytes(0x20 if byte in _ENDS + b"\\=" else byte for byte in range(256))
#: What stands for a password in documentation, and what every machine of a developer has.
_NO_SECRETS = frozenset(
    b"password passwd pass pwd pw secret user username name token admin root test guest postgres mysql mongo redis foo bar "
    b"baz abc key apikey api_key mypassword yourpassword changeme x-oauth-basic x-access-token oauth2 %s *".split()
)


def find(text: bytes) -> Iterator[Hit]:
    """Passwords in URLs of TEXT."""
    at = text.find(b"@")
    while at >= 0:
        hit = _before(text, at)
        if hit:
            yield hit
        at = text.find(b"@", at + 1)


def _before(text: bytes, at: int) -> Hit | None:
    """The password that ends AT, at the `@`."""
    head = text[max(0, at - _LONGEST) : at]
    if b":" not in head:
        return None
    if text.startswith(b"tcp(", at + 1):
        return _of_driver(head, at)
    # Some writers of JSON escape "/".
    _, scheme, rest = head.replace(b"\\", b"").rpartition(b"://")
    user, colon, password = rest.partition(b":")
    if not scheme or len(rest) != len(rest.translate(None, _ENDS)) or b"/" in user or not head.endswith(password):
        return None
    if not colon:
        return (
            (at - len(user), at, "url-token") if _is_token(user, text[at + 1 : at + 60].partition(b"\n")[0]) else None
        )
    first, slash, _ = password.partition(b"/")
    if slash and (first.isdigit() or not looks.chosen(password)):  # a port, and a path that has the "@"
        return None
    if len(password) < 3 or password.lower() in _NO_SECRETS or looks.stand_in(password) or _filled_in(password):
        return None
    return at - len(password), at, "url-password"


def _of_driver(head: bytes, at: int) -> Hit | None:
    """The password of `user:password@tcp(host)` (github.com/go-sql-driver/mysql), which ends AT and HEAD."""
    user, colon, password = head.translate(_SPACED).rpartition(b" ")[2].partition(b":")
    if not user or not colon or not looks.chosen(password) or password.lower() in _NO_SECRETS:
        return None
    return at - len(password), at, "url-password"


def _is_token(user: bytes, host: bytes) -> bool:
    """Whether USER alone opens a door. A key of Sentry's in a URL of theirs is public."""
    return looks.by_chance(user) and b"sentry" not in host


def _filled_in(password: bytes) -> bool:
    return password[:1] in b"$%" and not password[1:].translate(None, runs.LETTERS + b"_%s")
