"""Intake: capture what is new here and commit it to the local branch; every verb that compares begins with it."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING
from git_ccsync.model import Progress
from git_ccsync.operations.companions import beside
from git_ccsync.operations.run import own_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.model import OnProgress
    from git_ccsync.operations.capturing.capture import Captured
    from git_ccsync.operations.run.stage import Stage


def take(stage: Stage, sessions: Sequence[str], on_progress: OnProgress, *, save: bool = True) -> Captured:
    """Capture and commit locally; nothing changed costs a scan and no import. SAVE=False leaves the index to the caller."""
    from git_ccsync.operations.capturing import capture

    captured, what = capture.capture(stage, sessions, on_progress), ""
    if not sessions:
        said, problems = beside.capture(stage)
        captured = captured._replace(problems=(*captured.problems, *problems))
        what = "" if captured.outcomes else said
    if stage.draft.changed or own_file.is_due(stage):
        on_progress(Progress("packing", 0, 0))
        if own_file.has_leases(stage):
            from git_ccsync.operations.presence import leases

            leases.keep(stage, captured.outcomes)
        stage.commit(stage.tip, len({one.copy or one.session for one in captured.outcomes}), captured.lines, what)
    stage.beside.agree()
    if save:
        stage.save()
    return captured
