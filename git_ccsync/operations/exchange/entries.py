"""Merging what lies on a branch beside its sessions: leases, memory, machines' files and the rest, entry by entry. Drafts, never commits."""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Machine
from git_ccsync.operations.installing import hidden
from git_ccsync.store import format as layout
from git_ccsync.store import lease, machines
from git_ccsync.store.segments import TREE

if TYPE_CHECKING:
    from git_ccsync.operations.run.stage import Stage

    Entry = tuple[int, str]


def merge(stage: Stage, before: str, mine: str, theirs: str) -> None:
    """Everything but sessions and format: theirs, unless only we changed it. Folders entry by entry."""
    old, ours, there = (_flat(stage, tree) for tree in (before, mine, theirs))
    both = False
    for path in old.keys() | ours.keys():
        base, changed, found = old.get(path), ours.get(path), there.get(path)
        if path.startswith("leases/"):
            found = lease.merged(base, changed, found)
        elif path.startswith(("purged/", "former/")):  # nothing takes them away
            found = found or changed
        elif found == base and not (changed and hidden.is_late(stage, path, changed[1])):
            found = changed
        elif changed not in (base, found) and path.startswith("memory/"):
            both = True
        elif changed not in (base, found, None) and path.startswith("machines/"):
            found = _machine(stage, path, base, changed, found)
        if found != there.get(path):
            if found:
                stage.draft.put(path, found[1], found[0])
            else:
                stage.draft.remove(path)
    if both:
        from git_ccsync.operations.companions import memory

        memory.replay(stage, before, mine, theirs)


def _flat(stage: Stage, tree: str) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for entry in stage.tree(tree) if tree else ():
        name = entry.name.decode("utf-8", "surrogateescape")
        if name in ("sessions", "format"):
            continue
        if entry.mode != TREE:
            found[name] = entry.mode, entry.oid
            continue
        for below in stage.tree(entry.oid):
            found[f"{name}/{below.name.decode('utf-8', 'surrogateescape')}"] = below.mode, below.oid
    return found


def _machine(stage: Stage, path: str, base: Entry | None, changed: Entry, found: Entry | None) -> Entry | None:
    """A machine's file that both sides changed: it wrote its own while another proposed paths to it. What each changed, from
    both; of proposals that had to give way, `stage.unkept` says so.
    """
    identity = path.rpartition("/")[2]
    try:
        old, ours, there = (_read(stage, identity, entry) for entry in (base, changed, found))
    except BadData:
        return found
    made, lost = machines.merged(old, ours, there)
    if not found:
        proposed = dict(ours.placeholders).items() - dict(old.placeholders).items()
        stage.unkept += [
            f"'{old.name}' was taken off the branch, and {{{{{name}}}}} is not proposed to it" for name, _ in proposed
        ]
        return None
    stage.unkept += [
        f"{{{{{name}}}}} is not proposed to '{there.name}': another path, '{dict(made.placeholders)[name]}', already is"
        for name in lost
    ]
    return found[0], stage.sink.add("blob", layout.dump_machine(made, stage.blob(found[1], layout.SMALL_CAP)))


def _read(stage: Stage, identity: str, entry: Entry | None) -> Machine:
    data = stage.blob(entry[1], layout.SMALL_CAP) if entry else b""
    return layout.load_machine(identity, data) if entry else Machine(identity, "")
