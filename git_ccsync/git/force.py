"""The one push that may take commits away from a remote: to one ref of ours, and only from the commit that was seen there.

Only `purge` and the rewriting of a whole branch have a use for it (operations/purging/rewrite.py).
"""

from __future__ import annotations

from git_ccsync.errors import Usage
from git_ccsync.git import answers, command, push, remote
from git_ccsync.git.codec import is_oid
from git_ccsync.git.surroundings import environment_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.git.answers import RefPushed
    from git_ccsync.git.remote import OnProgress, Target
    from git_ccsync.git.repository import Repository

#: Where our branches may lie on a remote.
_OURS = ("refs/ccsync/", "refs/heads/ccsync/")


def replace(
    repo: Repository,
    target: Target,
    oid: str,
    ref: str,
    seen: str,
    *,
    stall: float,
    on_progress: OnProgress | None = None,
    prompt: bool = True,
) -> RefPushed:
    """Let `ref` there stand at the commit `oid`, which need not continue `seen`, where it must stand until then.

    "rejected" if it stands elsewhere; RemoteFailed, Stalled. Usage for any ref but ours.
    """
    if not ref.startswith(_OURS) or not is_oid(oid) or not is_oid(seen):
        raise Usage(f"'{ref}' is never replaced")
    pair = push.plain(target, oid, ref)
    lease = f"--force-with-lease={ref}:{seen}"  # the remote itself compares, too: nobody's push in between is lost
    drain = command.talk(
        (*push.PUSH, lease, "--progress", "--", remote.NAME, pair),
        git_dir=repo.git_dir,
        cwd=repo.work_tree,
        stall=stall,
        config=push.PUSH_CONFIG,
        env=environment_with(remote.settings_of(target)),
        prompt=prompt,
        url=target.url,
    )
    drain.on_line = answers.reporter(on_progress)
    output = drain.run()
    found = answers.pushed(output, {ref: oid})
    if ref not in found:
        raise answers.failure("push to", target.url, output)
    return found[ref]
