"""What a person has typed and where they stand in the list: the picker's state. Knows no terminal and draws nothing."""

from __future__ import annotations

from git_ccsync.cli.picker_match import Corpus, Found

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from git_ccsync.cli.picker_match import Row

#: A query that is longer is somebody's pasted file.
LONGEST = 200


class Picking:
    """The rows, the query, the row that is selected (`at`, among the matching ones) and the first that is shown."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._corpus = Corpus(rows)
        self.query = ""
        self.found = Found(range(len(rows)))
        self.at = self.top = 0

    @property
    def selected(self) -> Row | None:
        """The row that Enter takes."""
        return self.rows[self.found.at[self.at]] if self.found.at else None

    def learn(self, prompts: Mapping[str, str]) -> None:
        """Take in first prompts that were read meanwhile; the selected row stays selected."""
        self._corpus.learn(prompts)
        if self.query:
            self._search(self.selected)

    def type(self, text: str) -> None:
        """Add to the query, and start from the newest match."""
        self._ask(self.query + "".join(char if char.isprintable() else " " for char in text))

    def erase(self) -> None:
        """Take the last letter away."""
        self._ask(self.query[:-1])

    def erase_word(self) -> None:
        """Take the last word away."""
        kept = self.query.rstrip()
        self._ask(kept[: kept.rfind(" ") + 1])

    def clear(self) -> None:
        """Forget the query; the selected row stays selected."""
        chosen, self.query = self.selected, ""
        self._search(chosen)

    def move(self, rows: int) -> None:
        """Down by `rows`, up if negative; never past an end."""
        self.at = max(0, min(self.at + rows, len(self.found.at) - 1))

    def visible(self, height: int) -> Sequence[int]:
        """Positions of the rows that `height` lines show, moved along just so far that the selected one is among them."""
        last = max(0, len(self.found.at) - height)
        self.top = max(self.at - height + 1, min(self.top, self.at, last))
        return self.found.at[self.top : self.top + height]

    def _ask(self, query: str) -> None:
        if query[:LONGEST] != self.query:
            self.query = query[:LONGEST]
            self._search(None)

    def _search(self, keep: Row | None) -> None:
        self.found = self._corpus.find(self.query)
        self.at = self.top = 0
        if keep:
            self.at = next((number for number, at in enumerate(self.found.at) if self.rows[at].id == keep.id), 0)
