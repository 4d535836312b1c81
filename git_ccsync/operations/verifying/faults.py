"""The names of what `verify` can find, and what each means: a closed list (git-ccsync-verify(1), FAULTS). Pure."""

from __future__ import annotations

from git_ccsync.frozen import Frozen

FAULTS = {
    "missing-object": "an object that the branch names is not in this repository",
    "wrong-type": "an object is of another type than the tree says, or than its place asks for",
    "corrupt-object": "an object cannot be read, or its content does not fit its name",
    "odd-entry": "an entry of the tree has a name or a mode that the format does not know there",
    "bad-format": "the branch does not say its format, or one that this version does not know",
    "bad-meta": "a session's meta is missing or cannot be read",
    "bad-machine": "a machine's file cannot be read",
    "bad-lease": "a lease cannot be read",
    "bad-tombstone": "a tombstone cannot be read",
    "segment-gap": "the segments of a file are not numbered from 0 without a gap",
    "cut-segment": "the segments of a transcript do not end with a whole line",
    "wrong-counts": "meta tells of another number of lines or bytes than the segments have",
    "purged-lines": "a session that was purged has lines on the branch",
    "changed-line": "a line here is another one than on the branch",
    "broken-signature": "a signed thought is not as it was signed, or lacks its signature",
    "cut-short": "a transcript here lacks lines that it had",
    "torn-end": "a transcript here ends in the middle of a line",
    "torn-row": "a line is no JSON",
    "broken-chain": "a row names a parent that is not there",
    "double-row": "two rows have the same uuid",
    "changed-file": "a side file here is another one than on the branch, although it was in step",
    "two-places": "one id lies in two project directories: Claude Code may find neither",
    "unreadable": "a transcript here cannot be read",
    "stale-index": "the index says of a file that it is in step, and it is not",
    "damaged-index": "the index cannot be read",
    "remote-rewound": "the remote has lost commits that were seen there",
    "remote-gone": "the branch is gone from the remote",
    "remote-foreign": "the branch on the remote has another beginning than here",
}
#: Those that `verify --repair` can mend in a copy.
MENDED = frozenset(("torn-row", "broken-chain", "broken-signature", "double-row"))


class Fault(Frozen):
    """One thing that is wrong: its name in FAULTS, where (a place in the tree, a file, a ref), and what was found.
    `session` is the id that it is about, "" for none; `row` the uuid of a row.
    """

    name: str
    subject: str
    found: str
    session: str = ""
    title: str = ""
    row: str = ""


class Verified(Frozen):
    """What `verify` found and how much it looked at; `notes` are true and no faults."""

    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    sessions: int
    lines: int
    bytes: int
