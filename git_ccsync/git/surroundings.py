"""The environment that git talks to a remote in: with settings of ours, or as somebody who has no credentials."""

from __future__ import annotations

import os

from git_ccsync.errors import RemoteFailed
from git_ccsync.git import command, sharing, url
from git_ccsync.git.url import without_credentials

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from git_ccsync.git.repository import Repository

#: All that an anonymous question may know of the user's configuration: how to get out, not who is asking.
_NETWORK = ("proxy", "sslcainfo", "sslcapath", "sslverify", "sslversion", "version", "schannelusesslcainfo")
_PERSONAL = ("GIT_CONFIG_", "GIT_ASKPASS", "GIT_SSH", "GIT_SSL_CERT", "GIT_SSL_KEY", "SSH_", "XDG_", "NETRC")


def receiver(place: str, settings: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The `settings` of the user, with one by which a push to the repository at a path writes under that one's umask, not
    under ours: it is not ours alone, and whoever could read and write there before must be able to.
    """
    own = tuple(settings)
    if place.startswith(url.BUNDLES) or not url.is_path(place) or any(key == "receivepack" for key, _ in own):
        return own
    umask = sharing.umask_of(url.parse(place).path)
    # git gives this to a shell, as it does with its own.
    return own if umask & 0o077 == 0o077 else (*own, ("receivepack", f"umask {umask:03o} && exec git-receive-pack"))


def environment_with(settings: Iterable[tuple[str, str]], env: dict[str, str] | None = None) -> dict[str, str]:
    """The environment with `settings` as configuration (git-config(1), GIT_CONFIG_COUNT).

    Not by -c: its keys end at the first "=", and everybody on the computer may read a command line.
    """
    env = command.environment() if env is None else env
    count = int(env.get("GIT_CONFIG_COUNT") or 0)
    for number, (key, value) in enumerate(settings, count):
        env[f"GIT_CONFIG_KEY_{number}"] = key
        env[f"GIT_CONFIG_VALUE_{number}"] = value
        env["GIT_CONFIG_COUNT"] = str(number + 1)
    return env


def anonymous_environment(repo: Repository | None, place: str, settings: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The environment of somebody without credentials: no configuration (helpers, headers, cookies, certificates),
    no home (~/.netrc), no Kerberos ticket, no prompt. ssh always has an identity, so it cannot be asked through it.

    `settings` say where the place is; RemoteFailed for a kind of place that knows nobody without credentials.
    """
    if url.parse(place).scheme not in ("https", "http", "git"):
        raise RemoteFailed(f"'{without_credentials(place)}' cannot be asked without credentials")
    env = {name: value for name, value in command.environment().items() if not name.startswith(_PERSONAL)}
    env |= {"HOME": os.devnull, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "KRB5CCNAME": os.devnull}
    return environment_with([*_network(repo), ("http.emptyAuth", "false"), *settings], env)


def _network(repo: Repository | None) -> list[tuple[str, str]]:
    words = ("config", "-z", "--get-regexp", r"^http\.")
    text = os.fsdecode(command.run(words, git_dir=repo.git_dir if repo else "", check=False).stdout)
    pairs = (entry.partition("\n") for entry in text.split("\0")[:-1])
    return [(key, value) for key, _, value in pairs if key.rpartition(".")[2] in _NETWORK]
