"""The hidden `git ccsync complete KIND PREFIX` behind TAB: `value TAB description` lines, quick, and never an error."""

from __future__ import annotations

from git_ccsync.cli import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def run(args: Sequence[str]) -> int:
    """Candidates of a kind (sessions, restorable, machines, remotes, branches, others, placeholders, verbs) that begin with
    a prefix.

    Whatever goes wrong, the answer is no candidates: words on the screen would only disturb the person who types.
    """
    if args[:1] == ["--home"]:
        import os

        from git_ccsync.git import nearby
        from git_ccsync.operations.run import workspace

        workspace.start_at(nearby.home_repository(os.environ))
        args = args[1:]
    kind, prefix = (*args, "", "")[:2]
    try:
        found = candidates(kind, prefix)
    except Exception:  # noqa: BLE001 -- see above
        return 0
    for value, description in found:
        # A value goes back onto a command line: one that safe() would change is left out rather than altered.
        if value and render.safe(value) == value:
            told = render.safe(description)
            render.out(f"{value}\t{told}" if told else value)
    return 0


def candidates(kind: str, prefix: str) -> Sequence[tuple[str, str]]:
    """(value, description) of everything of this kind that begins with `prefix`."""
    if kind == "verbs":
        from git_ccsync.cli.usage import VERBS

        return [(verb, line) for verb, line in VERBS.items() if verb.startswith(prefix)]
    from git_ccsync.operations import complete

    return complete.candidates(kind, prefix)
