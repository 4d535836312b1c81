"""What can go wrong, as classes: the message is the first argument, the exit status belongs to the class.

Messages follow git: lower case, no full stop, the subject 'quoted'. Hints say what to do next. Only `cli` turns an
error into words on stderr and a process status; no other layer prints or exits.
"""

from __future__ import annotations


class CcsyncError(Exception):
    """Anything that ends a command with one clear sentence."""

    status = 128

    def __init__(self, message: str, *hints: str) -> None:
        super().__init__(message)
        self.message = message
        self.hints = hints


def why(error: Exception) -> str:
    """What a Problem says of an expected error: our own message, or the system's with the file that it is about."""
    if isinstance(error, CcsyncError):
        return error.message
    if not isinstance(error, OSError):
        return "takes more memory than there is" if isinstance(error, MemoryError) else type(error).__name__
    name = error.filename.decode("utf-8", "replace") if isinstance(error.filename, bytes) else error.filename
    return (error.strerror or type(error).__name__) + (f": '{name}'" if isinstance(name, str) else "")


class Refused(CcsyncError):
    """We could, but must not: no consent, a public place, a foreign branch."""

    status = 1


class NotFound(CcsyncError):
    """What was asked for does not exist (a session, a placeholder, a machine)."""

    status = 1


class KeyMissing(Refused):
    """The branch is encrypted and this machine has no key, or not the one that is needed."""


class Usage(CcsyncError):
    """The words on the command line do not make sense together."""

    status = 129


class NotInitialised(Refused):
    """`push` or `pull` before `init`."""


class Unsupported(CcsyncError):
    """A kind of repository, platform or format that this version does not handle."""


class CryptMissing(Unsupported):
    """The packages of encrypted branches are not installed."""

    def __init__(self) -> None:
        super().__init__(
            "encrypted branches need the Python packages 'pyrage' and 'cryptography'",
            "pip install 'git-ccsync[crypt]', or pipx inject git-ccsync pyrage cryptography",
        )


class Locked(CcsyncError):
    """Another process of ours holds the lock."""


class BadData(CcsyncError):
    """Foreign bytes (a tree, a meta file, a transcript) that break the format; never fatal for other sessions."""

    status = 1


_WAYS_OUT = (
    "'git ccsync secrets allow TAG' sends a value as it is from now on",
    "'git config ccsync.secrets warn' sends all of them",
)


class Tampered(BadData):
    """Somebody without the key of an encrypted branch changed it."""


class Swapped(Tampered):
    """Something was put in the place of something else."""


class Replayed(Tampered):
    """Something old was shown as new."""


class CutOff(Tampered):
    """Something was taken away."""


class Downgraded(Tampered):
    """A plain branch was put in the place of the encrypted one."""


class Outdated(Tampered):
    """Sealed with a key that does not count any more: by a machine that was removed."""


class KeySubstituted(BadData):
    """A key of an encrypted branch is not the branch's own: somebody put another in its place."""


class SecretFound(BadData):
    """A session holds secrets and must not be sent as it is. `found` are pairs of kind and tag, each once."""

    def __init__(self, found: tuple[tuple[str, str], ...], where: str = "") -> None:
        words = ", ".join(f"{kind} {tag}" for kind, tag in found)
        super().__init__(f"holds a secret{where}: {words}", *_WAYS_OUT)
        self.found = found


class SecretInSigned(SecretFound):
    """A secret in a signed or encoded value, which cannot be redacted: a session changed there cannot be resumed."""

    def __init__(self, found: tuple[tuple[str, str], ...]) -> None:
        super().__init__(found, " where it cannot be replaced")


class GitFailed(CcsyncError):
    """A git command ended with an error; `stderr` is git's own text, not yet made safe to show."""

    def __init__(self, message: str, *hints: str, status: int = 128, stderr: bytes = b"") -> None:
        super().__init__(message, *hints)
        self.git_status = status
        self.stderr = stderr


class RefMoved(GitFailed):
    """A compare-and-swap lost: somebody else moved the ref first."""


class RemoteFailed(GitFailed):
    """The remote is absent, refuses us, or broke off."""


class Stalled(RemoteFailed):
    """The remote sent nothing for longer than the stall limit."""


class TooMuch(RemoteFailed):
    """The remote sends more than it may (ccsync.maxFetch), or what would unfold to more than can be meant."""


class ObjectRefused(RemoteFailed):
    """What the remote sends holds an object that git's own check refuses."""


class RefNotAllowed(RemoteFailed):
    """The remote takes pushes, but not of this ref (some hosts allow heads and tags only)."""
