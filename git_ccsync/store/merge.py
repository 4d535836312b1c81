"""Merging two versions of one append file: the five scenarios (gitformat-ccsync(5), MERGING). Pure.

Both versions come as sources: callables that start a fresh run over the lines from a point up to which they are known
to agree. Nothing here knows where lines come from or where they go; equality is the caller's function.
"""

from __future__ import annotations

from itertools import chain, islice

from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.model import AHEAD, BEHIND, DIVERGED, SAME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Source = Callable[[], Iterator[bytes]]
    Equal = Callable[[bytes, bytes], bool]
    Test = Callable[[bytes], bool]

#: Rows with a uuid that Claude Code may take out of a file in place ("tombstone removal"), and how many rows in all,
#: the bookkeeping between them included, may then be missing in one place.
MAX_REMOVED, MAX_PASSED = 4, 15
#: What a row holds out of which a secret was taken: its text here is another, and may be another on each machine.
REDACTED = b"{{SECRET:"


class Rules(Frozen):
    """What the caller knows of lines: `equal(theirs, ours)`, `bookkeeping(row)`, `uuid(row)` ("" for none),
    `torn(row)` (no JSON object: a fragment that only this machine has), `key(ours)`: our row as theirs would store it.
    """

    equal: Equal
    bookkeeping: Test
    uuid: Callable[[bytes], str]
    torn: Test
    key: Callable[[bytes], bytes]


class Verdict(Frozen):
    """How ours relates to theirs.

    `common` counts their lines in step, `ours` our lines, `offset` the bytes of our lines in step (torn and all).
    `ordered` is false where our rows stand in another order than on the branch, so that installing must rewrite.
    `first` is our first differing row with a uuid (else our first differing row) if diverged.
    """

    scenario: int
    common: int
    ours: int
    offset: int
    ordered: bool = True
    first: bytes = b""


class _Walk:
    """Two runs side by side, up to the first line that no tolerance explains.

    `known`: all of theirs was here before. Else rows of theirs before mere bookkeeping of ours may have been added there,
    and ours put behind them; that they were removed here is believed once a row with a uuid follows on both sides.
    """

    def __init__(self, theirs: Iterator[bytes], ours: Iterator[bytes], rules: Rules, *, known: bool) -> None:
        self.theirs, self.ours, self.rules, self.known = theirs, ours, rules, known
        self.common = self.mine = self.offset = self.removed = 0
        self._doubt: tuple[int, int, int, bytes, bytes] | None = None

    def run(self) -> tuple[bytes | None, bytes | None]:
        """The first lines not in step: (theirs, ours), None where a side has ended."""
        their, our = next(self.theirs, None), next(self.ours, None)
        while their is not None and our is not None:
            if self.rules.equal(their, our):
                self._step(our)
                their, our = next(self.theirs, None), next(self.ours, None)
            elif self.rules.torn(our) and not self.rules.torn(their):
                self._pass_ours(our)
                our = next(self.ours, None)
            elif (rest := self._skip_removed(their, our)) is not None:
                their = rest
            else:
                break
        if self._doubt:
            self.common, self.mine, self.offset, their, our = self._doubt
        return their, our

    def _step(self, our: bytes) -> None:
        self.common += 1
        self._pass_ours(our)
        if self._doubt and self.rules.uuid(our):
            self._doubt = None

    def _pass_ours(self, our: bytes) -> None:
        self.mine += 1
        self.offset += len(our)

    def _skip_removed(self, their: bytes, our: bytes) -> bytes | None:
        """Their next line that equals ours, if rows that were removed here lie between; else None.

        At most MAX_REMOVED with a uuid, and, unless `known`, at least one: bookkeeping alone is never removed.
        """
        passed: list[bytes] = []
        removed = self.removed
        line: bytes | None = their
        while line is not None and len(passed) <= MAX_PASSED:
            if passed and (self.known or removed > self.removed) and self.rules.equal(line, our):
                if not self.known and not self.rules.uuid(our):
                    self._doubt = self._doubt or (self.common, self.mine, self.offset, their, our)
                self.removed = removed
                self.common += len(passed)
                return line
            removed += bool(self.rules.uuid(line))
            if removed > MAX_REMOVED:
                break
            passed.append(line)
            line = next(self.theirs, None)
        seen = [*passed, *([line] if line is not None else [])]
        self.theirs = chain(seen[1:], self.theirs)
        return None


