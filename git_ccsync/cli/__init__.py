"""The command line."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line."""
    if sys.argv[1:2] == ["--version"]:
        from git_ccsync import __version__

        sys.stdout.write(f"git-ccsync version {__version__}\n")
    sys.stdout.flush()
    return 0
