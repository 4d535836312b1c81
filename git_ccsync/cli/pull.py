"""The words of `pull`, in the manner of git-pull(1)."""

from __future__ import annotations

from git_ccsync.cli import carry, lines, remembered, render
from git_ccsync.model import SCENARIOS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options_timed import Carry
    from git_ccsync.model import Installed, OnProgress, PullResult
    from git_ccsync.operations.run.workspace import Opening, Workspace

#: What an action on the files here is called; the others changed nothing and are told with -v alone.
WORDS = {
    "created": "new",
    "appended": "updated",
    "exchanged": "updated",
    "waiting": "waiting",
    "skipped": "skipped",
    "deleted": "removed",
}
#: Why nothing was done, for -v.
QUIET_WORDS = {
    "removed": ("removed", "gone from this disk; 'git ccsync restore' brings it back"),
    "elsewhere": ("elsewhere", "lies in another directory"),
    "idle": ("idle", "idle for too long to be installed"),
}


def run(options: Carry, opening: Opening | None = None) -> int:
    """`git ccsync pull`; the exit status. `opening`: this directory's workspace, if it is being opened already."""
    if options.branch:
        from git_ccsync.cli import others

        return others.pull(options)
    return carry.run(VERB, options, opening=opening)


def load() -> object:
    """The operation's module, and all that it needs; and what its end needs, while the fetch is under way."""
    from git_ccsync.cli import colour, detach
    from git_ccsync.operations import pull
    from git_ccsync.operations.run import upkeep

    return pull, colour, detach, upkeep


def work(ws: Workspace, options: Carry, on_progress: OnProgress) -> PullResult:
    """Pull what the options say."""
    from git_ccsync.operations import pull

    return pull.pull(
        ws, remote=options.remote, sessions=options.session, dry_run=options.dry_run, on_progress=on_progress
    )


def show(result: PullResult, options: Carry, palette: Palette) -> None:
    """The result for people: each session that changed here, then the counts."""
    told = _told(result)
    if result.up_to_date and not told:
        render.out("Already up to date.")
    else:
        _from(result)
    if options.verbose:
        told = told + _untouched(result)
    lines.sessions(told, palette, every=options.verbose or result.dry_run)
    if told:
        render.out(summary(told))
    elif not result.up_to_date and not result.memory and not result.prompts and not result.problems:
        render.out("nothing to install here")
    if result.memory:
        remembered.show(result.memory, "disk", palette, every=options.verbose or result.dry_run)
    if result.prompts:
        render.out(f"history: {render.count(result.prompts, 'prompt')} added")
    _idle(result)
    _elsewhere(result)
    _others(result)


def _from(result: PullResult) -> None:
    """Where it came from; of a dry run always, so that nobody takes it for done."""
    moved = result.new and result.new != result.old
    if moved or result.dry_run:
        render.out(f"{'Would pull from' if result.dry_run else 'From'} {render.safe(result.url)}")
    if moved:
        render.out(_ref_line(result))


def _idle(result: PullResult) -> None:
    """How many sessions came to the branch that are too old to be put on this disk."""
    number = sum(1 for one in result.installed if one.action == "idle")
    if number:
        has, them = ("has", "it") if number == 1 else ("have", "them")
        render.out(f"{render.count(number, 'session')} {has} been idle for too long to be installed here")
        render.out(
            f"  (git ccsync list --not-here shows {them}, git ccsync restore brings {'it' if number == 1 else 'one'})"
        )


def _elsewhere(result: PullResult) -> None:
    """How many sessions lie in another clone's directory already: Claude Code finds none that lies in two."""
    paths = [one.path for one in result.installed if one.action == "elsewhere"]
    if paths:
        verb = "lies" if len(paths) == 1 else "lie"
        render.out(
            f"{render.count(len(paths), 'session')} {verb} in the directory of another clone on this machine already"
        )
        render.out(
            f"  ('{render.home(paths[0])}'; 'claude --resume ID' finds {'it' if len(paths) == 1 else 'them'} from here)"
        )


