"""Git's configuration, read and written by git itself, so that `-c`, GIT_CONFIG_*, includes and worktrees count."""

from __future__ import annotations

import os

from git_ccsync.errors import CcsyncError, GitFailed
from git_ccsync.git import command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.git.repository import Repository

_TRUE = ("true", "yes", "on")
_FALSE = ("false", "no", "off", "")
_UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30}


def fold(key: str) -> str:
    """The key as git compares it: section and name in lower case, what is between them as it is."""
    section, dot, rest = key.partition(".")
    middle, second, name = rest.rpartition(".")
    return section.lower() + dot + middle + second + name.lower()


class Config:
    """All values of one repository, in git's order. None stands for a key without `=`, which means true. `origins` are
    the files that they came from, where that is known; a relative one is the repository's own.
    """

    def __init__(self, values: dict[str, list[str | None]], origins: tuple[str, ...] = ()) -> None:
        self._values, self.origins = values, origins

    def items(self) -> list[tuple[str, list[str | None]]]:
        """All keys (folded) with their values, sorted: equal configurations give equal lists."""
        return sorted(self._values.items())

    def get(self, key: str, default: str = "") -> str:
        """The last value (git's rule)."""
        values = self._values.get(fold(key))
        return default if values is None else values[-1] or ""

    def get_all(self, key: str) -> tuple[str, ...]:
        """Every value, in order."""
        return tuple(value or "" for value in self._values.get(fold(key), ()))

    def get_bool(self, key: str, default: bool = False) -> bool:
        """Git's booleans; CcsyncError, as git says it, for anything else."""
        values = self._values.get(fold(key))
        if values is None:
            return default
        value = values[-1]
        if value is None or value.lower() in _TRUE:
            return True
        if value.lower() in _FALSE:
            return False
        number = _number(value)
        if number is None:
            raise CcsyncError(f"bad boolean config value '{value}' for '{key}'")
        return number != 0

    def get_int(self, key: str, default: int = 0) -> int:
        """Git's numbers, with k, m and g; CcsyncError, as git says it, for anything else, and for what is less than none."""
        values = self._values.get(fold(key))
        if values is None:
            return default
        number = _number(values[-1] or "")
        if number is None or number < 0:
            raise CcsyncError(f"bad numeric config value '{values[-1] or ''}' for '{key}'")
        return number

    def remotes(self) -> tuple[str, ...]:
        """The names of the remotes that have a URL, in order of appearance."""
        names: dict[str, None] = {}
        for key in self._values:
            if key.startswith("remote.") and key.endswith((".url", ".pushurl")):
                names.setdefault(key[7:].rpartition(".")[0])
        names.pop("", None)
        return tuple(names)

    def rewritten(self, url: str) -> str:
        """`url`, as it was typed, as git rewrites it for a push: by url.<base>.pushInsteadOf, else by insteadOf; of those
        that it begins with, the longest counts (git-config(1)). Once: what comes out is not rewritten again.
        """
        for word in (".pushinsteadof", ".insteadof"):
            rules = [
                (key[4 : -len(word)], self.get_all(key))
                for key in self._values
                if key[:4] == "url." and key.endswith(word)
            ]
            found = [(len(start), base) for base, starts in rules for start in starts if url.startswith(start)]
            if found:
                length, base = max(found, key=lambda rule: rule[0])  # the first one of several
                return base + url[length:]
        return url


def _number(value: str) -> int | None:
    text = value.strip()
    unit = _UNITS.get(text[-1:].lower(), 1)
    try:
        return int(text if unit == 1 else text[:-1]) * unit
    except ValueError:
        return None


def origins(repo: Repository, key: str) -> list[tuple[str, str]]:
    """Where each value of `key` was set (a path, or git's words for what is no file), and the value, in git's order."""
    asked = ("config", "-z", "--show-origin", "--get-all", key)
    words = os.fsdecode(command.run(asked, git_dir=repo.git_dir, check=False).stdout).split("\0")[:-1]
    return [(origin.removeprefix("file:"), value) for origin, value in zip(words[0::2], words[1::2], strict=True)]


class Reading:
    """The question under way; `finish()` gives the answer."""

    def __init__(self, running: command.Running) -> None:
        self._running = running

    def finish(self) -> Config:
        """The configuration. GitFailed if git cannot read it (its message names file and line)."""
        return parse_with_origins(self._running.finish().stdout)


def start_read(cwd: str = "", *, git_dir: str = "") -> Reading:
    """Ask git for the configuration of the repository at `cwd`, or of `git_dir`, without waiting."""
    env = command.environment(keep_context=not git_dir)
    return Reading(command.start(("config", "-z", "--list", "--show-origin"), cwd=cwd, git_dir=git_dir, env=env))


def read(cwd: str = "", *, git_dir: str = "") -> Config:
    """The configuration of the repository at `cwd`, or of `git_dir`."""
    return start_read(cwd, git_dir=git_dir).finish()


def parse_with_origins(text: bytes) -> Config:
    """The values out of `git config -z --list --show-origin`: `origin NUL key LF value NUL`, without the LF for a key
    without `=`.
    """
    words = os.fsdecode(text).split("\0")[:-1]
    values: dict[str, list[str | None]] = {}
    for entry in words[1::2]:
        key, separator, value = entry.partition("\n")
        values.setdefault(key, []).append(value if separator else None)
    _drop_ours(values)
    files = {origin[5:] for origin in words[0::2] if origin.startswith("file:")}
    return Config(values, tuple(path for path in files if os.path.isabs(path)))


def _drop_ours(values: dict[str, list[str | None]]) -> None:
    """Take out what `command.HYGIENE` sets on our own calls (-c: the last value); what the user set stays."""
    for key in _HYGIENE:
        found = values.get(key)
        if found:
            found.pop()
            if not found:
                del values[key]


_HYGIENE = frozenset(fold(setting.partition("=")[0]) for setting in command.HYGIENE)


def set_value(repo: Repository, key: str, value: str, *, glob: bool = False) -> None:
    """Make `value` the only value of `key`, in the repository's configuration or (`glob`) the user's."""
    _write(repo, glob, "--replace-all", "--", key, value)


def add_value(repo: Repository, key: str, value: str, *, glob: bool = False) -> None:
    """Add one more value to `key`."""
    _write(repo, glob, "--add", "--", key, value)


def unset(repo: Repository, key: str, *, glob: bool = False) -> None:
    """Remove every value of `key`; no error if there is none."""
    try:
        _write(repo, glob, "--unset-all", "--", key)
    except GitFailed as error:
        if error.git_status != 5:
            raise


def _write(repo: Repository, glob: bool, *words: str) -> None:
    command.run(("config", "--global" if glob else "--local", *words), git_dir=repo.git_dir)
