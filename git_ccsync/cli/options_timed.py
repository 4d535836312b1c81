"""What the verbs that are timed were asked for (see `options`): a start of `push` makes no class of another verb. No parsing
here.
"""

from __future__ import annotations

import os

from git_ccsync.frozen import Frozen


def is_watched(progress: int, *, quiet: bool) -> bool:
    """Whether progress is to be shown: as `Carry.progress` says, and on a terminal unless that says."""
    return progress == 1 or (progress == -1 and not quiet and os.isatty(2))


class Carry(Frozen):
    """`push`, `pull` and `sync`. `progress` is 1 for always, 0 for never, -1 for a terminal and long work.

    `porcelain` is "" or the version asked for; `z` alone implies it. `branch`: somebody else's, of pull alone.
    """

    remote: str = ""
    session: tuple[str, ...] = ()
    all: bool = False
    dry_run: bool = False
    json: bool = False
    porcelain: str = ""
    z: bool = False
    quiet: bool = False
    verbose: bool = False
    progress: int = -1
    branch: str = ""

    @property
    def watched(self) -> bool:
        """Whether its progress is to be shown."""
        return is_watched(self.progress, quiet=self.quiet)


class StatusOptions(Frozen):
    """`status`."""

    fetch: bool = False
    exit_code: bool = False
    all: bool = False
    json: bool = False
    porcelain: str = ""
    z: bool = False
