"""What git and the remote said, taken apart: the verdict on each ref, progress, and why a command failed. Pure.

Everything here comes from the other side: it is hostile text, cut to 500 bytes and otherwise left as it came.
"""

from __future__ import annotations

import os

from git_ccsync.errors import ObjectRefused, RemoteFailed, Stalled, TooMuch
from git_ccsync.frozen import Frozen
from git_ccsync.git.refs import MOVED
from git_ccsync.git.url import without_credentials
from git_ccsync.model import Progress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from git_ccsync.git.process import Output

#: Bytes of a remote's own words that are handed up.
SAID_CAP = 500

_AGAIN = (
    b"non-fast-forward",
    b"fetch first",
    b"stale info",
    b"failed to update ref",
    b"cannot lock ref",
    b"unable to lock",
    b"failed to lock",
    b"incorrect old value",
    b"but expected",
    b"reference already exists",
    b"remote failed to report status",  # it may have gone through: only a look can tell
    b"atomic push failed",
)
_DENIED = (
    b"returned error: 403",
    b"returned error: 401",
    b"denied to",
    b"permission denied",
    b"access denied",
    b"insufficient permission",
    b"not allowed to push",
    b"not authorized",
    b"authentication failed",
    b"could not read username",
    b"could not read password",
    b"read-only",
    b"read only",
    b"archived",
    b"service not enabled",
    b"unable to create temporary object directory",
)
#: How git begins where a URL `name::address` wants a program that is not there.
_NO_HELPER = b"git: 'remote-"
#: What to do where we may not write; only a person knows which of the two it is.
_NO_PERMISSION = (
    "there is no permission to push there: sign in to that host as somebody who may, or",
    "git ccsync init --remote <url>",
    "    sends sessions to a repository of your own",
)
_ADVICE = (b"Please make sure you have the correct access rights", b"and the repository exists.")
#: How lines begin that are about nothing: a summary, and git's remark that an option of ours has nothing to do yet.
_IDLE = (b"remote: Total ", b"warning: ignoring --negotiation-tip=")
#: How a line begins that names an object which fails git's own check.
_BAD_OBJECT = b"error: object "
_PHASES = {
    b"Enumerating objects": "packing",
    b"Counting objects": "packing",
    b"Compressing objects": "packing",
    b"Writing objects": "pushing",
    b"Receiving objects": "fetching",
    b"Unpacking objects": "fetching",
    b"Resolving deltas": "checking",
}


#: Lines of progress that count bytes, of git itself: the remote's begin with `remote: `.
_INCOMING = (b"Receiving objects: ", b"Unpacking objects: ")
_UNITS = {b"KiB": 1 << 10, b"MiB": 1 << 20, b"GiB": 1 << 30, b"TiB": 1 << 40}
#: What git says at a limit of ours on files or allocations.
_TOO_MUCH = (b"File too large", b"attempting to allocate ", b"fit into virtual memory space", b"Out of memory")
#: What it says where an object does not pass its check.
_REFUSED = (b"fatal: fsck error in packed object",)


class RefPushed(Frozen):
    """What became of one ref. `status`: pushed; up-to-date; rejected (someone was faster: fetch and try again);
    refused (the remote does not want it). `old` is "" for a new ref, or where the remote did not tell.

    `reason` and `said` (the remote's own lines) are hostile text.
    """

    dst: str
    status: str
    old: str
    new: str
    reason: str
    said: str = ""

    def quoted(self) -> bytes:
        """Why the remote refused, for the `stderr` of an error: its own lines marked as `remote:`, as git marks them, so that
        none can pass for ours; git's reason if it said nothing.
        """
        lines = "".join(f"remote: {line}\n" for line in self.said.splitlines()) or self.reason
        return lines.encode("utf-8", "replace")

    def cause(self) -> tuple[str, bytes]:
        """The remote's line that begins with `error: ` or `fatal: `, without that, for a message; and the others as `quoted`.
        Git's reason if there is none.
        """
        lines = self.said.splitlines()
        found = next((line for line in lines if line.startswith(("error: ", "fatal: "))), "")
        rest = "".join(f"remote: {line}\n" for line in lines if line != found).encode("utf-8", "replace")
        return found[len("error: ") :].rstrip(".") or self.reason, rest


