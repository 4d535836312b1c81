"""A scanner for secrets that its owner has installed and configured (`ccsync.secretsScanner`), asked beside our own rules.

It gets the text on its standard input, in an empty directory of ours, and answers on its standard output: what it finds
is never on a disk. What goes wrong with it is told once, and our own rules go on.
"""

from __future__ import annotations

import os

from git_ccsync.errors import CcsyncError, Usage
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import program

if TYPE_CHECKING:
    from git_ccsync.operations.run.workspace import Workspace

    #: start, end, kind
    Hit = tuple[int, int, str]

#: Those whose words and answers we know; the second goes by the first one's.
KNOWN = ("gitleaks", "betterleaks")
WORDS = ("stdin", "--no-banner", "--log-level", "error", "--exit-code", "0", "--report-format", "json")
#: Where its report goes.
REPORT = ("--report-path", "/dev/stdout")
#: Seconds for one text, bytes of an answer; a shorter find is no secret, more of them are no finds.
LIMIT, CAP, SHORTEST, MOST = 120.0, 64 << 20, 6, 10_000
#: What it may know of our surroundings.
_PASSED = ("PATH", "HOME", "TMPDIR", "GITLEAKS_CONFIG", "GITLEAKS_CONFIG_TOML")


class Scanner:
    """One scanner. `trouble` is what went wrong, "" for nothing: it is not asked again then."""

    def __init__(self, ws: Workspace, name: str) -> None:
        self._ws, self._name, self.trouble = ws, name, ""

    def find(self, text: bytes, *, whole: bool) -> list[Hit]:
        """What it finds in TEXT, wherever that stands there; on one line, if not `whole`."""
        if self.trouble:
            return []
        try:
            secrets = _secrets(self._asked(text))
        except (CcsyncError, OSError) as error:
            reason = getattr(error, "message", "") or str(error)
            self.trouble = f"'{self._name}' did not look for secrets: {reason}; our own rules did"
            return []
        return [
            (at, at + len(secret), self._name)
            for secret in secrets
            if whole or b"\n" not in secret
            for at in _places(text, secret)
        ]

    def _asked(self, text: bytes) -> bytes:
        environ = {name: self._ws.environ[name] for name in _PASSED if name in self._ws.environ}
        path = program.find(self._name, environ.get("PATH", ""))
        if not path:
            raise CcsyncError("it is not on PATH")
        place = os.path.join(self._ws.here.state, "scanner")
        os.makedirs(place, mode=0o700, exist_ok=True)
        done = program.run([path, *WORDS, *REPORT], cwd=place, env=environ, seconds=LIMIT, cap=CAP, input=text)
        if done.status:
            raise CcsyncError(f"it ended with {done.status}")
        return done.stdout


def _secrets(report: bytes) -> list[bytes]:
    """The values in a report, the longest first. CcsyncError for what is none."""
    import json

    try:
        found = json.loads(report or b"[]")
    except (ValueError, RecursionError):
        found = ""
    if found is None:
        return []
    if not isinstance(found, list):
        raise CcsyncError("its report cannot be read")
    texts = {one.get("Secret") for one in found[:MOST] if isinstance(one, dict)}
    values = {one.encode("utf-8", "replace") for one in texts if isinstance(one, str)}
    return sorted((one for one in values if len(one) >= SHORTEST), key=lambda one: (-len(one), one))


def _places(text: bytes, secret: bytes) -> list[int]:
    found: list[int] = []
    at = text.find(secret)
    while at >= 0:
        found.append(at)
        at = text.find(secret, at + len(secret))
    return found


def configured(ws: Workspace) -> Scanner | None:
    """The scanner that `ccsync.secretsScanner` names, None for none. Usage for one that we do not know."""
    name = ws.config.get("ccsync.secretsScanner")
    if not name:
        return None
    if name not in KNOWN:
        raise Usage(f"'{name}' is no value of 'ccsync.secretsScanner'", f"it is {' or '.join(KNOWN)}")
    return Scanner(ws, name)