def judge(theirs: Source, ours: Source, rules: Rules, *, all_known: bool = False) -> Verdict:
    """Which of the scenarios 2 to 5 holds between two versions.

    `all_known`: every line of theirs was here before, so that up to MAX_REMOVED rows missing at our fork were
    removed here by Claude Code rather than added elsewhere.
    """
    walk = _Walk(theirs(), ours(), rules, known=all_known)
    their, our = walk.run()
    at = walk.common, walk.mine, walk.offset
    if our is None:
        return Verdict(SAME if their is None else BEHIND, *at)
    if their is None:
        return Verdict(AHEAD, *at)
    if (
        all_known
        and walk.common
        and _is_removal(chain([their], walk.theirs), chain([our], walk.ours), rules, walk.removed)
    ):
        return Verdict(AHEAD, *at)
    return _judge_tails(theirs, ours, rules, walk)


def _is_removal(theirs: Iterator[bytes], ours: Iterator[bytes], rules: Rules, removed: int) -> bool:
    """Whether all that theirs still has may have been taken out here, where `removed` rows were already. A row of which ours
    has another text was not taken out: somebody changed it, and both texts are to be kept, each in a session of its own.
    """
    seen = list(islice(theirs, MAX_PASSED + 1))
    gone = [uuid for uuid in map(rules.uuid, seen) if uuid]
    if len(seen) > MAX_PASSED or len(gone) > MAX_REMOVED - removed:
        return False
    return not gone or not any(rules.uuid(row) in gone for row in ours)


def _judge_tails(theirs: Source, ours: Source, rules: Rules, walk: _Walk) -> Verdict:
    """Bookkeeping rows apart, one tail may still continue the other: then nothing has diverged."""
    at = walk.common, walk.mine, walk.offset
    theirs_talk = _talk(islice(theirs(), walk.common, None), rules)
    ours_talk = _talk(islice(ours(), walk.mine, None), rules)
    for our in ours_talk:
        their = next(theirs_talk, None)
        if their is None:
            return Verdict(AHEAD, *at, ordered=False)
        if not rules.equal(their, our):
            return Verdict(DIVERGED, *at, first=_first(islice(ours(), walk.mine, None), rules))
    missing = next(lacking(theirs, ours, rules, walk.common, walk.mine), None)
    return Verdict(BEHIND if missing is None else AHEAD, *at, ordered=False)


def _talk(rows: Iterator[bytes], rules: Rules) -> Iterator[bytes]:
    return (row for row in rows if not rules.bookkeeping(row) and not rules.torn(row))


def _first(rows: Iterator[bytes], rules: Rules) -> bytes:
    first = b""
    for row in islice(rows, 10_000):
        first = first or row
        if rules.uuid(row):
            return row
    return first


def lacking(theirs: Source, ours: Source, rules: Rules, common: int, mine: int) -> Iterator[bytes]:
    """Our rows after the fork that theirs lacks, in order: what is appended behind theirs when only order differs.

    Conversation rows are matched in sequence, bookkeeping rows by content, each row of theirs at most once.
    """
    kept = [row for row in islice(theirs(), common, None) if rules.bookkeeping(row)]
    book, masked = _tally(kept), [row for row in kept if REDACTED in row]
    talk = _talk(islice(theirs(), common, None), rules)
    for row in islice(ours(), mine, None):
        if rules.torn(row):
            continue
        if rules.bookkeeping(row):
            key = hash(rules.key(row))
            if book.get(key, 0):
                book[key] -= 1
                continue
            same = next((their for their in masked if rules.equal(their, row)), None)
            if same is not None:
                masked.remove(same)
                continue
        elif next(talk, None) is not None:
            continue
        yield row


def _tally(rows: Iterable[bytes]) -> dict[int, int]:
    found: dict[int, int] = {}
    for row in rows:
        found[hash(row)] = found.get(hash(row), 0) + 1
    return found
