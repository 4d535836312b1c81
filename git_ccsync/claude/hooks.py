"""Our hooks in the text of Claude Code's settings: put in, found again, taken out. Pure; `install_settings` writes files.

Shape (Claude Code's settings): {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": …, "timeout": …}]}]}}.
"""

from __future__ import annotations

from git_ccsync.claude import settings_text as texts
from git_ccsync.claude.settings_text import BOM, Insertion, Span
from git_ccsync.errors import BadData
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Event → what Claude Code is told of it. A turn waits for the hooks that are not asynchronous, so the end of an answer is:
#: it may be killed with a `claude -p` that exits, but then SessionEnd follows, which takes the same lines along. That one
#: outlives Claude Code, if it is asynchronous, and is given more than 1.5 s only with a timeout of its own.
EVENTS: dict[str, dict[str, object]] = {
    "SessionStart": {"timeout": 10},
    "UserPromptSubmit": {"timeout": 5},
    "Stop": {"timeout": 10, "async": True},
    "SessionEnd": {"timeout": 60, "async": True},
}


#: What stands in the command behind the launcher's path, and at its end.
_FALLBACK, _QUIET = '; [ -x "$g" ] || g=git-ccsync; "$g"', " 2>/dev/null || :"


class Installed(Frozen):
    """What of ours stands in a file: the events, and the commands there; `disabled` if it says that no hooks run."""

    events: tuple[str, ...]
    commands: tuple[str, ...]
    disabled: bool = False


class _Place(Frozen):
    """One hook of ours: the groups of its event, which of them, the hooks in that, which of those."""

    event: str
    hook: dict[str, object]
    groups: list[Span]
    group: int
    hooks: list[Span]
    number: int


def command(words: Sequence[str], event: str) -> str:
    """The shell's command for an event. `words` start git-ccsync: an absolute path, or a few words.

    Silent and successful also where git-ccsync is gone, or its interpreter; where it has only moved, PATH finds it.
    """
    import shlex

    if len(words) == 1 and words[0].startswith("/"):
        path = shlex.quote(words[0])
        return f"g={path}{_FALLBACK} hook {event}{_QUIET}"
    return f"{shlex.join(words)} hook {event}{_QUIET}"


def wanted(words: Sequence[str]) -> dict[str, dict[str, object]]:
    """Event → the hook that is to stand in the settings."""
    return {event: {"type": "command", "command": command(words, event), **more} for event, more in EVENTS.items()}


def installed(text: bytes) -> Installed:
    """What of ours is in the text. BadData as for `added`."""
    found = list(_ours(text))
    events = tuple(dict.fromkeys(place.event for place in found))
    return Installed(events, tuple(str(place.hook.get("command")) for place in found), _disabled(text))


def _disabled(text: bytes) -> bool:
    """Whether the settings keep all hooks from running ("disableAllHooks", Claude Code's settings)."""
    if b"disableAllHooks" not in text:
        return False
    import json

    try:
        return json.loads(text.removeprefix(BOM)).get("disableAllHooks") is True
    except ValueError:  # it is JSON for whoever reads bytes
        return False


def is_complete(text: bytes, words: Sequence[str]) -> bool:
    """Whether just the hooks that are wanted stand in the text, each once."""
    found = list(_ours(text))
    want = wanted(words)
    return len(found) == len(want) and all(place.hook == want.get(place.event) for place in found)


def added(text: bytes, words: Sequence[str]) -> tuple[bytes, tuple[Insertion, ...]]:
    """The text with our hooks, and what was put in where (one after the other).

    BadData if the text is no JSON object, or "hooks" in it has another shape than Claude Code's.
    """
    if not text.strip(b" \t\r\n" + BOM):
        made = texts.dump({"hooks": _groups(wanted(words))}, texts.style(b"{}")).encode() + b"\n"
        return text + made, (Insertion(len(text), made),)
    steps: list[Insertion] = []
    if not _hooks(text):
        style = texts.style(text)
        steps.append(texts.into_object(text, texts.root(text), "hooks", _groups(wanted(words)), style))
        return texts.insert(text, steps[0]), tuple(steps)
    for event, hook in wanted(words).items():
        step = _add(text, event, hook)
        text = texts.insert(text, step)
        steps.append(step)
    return text, tuple(steps)


def _groups(hooks: dict[str, dict[str, object]]) -> dict[str, object]:
    return {event: [{"hooks": [hook]}] for event, hook in hooks.items()}


