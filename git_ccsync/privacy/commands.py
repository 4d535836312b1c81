"""Passwords that commands take behind a single letter: `curl -u user:password`, `mysql -ppassword`, `docker login -p …`. Pure."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.privacy import looks, runs
from git_ccsync.seek import seek

if TYPE_CHECKING:
    from collections.abc import Iterator
    from re import Pattern

    from git_ccsync.privacy.finding import Hit

#: How far behind a command its option may stand.
_REACH = 300
_BEFORE = 120
_QUOTE = rb"""(?:\\{0,15}["'])?"""
_VALUE = rb"""([^\s"'\\`|&;<>()]{3,200})"""
#: A password on standard input was written before the command.
_ECHO = rb"(?:echo|printf)\s{1,3}(?:-n\s{1,3})?" + _QUOTE + _VALUE
_USER = rb"""[^\s"'\\`:|&;<>()]{1,80}:"""

#: What may stand before the option, within one command; an argument; letters of options that stand together.
_ARGUMENTS = rb"(?:[^\s;|&]{1,80}\s{1,3}){0,10}?"
_WORD = rb"""[^\s"'\\`|&;<>()-][^\s"'\\`|&;<>()]{0,80}"""
_FLAGS = rb"(?<=htpasswd -)(?:[a-z0-9]{1,8}\s{1,3}-){0,4}[a-z]{0,5}"
_FLAGS_END = rb"[a-z]{0,5}(?:\s{1,3}-[a-z0-9]{1,8}){0,4}"

#: The command, what of its options is there at least, and the option with the password (the manuals of curl, mysql, redis-cli,
#: docker, podman and gh login, PowerShell, sshpass, sudo, htpasswd, zip, 7z, openssl, mongosh, MySQL's CREATE USER).
_COMMANDS = (
    (b"curl", (b" -u", b" --user", b" --proxy-user"), rb"\s(?:-u|--user|--proxy-user)[ =]?" + _QUOTE + _USER + _VALUE),
    (b"mysql", (b" -p",), rb"\s-p" + _QUOTE + _VALUE),
    (b"convertto-securestring", (b"-asplaintext",), rb"\s(?:-string\s{1,4})?" + _QUOTE + _VALUE),
    (b"redis-cli", (b" -a",), rb"\s-a\s{1,3}" + _QUOTE + _VALUE),
    (b"login", (b" -p",), rb"\s-p\s{1,3}" + _QUOTE + _VALUE),
    (b"login", (b"-stdin", b"-with-token"), _ECHO),
    (b"sshpass", (b"-p",), rb"\s-p\s{0,3}" + _QUOTE + _VALUE),
    (b"sudo", (b" -s",), _ECHO + _QUOTE + rb"\s{0,3}\|\s{0,3}sudo\s"),
    (b"htpasswd -", (b"",), _FLAGS + rb"n" + _FLAGS_END + rb"\s{1,3}" + _WORD + rb"\s{1,3}" + _QUOTE + _VALUE),
    (b"htpasswd -", (b"",), _FLAGS + rb"b" + _FLAGS_END + (rb"\s{1,3}" + _WORD) * 2 + rb"\s{1,3}" + _QUOTE + _VALUE),
    (b"zip -", (b"",), rb"(?-i:(?:(?<=zip -)|\s-)[a-zA-Z]{0,5}P)\s{0,3}" + _QUOTE + _VALUE),
    (b"7z ", (b"-p",), _ARGUMENTS + rb"(?<=\s)-p" + _QUOTE + _VALUE),  # base64 is full of '7z': a blank has to follow
    (b"7za ", (b"-p",), _ARGUMENTS + rb"(?<=\s)-p" + _QUOTE + _VALUE),
    (
        b"openssl",
        (b" -k", b" -pass"),
        rb"\s-(?:k\s{1,3}" + _QUOTE + rb"|pass(?:in|out|word)?\s{1,3}" + _QUOTE + rb"pass:)" + _VALUE,
    ),
    (
        b"mongo",
        (b" -p",),
        rb"(?<=mongo)(?:sh|s|d|dump|restore|export|import)?\s" + _ARGUMENTS + rb"-p\s{0,3}" + _QUOTE + _VALUE,
    ),
    (b"identified", (b" by ",), rb"\sby\s{1,3}(?:password\s{1,3})?\\{0,15}'(?=[^'\s]{0,200}[^a-z'\s.])" + _VALUE),
)
_compiled: dict[bytes, Pattern[bytes]] = {}


def find(text: bytes, low: bytes) -> Iterator[Hit]:
    """Passwords in commands of TEXT; LOW is its lower-case form."""
    look = seek(low)
    past = b""
    there = False
    for command, options, pattern in _COMMANDS:
        if command != past:
            past, there = command, look(command, 0, len(low)) >= 0
        for at in runs.everywhere(low, command) if there else ():
            hit = _in_command(text, at + len(command), options, pattern)
            if hit:
                yield hit


def _in_command(text: bytes, at: int, options: tuple[bytes, ...], pattern: bytes) -> Hit | None:
    """The password behind the first of OPTIONS of the command that ends AT."""
    words = text[at : at + _REACH].lower().partition(b"\n")[0].partition(b"\\n")[0]
    if not any(option in words for option in options):
        return None
    start = text.rfind(b"\n", max(0, at - _BEFORE), at) + 1 or max(0, at - _BEFORE) if _ECHO in pattern else at
    found = _pattern(pattern).search(text, start, at + len(words))
    if not found:
        return None
    # What the end of the reach cuts is taken whole.
    value = _pattern(_VALUE).match(text, found.start(1))
    password = value[1] if value else b""
    if (
        b"$" in password[:1]
        or looks.stand_in(password)
        or looks.template(password)
        or password.startswith((b"/", b"-"))
    ):
        return None
    return (found.start(1), found.start(1) + len(password), "password") if _is_password(password) else None


def _is_password(value: bytes) -> bool:
    """Whether VALUE is no port, no flag and no word of documentation."""
    return len(value) > 3 and not value.isdigit() and value.lower() not in _WORDS and b":" not in value


_WORDS = frozenset(
    (b"password", b"passwd", b"pass", b"secret", b"token", b"root", b"user", b"test", b"tcp", b"mypassword")
)


def _pattern(text: bytes) -> Pattern[bytes]:
    found = _compiled.get(text)
    if found is None:
        import re

        found = _compiled[text] = re.compile(text, re.IGNORECASE)
    return found
