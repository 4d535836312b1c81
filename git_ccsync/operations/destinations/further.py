"""The further push URLs of a destination, each for itself: which tip it took last, and whether it lacks today's."""

from __future__ import annotations

import zlib

from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from git_ccsync.model import RemoteResult
    from git_ccsync.state.marks import Marks

#: What became of a push that arrived.
ARRIVED = ("pushed", "up-to-date")


def is_owed(marks: Marks, tracking: str, tip: str) -> bool:
    """Whether the branch has to be sent though it holds the same as the remote when it was followed last, at `tip` in the ref
    `tracking`: its bundle is due, or it was mended behind something that nobody can follow.
    """
    return bool(marks.get("bundle") or (tip and marks.get(f"mended {tracking}") == tip))


def lacking(marks: Marks, urls: Sequence[str], ref: str, tip: str) -> tuple[str, ...]:
    """Those of the push URLs `urls` behind the first one that are not known to have `tip` at `ref`."""
    return tuple(url for url in urls[1:] if marks.get(_key(url, ref)) != tip)


def arrived(urls: Sequence[str], results: Iterable[RemoteResult], ref: str, tip: str) -> dict[str, str]:
    """The marks of those of `urls` (all push URLs, the first one too) that took `tip`; `results` are of the further ones."""
    return {_key(url, ref): tip for url, one in zip(urls[1:], results, strict=True) if one.status in ARRIVED}


def _key(url: str, ref: str) -> str:
    """No URL itself: it may hold a password."""
    return f"at-url {zlib.crc32(f'{url} {ref}'.encode('utf-8', 'surrogateescape')):08x}"
