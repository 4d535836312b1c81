"""git-ccsync carries Claude Code sessions between machines through a project's own git repository."""

from __future__ import annotations

__version__ = "0.1.0"
