"""One place that sessions go to, as every push has it. How it is found says `destination`."""

from __future__ import annotations

from git_ccsync.frozen import Frozen
from git_ccsync.git import url as urls
from git_ccsync.operations.run.workspace import TRACKING

#: Where is noted what a bundle that was named once had; no remote's name has a lone "%".
FILE = TRACKING + "%file/"


class Destination(Frozen):
    """One place to push to. `remote` is its name, "" for a bare URL or path; `urls` are its push URLs, the first one
    is the one that counts; `ref` is the name there, `tracking` the name here of what we know of it.
    """

    remote: str
    urls: tuple[str, ...]
    ref: str
    branch: str
    tracking: str

    @property
    def name(self) -> str:
        """What to call it: the remote's name, else its URL without credentials."""
        return self.remote or self.shown

    @property
    def is_file(self) -> bool:
        """Whether it is one bundle, which can only be fetched from."""
        return self.tracking.startswith(FILE)

    @property
    def shown(self) -> str:
        """Its URL without credentials."""
        return urls.without_credentials(self.urls[0])
