"""What a person means by a commit: an abbreviated id, a ref, `ref@{yesterday}` (gitrevisions(7)). Asks git."""

from __future__ import annotations

from git_ccsync.errors import NotFound
from git_ccsync.git import command, refs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.git.refs import Commit
    from git_ccsync.git.repository import Repository


def commit(repo: Repository, word: str) -> Commit:
    """The commit that `word` names in the repository; NotFound if it names none."""
    oid = ""
    if word and not word.startswith("-") and "\0" not in word:
        words = ("rev-parse", "--verify", "--quiet", f"{word}^{{commit}}")
        oid = command.run(words, git_dir=repo.git_dir, check=False).stdout.decode("ascii", "replace").strip()
    if not oid:
        raise NotFound(f"no commit '{word}' here", "'git log refs/ccsync/<branch>' shows those of the branch")
    return next(refs.commits(repo, oid, limit=1))
