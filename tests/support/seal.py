"""The sealed environment: what a test's processes may see of this computer, and the guard of the real Claude directory.

Both the test process itself (conftest.py) and every process of a `World` live in one of these.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

#: A moment in the past that in-process git commits carry, so that object ids are the same in every run.
DATE = "2026-01-02T03:04:05+0000"

PASSED_ON = (
    "COVERAGE_PROCESS_START",
    "COVERAGE_PROCESS_CONFIG",
    "SYSTEMROOT",
    "LD_LIBRARY_PATH",
)

GITCONFIG = """\
[user]
\tname = {name}
\temail = {email}
[init]
\tdefaultBranch = main
[advice]
\tdetachedHead = false
[ccsync]
\tsummarizer = none
"""
#: Git's own upkeep would come between the processes of a test; a user's git does it, so what is measured has it.
NO_UPKEEP = """\
[gc]
\tauto = 0
[maintenance]
\tauto = false
"""


def sealed_environment(
    home: Path, *, name: str = "Al Example", email: str = "al@example.com", upkeep: bool = False
) -> dict[str, str]:
    """The whole environment of one user whose home is `home`; makes the home and its ~/.gitconfig if they are absent.
    `upkeep`: git looks after its repositories, as it does unless it is told not to.
    """
    home.mkdir(parents=True, exist_ok=True)
    config = home / ".gitconfig"
    if not config.exists():
        config.write_text(GITCONFIG.format(name=name, email=email) + ("" if upkeep else NO_UPKEEP))
    temporary = home / ".tmp"
    temporary.mkdir(exist_ok=True)
    environment = {key: os.environ[key] for key in PASSED_ON if key in os.environ}
    environment |= {
        "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]),
        "HOME": str(home),
        "USER": "al",
        "LOGNAME": "al",
        "SHELL": "/bin/sh",
        "TERM": "dumb",
        "PAGER": "cat",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "TMPDIR": str(temporary),
        # Every home is a new one: to compile all modules for its cache costs a second behind each test's first command.
        "PYTHONDONTWRITEBYTECODE": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ALLOW_PROTOCOL": "file:http:ssh",
        "GIT_TERMINAL_PROMPT": "0",
    }
    return environment | xdg(home)


def xdg(home: Path) -> dict[str, str]:
    """The four XDG directories under `home`, spelled out so that nothing of the caller's leaks in."""
    return {
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "XDG_CACHE_HOME": str(home / ".cache"),
    }


def guard_real_claude(home: str) -> None:
    """Make every touch of the real Claude directory by this process raise, for the rest of its life."""
    forbidden = os.path.join(os.path.realpath(home), ".claude")

    def audit(event: str, arguments: tuple[object, ...]) -> None:
        if event in WATCHED and arguments and isinstance(arguments[0], str | bytes):
            path = os.path.abspath(os.fsdecode(arguments[0]))
            if path == forbidden or path.startswith((forbidden + os.sep, forbidden + ".json")):
                raise PermissionError(f"a test touched the real Claude directory: {path}")

    sys.addaudithook(audit)


WATCHED = frozenset(
    [
        "open",
        "os.listdir",
        "os.scandir",
        "os.mkdir",
        "os.rename",
        "os.remove",
        "os.rmdir",
        "os.link",
        "os.symlink",
        "os.truncate",
        "os.utime",
        "os.chmod",
    ]
)
