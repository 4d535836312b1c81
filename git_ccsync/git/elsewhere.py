"""Running git as somebody else: another home, another clone, no hygiene of ours. Only the demo needs that."""

from __future__ import annotations

from git_ccsync.git.drain import Drain, Limits
from git_ccsync.git.process import Child, Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Seconds after which a command of the demo has hung.
TOTAL = 60.0


def run(words: Sequence[str], *, cwd: str, env: Mapping[str, str]) -> Output:
    """`git words` in `cwd` with just the environment `env`; the status is the caller's to judge."""
    return Drain(Child(["git", "-C", cwd, *words], env), b"", Limits(total=TOTAL)).run()
