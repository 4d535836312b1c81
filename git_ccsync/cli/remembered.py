"""What push, pull and sync say of Claude's memory files. Knows nothing of how they came to be so."""

from __future__ import annotations

from git_ccsync.cli import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.cli.colour import Palette
    from git_ccsync.model import Remembered


def show(told: Sequence[Remembered], place: str, palette: Palette, *, every: bool) -> None:
    """One line in all for what happened at `place`, and one for each conflict; with `every` one for each file."""
    for one in told:
        if one.action == "conflict":
            render.out(f"  {palette('yellow', 'conflict ')} memory/{render.safe(one.name)}: {_kept(one)}")
        elif every and one.place == place:
            render.out(f"  {one.action:<9} memory/{render.safe(one.name)}")
    if any(one.place == place for one in told if one.action != "conflict"):
        render.out(f"memory: {counts(told, place)}")


def _kept(one: Remembered) -> str:
    return f"yours is in '{render.safe(one.copy)}'" if one.copy else "both versions stand in it"


def counts(told: Sequence[Remembered], place: str) -> str:
    """`2 files added, 1 deleted`; what happened elsewhere where nothing happened at `place`."""
    here = [one for one in told if one.place == place and one.action != "conflict"] or told
    words: dict[str, int] = {}
    for one in here:
        words[one.action] = words.get(one.action, 0) + 1
    first, *rest = [(number, word) for word, number in words.items()]
    return ", ".join([f"{render.count(first[0], 'file')} {first[1]}", *(f"{n:,} {word}" for n, word in rest)])


def records(told: Sequence[Remembered]) -> Iterator[Sequence[object]]:
    """For programs: one record a file."""
    from git_ccsync.cli.porcelain import Path

    for one in told:
        yield ("memory", one.action, one.place, one.copy, Path(one.name))
