"""Tests of git: against the real executable, repositories and remotes."""
