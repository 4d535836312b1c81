"""Which rows a query means. Pure; knows no screen. Ten thousand rows are searched between two key presses."""

from __future__ import annotations

from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: As few digits of an id as are taken for one.
SHORTEST = 4
_HEX = frozenset("0123456789abcdef-")


class Row(Frozen):
    """One session to choose from; foreign text, not yet safe to show. `updated` is a time as transcripts have it,
    `marks` are words of `picker_frame.MARKS`, `place` a repository's name where there are several.
    """

    id: str
    title: str = ""
    prompt: str = ""
    machine: str = ""
    updated: str = ""
    git_branch: str = ""
    size: str = ""
    marks: tuple[str, ...] = ()
    place: str = ""


class Found(Frozen):
    """Positions of rows, in their order; `similar` if none has the words themselves, but some title their letters."""

    at: Sequence[int]
    similar: bool = False


class Corpus:
    """The texts of rows, made ready to be searched."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._ids = [row.id for row in rows]
        self._titles = [folded(row.title) for row in rows]
        self._texts = [
            folded(f"{row.title}\n{row.prompt}\n{row.machine}\n{row.git_branch}\n{row.place}") for row in rows
        ]
        self._numbers = {name: number for number, name in enumerate(self._ids)}

    def learn(self, prompts: Mapping[str, str]) -> None:
        """First prompts (by session) that were read meanwhile."""
        for name, prompt in prompts.items():
            number = self._numbers.get(name)
            if number is not None:
                self._texts[number] += "\n" + folded(prompt)

    def find(self, query: str) -> Found:
        """The rows that have every word of `query` somewhere, else those whose titles have the letters of every word
        in their order. All of them if there is no word.
        """
        words = sorted(set(folded(query).split()), key=len, reverse=True)
        found: Sequence[int] = range(len(self._ids))
        for word in words:
            found = self._having(found, word)
        if found or not words:
            return Found(found)
        return Found(similar(self._titles, words), similar=True)

    def _having(self, among: Iterable[int], word: str) -> list[int]:
        texts, ids = self._texts, self._ids
        if len(word) < SHORTEST or not _HEX.issuperset(word):
            return [number for number in among if word in texts[number]]
        return [number for number in among if word in texts[number] or ids[number].startswith(word)]


def folded(text: str) -> str:
    """`text` as it is compared: without case, and full-width letters as their plain selves."""
    if text.isascii():
        return text.lower()
    from unicodedata import normalize

    return normalize("NFKC", text).casefold()


def similar(titles: Sequence[str], words: Sequence[str]) -> list[int]:
    """Positions of the titles that have the letters of each word in order, with anything between them."""
    return [number for number, title in enumerate(titles) if all(_scattered(word, title) for word in words)]


def _scattered(word: str, text: str) -> bool:
    at = 0
    for letter in word:
        at = text.find(letter, at) + 1
        if not at:
            return False
    return True
