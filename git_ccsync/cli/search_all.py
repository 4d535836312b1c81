"""`search --all`: every repository that this machine knows, one after the other. One that fails stops no other."""

from __future__ import annotations

from git_ccsync.cli import colour, every, failure, pager, render, search
from git_ccsync.errors import CcsyncError, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.cli.every import Row
    from git_ccsync.cli.options import SearchOptions
    from git_ccsync.cli.search import Shown
    from git_ccsync.operations.search import Limits
    from git_ccsync.operations.searching.search_words import Query


def run(query: Query, limits: Limits, options: SearchOptions) -> int:
    """The exit status: 1 if nothing was found anywhere, or some repository could not be searched."""
    if options.json:
        return _document(query, limits)
    everywhere = _Everywhere(query, limits)
    if not pager.page(everywhere.lines()):
        return 0  # the reader has seen enough
    every.complain(everywhere.failed)
    status = max([one.status() for one in everywhere.shown if one.search.problems], default=0)
    return int(bool(status or everywhere.failed) or not any(one.found for one in everywhere.shown))


class _Everywhere:
    """The searches of all repositories while they are shown; `failed` are those that could not be searched."""

    def __init__(self, query: Query, limits: Limits) -> None:
        self.shown: list[Shown] = []
        self.failed: list[Row] = []
        self._query, self._limits = query, limits

    def lines(self) -> Iterator[str]:
        """As Shown.lines: on a terminal below the repository's path, elsewhere with the path in front of each."""
        palette = colour.palette(None)
        for row in every.each(lambda path: search.start(path, self._query, self._limits)):
            name = render.home(row.path)
            if row.error is not None:
                self._note(row)
                continue
            self.shown.append(row.result)
            begun = not render.width()
            try:
                for line in row.result.lines(palette, "" if not begun else f"{name}  "):
                    if line and not begun:
                        before = "\n" if any(one.found for one in self.shown[:-1]) else ""
                        yield before + palette("bold", render.cut(name, render.width())) + "\n"
                        begun = True
                    yield line
            except CcsyncError as error:
                failure.trace(error)
                self._note(row._replace(result=None, error=error))

    def _note(self, row: Row) -> None:
        # A machine that is known elsewhere alone is no failure here.
        if every.failed(row) and not isinstance(row.error, NotFound):
            self.failed.append(row)


def _document(query: Query, limits: Limits) -> int:
    rows = list(every.each(lambda path: search.start(path, query, limits).object()))
    rows = [row for row in rows if not isinstance(row.error, NotFound)]
    every.document(rows)
    results = [row.result for row in rows if row.error is None]
    failed = any(map(every.failed, rows)) or any(result["problems"] for result in results)
    return int(failed or not any(result["sessions"] for result in results))
