"""What a person means by a commit: an abbreviated id, a ref, `ref@{yesterday}` (gitrevisions(7)). Asks git."""

from __future__ import annotations

from git_ccsync.errors import NotFound, Usage
from git_ccsync.git import command, refs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.git.refs import Commit
    from git_ccsync.git.repository import Repository


def commit(repo: Repository, word: str) -> Commit:
    """The commit that `word` names in the repository; NotFound if it names none, Usage if several."""
    oid = ""
    if word and not word.startswith("-") and "\0" not in word:
        words = ("rev-parse", "--verify", "--quiet", f"{word}^{{commit}}")
        oid = command.run(words, git_dir=repo.git_dir, check=False).stdout.decode("ascii", "replace").strip()
    several = 0 if oid else _several(repo, word.lower())
    if several > 1:
        raise Usage(f"'{word}' means {several} commits", "more digits tell them apart")
    if not oid:
        raise NotFound(f"no commit '{word}' here", "'git log refs/ccsync/<branch>' shows those of the branch")
    return next(refs.commits(repo, oid, limit=1))


def _several(repo: Repository, digits: str) -> int:
    """How many commits' ids begin with `digits`; 0 if that is no beginning of one."""
    if len(digits) < 4 or set(digits) - set("0123456789abcdef"):
        return 0
    found = command.run(("rev-parse", f"--disambiguate={digits}"), git_dir=repo.git_dir, check=False).stdout
    kinds = command.run(("cat-file", "--batch-check=%(objecttype)"), git_dir=repo.git_dir, input=found, check=False)
    return kinds.stdout.split().count(b"commit")
