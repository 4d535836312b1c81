"""`machines/<id>`, this machine's own file on the branch: what it says, whether it is out of date, the next one. Drafts, never commits."""

from __future__ import annotations

import os

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Machine
from git_ccsync.operations.run import message
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from git_ccsync.operations.run.stage import Stage


def machine(stage: Stage) -> Machine:
    """What the branch says of this machine; only its name where that cannot be read."""
    here, data = stage.ws.here, _stored(stage)
    try:
        return layout.load_machine(here.id, data) if data else Machine(here.id, here.name)
    except BadData:
        return Machine(here.id, here.name)


def _stored(stage: Stage) -> bytes:
    found = branch.entry(stage, stage.base, _path(stage)) if stage.base else None
    return stage.blob(found[1], layout.SMALL_CAP) if found else b""


def _path(stage: Stage) -> str:
    return f"machines/{stage.ws.here.id}"


def opened(stage: Stage) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sessions that this machine has open, and those that it left without closing them."""
    if not _knows_open(stage):
        return (), machine(stage).unfinished
    from git_ccsync.operations.presence import opened as known

    found = known.here(stage, machine(stage))
    return found.open, found.unfinished


def _knows_open(stage: Stage) -> bool:
    return bool(stage.live) or _has_hooks(stage)


def _has_hooks(stage: Stage) -> bool:
    """Whether hooks have seen sessions here."""
    return os.path.isdir(f"{stage.ws.state}/auto/sessions")


def has_leases(stage: Stage) -> bool:
    """Whether there may be anything to do about leases: some on the branch, or sessions that hooks have seen here."""
    return _has_hooks(stage) or bool(stage.base and branch.folder(stage, stage.base, "leases"))


def is_due(stage: Stage) -> bool:
    """Whether other machines should be told of sessions opened or closed here, or of a new name."""
    said = stage.index.value("machine")
    if stage.hushed or not stage.tip or not isinstance(said, tuple):
        return False
    if not _knows_open(stage):
        return said[:2] != (stage.ws.here.name, ())
    return said != (stage.ws.here.name, *opened(stage))


def put(stage: Stage) -> None:
    """Draft the file as of now: name, open sessions, placeholder names. Whoever is told that a session was closed is told
    by the same commit that nobody holds it.
    """
    before, data = machine(stage), _stored(stage)
    made = _today(stage, before)
    stage.index.remember("machine", (made.name, made.open, made.unfinished))
    if made == before and data:
        return
    stage.draft.put(_path(stage), stage.sink.add("blob", layout.dump_machine(made, data)))
    if has_leases(stage):
        from git_ccsync.operations.presence import leases

        leases.keep(stage, ())


def _today(stage: Stage, before: Machine) -> Machine:
    here = stage.ws.here
    places = {**dict.fromkeys(dict(here.placeholders), ""), **{n: p for n, p in before.placeholders if p}}
    done = {**dict(before.done), **stage.done}
    if done:
        from git_ccsync.operations.presence.opened import still

        done = still(stage, done)
    told = tuple(sorted(places.items())), tuple(sorted(done.items()))
    return Machine(here.id, here.name, message.os_name(), *opened(stage), *told)