def pushed(output: Output, sources: Mapping[str, str]) -> dict[str, RefPushed]:
    """The lines `<flag> TAB <from>:<to> TAB <summary> (<reason>)` of git-push(1), OUTPUT, by <to>."""
    found = {}
    said = _said(output.stderr)
    for line in output.stdout.split(b"\n"):
        flag, _, rest = line.partition(b"\t")
        refs, _, summary = rest.partition(b"\t")
        name = os.fsdecode(refs.rpartition(b":")[2])
        if len(flag) == 1 and name in sources:
            found[name] = _answer(name, flag, summary, sources[name], said)
    return found


def _answer(name: str, flag: bytes, summary: bytes, source: str, said: str) -> RefPushed:
    if flag == b"=":
        return RefPushed(name, "up-to-date", source, source, "")
    if flag in b" *+":
        old = summary.partition(b"..")[0].decode("ascii", "replace") if flag == b" " else ""
        return RefPushed(name, "pushed", old, source, "")
    _, _, reason = summary.partition(b" (")
    reason = (reason[:-1] if reason.endswith(b")") else reason) or summary
    again = any(words in summary for words in _AGAIN)
    text = reason[:SAID_CAP].decode("utf-8", "replace")
    return RefPushed(name, "rejected" if again else "refused", "", "", text, said)


def _said(stderr: bytes) -> str:
    """What the remote itself said: its `remote: ` lines without progress, and ssh's `ERROR: ` ones."""
    lines = [line for line in _lines(stderr) if line.startswith((b"remote:", b"ERROR:"))]
    texts = (line.removeprefix(b"remote:").strip() for line in lines)
    return b"\n".join(filter(None, texts))[:SAID_CAP].decode("utf-8", "replace")


def _lines(stderr: bytes) -> list[bytes]:
    """Lines of stderr as they stood in the end, without progress, git's general advice and _IDLE."""
    lines = (line.rstrip(b"\r").rpartition(b"\r")[2].strip() for line in stderr.split(b"\n"))
    return [
        line for line in lines if line and line not in _ADVICE and not line.startswith(_IDLE) and not _progress(line)
    ]


def _told(url: str, stderr: bytes) -> bytes:
    """The same as text, without the credentials of `url`."""
    lines = b"\n".join(_lines(stderr))
    return lines.replace(os.fsencode(url), os.fsencode(without_credentials(url)))


def failure(what: str, url: str, output: Output) -> RemoteFailed:
    """The error of a command that ended without an answer; `what` is "push to", "fetch from" or "read".

    Its `stderr` is what was said, without progress and credentials.
    """
    shown = without_credentials(url)
    if any(words in line for line in _lines(output.stderr) if line.startswith(b"fatal: ") for words in _TOO_MUCH):
        return too_much(shown)
    lines = _told(url, output.stderr).split(b"\n")
    if lines[0].startswith(_NO_HELPER):  # what git says below of similar commands leads astray
        lines = [b"git has no remote helper for '%s'" % lines[0].removeprefix(_NO_HELPER).partition(b"'")[0]]
    why = _why(lines)[:SAID_CAP].decode("utf-8", "replace") or f"git ended with status {output.status}"
    refused = any(words in output.stderr for words in _REFUSED)
    found = (ObjectRefused if refused else RemoteFailed)(
        f"cannot {what} '{shown}': {why}", status=output.status, stderr=b"\n".join(lines)[: 4 * SAID_CAP]
    )
    if what == "push to" and denied(found):
        found.hints = _NO_PERMISSION
    return found


