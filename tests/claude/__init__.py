"""Tests of the room that knows Claude Code's files: real files, real processes."""
