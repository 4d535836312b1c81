"""Looking into the index of a pack (gitformat-pack(5), version 2) without reading more of it than is asked for."""

from __future__ import annotations

import os

from git_ccsync.errors import BadData

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = 8 + 1024
#: Names read at once: a foreign pack is told by the first few, ours are small.
_STEP = 20 * 4096


class PackIndex:
    """Which objects a pack holds, by their names as 20 bytes. A context manager around one open file."""

    def __init__(self, path: str) -> None:
        """Open it. OSError, BadData for what is no index of version 2."""
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        head = os.read(self._file, _NAMES)
        if len(head) != _NAMES or head[:8] != b"\xfftOc\0\0\0\2":
            os.close(self._file)
            raise BadData(f"'{path}' is not the index of a pack")
        self._fanout = [int.from_bytes(head[at : at + 4], "big") for at in range(8, _NAMES, 4)]

    def __enter__(self) -> PackIndex:
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._file)

    def __len__(self) -> int:
        return self._fanout[255]

    def __iter__(self) -> Iterator[bytes]:
        """All names, in their order."""
        end = _NAMES + 20 * len(self)
        for at in range(_NAMES, end, _STEP):
            yield from self._names(at, min(_STEP, end - at))

    def __contains__(self, name: bytes) -> bool:
        first = self._fanout[name[0] - 1] if name[0] else 0
        last = self._fanout[name[0]]
        while first < last:
            middle = (first + last) // 2
            found = os.pread(self._file, 20, _NAMES + 20 * middle)
            if found == name:
                return True
            first, last = (middle + 1, last) if found < name else (first, middle)
        return False

    def _names(self, at: int, size: int) -> list[bytes]:
        data = os.pread(self._file, size, at)
        return [data[start : start + 20] for start in range(0, len(data), 20)]
