"""What the user's own code looks like where a session was held: the commit, and whether files were uncommitted."""

from __future__ import annotations

from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import command

if TYPE_CHECKING:
    from git_ccsync.git.command import Running

#: Seconds that git may take over a huge work tree before we go on without an answer.
PATIENCE = 0.5


class Code:
    """Asks git once a work tree, in the background, so that the answer costs no waiting."""

    def __init__(self) -> None:
        self._asked: dict[str, Running] = {}
        self._said: dict[str, tuple[str, bool]] = {}

    def ask(self, tree: str) -> None:
        """Begin to find out about a work tree."""
        if tree not in self._asked and tree not in self._said:
            words = (
                "--no-optional-locks",
                "status",
                "--porcelain=v2",
                "--branch",
                "--untracked-files=no",
                "--no-renames",
            )
            self._asked[tree] = command.start((*words, "--ignore-submodules"), cwd=tree, check=False, total=PATIENCE)

    def said(self, tree: str) -> tuple[str, bool]:
        """(commit checked out, files uncommitted) of a work tree that was asked about; ("", False) if unknown."""
        asked = self._asked.pop(tree, None)
        if asked:
            try:
                self._said[tree] = _parse(asked.finish().stdout)
            except CcsyncError:
                self._said[tree] = "", False
        return self._said.get(tree, ("", False))


class Standing(Frozen):
    """What is checked out in a work tree: the git branch, "" for none; whether the repository has the commit asked about."""

    branch: str
    has: bool


def standing(tree: str, commit: str) -> Standing:
    """Look at the work tree `tree`, and for the commit `commit` ("" counts as there). Nothing is fetched for it."""
    asked = command.start(("symbolic-ref", "--quiet", "--short", "HEAD"), cwd=tree, check=False, total=PATIENCE)
    has = True
    if commit:
        words = ("cat-file", "-e", f"{commit}^{{commit}}")
        try:
            has = command.run(words, cwd=tree, check=False, total=PATIENCE).status == 0
        except CcsyncError:  # too slow to be told
            pass
    try:
        return Standing(asked.finish().stdout.decode("utf-8", "replace").strip(), has)
    except CcsyncError:
        return Standing("", has)


def _parse(text: bytes) -> tuple[str, bool]:
    """git-status(1), Porcelain Format Version 2."""
    commit, dirty = "", False
    for line in text.split(b"\n"):
        if line.startswith(b"# branch.oid "):
            oid = line[13:].decode("ascii", "replace")
            commit = "" if oid.startswith("(") else oid
        elif line and not line.startswith(b"#"):
            dirty = True
    return commit, dirty
