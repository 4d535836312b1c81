"""The words of `push`, in the manner of git-push(1)."""

from __future__ import annotations

from git_ccsync.cli import carry, render
from git_ccsync.model import DIVERGED, SAME, SCENARIOS, RemoteResult

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.cli import lines
    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options_timed import Carry
    from git_ccsync.model import OnProgress, Outcome, PushResult
    from git_ccsync.operations.run.workspace import Workspace


#: The reason of an outcome that is about side files alone.
SIDES = "side files"


def run(options: Carry, ws: Workspace | None = None) -> int:
    """`git ccsync push`; the exit status. `ws`: this directory's workspace, if it is open already."""
    return carry.run(VERB, options, ws)


def load() -> object:
    """The operation's module, and all that it needs."""
    from git_ccsync.operations import push

    return push


def work(ws: Workspace, options: Carry, on_progress: OnProgress) -> PushResult:
    """Push what the options say."""
    from git_ccsync.operations import push

    return push.push(
        ws, remote=options.remote, sessions=options.session, dry_run=options.dry_run, on_progress=on_progress
    )


def show(result: PushResult, options: Carry, palette: Palette) -> None:
    """The result for people. A conflict copy is always named; other sessions with -v or -n."""
    from git_ccsync.cli import lines, remembered

    if result.up_to_date and not failed(result):
        held_back = any(not problem.stray for problem in result.problems)
        render.out("nothing else to push" if held_back else "Everything up-to-date")
        return
    for place in places(result):
        render.out(f"{'Would push to' if result.dry_run else 'To'} {render.safe(place.url)}")
        if not result.dry_run:
            render.out(_ref_line(place, result, palette))
    every = options.verbose or result.dry_run
    told = [outcome for outcome in _once(result.outcomes) if every or outcome.scenario == DIVERGED]
    lines.sessions([_line(one) for one in told], palette, every=every)
    if result.sessions:
        render.out(_summary(result))
    if result.memory:
        remembered.show(result.memory, "branch", palette, every=every)
    if result.prompts:
        render.out(f"history: {render.count(result.prompts, 'prompt')} added")
    if result.redacted.values:
        render.out(_redacted(result))


def _once(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """What went, a session once: its side files are no news beside its lines."""
    grown = {one.session for one in outcomes if one.lines}
    return [one for one in outcomes if one.scenario != SAME and (one.reason != SIDES or one.session not in grown)]


def _summary(result: PushResult) -> str:
    """`2 sessions, 34 lines, 12 kB`; `1 session, side files only`."""
    parts = [render.count(result.sessions, "session")]
    if result.lines:
        parts += [render.count(result.lines, "line"), render.size(result.bytes)]
    elif all(one.reason == SIDES for one in result.outcomes):
        parts.append("side files only")
    return ", ".join(parts)


def _redacted(result: PushResult) -> str:
    """`redacted 3 values in 2 sessions`."""
    word = "would redact" if result.dry_run else "redacted"
    values = render.count(result.redacted.values, "value")
    if not result.redacted.sessions:
        return f"{word} {values} outside sessions"
    return f"{word} {values} in {render.count(result.redacted.sessions, 'session')}"


def places(result: PushResult) -> tuple[RemoteResult, ...]:
    """The URLs that were pushed to; one made up from the result where it names none (a dry run)."""
    status = "up-to-date" if result.up_to_date else "would-push" if result.dry_run else "pushed"
    return result.remotes or (RemoteResult(result.url, status, result.old, result.new),)


def _ref_line(place: RemoteResult, result: PushResult, palette: Palette) -> str:
    """` * [new branch]      me -> refs/ccsync/me`, as in git-push(1), OUTPUT."""
    branch = result.ref.rpartition("/")[2]
    if place.status == "up-to-date":
        flag, summary = "=", "[up to date]"
    elif place.status != "pushed":
        flag, summary = "!", "[rejected]" if place.status == "rejected" else "[failed]"
    elif not place.old.strip("0"):
        flag, summary = "*", "[new branch]"
    else:
        flag, summary = " ", f"{place.old[:7]}..{place.new[:7] or 'new'}"
    reason = f" ({render.safe(place.reason)})" if place.reason else ""
    line = f" {flag} {summary:<17} {render.safe(branch)} -> {render.safe(result.ref)}{reason}"
    return palette("red", line) if flag == "!" else line


def _line(outcome: Outcome) -> lines.Line:
    from git_ccsync.cli import lines

    word = {1: "new", 3: "updated", 4: "behind", 5: "copy"}.get(outcome.scenario, "")
    told = outcome.reason
    if outcome.scenario == DIVERGED and outcome.copy:
        from git_ccsync.operations.exchange.copies import REPLACED

        how = "whose file was replaced here" if outcome.reason == REPLACED else "which went on elsewhere too"
        told = f"of {lines.short(outcome.session)}, {how}"
    return lines.Line(word, outcome.copy or outcome.session, outcome.title, outcome.lines, told)


def records(result: PushResult) -> Iterator[Sequence[object]]:
    """For programs: `to`, `session`, `problem`, `redacted` (if any were) and `total` records."""
    from git_ccsync.cli import remembered

    for place in places(result):
        yield ("to", place.status, place.old, place.new, result.ref, place.url, place.reason)
    for one in result.outcomes:
        yield ("session", one.session, SCENARIOS[one.scenario], one.lines, one.copy, one.reason, one.title)
    yield from remembered.records(result.memory)
    if result.prompts:
        yield ("prompts", result.prompts)
    for problem in result.problems:
        yield ("problem", problem.subject, problem.reason)
    if result.redacted.values:
        yield ("redacted", result.redacted.values, result.redacted.sessions)
    yield ("total", result.sessions, result.lines, result.bytes)


def failed(result: PushResult) -> bool:
    """Whether one of the URLs did not get it."""
    return any(place.status not in ("pushed", "up-to-date") for place in result.remotes)


def brief(result: PushResult) -> str:
    """What to say of it in a table."""
    if failed(result):
        return "not pushed everywhere"
    if result.up_to_date:
        return "up to date"
    done = "would push" if result.dry_run else "pushed"
    return f"{done} {_summary(result)}" if result.sessions else done


VERB = carry.Verb(
    "push",
    work,
    show,
    records,
    lambda result: result.problems,
    failed,
    lambda result: result.warnings,
    brief,
    load,
    fetches=False,
)
