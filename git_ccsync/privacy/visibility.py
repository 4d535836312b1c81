"""Who can read what lies at a URL, as far as can be told without an account there. Writes nothing."""

from __future__ import annotations

from git_ccsync.errors import GitFailed
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import remote, url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.git.repository import Repository

#: A path; somewhere that answers nobody without credentials, or not at all; somewhere that answers everybody.
PRIVATE, UNKNOWN, PUBLIC = "private", "unknown", "public"
#: Seconds for one question. A host that does not answer an anonymous one soon is no public one.
PATIENCE = 10


def look(repo: Repository | None, places: Sequence[str], patience: float = PATIENCE) -> str:
    """PRIVATE, UNKNOWN or PUBLIC: the worst of the URLs `places`.

    A path is private by nature: who may read it is the computer's business. Public is what answers somebody without
    credentials; an ssh URL is asked in its https form too, if its host is known to have one. `patience` in seconds.
    """
    if all(url.is_path(place) for place in places):
        return PRIVATE
    return PUBLIC if any(_answers(repo, place, patience) for place in places) else UNKNOWN


def _answers(repo: Repository | None, place: str, patience: float) -> bool:
    parts = url.parse(place)
    asked = url.https_form(place) if parts.scheme == "ssh" else place
    if not asked or url.parse(asked).scheme not in ("https", "http", "git"):
        return False
    try:
        remote.ls_remote(repo, asked, "HEAD", anonymous=True, stall=patience, total=patience)
    except GitFailed:
        return False
    return True
