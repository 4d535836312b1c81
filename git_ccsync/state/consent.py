"""What the owner agreed to: the URLs that sessions may go to, and who could read each when we last looked.

`consent` in the repository's state directory, one line a URL: `<normalised URL> TAB <agreed> TAB <visibility> TAB
<looked>`, times in seconds since 1970. A damaged line is no consent.
"""

from __future__ import annotations

import os

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.state import files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

VISIBILITIES: Final = ("private", "unknown", "public")
_CAP = 1 << 20


class Consent(Frozen):
    """Agreement to one or several URLs: the oldest times of them, and the widest visibility."""

    agreed: int
    visibility: str
    looked: int


def check(state: str, urls: Sequence[str]) -> Consent | None:
    """The consent that covers all of the normalised `urls`, None if one of them has none."""
    held = read(state)
    found = [held.get(url) for url in urls]
    given = [consent for consent in found if consent]
    if not urls or len(given) < len(urls):
        return None
    widest = max(given, key=lambda consent: VISIBILITIES.index(consent.visibility))
    return Consent(min(c.agreed for c in given), widest.visibility, min(c.looked for c in given))


def read(state: str) -> dict[str, Consent]:
    """Every consent of this repository by normalised URL."""
    found = {}
    text = files.read(os.path.join(state, "consent"), _CAP).decode("utf-8", "surrogateescape")
    for line in text.split("\n")[:-1]:
        fields = line.split("\t")
        if len(fields) == 4 and fields[1].isdecimal() and fields[3].isdecimal() and fields[2] in VISIBILITIES:
            found[fields[0]] = Consent(int(fields[1]), fields[2], int(fields[3]))
    return found


def record(state: str, urls: Sequence[str], visibility: str, now: float, *, agreed: bool) -> None:
    """Note for each of the normalised `urls` what was seen `now`, and, if `agreed`, that the owner agreed now.

    On disk when this returns. Without `agreed`, URLs that nobody agreed to stay without consent.
    """
    held = read(state)
    for url in urls:
        before = held.get(url)
        if "\t" not in url and "\n" not in url and (agreed or before):
            since = before.agreed if before and not agreed else int(now)
            held[url] = Consent(since, visibility, int(now))
    lines = "".join(f"{url}\t{c.agreed}\t{c.visibility}\t{c.looked}\n" for url, c in sorted(held.items()))
    files.replace(os.path.join(state, "consent"), lines.encode("utf-8", "surrogateescape"), durable=True)
