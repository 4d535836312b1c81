"""Pushing to a remote: plain fast-forwards of this repository's own branch, with the reason of every flag. Decides nothing."""

from __future__ import annotations

from git_ccsync.errors import Refused, Usage
from git_ccsync.git import command
from git_ccsync.git.remote import NAME, settings_of
from git_ccsync.git.surroundings import environment_with

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.git.answers import RefPushed
    from git_ccsync.git.remote import OnProgress, Target
    from git_ccsync.git.repository import Repository

PUSH = (
    "push",
    "--porcelain",  # one line a ref, made for programs
    "--no-verify",  # the user's pre-push hook is about git branches
    "--no-signed",  # push.gpgSign would ask for a key, and most remotes do not take it
    "--no-follow-tags",  # push.followTags would publish tags that point into our history
    "--no-recurse-submodules",
    "--no-force",  # safety is ours: receive.denyNonFastForwards guards refs/heads alone
    "--no-mirror",
    "--no-prune",
)
PUSH_CONFIG = (
    "core.abbrev=40",  # the old and new tip are read from the answer
    "push.pushOption=",  # the user's are about merge requests and pipelines
    "push.negotiate=false",  # a second connection that saves nothing: ours share no history with other refs
    "push.default=nothing",
)


class Push:
    """A push under way: a plain fast-forward, never forced, while the caller does something else, until `finish()`.

    `spec` is (object id, full ref name) pairs, `tracking` the full name of the ref that notes where the first of them
    stands, "" for none; seconds for `stall` and `total`. `small`: so little that no sign of life is needed in between.
    `alternates`: where objects lie that are not in the repository yet, as GIT_ALTERNATE_OBJECT_DIRECTORIES has it.
    """

    def __init__(
        self,
        repo: Repository,
        target: Target,
        spec: Sequence[tuple[str, str]],
        *,
        stall: float,
        tracking: str = "",
        total: float = 0,
        prompt: bool = True,
        small: bool = False,
        alternates: str = "",
    ) -> None:
        pairs = [plain(target, source, name) for source, name in spec]
        # Although stderr is a pipe: the stall limit needs a sign of life. It costs a millisecond on both sides.
        progress = "--no-progress" if small else "--progress"
        config = (*PUSH_CONFIG, "pack.threads=1") if small else PUSH_CONFIG  # threads would start for ten objects
        own = settings_of(target)
        if tracking:
            own.append((f"remote.{NAME}.fetch", f"{spec[0][1]}:{tracking}"))
        self._url, self._spec = target.url, spec
        env = environment_with(own)
        if alternates:
            env["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = alternates
        self._drain = command.talk(
            (*PUSH, progress, "--", NAME, *pairs),
            git_dir=repo.git_dir,
            cwd=repo.work_tree,
            stall=stall,
            total=total,
            config=config,
            env=env,
            prompt=prompt,
            url=target.url,
        )

    def finish(self, on_progress: OnProgress | None = None) -> tuple[RefPushed, ...]:
        """One RefPushed each, in order. RemoteFailed if there was no answer to any, Stalled if it took too long."""
        from git_ccsync.git import answers  # while git talks

        self._drain.on_line = answers.reporter(on_progress)
        output = self._drain.run()
        lines = answers.pushed(output, {name: source for source, name in self._spec})
        if len(lines) < len(self._spec):
            raise answers.failure("push to", self._url, output)
        return tuple(lines[name] for _, name in self._spec)

    def close(self) -> None:
        """Give up on it: ended and reaped."""
        self._drain.child.close()


def plain(target: Target, source: str, name: str) -> str:
    """`source:name` for a push: the one place that says whose branch is written to. Refused for all but this one's own."""
    if not target.own or name.rpartition("/")[2] != target.own:
        raise Refused(f"'{name}' is not the branch of this repository, and nobody writes to another's")
    if not source or not name.startswith("refs/") or not source.isalnum():
        raise Usage(f"'{name}' is no ref to push to")
    return f"{source}:{name}"
