"""auto: put our hooks into Claude Code's settings, take them out as if they had never been there, tell how they do.

What a file was before, and what we put in where, is kept in `settings/` in the machine's state: a copy of the file, and a
record beside it.
"""

from __future__ import annotations

import os
import zlib

from git_ccsync.claude import home, hooks, install_settings
from git_ccsync.claude.hooks import EVENTS
from git_ccsync.claude.settings_text import Insertion
from git_ccsync.errors import BadData, CcsyncError, Refused
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.operations.unattended import slash
from git_ccsync.state import files, machine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from git_ccsync.claude.hooks import Installed
    from git_ccsync.claude.install_settings import File

#: Claude Code itself may write its settings at any time.
TRIES = 20


class Place(Frozen):
    """Settings that hooks may stand in: `scope` is user or project, `commands` the directory of its slash commands."""

    scope: str
    path: str
    commands: str


class Changed(Frozen):
    """What `on` or `off` did to one place: `action` is added, updated, removed or unchanged."""

    place: Place
    action: str
    command: str = ""


class _Record(Frozen):
    """What was there before us, None for no file, and what we made of it, by which steps."""

    before: bytes | None
    after: bytes
    steps: tuple[Insertion, ...]


def user(environ: Mapping[str, str]) -> Place:
    """The settings that hold for every project of this user."""
    claude = home.claude_dir(environ)
    return Place("user", os.path.join(claude, "settings.json"), os.path.join(claude, "commands"))


def project(tree: str) -> Place:
    """The settings of one project on this machine alone: `tree` is its main work tree, from where they hold in all of its
    directories and linked work trees. Not `settings.json`, which colleagues share.
    """
    own = os.path.join(tree, ".claude")
    return Place("project", os.path.join(own, "settings.local.json"), os.path.join(own, "commands"))


def on(place: Place, words: Sequence[str], environ: Mapping[str, str], *, command: bool = False) -> Changed:
    """Put our hooks there, once; `words` start git-ccsync. With `command` the slash command `/ccsync` too.

    Refused if the file is no JSON object or has hooks of an unknown shape; CcsyncError if it cannot be written.
    """
    state = machine.state_home(environ)
    slashed = slash.on(place.commands) if command else ""
    for _ in range(TRIES):
        file = install_settings.read(place.path)
        try:
            if file.text is not None and hooks.is_complete(file.text, words):
                return Changed(place, "unchanged", slashed)
            had = bool(file.text and hooks.installed(file.text).events)
            before = _original(_load(state, file), file) if had else file.text
            after, steps = hooks.added(before or b"", words)
        except BadData as error:
            raise _refused(place.path, error) from None
        _save(state, file, _Record(before, after, steps))
        if install_settings.write(file, after):
            return Changed(place, "updated" if had else "added", slashed)
    raise CcsyncError(f"'{place.path}' does not hold still", "try again")


def off(place: Place, environ: Mapping[str, str]) -> Changed:
    """Take our hooks and our slash command away. A file that nobody touched since is what it was before, byte for byte;
    in another one only ours is gone. Errors as `on`.
    """
    state = machine.state_home(environ)
    slashed = slash.off(place.commands)
    for _ in range(TRIES):
        file = install_settings.read(place.path)
        try:
            if not file.text or not hooks.installed(file.text).events:
                return Changed(place, "unchanged", slashed)
            restored = _original(_load(state, file), file)
        except BadData as error:
            raise _refused(place.path, error) from None
        if install_settings.write(file, restored):
            _drop(state, file)
            return Changed(place, "removed", slashed)
    raise CcsyncError(f"'{place.path}' does not hold still", "try again")


def installed(place: Place) -> Installed:
    """What of ours is there. Refused as `on`."""
    text = install_settings.read(place.path).text
    try:
        return hooks.installed(text or b"")
    except BadData as error:
        raise _refused(place.path, error) from None


def complete(events: Sequence[str]) -> bool:
    """Whether all of our events are among them."""
    return set(events) == set(EVENTS)


def _original(record: _Record | None, file: File) -> bytes | None:
    """The file without us, None for no file."""
    assert file.text is not None
    if record and file.text == record.after:
        return record.before
    found = hooks.taken_out(file.text, record.steps) if record else None
    rest = hooks.removed(file.text) if found is None else found
    return None if record and record.before is None and rest.strip() == b"{}" else rest


def _refused(path: str, error: BadData) -> Refused:
    return Refused(f"'{path}' {error.message}", "mend it first; nothing was changed")


def _path(state: str, file: File) -> str:
    name = os.fsencode(file.path)
    return os.path.join(state, "settings", f"{zlib.crc32(name):08x}{zlib.crc32(name[::-1]):08x}")


def _save(state: str, file: File, record: _Record) -> None:
    """Both on disk before the settings change: the copy is for people, the record for `off`."""
    import json

    path = _path(state, file)
    if record.before is not None:
        files.replace(f"{path}.before", record.before, durable=True)
    steps = [(step.at, step.text.decode("latin-1")) for step in record.steps]
    before = None if record.before is None else record.before.decode("latin-1")
    held = {"path": file.path, "before": before, "after": record.after.decode("latin-1"), "steps": steps}
    files.replace(f"{path}.json", json.dumps(held).encode(), durable=True)


def _load(state: str, file: File) -> _Record | None:
    import json

    text = files.read(f"{_path(state, file)}.json", 64 << 20)
    try:
        held = json.loads(text)
        steps = tuple(Insertion(at, each.encode("latin-1")) for at, each in held["steps"])
        before = None if held["before"] is None else held["before"].encode("latin-1")
        return _Record(before, held["after"].encode("latin-1"), steps) if held["path"] == file.path else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _drop(state: str, file: File) -> None:
    for suffix in (".json", ".before"):
        try:
            os.unlink(_path(state, file) + suffix)
        except FileNotFoundError:
            pass
