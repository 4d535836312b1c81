"""Talking to a remote: fetch and ls-remote of our refs, with the reason of every flag. Decides nothing; writes nothing there (see `push`).

What a remote says is hostile text: it is handed up as it came, cut to 500 bytes; `cli` makes it safe to show.
"""

from __future__ import annotations

import os

from git_ccsync.errors import Stalled, Usage
from git_ccsync.frozen import Frozen
from git_ccsync.git import command, sharing
from git_ccsync.git.surroundings import anonymous_environment, environment_with, receiver
from git_ccsync.git.url import BUNDLES, normalise, project_key, safe_url, without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from git_ccsync.git.config import Config
    from git_ccsync.git.drain import Drain
    from git_ccsync.git.process import Output
    from git_ccsync.git.repository import Repository
    from git_ccsync.model import Progress

    OnProgress = Callable[[Progress], None]

__all__ = [
    "Fetch", "Target", "fetch_url", "ls_remote", "normalise", "project_key",
    "push_urls", "safe_url", "target_at", "without_credentials",
]  # fmt: skip

#: The remote that our calls talk to. It exists on their command line only: a real one would bring its refspecs along,
#: its `mirror`, and a second rewriting of its URL.
NAME = "git-ccsync-destination"
#: Bytes that one fetch may bring (ccsync.maxFetch).
MOST = 16 << 30
_ALIAS = "git-ccsync-destination:"
#: What a user may have set for one remote, and which therefore comes along.
_OWN = ("proxy", "proxyAuthMethod", "uploadpack", "receivepack", "serverOption", "vcs")

_FETCH = (
    "fetch",
    "--no-tags",  # remote.*.tagOpt and auto-following
    "--refmap=",  # the user's refspecs must not move the user's tracking refs
    "--no-write-fetch-head",  # FETCH_HEAD belongs to the user's own fetch
    "--no-filter",  # a partial clone must have our objects whole
    "--no-recurse-submodules",
    "--no-auto-maintenance",
    "--no-prune",
    "--no-prune-tags",
    "--no-show-forced-updates",  # costs a walk; we compare the tips ourselves
    # Only our own history is offered as common: a large repository would send thousands of lines about its own.
    "--negotiation-tip=refs/ccsync/*",
    "--negotiation-tip=refs/ccsync-remotes/*",
)
#: A blob that unfolds to more is written as it comes, never held in memory: ours are smaller.
STREAMED = "core.bigFileThreshold=32m"
#: Times that a fetch begins anew since another process of ours moved the tracking ref meanwhile. Each time somebody has
#: got on, and a tracking ref is moved by few: what looks at the remote, and what goes there.
OVERTAKEN = 8
#: Seconds of silence after which a fetch that nobody watches begins anew with progress: a remote that has much to pack is
#: silent without that, one that hangs is with it, too.
UNHEARD = 20.0
_FETCH_CONFIG = (STREAMED, "fetch.writeCommitGraph=false", "fetch.parallel=1")


class Target(Frozen):
    """One place to talk to: `url` as `push_urls` resolved it, `name` of the remote it belongs to ("" for none).

    `tracking` is the name used under refs/ccsync-remotes/; `settings` are (key, value) pairs of that remote's own. A
    directory of bundles also needs this `machine`, and the tips that are `merged` here in the local branch as it was at
    the first of them. `most` bytes may come from there at once. `own` is the one branch that may be written to there.
    """

    name: str
    url: str
    tracking: str
    settings: tuple[tuple[str, str], ...] = ()
    machine: str = ""
    merged: tuple[str, ...] = ()
    most: int = MOST
    own: str = ""


def target_at(config: Config, name: str, place: str, tracking: str) -> Target:
    """The Target at URL `place`, with what the user set for the remote `name` (its proxy, its upload-pack)."""
    pairs = [(word, value) for word in _OWN for value in config.get_all(f"remote.{name}.{word}")] if name else []
    most = max(1 << 20, config.get_int("ccsync.maxFetch", MOST))
    return Target(name, safe_url(place), tracking, receiver(place, pairs), most=most, own=config.get("ccsync.branch"))


def push_urls(repo: Repository, config: Config, remote: str) -> tuple[str, ...]:
    """Where a push to `remote` (a name, URL or path) goes, the first one first, as git rewrites it.

    Usage if one of them is unsafe, GitFailed if git cannot tell.
    """
    if remote not in config.remotes():
        return (safe_url(config.rewritten(safe_url(remote))),)
    words = ("remote", "get-url", "--push", "--all", "--", remote)
    found = os.fsdecode(command.run(words, git_dir=repo.git_dir).stdout).split("\n")[:-1]
    return tuple(safe_url(each) for each in found)


def fetch_url(repo: Repository, name: str) -> str:
    """The URL that a fetch from the remote `name` uses, as git rewrites it. GitFailed if there is no such remote."""
    words = ("remote", "get-url", "--", name)
    return os.fsdecode(command.run(words, git_dir=repo.git_dir).stdout).rstrip("\n")


