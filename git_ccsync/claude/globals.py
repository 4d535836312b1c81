"""Claude's own files for all projects: `CLAUDE.md` in the Claude directory, and the plans in `plans/`. Found by name and
stat; never through a link. Nothing here reads or writes.
"""

from __future__ import annotations

import os

from git_ccsync.claude import memory
from git_ccsync.claude.memory import File

#: The file of instructions, and where plans lie.
INSTRUCTIONS, PLANS = "CLAUDE.md", "plans"


def is_name(name: str) -> bool:
    """Whether a file of that name, relative to the Claude directory, is one of them."""
    folder, slash, last = name.partition("/")
    return name == INSTRUCTIONS or (folder == PLANS and bool(slash) and "/" not in last and last.endswith(".md"))


def listing(claude: str) -> tuple[File, ...]:
    """Those that lie here, sorted. Links and the like, which are somebody else's to carry, are left out."""
    found = [File(f"{PLANS}/{one.name}", *one[1:]) for one in memory.listing(f"{claude}/{PLANS}").files]
    try:
        status = os.lstat(f"{claude}/{INSTRUCTIONS}")
        if status.st_mode & 0o170000 == 0o100000:
            found.append(File(INSTRUCTIONS, status.st_size, status.st_mtime_ns, status.st_ino))
    except OSError:
        pass
    return tuple(sorted(one for one in found if is_name(one.name)))