def _ref_line(result: PullResult) -> str:
    branch = result.ref.rpartition("/")[2]
    if result.old:
        flag, change = " ", f"{result.old[:7]}..{result.new[:7]}"
    else:
        flag, change = "*", "[new branch]"
    name = render.safe(f"{result.remote}/{branch}" if result.remote else branch)
    return f" {flag} {change:<17} {render.safe(result.ref)} -> {name}"


def _others(result: PullResult) -> None:
    """The branches of other people, the first time and where nothing was found: perhaps one of them was meant."""
    if result.others:
        names = ", ".join(render.safe(name) for name in result.others)
        render.out(f"other branches on '{render.safe(result.remote or result.url)}': {names}")


def _told(result: PullResult) -> list[lines.Line]:
    """A line for each session that changed, or would change, on this disk."""
    copies = {one.copy for one in result.outcomes if one.copy}
    return [_line(one, copies) for one in result.installed if one.action in WORDS]


def _line(one: Installed, copies: set[str]) -> lines.Line:
    word = "copy" if one.session in copies and one.action == "created" else WORDS[one.action]
    told = one.reason or (f"from {one.machine}" if one.machine else "")
    if one.action == "exchanged" and one.reason:  # the id of the copy that keeps our lines
        told = f"yours goes on as {lines.short(one.reason)}"
    if one.action == "waiting" and not one.reason:
        told = "running here; comes with the next pull after it has ended"
    if one.action == "deleted":
        told = f"{f'on {one.machine}' if one.machine else 'elsewhere'}; 'git ccsync restore' brings it back"
    return lines.Line(word, one.session, one.title, one.lines, told)


def _untouched(result: PullResult) -> list[lines.Line]:
    found = [one for one in result.installed if one.action in QUIET_WORDS]
    return [
        lines.Line(QUIET_WORDS[one.action][0], one.session, one.title, 0, one.reason or QUIET_WORDS[one.action][1])
        for one in found
    ]


def summary(told: Sequence[lines.Line]) -> str:
    """`2 new, 1 updated, 1 waiting; 34 lines`."""
    words: dict[str, int] = {}
    for line in told:
        words[line.word] = words.get(line.word, 0) + 1
    text = ", ".join(f"{number:,} {word}" for word, number in words.items())
    total = sum(line.lines for line in told)
    return f"{text}; {render.count(total, 'line')}" if total else text


def records(result: PullResult) -> Iterator[Sequence[object]]:
    """For programs: `from`, `session` (the merge), `file` (what became of it here) and `problem` records."""
    from git_ccsync.cli.porcelain import Path

    state = "up-to-date" if result.up_to_date else "pulled"
    yield ("from", state, result.old, result.new, result.ref, result.url)
    for one in result.outcomes:
        yield ("session", one.session, SCENARIOS[one.scenario], one.lines, one.copy, one.reason, one.title)
    for here in result.installed:
        yield ("file", here.session, here.action, here.lines, here.machine, here.reason, here.title, Path(here.path))
    yield from remembered.records(result.memory)
    if result.prompts:
        yield ("prompts", result.prompts)
    for problem in result.problems:
        yield ("problem", problem.subject, problem.reason)


def brief(result: PullResult) -> str:
    """What to say of it in a table."""
    told = _told(result)
    words = [summary(told)] if told else []
    words += [f"memory: {remembered.counts(result.memory, 'disk')}"] if result.memory else []
    words += [f"history: {render.count(result.prompts, 'prompt')}"] if result.prompts else []
    return "; ".join(words) or "up to date"


VERB = carry.Verb(
    "pull",
    work,
    show,
    records,
    lambda result: result.problems,
    lambda result: False,
    lambda result: result.warnings,
    brief,
    load,
)
