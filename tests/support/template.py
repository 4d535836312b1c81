"""A bare remote with one commit and a clone of it, made once a process; worlds begin with copies. Runs git, nothing else."""

from __future__ import annotations

import atexit
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from tests.support.seal import DATE, sealed_environment

#: Asked for now: later it would be a directory of the first test, and gone with it.
PLACE = tempfile.gettempdir()


def remote(target: Path, *, upkeep: bool = False) -> None:
    """A copy of the remote. `upkeep`: each push to it starts a `git maintenance run --auto`, as git comes."""
    shutil.copytree(_made() / "app.git", target)
    if upkeep:
        subprocess.run(["git", "config", "--file", str(target / "config"), "--unset", "receive.autogc"], check=True)


def fits(bare: Path) -> bool:
    """Whether a clone of `bare` would be as that of the template: it has the same git branch, and no other."""
    heads = bare / "refs" / "heads"
    if not heads.is_dir() or [path.name for path in heads.iterdir()] != ["main"] or (bare / "packed-refs").exists():
        return False
    return (heads / "main").read_bytes() == (_made() / "app.git" / "refs" / "heads" / "main").read_bytes()


def clone(target: Path, url: str) -> None:
    """A copy of the clone, as `git clone --no-local URL` would have made it."""
    shutil.copytree(_made() / "clone", target)
    logs = (target / ".git" / "logs").rglob("*")
    for path in (target / ".git" / "config", *(log for log in logs if log.is_file())):
        path.write_text(path.read_text().replace(str(_made() / "app.git"), url))


@cache
def _made() -> Path:
    place = Path(tempfile.mkdtemp(prefix="ccsync-template-", dir=PLACE))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    env = sealed_environment(place / "home") | {"GIT_AUTHOR_DATE": DATE, "GIT_COMMITTER_DATE": DATE}

    def git(*args: str, cwd: Path = place) -> str:
        return subprocess.run(
            ["git", *args], cwd=cwd, env=env, check=True, capture_output=True, text=True
        ).stdout.strip()

    bare = place / "app.git"
    git("init", "-q", "--bare", "--template=", str(bare))
    # What each push to it would start, to find that there is nothing to do.
    git("config", "receive.autogc", "false", cwd=bare)
    tree = git("hash-object", "-t", "tree", "-w", "/dev/null", cwd=bare)
    git("update-ref", "refs/heads/main", git("commit-tree", tree, "-m", "start", cwd=bare), cwd=bare)
    # A plain local clone would hard-link every object of the remote, also those that nobody asked for.
    git("clone", "-q", "--no-local", "--template=", str(bare), str(place / "clone"))
    return place
