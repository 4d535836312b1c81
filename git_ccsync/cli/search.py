"""The words of `search`: matches below their session on a terminal, one line each elsewhere; through the pager."""

from __future__ import annotations

import time

from git_ccsync.cli import ages, colour, pager, render, snippet
from git_ccsync.cli.lines import abbreviation
from git_ccsync.operations.run.workspace import open_workspace
from git_ccsync.operations.search import Limits, Search
from git_ccsync.operations.searching.search_words import Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options import SearchOptions
    from git_ccsync.model import Session
    from git_ccsync.operations.search import Match

COLOURS = {"user": "green", "assistant": "cyan", "tool": "dim", "title": "bold"}
#: Columns of the longest role.
ROLE = 9
#: Columns of what stands behind a title; less is nothing.
SHORTEST = 8
#: Columns of a title that stands on the line of each match.
TITLE = 50


def run(options: SearchOptions) -> int:
    """`git ccsync search`; 1 if nothing was found, or something could not be searched."""
    query = Query(options.words, regex=options.regex, case=_case(options))
    limits = Limits(options.machine, options.since, options.role, options.max_count)
    if options.all:
        from git_ccsync.cli import search_all

        return search_all.run(query, limits, options)
    one = start(".", query, limits)
    if options.json:
        from git_ccsync.cli import porcelain

        porcelain.document(one.object())
    elif not pager.page(one.lines(colour.palette(one.search.ws.config))):
        return 0  # the reader has seen enough
    if render.width() and not options.json and not one.found:
        render.note(f"nothing found in {render.count(len(one.search.sessions), 'session')}")
    return one.status()


def start(path: str, query: Query, limits: Limits) -> Shown:
    """The search in the repository around a directory. Raises as open_workspace and Search do."""
    return Shown(Search(open_workspace(path), query, limits))


def _case(options: SearchOptions) -> bool | None:
    """Whether case counts, None if the words shall tell."""
    return options.case_sensitive if options.case_sensitive or options.ignore_case else None


class Shown:
    """One repository's search, while it is shown. `found` counts its matches as they come."""

    def __init__(self, search: Search) -> None:
        self.search, self.found = search, 0
        self.digits = abbreviation([session.id for session in search.sessions])

    def lines(self, palette: Palette, prefix: str = "") -> Iterator[str]:
        """The lines for people, "" where there is none yet. `prefix` stands before lines that stand alone."""
        width, now, shown = render.width(), time.time(), ""
        for session, match in self.search:
            if match is None:
                yield ""
                continue
            self.found += 1
            if not width:
                yield prefix + self._alone(session, match, palette) + "\n"
                continue
            if session.id != shown:
                yield ("\n" if shown else "") + self._heading(session, match, palette, now, width) + "\n"
                shown = session.id
            if match.role != "title":
                yield self._below(match, palette, width) + "\n"

    def _heading(self, session: Session, match: Match, palette: Palette, now: float, width: int) -> str:
        """Id, title (its words painted, if it holds them), machine and age, not wider than the terminal."""
        name = render.safe(session.id)[: self.digits]
        facts = (render.safe(session.machine), ages.ago(session.updated, now), *_where(session))
        title = snippet.plain(match.text) if match.role == "title" else render.safe(session.title) or "(no title)"
        room = max(width - len(name) - 4, 0)
        about = render.cut(", ".join(filter(None, facts)), max(room - min(render.columns(title), render.LEAST), 0))
        if len(about) < SHORTEST:
            about = ""
        room -= render.columns(about)
        if match.role == "title":
            title = snippet.snippet(match.text, match.spans, room, _marking(palette))
        else:
            title = palette("bold", render.cut(title, room))
        if len(name) + 2 > width:
            return render.cut(name, width)
        return f"{palette('yellow', name)}  {title}  {palette('dim', about)}".rstrip()

    def _below(self, match: Match, palette: Palette, width: int) -> str:
        label = render.cut(render.pad(match.role, ROLE), max(width - 2, 0))
        room = max(width - ROLE - 4, 0)
        text = snippet.snippet(match.text, match.spans, room, _marking(palette)) if room else ""
        return f"  {palette(COLOURS[match.role], label)}  {text}".rstrip() if width > 2 else ""

    def _alone(self, session: Session, match: Match, palette: Palette) -> str:
        """All of it on one line: id, machine, day, title; role, text."""
        name = palette("yellow", render.safe(session.id)[: self.digits])
        day = ages.clock(match.when or session.updated)[:10]
        title = render.cut(render.safe(session.title) or "(no title)", TITLE)
        words = (name, render.safe(session.machine), day, title)
        text = snippet.snippet(match.text, match.spans, snippet.FREE, _marking(palette))
        return f"{'  '.join(filter(None, words))}  {palette(COLOURS[match.role], match.role)}: {text}"

    def object(self) -> dict[str, object]:
        """All of it for programs."""
        found: dict[str, dict[str, object]] = {}
        for session, match in self.search:
            if match is not None:
                self.found += 1
                one = found.setdefault(session.id, {**session._asdict(), "matches": []})
                matches = one["matches"]
                assert isinstance(matches, list)
                matches.append(_told(match))
        return {"sessions": list(found.values()), "problems": self.search.problems}

    def status(self) -> int:
        """The exit status; says what could not be searched."""
        for problem in dict.fromkeys(self.search.problems):
            render.error(f"'{problem.subject}': {problem.reason}")
        return int(not self.found or bool(self.search.problems))


def _where(session: Session) -> tuple[str, ...]:
    words = session.state.split(" ")
    return tuple(word for word in ("removed", "not-here", "elsewhere", "copy") if word in words)


def _marking(palette: Palette) -> Callable[[str], str]:
    return lambda text: palette("red", text)


def _told(match: Match) -> dict[str, object]:
    """A match for programs: `text` is a piece around the first hit, `spans` where in it words stand."""
    start = max(0, match.spans[0].start - snippet.FREE)
    text = match.text[start : match.spans[0].end + 2 * snippet.FREE]
    spans = [(span.start - start, span.end - start) for span in match.spans if span.end - start <= len(text)]
    kept = {name: value for name, value in match._asdict().items() if name not in ("text", "spans")}
    # Lone surrogates stand for bytes that are no UTF-8.
    return {**kept, "text": text.encode("utf-8", "replace").decode(), "spans": spans}
