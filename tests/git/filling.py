"""Objects to write, for tests in this process and for processes that are going to be killed (so: light to import)."""

from __future__ import annotations

from git_ccsync.git.objects import Sink, TreeEntry, make_tree


def fill(sink: Sink, blobs: int, size: int = 100) -> tuple[str, list[str]]:
    """A commit with so many blobs; its id and theirs."""
    made = [sink.add("blob", b"%06d\n" % number * (size // 7)) for number in range(blobs)]
    tree = sink.add("tree", make_tree(TreeEntry(0o100644, b"%06d" % n, oid) for n, oid in enumerate(made)))
    person = b"A <a@example.com> 1 +0000"
    body = b"tree %s\nauthor %s\ncommitter %s\n\nccsync: x\n" % (tree.encode(), person, person)
    return sink.add("commit", body), made
