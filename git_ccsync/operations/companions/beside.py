"""What travels beside sessions: memory, prompts, files for all projects. Asks first, at the price of a stat, whether
anything of it is new; only then is what can do something about it loaded.
"""

from __future__ import annotations

from git_ccsync.errors import BadData, CcsyncError
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import refs
from git_ccsync.model import Problem
from git_ccsync.operations.capturing import idle
from git_ccsync.store import branch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from git_ccsync.model import PushResult, Remembered
    from git_ccsync.operations.companions.history import Prompts
    from git_ccsync.operations.companions.memory import Memory
    from git_ccsync.operations.run.stage import Stage


class Beside:
    """What a run knows of them, once something asked: `memory.of` and `history.of`."""

    def __init__(self) -> None:
        self.memory: Memory | None = None
        self.prompts: Prompts | None = None
        self._problems: list[Problem] = []

    def attempt(self, what: str, work: Callable[[], object]) -> None:
        """Do `work`; a branch that cannot be read there is no reason to leave out sessions."""
        try:
            work()
        except BadData as error:
            self._problems.append(Problem(what, error.message))

    def agree(self) -> None:
        """The commit that the stage has made last has what lies here."""
        for one in (self.memory, self.prompts):
            if one:
                one.agree()

    def save(self) -> None:
        """The local branch has moved to that commit."""
        for one in (self.memory, self.prompts):
            if one:
                one.save()

    def problems(self) -> tuple[Problem, ...]:
        """What was left alone."""
        own = [problem for one in (self.memory, self.prompts) if one for problem in one.problems]
        return (*own, *self._problems)


class Here(Frozen):
    """What a pull did beside sessions: memory files, and how many prompts came."""

    memory: tuple[Remembered, ...] = ()
    prompts: int = 0


def capture(stage: Stage) -> tuple[str, tuple[Problem, ...]]:
    """Draft what is new here; what a commit says that brings nothing else, and what was left out besides."""
    problems: tuple[Problem, ...] = ()
    said = ""
    if idle.is_memory_new(stage.ws, stage.index):
        from git_ccsync.operations.companions import memory

        stage.beside.attempt("memory", lambda: memory.capture(stage))
    if idle.are_prompts_new(stage.ws, stage.index):
        from git_ccsync.operations.companions import history

        stage.beside.attempt("history", lambda: history.capture(stage))
    if idle.is_global_new(stage.ws, stage.index):
        from git_ccsync.operations import globals as own

        said, problems = own.capture(stage)
    return ", ".join(filter(None, (message(stage), said))), problems


def message(stage: Stage) -> str:
    """What a commit says that brings nothing but what this run met of memory and prompts, "" for nothing."""
    told, prompts = stage.beside.memory, stage.beside.prompts
    files = len({one.name for one in told.told if one.place == "branch"}) if told else 0
    counts = (files, "memory file"), (prompts.sent if prompts else 0, "prompt")
    return ", ".join(f"{number} {noun}{'s' * (number != 1)}" for number, noun in counts if number)


def holds(stage: Stage, ref: str, tip: str) -> bool:
    """Whether the local branch is `ref` and has the commit `tip`: what was remembered of that is true of it."""
    if not tip or ref != stage.ws.ref or not stage.tip:
        return False
    try:
        return tip == stage.tip or refs.is_ancestor(stage.ws.repo, tip, stage.tip)
    except CcsyncError:  # that commit never came to be
        return False


def look(stage: Stage) -> None:
    """Before the local branch moves to a commit that has another line behind it: what they rest on is still its tip."""
    if stage.index.value("memory"):
        from git_ccsync.operations.companions import memory

        memory.of(stage)
    if stage.index.value("history"):
        from git_ccsync.operations.companions import history

        history.of(stage)


def install(stage: Stage) -> Here:
    """Bring this disk up to the branch."""
    ws, index = stage.ws, stage.index
    if idle.carries_memory(ws) and (branch.folder(stage, stage.base, "memory") or None) != index.value("memory-tree"):
        from git_ccsync.operations.companions import memory_install

        stage.beside.attempt("memory", lambda: memory_install.install(stage))
    if idle.carries_prompts(ws) and (branch.folder(stage, stage.base, "history") or None) != index.value(
        "history-tree"
    ):
        from git_ccsync.operations.companions import history

        stage.beside.attempt("history", lambda: history.install(stage))
    known = stage.beside
    return Here(tuple(known.memory.told) if known.memory else (), known.prompts.came if known.prompts else 0)


def told(stage: Stage, result: PushResult) -> PushResult:
    """The result of a push with what was said of them."""
    known = stage.beside
    return result._replace(
        memory=_once(result.memory, known.memory.told if known.memory else ()),
        prompts=known.prompts.sent if known.prompts else 0,
        problems=(*result.problems, *known.problems()),
    )


def _once(before: Iterable[Remembered], told: Iterable[Remembered]) -> tuple[Remembered, ...]:
    """What an earlier run committed, and what this one did, each file once."""
    named = {one.name for one in told}
    return (*(one for one in before if one.name not in named), *told)