def _add(text: bytes, event: str, hook: dict[str, object]) -> Insertion:
    """One event's hook, as a group of its own behind the others'."""
    style, found = texts.style(text), _hooks(text)
    assert found
    listed = _event(text, found, event)
    if listed:
        return texts.into_array(text, listed, {"hooks": [hook]}, style.deeper(2))
    return texts.into_object(text, found, event, [{"hooks": [hook]}], style.deeper())


def taken_out(text: bytes, steps: Sequence[Insertion]) -> bytes | None:
    """The text without what `added` put in, wherever that stands by now; None if it does not stand there any more just so."""
    for step in reversed(steps):
        if text.count(step.text) != 1:
            return None
        text = text.replace(step.text, b"")
    try:
        return None if installed(text).events else text
    except BadData:
        return None


def removed(text: bytes) -> bytes:
    """The text without our hooks, and without what is empty then because they are gone."""
    while place := next(_ours(text), None):
        text = _remove(text, place)
    return text


def _remove(text: bytes, place: _Place) -> bytes:
    if len(place.hooks) > 1:
        return texts.without(text, place.hooks, place.number)
    if len(place.groups) > 1:
        return texts.without(text, place.groups, place.group)
    found = _hooks(text)
    assert found
    events = texts.members(text, found)
    if len(events) > 1:
        return texts.without(text, events, _last(events, place.event))
    top = texts.members(text, texts.root(text))
    return texts.without(text, top, _last(top, "hooks"))


def _last(entries: Sequence[Span], key: str) -> int:
    """Of equal keys the last one counts, as in Claude Code."""
    return max(number for number, entry in enumerate(entries) if entry.key == key)


def _hooks(text: bytes) -> Span | None:
    """The object at "hooks"."""
    if not text.strip(b" \t\r\n" + BOM):
        return None
    top = texts.members(text, texts.root(text))
    if all(entry.key != "hooks" for entry in top):
        return None
    found = top[_last(top, "hooks")]
    if text[found.start : found.start + 1] != b"{":
        raise BadData('has a "hooks" that is no object')
    return found


def _event(text: bytes, hooks: Span, event: str) -> Span | None:
    events = texts.members(text, hooks)
    if all(entry.key != event for entry in events):
        return None
    found = events[_last(events, event)]
    if text[found.start : found.start + 1] != b"[":
        raise BadData(f'has a hook "{event}" that is no array')
    return found


def _ours(text: bytes) -> Iterator[_Place]:
    found = _hooks(text)
    for event in EVENTS if found else ():
        listed = _event(text, found, event) if found else None
        groups = texts.elements(text, listed) if listed else []
        for group, span in enumerate(groups):
            inner = _inner(text, span)
            hooks = texts.elements(text, inner) if inner else []
            for number, each in enumerate(hooks):
                hook = texts.value(text, each)
                if isinstance(hook, dict) and is_ours(hook.get("command"), event):
                    yield _Place(event, hook, groups, group, hooks, number)


def _inner(text: bytes, group: Span) -> Span | None:
    """The array of hooks in a group, None if the group is odd: that is somebody else's business."""
    if text[group.start : group.start + 1] != b"{":
        return None
    found = [entry for entry in texts.members(text, group) if entry.key == "hooks"]
    return found[-1] if found and text[found[-1].start : found[-1].start + 1] == b"[" else None


def is_ours(line: object, event: str) -> bool:
    """Whether a hook's command is one that `command` wrote, wherever git-ccsync lay then, or the plain call of it. A longer
    line may call git-ccsync, too, and is its owner's all the same.
    """
    if not isinstance(line, str):
        return False
    call = line.removesuffix(_QUIET)
    if not call.endswith(f" hook {event}"):
        return False
    start = call.removesuffix(f" hook {event}")
    if start.startswith("g=") and start.endswith(_FALLBACK):
        start = start[len("g=") : -len(_FALLBACK)]
    return _starts_us(start)


def _starts_us(text: str) -> bool:
    """Whether the words of a shell, in the one spelling that `shlex.join` has, are git-ccsync alone."""
    import shlex

    try:
        words = shlex.split(text)
    except ValueError:
        return False
    if shlex.join(words) != text:
        return False
    name = words[0].rpartition("/")[2] if words else ""
    return words == ["git", "ccsync"] or (len(words) == 1 and name == "git-ccsync") or words[1:] == ["-m", "git_ccsync"]
