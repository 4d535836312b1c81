"""Small objects that were read or written lately. With them a push of a few lines asks git for no object at all.

Plain values go in and out, for whoever keeps them from run to run; nothing is believed that does not fit its name.
"""

from __future__ import annotations

from git_ccsync.git.codec import hash_object

#: A session's trees and its description are some ten objects of a few hundred bytes.
LARGEST, MOST = 2048, 96


class Recent:
    """The objects of the last runs, and this one's as it goes on."""

    def __init__(self, held: object = None) -> None:
        """HELD is what `plain` gave, or anything at all."""
        self._objects: dict[str, tuple[str, bytes]] = {}
        for one in held if isinstance(held, tuple) else ():
            oid, kind, data = one
            self._objects[oid] = kind, data
        self._checked: set[str] = set()

    def get(self, oid: str) -> tuple[str, bytes] | None:
        """Kind and content of an object, None if it is not at hand."""
        found = self._objects.pop(oid, None)
        if not found or (oid not in self._checked and not self.fits(oid, *found)):
            return None
        self._checked.add(oid)
        self._objects[oid] = found  # the last used are kept
        return found

    def fits(self, oid: str, kind: str, data: bytes) -> bool:
        """Whether the name is that of this content."""
        return hash_object(kind, data) == oid

    def put(self, oid: str, kind: str, data: bytes, *, unwritten: bool = False) -> None:
        """Remember an object, unless it is large; of any size if it is not on disk yet. OID is its name, as the caller
        knows.
        """
        if len(data) <= LARGEST or unwritten:
            self._objects.pop(oid, None)
            self._objects[oid] = kind, data
            self._checked.add(oid)
            if len(self._objects) > 4 * MOST:
                del self._objects[next(iter(self._objects))]

    def plain(self) -> tuple[tuple[str, str, bytes], ...]:
        """What is to be kept, the oldest first."""
        small = [(oid, *found) for oid, found in self._objects.items() if len(found[1]) <= LARGEST]
        return tuple(small[-MOST:])
