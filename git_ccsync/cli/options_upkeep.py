"""What the verbs beside the carrying were asked for (see `options`): `watch` and `gc`. No parsing here."""

from __future__ import annotations

from git_ccsync.frozen import Frozen


class WatchOptions(Frozen):
    """`watch`. `interval` is in seconds; at most one of `stop`, `install` and `uninstall`."""

    interval: int = 30
    push_only: bool = False
    all: bool = False
    stop: bool = False
    install: bool = False
    uninstall: bool = False


class GcOptions(Frozen):
    """`gc`."""

    all: bool = False
    json: bool = False
