"""Writing down what a run changes, so that it can be undone: refs, what was sent, files. What was written reads `undo`.

`undo` in the repository's state directory: lines of fields, each behind the id of its run, each written before what it
tells of happens and in one piece, so that runs may write at the same time. A line whose change never came is harmless.
"""

from __future__ import annotations

import os
import time

from git_ccsync.git.url import without_credentials
from git_ccsync.state import files

#: Bytes from which on only the last runs are kept, and how many.
CAP, KEPT = 4 << 20, 10
#: The mark of a whole line.
END = "."
_GONE = ("-1", "0", "0")


def together(verb: str) -> str:
    """The verb for several runs that are undone as one."""
    return f"{verb}#{time.time_ns():x}-{os.getpid()}"


class Recorder:
    """Writes down what one run of `verb` changes ("": nothing that a person would undo). Runs of the same verb of
    `together` are one. `off`: for runs that change nothing.
    """

    def __init__(self, directory: str, verb: str, *, off: bool = False) -> None:
        self._path, self._verb, self._off = os.path.join(directory, "undo"), verb, off
        self._fd, self._id, self._held = -1, "", ""

    def close(self) -> None:
        """No more will come."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def ref(self, name: str, old: str, new: str) -> None:
        """A ref of ours is about to move."""
        self._write("ref", name, old, new)

    def followed(self, name: str, old: str, new: str) -> None:
        """A tracking ref moved. Told only together with something that is a change by itself."""
        if old != new:
            self._hold("ref", name, old, new)

    def mark(self, key: str, value: str) -> None:
        """A mark has this value, and will have another. Told as `followed`."""
        self._hold("mark", key, value)

    def sent(self, remote: str, ref: str, tracking: str, old: str, new: str) -> None:
        """A push is about to begin, to a remote or a URL, of which the password is not kept."""
        self._write("sent", without_credentials(remote), ref, tracking, old, new)

    def journal(self, session: str, before: tuple[str, str] | None) -> None:
        """What the journal says of a session, which it will say no more. Told as `followed`."""
        self._hold("journal", session, *(before or ("", "")))

    def before(self, path: str) -> None:
        """The file at `path` is about to be made, changed or taken away."""
        if not self._off:
            state = _state(path)
            self._write("file", path, *state, _missing(path) if state is _GONE else "")

    def after(self, path: str, kept: str = "") -> None:
        """It was; what was there lies at `kept` now ("": nothing is lost that is not in the file)."""
        if not self._off:
            self._write("now", path, *_state(path), kept)

    def begun(self, run: str) -> None:
        """A run is about to be undone."""
        self._write("begun", run)

    def undone(self, run: str) -> None:
        """A run was undone."""
        self._write("undone", run)

    def _hold(self, *fields: str) -> None:
        if not self._off:
            self._held += self._line(*fields)

    def _write(self, *fields: str) -> None:
        if self._off:
            return
        text = self._line(*fields)
        if self._fd < 0:
            text = self._begin() + text
        text, self._held = self._held + text, ""
        os.write(self._fd, text.encode("utf-8", "surrogateescape"))

    def _begin(self) -> str:
        """Open the file; the run's first line, behind the end of one that may be torn."""
        files.make_parent(self._path)
        if files.stamp(self._path)[0] > CAP:
            _shorten(self._path)
        self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0), 0o600)
        held, self._held = self._held, ""
        return "\n" + self._line("run", self._verb, str(int(time.time()))) + held

    def _line(self, *fields: str) -> str:
        if not self._id:
            self._id = f"{time.time_ns():x}-{os.getpid()}"
        return "\t".join((self._id, *map(_escaped, fields), END)) + "\n"


def _state(path: str) -> tuple[str, str, str]:
    try:
        found = os.lstat(path)
    except OSError:
        return _GONE
    return str(found.st_size), str(found.st_mtime_ns), str(found.st_ino)


def _missing(path: str) -> str:
    """The topmost directory above `path` that is not there, "" if all are."""
    found = ""
    while (path := os.path.dirname(path)) and not os.path.lexists(path):
        found = path
    return found


def _escaped(text: str) -> str:
    if "\\" not in text and "\t" not in text and "\n" not in text:
        return text
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")


def _shorten(path: str) -> None:
    """Keep the lines of the last runs."""
    lines = files.read(path).split(b"\n")
    order = dict.fromkeys(line.partition(b"\t")[0] for line in lines if line)
    kept = set(list(order)[-KEPT:])
    files.replace(path, b"".join(line + b"\n" for line in lines if line.partition(b"\t")[0] in kept))


def forget(directory: str) -> None:
    """What was done so far cannot be undone any more."""
    try:
        os.unlink(os.path.join(directory, "undo"))
    except FileNotFoundError:
        pass
