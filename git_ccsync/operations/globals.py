"""Claude's files for all projects between this disk and the home branch: what is new here goes there by itself; what others
changed is only looked at here, and written when its owner says so.

Instructions steer Claude Code in every project: nobody who can write to the branch is to change them unseen.
"""

from __future__ import annotations

import os

from git_ccsync.claude import globals as own
from git_ccsync.claude import memory as claude_memory
from git_ccsync.errors import BadData, NotFound, Refused
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import Problem
from git_ccsync.operations.capturing import idle, redacted
from git_ccsync.operations.companions import memory, memory_text
from git_ccsync.state import files
from git_ccsync.store import memory as stored
from git_ccsync.store import three_way
from git_ccsync.store.format import escape_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.portable.text import Codec

    Units = Sequence[tuple[bytes, bytes]]

#: The folder of the tree; the key that switches it on; what the index remembers of the files here.
FOLDER, KEY, SEEN = "global", "ccsync.global", "global"
VERSION = 2


class File(Frozen):
    """One file: its portable text here, as both sides had it last, and on the branch; None where there is none. `units`
    are its lines here, `stat` tells whether it is still the one that was read.
    """

    name: str
    here: bytes | None
    base: bytes | None
    there: bytes | None
    units: Units = ()
    stat: tuple[int, int, int] = (0, 0, 0)

    @property
    def is_new_here(self) -> bool:
        """Whether what lies here is to go to the branch: nobody else has changed it since both sides had the same."""
        return self.here not in (None, self.there) and self.there in (None, self.base)

    @property
    def is_staged(self) -> bool:
        """Whether the branch has something that was not taken here. What was taken away here is not offered again."""
        return self.there is not None and self.there not in (self.here, self.base)

    @property
    def is_both(self) -> bool:
        """Whether it was changed here, too."""
        return self.is_staged and self.here not in (None, self.base)


class Globals:
    """What one run knows of them. `trees` are states that the remote is known to have: what is equal there is agreed on."""

    def __init__(self, stage: Stage, *trees: str) -> None:
        ws = stage.ws
        self.stage, self.claude = stage, ws.claude
        self.codec: Codec = stage.codec("", ws.trees[0], idle.memory_key(ws))
        self.problems: list[Problem] = []
        self.listing = own.listing(ws.claude)
        self._path = os.path.join(ws.memory, "global")
        self._held = files.load_cache(self._path)
        fits = isinstance(self._held, tuple) and len(self._held) == 4 and self._held[0] == VERSION
        self.base: dict[str, bytes] = dict(self._held[1]) if fits else {}  # type: ignore[index]
        self.offered: dict[str, bytes] = dict(self._held[2]) if fits else {}  # type: ignore[index]
        self.taken: dict[str, tuple[bytes | None, bytes | None]] = dict(self._held[3]) if fits else {}  # type: ignore[index]
        there = self._on_branch(stage.base)
        here = self._here(there)
        self._take_back(here)
        for tree in {*trees, *(one.tree for name, one in ws.refs.items() if name.startswith("refs/ccsync-remotes/"))}:
            self._agree(here, self._on_branch(tree))
        self.files = {
            name: File(name, here[name][0] if name in here else None, self.base.get(name), there.get(name), *here.get(name, (None,))[1:])
            for name in sorted({*here, *there})
        }  # fmt: skip

    def _on_branch(self, tree: str) -> dict[str, bytes]:
        """The texts of a tree; names that cannot be one of these files are passed over."""
        known = {**self.offered, **self.base}
        found = memory.on_branch(self.stage, tree, known, FOLDER).files if tree else {}
        return {name: text for name, text in found.items() if own.is_name(name)}

    def _here(self, there: dict[str, bytes]) -> dict[str, tuple[bytes, Units, tuple[int, int, int]]]:
        names = frozenset(stored.fitting([one.name for one in self.listing])[: stored.MAX_FILES])
        found: dict[str, tuple[bytes, Units, tuple[int, int, int]]] = {}
        for one in self.listing:
            try:
                units = self._units(one.name, names, there)
            except FileNotFoundError:
                continue
            except (BadData, OSError) as error:
                reason = getattr(error, "message", "") or getattr(error, "strerror", "") or "cannot be read"
                self.problems.append(Problem(one.name, reason, False, getattr(error, "hints", ())))
                redacted.note(self.stage, redacted.BESIDE, sent=False)
                there.pop(one.name, None)
                continue
            redacted.note(self.stage, redacted.BESIDE)
            found[one.name] = memory_text.stored(units), units, one[1:]
        return found

    def _units(self, name: str, fit: frozenset[str], there: dict[str, bytes]) -> Units:
        if name not in fit:
            raise BadData("has a name that not every machine can have; it stays here")
        known = [text for text in (self.base.get(name), there.get(name)) if text is not None]
        if not known:
            self.codec.checked_name(name, "its name")
        data = claude_memory.read(f"{self.claude}/{name}", stored.CAP)
        return memory_text.units(self.codec, data, known)

    def _agree(self, here: dict[str, tuple[bytes, Units, tuple[int, int, int]]], remote: dict[str, bytes]) -> None:
        """What the remote has of what lies or lay here is what both sides have."""
        for name, text in remote.items():
            if name in here and text == here[name][0]:
                self.base[name] = text
                self.offered.pop(name, None)
            elif text == self.offered.get(name):
                self.base[name] = self.offered.pop(name)

    def _take_back(self, here: dict[str, tuple[bytes, Units, tuple[int, int, int]]]) -> None:
        """What was taken, and lies here again as it lay before, was undone: it waits as it did."""
        for name, (base, before) in list(self.taken.items()):
            if before is not None and before == (here[name][0] if name in here else None):
                self._put_back(name, base)

    def _put_back(self, name: str, base: bytes | None) -> None:
        """Let a file that was taken wait again."""
        del self.taken[name]
        self.base.pop(name, None)
        if base is not None:
            self.base[name] = base

    def offer_again(self, names: Sequence[str]) -> None:
        """Of `names`, those that were made here by `take`, which was undone, wait as they did. Only whoever undoes it
        knows: that one is gone looks as if its owner had taken it away.
        """
        for name in names:
            base, before = self.taken.get(name, (None, b""))
            if before is None and not os.path.lexists(os.path.join(self.claude, name)):
                self._put_back(name, base)
        self.save()

    def take(self, one: File, *, written: bool = False) -> None:
        """What the branch has was looked at here: from now on only what lies here differs from it. `written`: it was put
        in the place of what lay here. One that was not here before, and is gone again, was taken away, unless that was
        an undo (`offer_again`).
        """
        assert one.there is not None
        if written:
            self.taken[one.name] = one.base, one.here
        self.base[one.name] = one.there
        self.offered.pop(one.name, None)
        self.stage.index.remember(SEEN, None)

    def save(self) -> None:
        """Write down what both sides have."""
        now = (VERSION, self.base, self.offered, self.taken)
        if not self.stage.dry_run and now != self._held:
            files.save_cache(self._path, now)

    def staged(self, names: Sequence[str] = ()) -> list[File]:
        """What others changed (of `names`, if given). NotFound for a name of which nothing waits."""
        found = {one.name: one for one in self.files.values() if one.is_staged}
        for name in names:
            if name not in found:
                raise NotFound(f"nothing waits of '{name}'", "'git ccsync global' lists what does")
        return [one for one in found.values() if not names or one.name in names]

    def merged(self, one: File) -> bytes:
        """The file as it would lie here: theirs, or the lines of both where both changed it."""
        assert one.there is not None
        text = one.there
        if one.is_both and one.here is not None:
            before = one.base.split(b"\n") if one.base is not None else []
            text = b"\n".join(three_way.merge(before, one.here.split(b"\n"), one.there.split(b"\n")).lines)
        return memory_text.local(self.codec, text, one.units)


