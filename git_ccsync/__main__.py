"""`python -m git_ccsync`: the same as git-ccsync, for places where its launcher is not on PATH."""

from __future__ import annotations

import sys

from git_ccsync.cli import main

if __name__ == "__main__":
    sys.exit(main())
