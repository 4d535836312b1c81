"""Where sessions go: which remote, which of its URLs, which ref there, which tracking ref here. Asks no network.

The order is git-ccsync(1)'s, DESTINATION. The upstream of the current git branch plays no part: two machines must
choose alike.
"""

from __future__ import annotations

import os

from git_ccsync.errors import Refused, Usage
from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.git import remote as git_remote
from git_ccsync.git import url as urls
from git_ccsync.operations.destinations.place import FILE, Destination
from git_ccsync.operations.run.workspace import HEADS, LOCAL, TRACKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.git.config import Config
    from git_ccsync.git.repository import Repository

#: The remote that `init --remote URL` makes.
ELSEWHERE = "ccsync"
_BRANCH = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")
_LONGEST = 64


def resolve(repo: Repository, config: Config, branch: str, remote: str = "") -> Destination:
    """The destination of `branch`: `remote` (a name, URL or path) if given, else as configured, else by the order.

    Raises Refused if there is none to choose, Usage for an unsafe URL.
    """
    configured = config.get("ccsync.remote")
    chosen = remote or choose(config)
    if not chosen:
        raise _no_choice(config.remotes())
    name = chosen if chosen in config.remotes() else ""
    found = git_remote.push_urls(repo, config, chosen)
    if not found:
        raise Refused(f"remote '{chosen}' has no URL")
    if not name:
        found = (_absolute(found[0], chosen),)
    if not name and os.path.isfile(found[0]):
        return in_file(found[0], branch)
    ref = config.get("ccsync.remoteRef") if not remote or remote == configured else ""
    return at(name, found, branch, ref)


def _absolute(url: str, said: str) -> str:
    """The URL with a path in it made absolute. Refused for what is more like the mistyped name of a remote."""
    if not urls.is_path(url):
        return url
    if is_name(url):
        raise Refused(f"there is no remote named '{said}'", "git remote -v", "git ccsync init --remote <name>")
    return urls.absolute(url)


def is_name(url: str) -> bool:
    """Whether it is rather the name of a remote, mistyped or gone, than a place."""
    path = urls.is_path(url) and not url.startswith(urls.BUNDLES)
    return path and os.sep not in url and not os.path.exists(url)


def gone(config: Config) -> str:
    """The remote that sessions go to, if it was renamed or removed since; "" for one that is there."""
    name = config.get("ccsync.remote")
    return name if name and name not in config.remotes() and is_name(config.rewritten(name)) else ""


def refuse_file(config: Config, remote: str) -> None:
    """Refused if `remote`, as it was typed, is a file: a bundle can only be fetched from."""
    if remote and remote not in config.remotes() and os.path.isfile(config.rewritten(remote)):
        raise Refused(
            f"'{remote}' is a file, and cannot be pushed to", "git ccsync export --bundle -o <file> writes a bundle"
        )


def in_file(path: str, branch: str) -> Destination:
    """The branch in a bundle at `path`, to be fetched from. Refused if it is no bundle, or has no such branch."""
    from git_ccsync.git import bundle_file

    found = bundle_file.refs_in(path)
    ours = [ref for ref in found if ref.startswith((LOCAL, HEADS)) and ref.rpartition("/")[2] == branch]
    if not ours:
        names = ", ".join(f"'{name}'" for name in sorted(named(tuple(found)))) or "none"
        raise Refused(f"'{path}' has no branch '{branch}': there is {names}")
    return Destination("", (path,), LOCAL + branch if LOCAL + branch in ours else ours[0], branch, FILE + branch)


def at(name: str, found: Sequence[str], branch: str, ref: str = "") -> Destination:
    """The Destination at the push URLs `found` of the remote `name`; `ref` "" for refs/ccsync/<branch>."""
    place = urls.key_of(name) if name else urls.project_key(found[0])
    return Destination(name, tuple(found), ref or LOCAL + branch, branch, f"{TRACKING}{place}/{branch}")


def choose(config: Config, carrying: Sequence[str] = ()) -> str:
    """The remote (a name, or the URL of ccsync.remote) that holds without a word on the command line, "" for none.

    `carrying` are the remotes that are known to hold branches of ours.
    """
    return config.get("ccsync.remote") or by_order(config, carrying)