def overtaken(stderr: bytes) -> bool:
    """Whether a fetch failed since somebody else moved the ref here that it was to move."""
    lines = [line for line in _lines(stderr) if line.startswith(b"error: cannot lock ref 'refs/ccsync-remotes/")]
    return any(words in line for line in lines for words in MOVED)


def stalled(reason: str, url: str, stderr: bytes) -> Stalled:
    """The error of a command that was ended since it took too long; the URL ends its message. `stderr` as of `failure`."""
    return Stalled(f"{reason} '{without_credentials(url)}'", stderr=_told(url, stderr)[: 4 * SAID_CAP])


def too_much(shown: str) -> TooMuch:
    """The error of a remote that sends more than it may."""
    return TooMuch(
        f"'{shown}' sends more than it may; nothing of it is used",
        "if it is yours: git config ccsync.maxFetch <size>, which is 16g unless set",
    )


def _why(lines: list[bytes]) -> bytes:
    """The line that explains most: what is wrong with an object, the other side's own, git's last verdict that is more than
    a summary, else the line before that.
    """
    bad = [line for line in lines if line.startswith(_BAD_OBJECT)]
    if bad:
        return bad[0].removeprefix(b"error: ")
    own = [line for line in lines if line.startswith((b"remote: ", b"ERROR: "))]
    if own:
        return own[0].partition(b": ")[2].removeprefix(b"fatal: ").removeprefix(b"ERROR: ")
    verdicts = [number for number, line in enumerate(lines) if line.startswith((b"fatal: ", b"error: "))]
    if not verdicts:
        return lines[-1] if lines else b""
    last = verdicts[-1]
    if b"Could not read from remote repository" in lines[last] and last:
        last = verdicts[-2] if len(verdicts) > 1 else last - 1
    return lines[last].removeprefix(b"fatal: ").removeprefix(b"error: ")


def denied(error: RemoteFailed) -> bool:
    """True if the remote knows us too little: no permission, no such account. Judged by words, so never for safety."""
    said = error.stderr.lower()
    return any(words in said for words in _DENIED)


def reporter(on_progress: Callable[[Progress], None] | None) -> Callable[[bytes], None] | None:
    """What turns git's progress lines into Progress values."""
    if on_progress is None:
        return None

    def report(line: bytes) -> None:
        found = _progress(line)
        if found:
            on_progress(found)

    return report


def metered(report: Callable[[bytes], None] | None, url: str, most: int) -> Callable[[bytes], None]:
    """`report`, and TooMuch at the line of git's progress that tells of more than `most` bytes."""

    def read(line: bytes) -> None:
        if _received(line) > most:
            raise too_much(without_credentials(url))
        if report:
            report(line)

    return read


def _received(line: bytes) -> float:
    """The bytes in `Receiving objects:  45% (9/20), 1.20 GiB | 5.00 MiB/s`; 0 for any other line."""
    if not line.startswith(_INCOMING):
        return 0
    number, _, unit = line.partition(b"), ")[2].partition(b" | ")[0].rstrip(b", done.").partition(b" ")
    try:
        return float(number) * _UNITS.get(unit, 1)
    except ValueError:
        return 0


def _progress(line: bytes) -> Progress | None:
    """`Writing objects:  45% (9/20), 1.2 MiB | …`, also behind `remote: `; None for any other line."""
    title, colon, rest = line.removeprefix(b"remote: ").partition(b": ")
    if title.startswith(b"Delta compression"):
        return Progress("packing", 0, 0, "objects")
    phase = _PHASES.get(title)
    if not phase or not colon:
        return None
    counts = rest.partition(b"(")[2].partition(b")")[0].split(b"/")
    done, total = counts if len(counts) == 2 else (rest.split(b",")[0].strip(), b"0")
    if not done.isdigit() or not total.isdigit() or len(done) > 15 or len(total) > 15:
        return None
    return Progress(phase, int(done), int(total), "objects")
