"""Finding bytes in a long text at the speed of the C library: a few needles that are rarely there, in everything.

`bytes.find` shifts by one byte's worth of knowledge, glibc's memmem by two: measured on transcripts, for needles of eight
to ten bytes, 2.7 GB/s against 5 to 9. Other C libraries are slower than Python at it; there, and for a short text,
it is `bytes.find`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    #: Needle, start, end → where it begins, or -1.
    Seek = Callable[[bytes, int, int], int]

#: From this length on a text is worth the import of ctypes (2 ms).
_LONG = 1 << 16
_kept: list[Any] = []


def seek(text: bytes) -> Seek:
    """What finds a needle of at least one byte in TEXT between two places, as `text.find` does."""
    if len(text) < _LONG:
        return text.find
    memmem, address = _library()
    if not memmem:
        return text.find
    base: int = address(text)

    def find(needle: bytes, at: int, end: int) -> int:
        end = min(end, len(text))  # which also keeps the text alive
        found = memmem(base + at, end - at, needle, len(needle)) if 0 <= at < end else None
        return found - base if found else -1

    return find


def _library() -> tuple[Any, Any]:
    """memmem(3) and what tells where bytes lie; None for both where it is not glibc's."""
    if not _kept:
        _kept[:] = _load()
    memmem, address = _kept
    return memmem, address


def _load() -> tuple[Any, Any]:
    try:
        import ctypes

        library = ctypes.PyDLL(None)
        library.gnu_get_libc_version  # noqa: B018 -- no other has it
        memmem = library.memmem
    except (ImportError, OSError, AttributeError, TypeError):
        return None, None
    memmem.restype = ctypes.c_void_p
    memmem.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t)
    return memmem, lambda text: ctypes.cast(ctypes.c_char_p(text), ctypes.c_void_p).value
