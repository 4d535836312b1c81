"""Which objects that a commit's history names are not in the repository: one `git rev-list`, which looks and does not read."""

from __future__ import annotations

from git_ccsync.git import command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.git.repository import Repository


def missing(repo: Repository, tip: str) -> Iterator[str]:
    """The ids of the objects that are missing, in no order; GitFailed if one that names others cannot be read."""
    rest = b""
    words = ("rev-list", "--objects", "--missing=print", "--no-object-names", "--end-of-options", tip)
    for chunk in command.stream(words, git_dir=repo.git_dir):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line[1:].decode("ascii", "replace") for line in lines if line.startswith(b"?"))
