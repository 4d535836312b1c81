"""The guard before the first byte: nothing is sent where nobody agreed to, or where everybody can read it by now."""

from __future__ import annotations

import time

from git_ccsync.errors import Refused, RemoteFailed
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import url as urls
from git_ccsync.state import consent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.git.config import Config
    from git_ccsync.git.repository import Repository
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.run.workspace import Workspace

#: Seconds after which it is looked again who can read the destination.
DAY = 24 * 3600


class NoConsent(Refused):
    """Nobody has agreed to send sessions to `destination` yet; a person at the terminal may be asked."""

    def __init__(self, message: str, *hints: str, destination: Destination) -> None:
        super().__init__(message, *hints)
        self.destination = destination


def check(ws: Workspace, destination: Destination, *, allow_ask: bool = False) -> None:
    """Return if sessions may be sent to `destination`. One small file is read; once a day the remote is asked.

    Raises NoConsent if the owner has not agreed to one of its URLs (a changed URL is another one; with `allow_ask` the
    hints are left to whoever asks), RemoteFailed if nothing is there to agree to, Refused if everybody can read it.
    """
    places = normal(ws.repo, destination)
    held = consent.check(ws.state, places)
    if held is None:
        _check_exists(ws, destination)
        raise _no_consent(ws, destination, asked=allow_ask)
    if ws.config.get_all("ccsync.require"):
        from git_ccsync.operations.destinations import policy

        policy.check_sealed(ws, destination)
    visibility = held.visibility
    if abs(time.time() - held.looked) > DAY:
        visibility = look(ws, destination.urls)
        consent.record(ws.state, places, visibility, time.time(), agreed=False)
    if visibility == "public" and not (allowed(ws.repo, ws.config, destination) or is_hidden(ws, destination)):
        raise public(ws, destination)


def is_hidden(ws: Workspace, destination: Destination, *, encrypt: bool = False) -> bool:
    """Whether who reads the destination learns nothing, as the branch is encrypted (or will be, as `encrypt` says) with all of
    its history that would be sent, and nothing forbids a public place all the same.
    """
    from git_ccsync.operations.destinations import policy

    if _must_be_private(ws.config):
        return False
    sealed, clear = policy.in_clear(ws, destination, encrypt=encrypt)
    return (sealed or encrypt) and not clear


def readers(ws: Workspace, destination: Destination) -> str:
    """Who could read sessions at `destination`: private or unknown. Raises Refused if everybody can."""
    visibility = look(ws, destination.urls)
    if visibility == "public" and not (allowed(ws.repo, ws.config, destination) or is_hidden(ws, destination)):
        raise public(ws, destination)
    return visibility


def look(ws: Workspace, places: Sequence[str]) -> str:
    """Who can read what lies at the URLs `places`, as they answer: see privacy.visibility."""
    from git_ccsync.operations.destinations.destination import patience
    from git_ccsync.privacy import visibility

    return visibility.look(ws.repo, places, patience(ws.config, visibility.PATIENCE))


def agree(ws: Workspace, destination: Destination, visibility: str) -> None:
    """Write down that the owner agreed to send sessions to `destination`."""
    consent.record(ws.state, normal(ws.repo, destination), visibility, time.time(), agreed=True)


def normal(repo: Repository, destination: Destination) -> tuple[str, ...]:
    """The URLs of the destination as consent is bound to them."""
    return tuple(urls.normalise(place, repo.work_tree) for place in destination.urls)


def allowed(repo: Repository, config: Config, destination: Destination, *more: str) -> bool:
    """Whether ccsync.allowPublic (or `more`) names every URL of the destination that is no path, and may."""
    given = () if _must_be_private(config) else (*config.get_all("ccsync.allowPublic"), *more)
    named = {urls.normalise(place, repo.work_tree) for place in given if place}
    return all(urls.is_path(place) or urls.normalise(place, repo.work_tree) in named for place in destination.urls)


def is_named(ws: Workspace, places: Sequence[str], url: str) -> bool:
    """Whether `url` is one of the destination's `places`."""
    return urls.normalise(url, ws.repo.work_tree) in {urls.normalise(place, ws.repo.work_tree) for place in places}


def _must_be_private(config: Config) -> bool:
    if not config.get_all("ccsync.require"):
        return False
    from git_ccsync.operations.destinations import policy

    return policy.PRIVATE in policy.required(config)


def public(ws: Workspace, destination: Destination) -> Refused:
    """The refusal of a place that everybody can read, with the ways out; they name the remote where it is not the default."""
    place = next((place for place in destination.urls if not urls.is_path(place)), destination.urls[0])
    shown = urls.without_credentials(place)
    if _must_be_private(ws.config):
        from git_ccsync.operations.destinations import policy

        return policy.public(ws.repo, shown)
    return Refused(
        f"everyone can read '{shown}'; sessions are not sent there",
        "git ccsync init --remote <url>",
        "    sends them to a private repository instead",
        *_hiding(ws, destination),
        f"git ccsync init {_named(ws.config, destination)}--allow-public {_word(shown)}",
        "    publishes them: prompts, file contents, command output",
    )


def _hiding(ws: Workspace, destination: Destination) -> tuple[str, ...]:
    """What makes the branch fit for the destination; of one that is encrypted already, what is in clear is of its past."""
    from git_ccsync.state import keyring
    from git_ccsync.state.marks import Marks

    if keyring.is_sealed(Marks(ws.state)):
        from git_ccsync.operations.destinations import policy

        return policy.REWRITE
    command = f"git ccsync init {_named(ws.config, destination)}--encrypt"
    return command, "    encrypts them: only machines that you let in can read them"


def _named(config: Config, destination: Destination) -> str:
    """`--remote NAME ` for init, "" where init chooses the same by itself."""
    from git_ccsync.operations.destinations.destination import choose

    if destination.remote and choose(config) == destination.remote:
        return ""
    return f"--remote {_word(destination.remote if destination.remote in config.remotes() else destination.shown)} "


def _no_consent(ws: Workspace, destination: Destination, *, asked: bool) -> NoConsent:
    shown = urls.without_credentials(destination.urls[0])
    agree: tuple[str, ...] = ("run 'git ccsync init' to see who can read it, and to agree",)
    if consent.read(ws.state) and destination.remote and destination.remote == ws.config.get("ccsync.remote"):
        message = f"'{destination.remote}' leads to '{shown}' now, and nobody agreed to send sessions there"
    elif destination.remote == ws.config.get("ccsync.remote"):
        message = f"nobody agreed to send sessions to '{shown}' yet"
    else:
        message = f"nobody agreed to send sessions to '{destination.name}' yet"
        agree = (f"git ccsync push {_word(destination.name)}", "    in a terminal tells who can read it, and asks")
    return NoConsent(message, *(() if asked else agree), destination=destination)


def _check_exists(ws: Workspace, destination: Destination) -> None:
    """RemoteFailed for a path where nothing is, in git's words. As git does, a name without its ".git" is taken, too."""
    from os import path

    url = destination.urls[0]
    if not urls.is_path(url) or url.startswith((urls.BUNDLES, "~")):
        return
    place = path.join(ws.repo.work_tree, urls.parse(url).path)
    if not path.lexists(place) and not path.lexists(f"{place}.git"):
        raise RemoteFailed(
            f"cannot push to '{destination.name}': '{destination.shown}' does not appear to be a git repository"
        )


def _word(text: str) -> str:
    """`text` as one word of a shell's command line."""
    from shlex import quote

    return quote(text)