def is_on(stage: Stage) -> bool:
    """Whether these files are carried."""
    return stage.ws.is_home and stage.ws.config.get_bool(KEY)


def capture(stage: Stage) -> tuple[str, tuple[Problem, ...]]:
    """Draft onto the branch what is new here and nobody else has changed; what the commit says of it ("" for nothing), and
    what could not be read.
    """
    known = Globals(stage)
    fresh = [one for one in known.files.values() if one.is_new_here and one.here is not None]
    for one in fresh:
        assert one.here is not None
        stage.draft.put(f"{FOLDER}/{escape_name(one.name)}", stage.sink.add("blob", one.here))
        known.offered[one.name] = one.here
    known.save()
    stage.index.remember(SEEN, memory.seen(known.listing) if not known.problems else None)
    return ", ".join(one.name for one in fresh[:3]) + (", …" if len(fresh) > 3 else ""), tuple(known.problems)


def news(stage: Stage, tree: str) -> tuple[str, ...]:
    """What is to be said of files that others changed; `tree` is what the remote has."""
    known = Globals(stage, tree)
    known.save()
    return tuple(f"{one.name} {changed(stage, one)}; 'git ccsync global' shows and takes it" for one in known.staged())


def changed(stage: Stage, one: File) -> str:
    """What was done to it, and by which machine."""
    who = f" on {name}" if (name := _writer(stage, one.name)) else " elsewhere"
    if one.is_both:
        return f"was changed here and{who}"
    return f"was changed{who}" if one.here is not None else f"was made{who}"


def _writer(stage: Stage, name: str) -> str:
    from git_ccsync.operations import machines
    from git_ccsync.operations.overview import names
    from git_ccsync.operations.run import clear

    commit = clear.last_change(stage.ws, stage.tip, f"{FOLDER}/{escape_name(name)}")
    found = machines.writer(commit.message) if commit else ""
    return names.of_stage(stage).machine(found) if found else ""


def require(stage: Stage) -> None:
    """Refused unless these files are carried."""
    if not is_on(stage):
        raise Refused("CLAUDE.md and plans are not carried", "'git ccsync global on' does")
