"""Claude Code's files on this machine: finding, reading and installing sessions. Knows nothing of git."""

from __future__ import annotations
