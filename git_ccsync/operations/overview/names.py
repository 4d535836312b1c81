"""What people are shown in place of what is stored: machines by their names, titles with this machine's paths. Pure looks."""

from __future__ import annotations

import os

from git_ccsync.claude import home
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Meta
from git_ccsync.store import branch
from git_ccsync.store.format import SMALL_CAP, is_machine_id, load_machine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Protocol

    from git_ccsync.model import Installed, Machine, Outcome
    from git_ccsync.operations.installing.roots import Codecs
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.portable.text import Codec
    from git_ccsync.store.segments import Blobs, Trees

    class Reads(Trees, Blobs, Protocol):
        """What can read trees and blobs."""


#: So many characters of its id stand for a machine that was forgotten.
SHORT = 8


class Names:
    """The names of one repository. `machines` maps ids to names, `codecs` are this machine's roots, `meta` gives what the
    branch says of a session; asked where needed.
    """

    def __init__(
        self,
        ws: Workspace,
        machines: Callable[[], Mapping[str, str]],
        codecs: Callable[[], Codecs],
        meta: Callable[[str], Meta] = lambda _: Meta(),
    ) -> None:
        self._ws, self._machines, self._codecs, self._meta = ws, machines, codecs, meta

    def machine(self, stored: str) -> str:
        """The name of the machine that a meta tells of by its id; a few characters of the id if nobody has it any more."""
        if stored == self._ws.here.id:
            return self._ws.here.name
        if not is_machine_id(stored):
            return stored
        return self._machines().get(stored) or stored[:SHORT]

    def title(self, session: str, meta: Meta) -> str:
        """The title of a session as it reads on this machine."""
        return local_title(self.codec(session, meta), meta.title) if "{{" in meta.title else meta.title

    def codec(self, session: str, meta: Meta) -> Codec:
        """What translates the lines of a session: its paths are those of the work tree that it belongs to."""
        tree = self._ws.work_tree(meta.worktree)
        parts = [part for part in meta.directory.split("/") if part not in ("", ".", "..")]
        key = home.project_key(os.path.join(tree, *parts))
        return self._codecs().codec(session, tree, key)

    def told(self, outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
        """The same with titles as they read here."""
        return tuple(one._replace(title=self._told(one.copy or one.session, one.title)) for one in outcomes)

    def installed(self, done: Iterable[Installed]) -> tuple[Installed, ...]:
        """The same with titles as they read here, and machines by name."""
        return tuple(
            one._replace(title=self._told(one.session, one.title), machine=self.machine(one.machine)) for one in done
        )

    def _told(self, session: str, title: str) -> str:
        """A stored title as it reads here: its paths are those of the work tree that the session belongs to."""
        return self.title(session, self._meta(session)._replace(title=title)) if "{{" in title else title


def taken_from(meta: Meta) -> str:
    """`<branch>/<machine>` that a session was taken over from; "" for one that was not, also for a fork or copy of such a one."""
    return meta.origin if meta.parent and not meta.fork and not meta.suffix and "/" in meta.origin else ""


def of_machines(ws: Workspace, machines: Mapping[str, Machine]) -> Names:
    """The names of a repository with these machines."""

    def codecs() -> Codecs:
        from git_ccsync.operations.installing.roots import Codecs

        here = machines.get(ws.here.id)
        return Codecs(ws, here.placeholders if here else ())

    return Names(ws, lambda: {one.id: one.name for one in machines.values()}, codecs)


def of_stage(stage: Stage) -> Names:
    """The names of the branch as it is drafted; those of its machines are kept in the index."""
    return Names(stage.ws, lambda: _machines(stage), lambda: stage.codecs, lambda session: _meta(stage, session))


def _meta(stage: Stage, session: str) -> Meta:
    """What the branch as drafted says of a session; an empty one if it has none that can be read."""
    try:
        return stage.meta(stage.parts(session).meta)
    except BadData:
        return Meta()


def _machines(stage: Stage) -> dict[str, str]:
    folder = branch.folder(stage, stage.base, "machines") if stage.base else ""
    held = stage.index.value("machines")
    if isinstance(held, tuple) and held[0] == folder:
        return dict(held[1])
    found = {name: one.name for name, one in machines_in(stage, stage.base).items()} if folder else {}
    stage.index.remember("machines", (folder, found))
    return found


def machines_in(reader: Reads, root: str) -> dict[str, Machine]:
    """The machines of the tree `root` by id; unreadable ones are left out."""
    found = {}
    for identity, oid in branch.machines(reader, root).items():
        try:
            found[identity] = load_machine(identity, reader.blob(oid, SMALL_CAP))
        except BadData:
            continue
    return found


def stored_title(codec: Codec, title: str) -> str:
    """A title as it is stored: with placeholders in place of this machine's paths."""
    return _through(codec.portable, title) if title else ""


def local_title(codec: Codec, title: str) -> str:
    """A stored title with this machine's paths."""
    return _through(codec.local, title) if "{{" in title else title


def _through(translate: Callable[[bytes], bytes], title: str) -> str:
    """A title translated as the JSON string that it stands in."""
    import json

    row = json.dumps(title, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
    try:
        value = json.loads(translate(row))
    except ValueError:
        return title
    return value if isinstance(value, str) else title
