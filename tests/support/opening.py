"""What Claude Code needs of a transcript to open it: its own id in every row, and a chain of parents without a gap."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def check_opens(path: Path, cwd: Path | None = None) -> int:
    """Assert that the transcript at `path` is one whole conversation of that session, from its first row to its last, in
    the directory `cwd` if that is given; how many messages it has.
    """
    seen: set[str] = set()
    last = None
    for text in path.read_bytes().split(b"\n")[:-1]:
        row = json.loads(text)
        assert row.get("sessionId", path.stem) == path.stem, row
        if "uuid" not in row:
            continue
        assert row["parentUuid"] in ({last} if seen else {None}), row
        assert row["uuid"] not in seen, row
        assert cwd is None or row["cwd"] == str(cwd), row
        last = row["uuid"]
        seen.add(last)
    assert seen
    return len(seen)
