"""Which secrets do not leave this machine, for one repository: joins the rules with the keys that are kept here.

Loads both when the first secret shows up, which most runs never see.
"""

from __future__ import annotations

from git_ccsync.errors import Usage
from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.operations.capturing.scanner import Scanner
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.portable.redaction import Span
    from git_ccsync.privacy.secrets import Censor as Rules
    from git_ccsync.privacy.secrets import Found
    from git_ccsync.state.redaction import Known

#: What `ccsync.secrets` may be.
REDACT, BLOCK, WARN, OFF = MODES = ("redact", "block", "warn", "off")


def mode(ws: Workspace, *, branch: bool = False) -> str:
    """What becomes of secrets here (`ccsync.secrets`). Unless that is set, an encrypted branch, as `branch` says it is
    about, has them as they are. Usage for a word that means nothing: never guess.
    """
    said = ws.config.get("ccsync.secrets") or (OFF if branch and _is_sealed(ws) else REDACT)
    if said not in MODES:
        raise Usage(f"'{said}' is no value of 'ccsync.secrets'", "it is redact, block, warn or off")
    return said


def _is_sealed(ws: Workspace) -> bool:
    from git_ccsync.operations.run import clear

    return clear.is_sealed(ws)


#: Up to so many bytes it pays to ask first whether there can be anything at all: the rules are not loaded then.
SMALL = 64 << 10


class Censor:
    """The censor of one repository, as `portable` wants one."""

    def __init__(self, ws: Workspace, *, branch: bool = False) -> None:
        """`branch`: what passes goes to the repository's branch and nowhere else."""
        self._ws, self._branch = ws, branch
        self._mode = ""
        self._scans = bool(ws.config.get("ccsync.secretsScanner"))
        self._known: Known | None = None
        self._rules: Rules | None = None
        self._scanner: Scanner | None = None

    @property
    def mode(self) -> str:
        """As `mode`; looked at when something is to be sent, so that what only looks goes on with a bad value."""
        if not self._mode:
            self._mode = mode(self._ws, branch=self._branch)
        return self._mode

    @property
    def known(self) -> Known:
        """The keys and the allowed tags of this branch on this machine."""
        if self._known is None:
            from git_ccsync.state import redaction

            self._known = redaction.load(self._ws.here.state, self._ws.state, self._ws.branch)
        return self._known

    @property
    def rules(self) -> Rules:
        """The rules under these keys."""
        if self._rules is None:
            from git_ccsync.privacy.secrets import Censor

            known, also = self.known, None
            if self._scans:
                from git_ccsync.operations.capturing import scanner

                self._scanner = scanner.configured(self._ws)
                also = self._scanner.find if self._scanner else None
            self._rules = Censor(known.key, self._mode or REDACT, allowed=known.allowed, former=known.former, also=also)
        return self._rules

    def spans(self, text: bytes, *, whole: bool = False) -> Sequence[Span]:
        """As `privacy.secrets.Censor.spans`."""
        if self.mode == OFF:
            return ()
        if len(text) <= SMALL and not self._scans:
            from git_ccsync.privacy import sieve

            if not sieve.suspicious(text, whole=whole):
                return ()
        # The rooms know nothing of each other: a span of one has the fields of the other's.
        return self.rules.spans(text, whole=whole)  # type: ignore[return-value]

    def fits(self, key: bytes, tag: bytes, text: bytes) -> bool:
        """As `privacy.secrets.Censor.fits`."""
        return self.rules.fits(key, tag, text)

    def redacting(self) -> Censor:
        """Another one that redacts, whatever becomes of secrets: for what is on the branch with markers already."""
        other = Censor(self._ws, branch=self._branch)
        other._mode = REDACT
        return other

    @property
    def trouble(self) -> str:
        """What went wrong with another scanner, "" for nothing."""
        return self._scanner.trouble if self._scanner else ""

    def taken(self) -> tuple[Found, ...]:
        """What was met since the last call."""
        return self._rules.taken() if self._rules else ()
