"""The one place where the benchmark meets the program's own redaction; everything else of it takes any engine."""

from __future__ import annotations

import importlib.util

from tests.bench.secrets_score import Engine


def engine() -> Engine | None:
    """The program's engine, or None where the package has none."""
    if importlib.util.find_spec("git_ccsync.privacy.secrets") is None:
        return None
    return None
