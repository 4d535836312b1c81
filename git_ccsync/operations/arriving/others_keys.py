"""Encrypted branches of other people: read with the keys that their owner wrapped for this machine or its user's ssh key.

The keys of each lie where this machine keeps its own; which branch has which, and how far it was seen, is marked beside
what was fetched of it.
"""

from __future__ import annotations

from git_ccsync.errors import KeyMissing
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.operations.exchange import fetch as fetching
from git_ccsync.operations.run.stage import Stage
from git_ccsync.operations.sealed import enrol, sealing, unlock

if TYPE_CHECKING:
    from git_ccsync.operations.run.workspace import Workspace


def enter(ws: Workspace, view: Workspace, tracking: str) -> tuple[str, ...]:
    """Judge what was fetched of the encrypted branch that `view` sees, with keys that are known or were wrapped for us; what
    is to be said of them. KeyMissing with what its owner has to type, Tampered, Unsupported.
    """
    tip, tree = view.tip(), view.tree()
    with Stage(view._replace(refs={})) as stage:
        try:
            if stage.lens:
                sealing.check(stage, tracking, tip)
            if fetching.check_format(stage, tree) and not stage.lens:
                enrol.enter(stage, tracking, tip, tree)
        except KeyMissing as error:
            raise _not_let_in(ws, view.branch, error) from error
        stage.marks.put({f"seen {tracking}": tip})
        return (*stage.remarks, *enrol.untold(stage))


def _not_let_in(ws: Workspace, name: str, error: KeyMissing) -> KeyMissing:
    """The refusal, in a sentence that its owner can act upon."""
    if "passphrase" in error.message:
        return error
    public = unlock.own_public(ws.here.state)
    return KeyMissing(
        f"branch '{name}' is encrypted, and whoever it belongs to has not let you in",
        "they let this machine in by typing, in their clone:",
        f"    git ccsync key add {public.text}",
        "a public key of yours from ~/.ssh/*.pub does it, too; for one session alone:",
        "    git ccsync export --to <key> -o <file> <session>",
    )
