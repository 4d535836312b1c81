"""Merging two versions of a machine's file: its own, and one in which another machine proposed paths to it. Pure."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeVar

    from git_ccsync.model import Machine

    T = TypeVar("T")


def merged(old: Machine, ours: Machine, theirs: Machine) -> tuple[Machine, dict[str, str]]:
    """What both made of `old`, value by value and name by name; where both changed one, theirs. Also the paths that ours
    proposes, and that gave way to others, by name.
    """
    places, lost = _places(dict(old.placeholders), dict(ours.placeholders), dict(theirs.placeholders))
    made = theirs._replace(
        name=_one(old.name, ours.name, theirs.name),
        os=_one(old.os, ours.os, theirs.os),
        open=_one(old.open, ours.open, theirs.open),
        unfinished=_one(old.unfinished, ours.unfinished, theirs.unfinished),
        placeholders=_pairs(places),
        done=_pairs(_each(dict(old.done), dict(ours.done), dict(theirs.done))),
    )
    return made, lost


def _one(old: T, ours: T, theirs: T) -> T:
    return ours if theirs == old else theirs


def _each(old: Mapping[str, str], ours: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """Tables, key by key."""
    found = {key: _one(old.get(key), ours.get(key), theirs.get(key)) for key in {**old, **ours, **theirs}}
    return {key: value for key, value in found.items() if value is not None}


def _places(
    old: Mapping[str, str], ours: Mapping[str, str], theirs: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Names and paths; a path goes before a mere name, and before none."""
    found = _each(old, ours, theirs)
    new = {name: path for name, path in ours.items() if path and path != old.get(name)}
    found |= {name: path for name, path in new.items() if not found.get(name)}
    return found, {name: path for name, path in new.items() if found[name] != path}


def _pairs(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(values.items()))
