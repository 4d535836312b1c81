"""A side file that both sides changed: under which name ours is kept beside theirs. Names alone; nothing is read or drafted.

That name is `<name>.<machine>`, or, where a divergence of before has that one, the same with `.2` and so on behind it: what
was kept once is never replaced by what is kept now (gitformat-ccsync(5), MERGING).
"""

from __future__ import annotations

from itertools import count

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.store.format import escape_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from git_ccsync.operations.run.stage import Stage


def names(stage: Stage, name: str) -> Iterator[bytes]:
    """The escaped names that our version of the side file `name` may have beside theirs, one after the other, without end."""
    first = f"{name}.{stage.writer.name}"
    yield escape_name(first).encode()
    for number in count(2):
        yield escape_name(f"{first}.{number}").encode()


def free(stage: Stage, name: str, held: Mapping[bytes, str], ours: tuple[str, ...]) -> bytes:
    """The first of `names` that no file of `held` has, or one that is among `ours`: what is to be kept, and what was."""
    return next(one for one in names(stage, name) if held.get(one, ours[0]) in ours)


def are_of(name: bytes, held: Iterable[tuple[bytes, str]]) -> Iterator[tuple[bytes, str]]:
    """The files of `held` that may be versions of the file `name`, whichever machine kept them there."""
    return ((other, tree) for other, tree in held if other.startswith(name + b"."))
