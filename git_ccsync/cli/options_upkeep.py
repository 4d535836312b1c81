"""What the verbs beside the carrying were asked for (see `options`): `watch`, `gc` and `purge`. No parsing here."""

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


class PurgeOptions(Frozen):
    """`purge`. `only`: without the copies and forks; `local`: also the files here; `follow`: do here what was purged elsewhere."""

    session: tuple[str, ...] = ()
    all: bool = False
    before: str = ""
    secrets: bool = False
    follow: bool = False
    only: bool = False
    local: bool = False
    yes: bool = False
    dry_run: bool = False
    json: bool = False


class LeaseOptions(Frozen):
    """`lease`: `action` is list, release or prune."""

    action: str = "list"
    session: str = ""
    json: bool = False


class KeyOptions(Frozen):
    """`key`. `action` is show, add, approve, remove, rotate or recover; `word` its operand, "" for none."""

    action: str
    word: str = ""
    name: str = ""
    fingerprint: str = ""
    yes: bool = False
    rewrite: bool = False
    new: bool = False
    json: bool = False
