"""A handoff: six sections of Markdown that tell someone who was not there how a session stands. Pure text.

As it is stored: one comment that says how it was made and up to which row it speaks, then the sections
(gitformat-ccsync(5), HANDOFFS). What is read here came from a model, a remote or a transcript: it is judged and cut.
"""

from __future__ import annotations

from git_ccsync.claude.said import first_line
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from git_ccsync.claude.digest import Digest

SUMMARIZED, EXTRACTED = "summarized", "extracted"
HEADINGS = ("Task", "Done", "In progress", "Next steps", "Files", "Prompt to continue")
#: Characters of a section, and lines of a list, that are kept.
SECTION, LINES = 6000, 60
#: Bytes of a stored handoff that are read.
CAP = 256 << 10
#: Said where there is nothing to say.
NOTHING = "(nothing)"
_HEAD = "<!-- handoff"
_KEEP = frozenset("\n\t")


class Sections(Frozen):
    """The six sections, as Markdown without their headings; "" for one that is empty."""

    task: str = ""
    done: str = ""
    in_progress: str = ""
    next_steps: str = ""
    files: str = ""
    prompt: str = ""


class Note(Frozen):
    """A handoff: `made` is summarized or extracted ("" if it does not say), `after` the uuid of the last row that it
    knows, "" for none.
    """

    sections: Sections
    made: str = ""
    after: str = ""


def dump(note: Note) -> str:
    """A handoff as it is stored, in local text."""
    return f"{_HEAD} {note.made or EXTRACTED} after {note.after or 'nothing'} -->\n\n{markdown(note.sections)}"


def markdown(sections: Sections) -> str:
    """The six sections with their headings, ending in a newline."""
    pairs = zip(HEADINGS, sections, strict=True)
    return "\n".join(f"## {heading}\n\n{text or NOTHING}\n" for heading, text in pairs)


def load(text: str) -> Note | None:
    """The handoff in a stored text, None if there is none in it."""
    head, _, rest = text.partition("\n")
    words = head.split(" ") if head.startswith(_HEAD) else []
    sections = parse(rest if words else text)
    if sections is None:
        return None
    if len(words) != 6 or words[2] not in (SUMMARIZED, EXTRACTED) or words[3] != "after" or words[5] != "-->":
        return Note(sections)
    return Note(sections, words[2], words[4] if words[4] != "nothing" else "")


def parse(text: str) -> Sections | None:
    """The sections in what a model wrote, however it set the headings; None unless the task and a half of them are there."""
    found: dict[int, list[str]] = {}
    current: list[str] | None = None
    for line in clean(text).split("\n"):
        number = _heading(line)
        if number is not None and number not in found:
            current = found[number] = []
        elif current is not None:
            current.append(line)
    texts = [_section("\n".join(found.get(number, ()))) for number in range(len(HEADINGS))]
    return Sections(*texts) if texts[0] and sum(map(bool, texts)) >= len(HEADINGS) // 2 else None


def _heading(line: str) -> int | None:
    """Which section a line opens, None for none: `## Next steps`, `4. **Next steps:**`, in any case."""
    bare = line.strip()
    if not bare.startswith(("#", "*", "1", "2", "3", "4", "5", "6")) or len(bare) > 60:
        return None
    word = bare.strip("#*_:.)( \t0123456789").casefold()
    return next((number for number, heading in enumerate(HEADINGS) if heading.casefold() == word), None)


def _section(text: str) -> str:
    text = text.strip("\n").strip()
    if text.casefold() in (NOTHING, "(none)", "none", "none.", "n/a", "-"):
        return ""
    lines = [line.rstrip() for line in text.split("\n")]
    kept = "\n".join(lines[:LINES])[:SECTION].rstrip()
    return kept if len(kept) == len("\n".join(lines)) else f"{kept}\n…"


def clean(text: str) -> str:
    """`text` without what could act on a terminal or hide in it: control, bidirectional and invisible characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isprintable():
        return text
    kept = (char if char in _KEEP or char.isprintable() else " " * char.isspace() for char in text)
    return "".join(kept).expandtabs(4)


def unmentioned(text: str) -> str:
    """`text` as a prompt in which no word stands for a file: Claude Code reads in what is named behind an @, whatever
    tools it has (measured, 2.1.330), and a conversation may name files that are nobody's business.
    """
    import re

    return re.sub(r"(?<![0-9A-Za-z])@", r"\\@", text)


def extract(digest: Digest) -> Sections:
    """A handoff without a model: from the prompts and answers, from Claude's own list, from the calls of tools."""
    by_state = {state: [one.text for one in digest.steps if one.state == state] for state in ("done", "now", "next")}
    asked, answer = (digest.prompts or [""])[-1], (digest.answers or [""])[-1]
    task = digest.first if asked in ("", digest.first) else f"{digest.first}\n\nLast asked: {asked}"
    sections = Sections(
        task=_quoted(task or "(no prompt was found)"),
        done=_list(by_state["done"]) or _list(_told(digest)),
        in_progress=_list(by_state["now"]) or ("" if answer else _list([first_line(asked), *digest.calls[-5:]])),
        next_steps=_list(by_state["next"]) or _quoted(_last_paragraph(answer)),
        files=_list(list(digest.files)[-LINES:]),
    )
    return sections._replace(prompt=_quoted(_prompt(digest, asked, answer, by_state)))


def _told(digest: Digest) -> list[str]:
    """The first line of each answer that ended something: the last one before a prompt, or before the end."""
    ends = [one for one, after in zip(digest.answers, [*digest.answers[1:], ""], strict=True) if one and not after]
    return [first_line(one) for one in ends][-12:]


def _last_paragraph(text: str) -> str:
    """The end of an answer, with the line that introduces it if it is a list: what is left is mostly said there."""
    parts = [part for part in text.strip().split("\n\n") if part.strip()]
    short = parts[-2:] if parts and parts[-1].lstrip().startswith(("-", "*", "1")) else parts[-1:]
    return "\n\n".join(short)[-1500:]


def _prompt(digest: Digest, asked: str, answer: str, steps: dict[str, list[str]]) -> str:
    """What to tell a Claude that knows nothing."""
    lines = [f"The task was: {_short(digest.first)}"]
    if asked != digest.first:
        lines.append(f"The last thing that was asked: {_short(asked)}")
    lines.append(f"The last answer: {_short(answer)}" if answer else "That was not answered any more.")
    for state, words in (("now", "In progress: "), ("next", "Still to do: ")):
        if steps[state]:
            lines.append(words + "; ".join(steps[state][:10]))
    if digest.files:
        lines.append("Files that were changed: " + ", ".join(list(digest.files)[-20:]))
    return "\n".join([*lines, "See how the files stand now, then go on with it."])


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 600 else f"{text[:600]}…"


def _list(items: Iterable[str]) -> str:
    return _section("\n".join(f"- {' '.join(clean(item).split())}" for item in items if item.strip()))


def _quoted(text: str) -> str:
    """Foreign text that cannot be taken for a heading of ours."""
    lines = clean(text).split("\n")
    return _section("\n".join(f"\\{line}" if _heading(line) is not None else line for line in lines))
