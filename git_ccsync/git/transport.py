"""Which way a remote is talked to: by git itself, or as a directory of bundles. Loads the second only for such a one."""

from __future__ import annotations

from git_ccsync.git.push import Push
from git_ccsync.git.url import BUNDLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.git import bundles
    from git_ccsync.git.remote import Target
    from git_ccsync.git.repository import Repository


def push(
    repo: Repository,
    target: Target,
    spec: Sequence[tuple[str, str]],
    *,
    stall: float,
    tracking: str = "",
    prompt: bool = True,
    small: bool = False,
) -> Push | bundles.Push:
    """A push under way, as `push.Push`."""
    if target.url.startswith(BUNDLES):
        from git_ccsync.git import bundles

        return bundles.Push(repo, target, spec, tracking=tracking)
    return Push(repo, target, spec, stall=stall, tracking=tracking, prompt=prompt, small=small)
