"""Transcripts to measure with: made from a seed, nothing from outside, about as compressible as real ones (4 to 5 : 1).

What fills a real transcript is source code in tool results, chat, and the envelope of each row; so is this. Letters are
permuted from one file that is read to the next: without it the few hundred files of the pool would come again and again,
and a baseline that looks for deltas (git push) would be slowed tenfold by finding them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime

SYLLABLES = ["ba", "co", "de", "fi", "gu", "ha", "ke", "li", "mo", "nu", "pa", "re", "si", "to", "vu", "wa", "xe", "yo"]
SYLLABLES += ["za", "chi", "ster", "tion", "ing", "load", "path", "node", "list", "open", "read"]
KEYWORDS = ["def", "return", "if", "else", "for", "in", "import", "from", "class", "self", "None", "True", "not", "and"]


class Corpus:
    """An endless supply of rows for one project at `cwd`; equal seeds give equal bytes."""

    def __init__(self, cwd: str, seed: int = 1) -> None:
        self._random = random.Random(seed)
        self._cwd = cwd
        self._words = list({self._word(): None for _ in range(4000)})
        self._files = [self._file() for _ in range(400)]
        self._alphabets = [self._alphabet() for _ in range(997)]

    def rows(self, session: str, size: int, *, start: float, largest: int = 60_000) -> Iterator[bytes]:
        """Rows of a session until they are `size` bytes together; one in a hundred is about `largest` bytes."""
        draw, parent, total, clock = self._random, "null", 0, start
        while total < size:
            clock += 1
            identity = self._identity()
            body = self._result(largest) if draw.random() < 0.6 else self._chat()
            row = self._row(session, parent, identity, clock, body)
            parent, total = f'"{identity}"', total + len(row)
            yield row

    def row(self, session: str, *, start: float) -> bytes:
        """One small row: a line that somebody typed."""
        body = f'"type":"user","message":{{"role":"user","content":"{self._prose(12)}"}}'
        return self._row(session, "null", self._identity(), start, body)

    def _row(self, session: str, parent: str, identity: str, clock: float, body: str) -> bytes:
        when = datetime.fromtimestamp(clock, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return (
            f'{{"parentUuid":{parent},"isSidechain":false,{body},"uuid":"{identity}","timestamp":"{when}",'
            f'"userType":"external","entrypoint":"cli","cwd":"{self._cwd}","sessionId":"{session}",'
            f'"version":"2.1.330","gitBranch":"main"}}\n'
        ).encode()

    def _chat(self) -> str:
        text = self._prose(self._random.randint(30, 250))
        return f'"type":"assistant","message":{{"role":"assistant","content":[{{"type":"text","text":"{text}"}}]}}'

    def _result(self, largest: int) -> str:
        """A part of a file that was read: numbered lines of code, and its path once more beside them."""
        number = self._random.randrange(len(self._files))
        file = self._files[number]
        count = self._random.randint(20, 120) if self._random.random() < 0.99 else largest // 45
        at = self._random.randrange(len(file))
        lines = (file * (1 + (at + count) // len(file)))[at : at + count]
        code = "\n".join(lines).translate(self._random.choice(self._alphabets)).split("\n")
        text = "".join([f"{at + n + 1:6d}\\t{line}\\n" for n, line in enumerate(code)])
        path = f"{self._cwd}/src/{self._words[number % 40]}/{self._words[number]}.py"
        return (
            f'"type":"user","message":{{"role":"user","content":[{{"tool_use_id":"toolu_{self._identity()[:8]}",'
            f'"type":"tool_result","content":"{text}"}}]}},"toolUseResult":{{"filePath":"{path}","numLines":{count}}}'
        )

    def _prose(self, words: int) -> str:
        """Words about one thing: people repeat themselves."""
        topic = self._random.choices(self._words, k=14)
        return " ".join(self._random.choices(topic, k=words))

    def _file(self) -> list[str]:
        """Source code: a few dozen names used again and again."""
        names = self._random.choices(self._words, k=14)
        return [self._line(names) for _ in range(self._random.randint(80, 600))]

    def _line(self, names: list[str]) -> str:
        draw = self._random
        used = draw.choices(names, k=draw.randint(2, 4))
        return f"{'    ' * draw.randint(0, 3)}{draw.choice(KEYWORDS)} {used[0]}({', '.join(used[1:])}):"

    def _alphabet(self) -> dict[int, str]:
        letters = "".join(chr(code) for code in range(ord("a"), ord("z") + 1))
        return str.maketrans(letters, "".join(self._random.sample(letters, 26)))

    def _word(self) -> str:
        return "".join(self._random.choices(SYLLABLES, k=self._random.randint(1, 4)))

    def _identity(self) -> str:
        digits = f"{self._random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
