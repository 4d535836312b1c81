"""Where sessions came from that an undo took off the branch, for when they are listed or sent again. Knows no lines.

A mark each in the repository's state, `from <id>`: what their meta said of it, as JSON (`FIELDS`).
"""

from __future__ import annotations

from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Meta
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.operations.run.stage import Stage
    from git_ccsync.state.marks import Marks

KEY = "from "
#: Of a meta, and what they are where nothing is said.
FIELDS = {"parent": "", "origin": "", "fork": 0, "suffix": ""}


def keep(stage: Stage, after: str) -> None:
    """Remember it of the sessions of the branch that the tree `after` ("" for none) has not."""
    import json

    told = {}
    for name, (folder, there) in branch.changed(stage, stage.base, after).items():
        if there or not folder:
            continue
        try:
            meta = stage.meta(branch.parts(stage, folder).meta)
        except BadData:
            continue
        if meta.parent or meta.origin not in ("", stage.ws.here.id):
            told[KEY + name] = json.dumps([getattr(meta, field) for field in FIELDS])
    stage.marks.put(told)


def known(marks: Marks, session: str) -> Meta:
    """A meta that says where a session came from that is not on the branch, and nothing else."""
    text = marks.get(KEY + session)
    if not text:
        return Meta()
    import json

    try:
        told = json.loads(text)
    except ValueError:
        return Meta()
    if not isinstance(told, list) or [type(one) for one in told] != [type(one) for one in FIELDS.values()]:
        return Meta()
    return Meta()._replace(**dict(zip(FIELDS, told, strict=True)))


def taken(marks: Marks, name: str, session: str) -> Iterator[str]:
    """Those that were taken over from `session` of the branch `name`."""
    for copy in marks.starting(KEY):
        meta = known(marks, copy)
        if layout.is_session_id(copy) and meta.parent == session and meta.origin.partition("/")[0] == name:
            yield copy