class Fetch:
    """A fetch under way: it brings refs here while the caller does something else, until `finish()`.

    `spec` is (full name there, tracking ref here) pairs, `*` allowed; every object is checked, unless `lenient`;
    `little`: most is here already; `watched`: somebody may look at its progress, which costs a small fetch a tenth of
    its time. A tracking ref notes what the remote has, so it follows it backwards too; nothing else may stand on its right.
    """

    def __init__(
        self,
        repo: Repository,
        target: Target,
        spec: Sequence[tuple[str, str]],
        *,
        stall: float,
        total: float = 0,
        prompt: bool = True,
        lenient: bool = False,
        little: bool = False,
        watched: bool = True,
    ) -> None:
        pairs = [_tracked(source, name) for source, name in spec]
        self._url, self._most = target.url, target.most
        self._loose = repo.object_dir if lenient else ""  # what git checks it keeps as a pack
        checked = f"fetch.fsckObjects={'false' if lenient else 'true'}"  # a remote is not trusted
        config = (*_FETCH_CONFIG, *(("pack.threads=1",) if little else ()), checked)  # else two start for ten objects
        env = environment_with(settings_of(target))

        def start(watched: bool) -> Drain:
            return command.talk(
                (*_FETCH, "--progress" if watched else "--no-progress", "--", NAME, *pairs),
                git_dir=repo.git_dir,
                cwd=repo.work_tree,
                stall=stall if watched else min(stall, UNHEARD),
                total=total,
                config=config,
                env=env,
                prompt=prompt,
                most=target.most,
                url=target.url,
                grows="" if watched else os.path.join(repo.object_dir, "pack"),
            )

        self._drain, self._start, self._watched = start(watched), start, watched

    def finish(self, on_progress: OnProgress | None = None) -> bool:
        """False if the remote has no such ref (with several, if one is missing). RemoteFailed, ObjectRefused for what is
        no sound object, TooMuch, Stalled.
        """
        from git_ccsync.git import answers  # while git talks

        on_line = answers.metered(answers.reporter(on_progress), self._url, self._most)
        output = self._answer(on_line)
        for _ in range(OVERTAKEN):
            if not output.status or not answers.overtaken(output.stderr):
                break
            self._drain = self._start(self._watched)
            output = self._answer(on_line)
        return self._verdict(output)

    def _answer(self, on_line: Callable[[bytes], None]) -> Output:
        self._drain.on_line = on_line
        try:
            return self._drain.run()
        except Stalled:
            if self._watched:
                raise
        self._watched = True
        self._drain = self._start(True)
        return self._answer(on_line)

    def _verdict(self, output: Output) -> bool:
        if not output.status:
            if self._loose:
                sharing.open_up(self._loose)
            return True
        if b"couldn't find remote ref" in output.stderr:
            return False
        from git_ccsync.git import answers

        raise answers.failure("fetch from", self._url, output)

    def close(self) -> None:
        """Give up on it: ended and reaped."""
        self._drain.child.close()


def _tracked(source: str, name: str) -> str:
    if not name.startswith("refs/ccsync-remotes/"):
        raise Usage(f"'{name}' is no tracking ref")
    return f"+{source}:{name}"


def ls_remote(
    repo: Repository | None,
    place: Target | str,
    *patterns: str,
    anonymous: bool = False,
    stall: float = 15,
    total: float = 0,
    prompt: bool = True,
) -> dict[str, str]:
    """The remote's refs: name to object id, those that match one of `patterns` (their ends, as git-ls-remote(1)).

    `anonymous` asks as somebody without any credentials. RemoteFailed if there is no answer, Stalled.
    """
    there = place if isinstance(place, Target) else Target("", safe_url(place), "")
    if there.url.startswith(BUNDLES):
        from git_ccsync.git import bundles

        return bundles.ls_remote(there.url, patterns)
    words = ("ls-remote", "--refs", "--quiet", "--", NAME, *patterns)
    if anonymous:
        env = anonymous_environment(repo, there.url, settings_of(Target("", without_credentials(there.url), "")))
        git_dir, cwd, prompt = "", os.sep, False
    else:
        git_dir, cwd = (repo.git_dir, repo.work_tree) if repo else ("", "")
        env = environment_with(settings_of(there))
    talk = command.talk(
        words, git_dir=git_dir, cwd=cwd, stall=stall, total=total, env=env, prompt=prompt, url=there.url
    )
    output = talk.run()
    if output.status:
        from git_ccsync.git import answers

        raise answers.failure("read", there.url, output)
    rows = (line.partition("\t") for line in os.fsdecode(output.stdout).split("\n")[:-1])
    return {name: oid for oid, _, name in rows}


def settings_of(target: Target) -> list[tuple[str, str]]:
    """Configuration of our remote. Its URL is an alias that stands for the real one, since git rewrites what it reads
    (insteadOf, pushInsteadOf), and the real one has been rewritten already.
    """
    own = [(f"remote.{NAME}.{word}", value) for word, value in target.settings]
    return [(f"remote.{NAME}.url", _ALIAS), (f"url.{safe_url(target.url)}.insteadOf", _ALIAS), *own]
