"""Golden files: what a person has looked at and found right."""

from __future__ import annotations

from pathlib import Path

import pytest

GOLDENS = Path(__file__).parent / "goldens"


def golden(name: str, seen: str) -> str:
    """The file of that name; where it is missing it is made, to be looked at."""
    path = GOLDENS / name
    if not path.exists():
        path.write_text(seen, encoding="utf-8")
        pytest.fail(f"{path} was made: is it right?")
    return path.read_text(encoding="utf-8")
