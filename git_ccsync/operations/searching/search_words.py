"""What is looked for: words as patterns over readable text, and the bytes that a stored row must hold to be worth a look.

Pure but for the clock that ends an expression that would never end.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import islice

from git_ccsync.errors import Refused, Usage
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git.grep import Wanted
from git_ccsync.operations.searching import search_literals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: Places of one word in one text that are told.
PLACES = 20
#: Every row with something to read has this key.
_ANY = b'"message"'


class Span(Frozen):
    """Where a word stands in a text: from `start` to `end`; `word` is its number on the command line."""

    start: int
    end: int
    word: int


class Query:
    """Words of which each must be in a message. A word is one argument: white space in it stands for any white space.

    With `regex` each is an expression of Python's `re`, ^ and $ at each line. `case` True or False says whether case
    counts; None: if a word has a capital. Raises Usage for what is no expression, and for no words.
    """

    def __init__(self, words: Sequence[str], *, regex: bool = False, case: bool | None = None) -> None:
        if not any(word.strip() for word in words):
            raise Usage("there is nothing to search for")
        self.regex = regex
        self.words = [word for word in words if word.strip()]
        ignored = not (any(map(_has_capital, self.words)) if case is None else case)
        flags = re.MULTILINE | (re.IGNORECASE if ignored else re.NOFLAG)
        self.patterns = [_compiled(word if regex else _phrase(word), word, flags) for word in self.words]
        # `re` looks at each letter where case is ignored: ten times slower than lower() and find().
        self._hints = ["" if regex or not word.isascii() else max(word.split(), key=len).lower() for word in self.words]

    def wanted(self, paths: Iterable[str]) -> Wanted:
        """What a stored row must hold, where the directories `paths` (and the session's id) have other names."""
        ignored = any(pattern.flags & re.IGNORECASE for pattern in self.patterns)
        known = sorted(set(paths), key=len, reverse=True)
        texts = [search_literals.required(pattern.pattern) if self.regex else (word,) for pattern, word in self._all()]
        groups = [search_literals.needles(group, known, ignored) for group in texts]
        extended = any(needle.extended for group in groups for needle in group)
        found = [tuple(needle.text(extended) for needle in group) for group in groups if group]
        return Wanted(found or [(_ANY,)], ignore_case=ignored, extended=extended)

    def _all(self) -> Iterator[tuple[re.Pattern[str], str]]:
        return zip(self.patterns, self.words, strict=True)

    def spans(self, text: str, paths: Sequence[tuple[int, int]]) -> list[Span]:
        """Where the words stand in `text`, in order; not where one is only a part of one of the `paths` in it, whose
        names are this machine's and were never said.
        """
        starts = [start for start, _ in paths]
        folded = text.lower() if any(self._hints) else ""
        found = []
        for number, pattern in enumerate(self.patterns):
            if self._hints[number] not in folded:
                continue
            hits = (match.span() for match in pattern.finditer(text))
            own = ((start, end) for start, end in hits if start < end and not _inside(start, end, starts, paths))
            found += [Span(start, end, number) for start, end in islice(own, PLACES)]
        return sorted(found)


def _inside(start: int, end: int, starts: list[int], paths: Sequence[tuple[int, int]]) -> bool:
    at = bisect_right(starts, start) - 1
    return at >= 0 and end <= paths[at][1] and end - start < paths[at][1] - paths[at][0]


def _has_capital(word: str) -> bool:
    return any(map(str.isupper, re.sub(r"\\.", "", word)))


def _phrase(word: str) -> str:
    return r"\s+".join(map(re.escape, word.split()))


def _compiled(pattern: str, word: str, flags: int) -> re.Pattern[str]:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about sets that may mean something else one day
            return re.compile(pattern, flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise Usage(f"'{word}' is no regular expression: {error}") from None


class TooLong(Exception):
    """An expression took longer over one message than it may."""


class Patience:
    """Lets an expression have its time and no more: `with patience: …` raises TooLong where that is over.

    Expressions that try again and again can take for ever over a page of text. Where there is no timer (Windows, other
    threads) they may.
    """

    SECONDS = 1.0
    #: After so many messages nobody waits for the next one.
    MOST = 5

    def __init__(self) -> None:
        import signal

        self._signal = signal
        self._able = hasattr(signal, "setitimer")
        self.spent = 0
        try:
            if self._able:
                self._before = signal.signal(signal.SIGALRM, self._over)
        except ValueError:
            self._able = False

    def _over(self, *_: object) -> None:
        raise TooLong

    def __enter__(self) -> None:
        if self._able:
            self._signal.setitimer(self._signal.ITIMER_REAL, self.SECONDS)

    def __exit__(self, *_: object) -> None:
        if self._able:
            self._signal.setitimer(self._signal.ITIMER_REAL, 0)

    def lost(self) -> None:
        """One message was given up; Refused once that was so too often."""
        self.spent += 1
        if self.spent >= self.MOST:
            raise Refused("the regular expression takes too long", "repetitions inside repetitions, as in '(a+)+', do")

    def close(self) -> None:
        """Put the signal's handler back."""
        if self._able:
            self._signal.signal(self._signal.SIGALRM, self._before)


class Finder:
    """Finds the rows of a block of whole lines that hold what is wanted, as `git grep` does in objects."""

    def __init__(self, wanted: Wanted) -> None:
        self._fold = wanted.ignore_case
        self._tests = [_test(group, wanted) for group in wanted.groups]

    def rows(self, block: bytes) -> Iterator[bytes]:
        """Those rows, in order, each with its line end."""
        text = block.lower() if self._fold else block
        first, *others = self._tests
        at = 0
        while (hit := first(text, at, len(text))) >= 0:
            start = text.rfind(b"\n", 0, hit) + 1
            at = text.find(b"\n", hit) + 1 or len(text)
            if all(test(text, start, at) >= 0 for test in others):
                yield block[start:at]


def _test(group: Sequence[bytes], wanted: Wanted) -> search_literals.Test:
    folded = [text.lower() for text in group] if wanted.ignore_case and not wanted.extended else list(group)
    if len(folded) == 1 and not wanted.extended:
        needle = folded[0]
        return lambda text, start, end: text.find(needle, start, end)
    joined = b"|".join(folded if wanted.extended else map(re.escape, folded))
    search = re.compile(joined, re.IGNORECASE if wanted.ignore_case else 0).search
    return lambda text, start, end: found.start() if (found := search(text, start, end)) else -1
