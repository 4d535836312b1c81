"""placeholder: directories with portable names of one's own; this machine's in config.toml, proposals on the branch."""

from __future__ import annotations

import os

from git_ccsync.errors import NotFound, Usage
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import Machine
from git_ccsync.operations import machines
from git_ccsync.operations.installing.roots import TAKEN
from git_ccsync.operations.overview import catalogue
from git_ccsync.operations.run import locking, own_file
from git_ccsync.operations.run.workspace import require_init
from git_ccsync.portable.grammar import is_name
from git_ccsync.portable.roots import usable
from git_ccsync.portable.windows import is_windows
from git_ccsync.state import machine as own
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.state.machine import Here


class Placeholder(Frozen):
    """A name and its path on this machine, "" if it has none. `origin` is here, proposed (by another machine), or
    elsewhere: only other machines have it.
    """

    name: str
    path: str
    origin: str


def placeholders(here: Here, ws: Workspace | None) -> tuple[Placeholder, ...]:
    """This machine's own, those proposed to it on the branch of `ws`, and names that only others have; by name."""
    known = catalogue.load(ws).machines if ws and ws.initialised else {}
    names = (name for one in known.values() if one.id != here.id for name, _ in one.placeholders)
    found = {name: Placeholder(name, "", "elsewhere") for name in names}
    proposed = known[here.id].placeholders if here.id in known else ()
    found |= {name: Placeholder(name, path, "proposed") for name, path in proposed if path}
    found |= {name: Placeholder(name, path, "here") for name, path in here.placeholders}
    return tuple(found[name] for name in sorted(found))


def check(name: str, path: str) -> None:
    """Usage for a name that cannot be a placeholder's, or a path that cannot have one."""
    if not is_name(name.encode("utf-8", "surrogateescape")):
        raise Usage(f"'{name}' is no name for a placeholder", "use capitals, digits and '_'")
    if name in TAKEN:
        raise Usage(f"'{name}' stands for something already")
    if not usable(os.fsencode(path)) or not path.isprintable():
        raise Usage(f"'{path}' is no absolute path that could have a name")


def add(here: Here, name: str, path: str) -> str:
    """Give the directory `path` the name `name` on this machine, in all repositories. Out: the path as kept."""
    raw = os.fsencode(path)
    full = os.fsdecode(usable(raw)) or path if is_windows(raw) else os.path.abspath(os.path.expanduser(path))
    check(name, full)
    own.save_config(here._replace(placeholders=tuple(sorted({**dict(here.placeholders), name: full}.items()))))
    return full


def remove(here: Here, name: str) -> None:
    """Take this machine's own `name` away; NotFound if it has none."""
    if name not in dict(here.placeholders):
        raise NotFound(f"no placeholder '{name}' on this machine", "run 'git ccsync placeholder list' to see them")
    own.save_config(here._replace(placeholders=tuple(pair for pair in here.placeholders if pair[0] != name)))


def is_here(ws: Workspace, word: str) -> bool:
    """Whether `word` means this machine, whose own names are no proposals. Raises NotInitialised, NotFound, Usage."""
    require_init(ws)
    return _named(ws, word).id == ws.here.id


def _named(ws: Workspace, word: str) -> Machine:
    """The machine that `word` means; this one by the name that it has now."""
    known, here = catalogue.load(ws).machines, ws.here
    every = {**known, here.id: known.get(here.id, Machine(here.id, here.name))._replace(name=here.name)}
    return machines.named(every.values(), word)


def propose(ws: Workspace, word: str, name: str, path: str) -> Machine:
    """Propose `path` (as it is spelled there) for `name` to the machine `word`, "" to take a proposal back.

    Committed here, sent by the next push. Out: that machine. Raises NotInitialised, NotFound, Usage.
    """
    require_init(ws)
    if path:
        check(name, path)

    def work(stage: Stage) -> Machine:
        other = _named(ws, word)
        if other.id == ws.here.id:  # what is new of its own comes first: written together, it would keep the proposal
            stage.commit(stage.tip, 0, 0)
            other = own_file.machine(stage)
        places = dict(other.placeholders)
        if not path and not places.get(name):
            raise NotFound(f"no placeholder '{name}' is proposed to '{other.name}'")
        places.pop(name, None)  # the machine itself writes its own names again with its next commit
        places |= {name: path} if path else {}
        path_there = f"machines/{other.id}"
        before = branch.entry(stage, stage.base, path_there)
        held = stage.blob(before[1], layout.SMALL_CAP) if before else b""
        data = layout.dump_machine(other._replace(placeholders=tuple(sorted(places.items()))), held)
        stage.draft.put(path_there, stage.sink.add("blob", data))
        stage.commit(stage.tip, 0, 0, f"{'propose' if path else 'take back'} {name} for {own.clean_name(other.name)}")
        stage.save()
        return other

    return locking.locked(ws, False, work)