def by_order(config: Config, carrying: Sequence[str] = ()) -> str:
    """The remote that is chosen where nobody chose one; parameters and result as with `choose`."""
    names = config.remotes()
    if len(carrying) == 1:
        return carrying[0]
    for name in (config.get("remote.pushDefault"), "origin"):
        if name in names:
            return name
    return names[0] if len(names) == 1 else ""


def _no_choice(names: Sequence[str]) -> Refused:
    if names:
        listed = ", ".join(f"'{name}'" for name in names)
        return Refused(f"there are several remotes: {listed}", "choose one: git ccsync init --remote <name>")
    return Refused(
        "this repository has no remote that sessions could go to",
        "git ccsync init --remote <url>        a private repository",
        "git ccsync init --remote <directory>  a disk or a USB stick",
    )


def patience(config: Config, most: int) -> int:
    """Seconds without a byte after which a question that a person waits for is given up: ccsync.stallLimit, `most` at
    most, and where that is 0, which is no limit elsewhere.
    """
    limit = config.get_int("ccsync.stallLimit", 60)
    return min(most, limit) if limit > 0 else most


def default_branch(config: Config) -> str:
    """The branch of whoever `user.email` names: its part before the "@", sanitised; "" if that leaves nothing."""
    mail = os.environ.get("GIT_AUTHOR_EMAIL") or config.get("user.email") or os.environ.get("EMAIL", "")
    return sanitised(mail.partition("@")[0])


def sanitised(text: str) -> str:
    """`text` as a branch name, [a-z0-9_-]+, or "": other characters become "-", accents go."""
    if not text.isascii():
        import unicodedata

        text = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in text if not unicodedata.combining(c))
    plain = "".join(c if c in _BRANCH else "-" for c in text.lower())
    return "-".join(part for part in plain.split("-") if part)[:_LONGEST].rstrip("-")


def is_branch(name: str) -> bool:
    """Whether it is a branch name: what a remote calls otherwise is not shown."""
    return bool(name) and _BRANCH.issuperset(name) and not name.startswith("-") and len(name) <= _LONGEST


def checked_branch(name: str) -> str:
    """`name` itself; Usage unless it is a branch name."""
    if not is_branch(name):
        hint = sanitised(name)
        raise Usage(
            f"'{name}' is not a branch name: a-z, 0-9, '_' and '-' make one", *([f"try '{hint}'"] if hint else ())
        )
    return name


def project(repo: Repository, config: Config) -> str:
    """This project's key on a remote that serves many: ccsync.project, else made from origin, else the directory's name.

    One component of a ref's name, the same for every clone of one origin.
    """
    given = config.get("ccsync.project")
    if given:  # a plain word could be a branch's name on the same remote: a ref cannot be another's folder
        return urls.key_of("project/" + given if _BRANCH.issuperset(given) else given)
    names = [name for name in config.remotes() if name != ELSEWHERE]
    name = "origin" if "origin" in names else next(iter(names), "")
    if name:
        found = git_remote.fetch_url(repo, name)
        return urls.project_key(urls.normalise(found, repo.work_tree) if urls.is_path(found) else found)
    if repo.work_tree == repo.git_dir:
        from git_ccsync.operations.capturing import outside

        return urls.key_of(outside.PROJECT)
    return urls.key_of("directory/" + os.path.basename(os.path.dirname(repo.common_dir)))


def named(refs: Sequence[str], prefix: str = LOCAL) -> dict[str, str]:
    """Branches among the full ref names `refs`, by name: those under `prefix`, and in the other namespace.

    `prefix` is refs/ccsync/, or refs/ccsync/<project>/; an equal name under refs/ccsync/ wins.
    """
    found: dict[str, str] = {}
    for start in (HEADS + prefix.removeprefix(LOCAL), prefix):
        for ref in refs:
            name = ref.removeprefix(start)
            if name != ref and is_branch(name):
                found[name] = ref
    return found


def in_heads(ref: str) -> str:
    """The name in the other namespace, for hosts that take git branches alone."""
    return HEADS + ref.removeprefix(LOCAL)


class Unrelated(Refused):
    """The branch on the remote has another beginning than ours; a person may say that both are theirs."""


def unrelated(destination: Destination) -> Unrelated:
    """The refusal of a branch with another beginning."""
    return Unrelated(
        f"'{destination.ref}' on '{destination.name}' has another beginning than the branch '{destination.branch}' here",
        "if both are yours, 'git ccsync init' in a terminal puts them together",
        "or choose another branch: git ccsync init --branch <name>",
    )
