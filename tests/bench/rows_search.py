"""The rows about search: 300 MB in eight sessions, against git grep on the same blobs and rg on the files."""

from __future__ import annotations

import re
import subprocess

from tests.bench.measure import Comparison, interleave, run
from tests.bench.rows import sizes
from tests.bench.stage import Stage, fill, ours
from tests.support.machine import Machine

REF = "refs/ccsync/al"
#: Stands once in each session; a syllable of the corpus, which stands in almost every row; in no text, but in every key.
RARE, COMMON, KEY = "walrus", "tion", "message"


def machine_with(stage: Stage) -> Machine:
    """A machine whose sessions, each with one line about a walrus, have been pushed."""
    machine = stage.world("search").machine("laptop")
    machine.init()
    for session in fill(machine, sizes(stage)):
        session.write(session.rows.user(f"where is the {RARE}?"))
    ours(machine, "push")
    ours(machine, "search", RARE)
    return machine


def search(stage: Stage, runs: int, *, word: str, against: str = "git") -> Comparison:
    """Wall time of a search for one word, against `git grep` (which prints the raw rows), or `rg` on the transcripts."""
    machine = machine_with(stage)
    found = subprocess.run(
        ["git", "grep", "-a", "-c", "-F", "-i", word, REF], cwd=machine.clone, capture_output=True, check=True
    )
    assert len(re.findall(rb":[1-9]\d*\n", found.stdout)) >= 8
    words = ["git", "grep", "-a", "-F", "-i", word, REF, "--", "sessions"]
    if against == "rg":
        words = ["rg", "-F", "-i", "--no-ignore", "--hidden", word, str(machine.claude / "projects")]

    def mine() -> float:
        return ours(machine, "search", word, may_fail=word == KEY).wall

    return interleave(lambda: run(words, machine.env, machine.clone).wall, mine, min(runs, 7))
