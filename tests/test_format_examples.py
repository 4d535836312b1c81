"""The examples of gitformat-ccsync(5), taken from the page and run against the code. No other tests of the format."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from git_ccsync.claude import handoff
from git_ccsync.claude.transcript import BOOKKEEPING, facts
from git_ccsync.operations.arriving.taking import taken_id
from git_ccsync.operations.exchange.copies import copy_id
from git_ccsync.portable.carriage import read_ccsync, write_ccsync
from git_ccsync.store import format as store_format
from git_ccsync.store import lease, titles
from tests.support.manual import Page

PAGE = Page(Path(__file__).parent.parent / "man" / "man5" / "gitformat-ccsync.5")
SESSION = "3f2a9c1e-7b44-4d0a-9a6e-0c1d2e3f4a5b"


def example(name: str) -> str:
    """The literal text behind `.\\" example: name`."""
    return PAGE.example(name)


def columns(name: str) -> list[list[str]]:
    return [line.split(maxsplit=1) for line in example(name).splitlines()]


def transcript() -> bytes:
    return example("transcript").replace("\\\n", "").encode()


def git(directory: Path, *args: str, data: bytes = b"") -> str:
    done = subprocess.run(["git", *args], cwd=directory, input=data, capture_output=True, check=True)
    return done.stdout.decode()


def test_segment_numbers() -> None:
    for number, path in columns("segments"):
        assert "/".join(store_format.segment_path(int(number))) == path


def test_names_of_side_files() -> None:
    rows = example("names").splitlines()
    for plain, escaped in (row.rsplit(maxsplit=1) for row in rows):
        assert store_format.escape_name(plain) == escaped
        assert store_format.unescape_name(escaped.encode()) == plain


@pytest.mark.parametrize("name", ["..%2Fx", "%2Fx", "a%2F%2Fb", "a%2f", "%61", "%00", "a%5Cb", "a%2F%2E%2E", "x%"])
def test_other_forms_of_names_are_refused(name: str) -> None:
    with pytest.raises(store_format.BadData):
        store_format.unescape_name(name.encode())


def test_meta() -> None:
    written = example("meta").encode()
    meta = store_format.load_meta(written)
    assert store_format.dump_meta(meta) == written
    assert meta.machine == meta.origin == PAGE.argument("machine")
    said = facts(transcript())
    assert (meta.created, meta.updated) == (said.created, said.updated)
    assert (meta.messages, meta.lines, meta.bytes) == (said.messages, said.lines, len(transcript()))
    assert (meta.git_branch, meta.claude_version) == (said.git_branch, said.version)


def test_unknown_keys_of_meta_are_kept() -> None:
    before = example("meta").encode() + b'mood = "fine"\nweight = 3\n'
    meta = store_format.load_meta(before)
    assert store_format.dump_meta(meta._replace(lines=3), before) == before.replace(b"lines = 2", b"lines = 3")


def test_machine() -> None:
    identity = PAGE.argument("machine")
    written = example("machine").encode()
    machine = store_format.load_machine(identity, written)
    assert (machine.id, machine.name, machine.placeholders) == (identity, "laptop", (("PROJECTS", ""),))
    assert store_format.dump_machine(machine) == written


def test_machines_with_unfinished_sessions() -> None:
    for name in ("left", "marked"):
        identity = PAGE.argument(name)
        written = example(name).encode()
        machine = store_format.load_machine(identity, written)
        assert store_format.dump_machine(machine) == written
    assert machine.done == ((SESSION, transcript_tree()),)


def transcript_tree() -> str:
    """The tree of the example's transcript, as git has it."""
    import hashlib

    def oid(kind: bytes, data: bytes) -> bytes:
        return hashlib.sha1(b"%b %d\0%b" % (kind, len(data), data)).digest()

    place = b"100644 00\0" + oid(b"blob", transcript())
    return oid(b"tree", b"40000 0000\0" + oid(b"tree", place)).hex()


def test_handoff() -> None:
    written = example("handoff")
    note = handoff.load(written)
    assert note
    assert handoff.dump(note) == written
    assert (note.made, note.after) == (handoff.SUMMARIZED, "1590c3f0-52e4-4a6c-8f3b-6a2d9e8b7c10")
    assert note.after.encode() in transcript()


def test_lease() -> None:
    written = example("lease").encode()
    found = lease.load(written)
    assert found.machine == PAGE.argument("machine")
    assert lease.dump(found) == written
    assert lease.path(PAGE.argument("lease")) == f"leases/{SESSION}"


def test_tree_of_a_branch(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    top = store_format.session_path(SESSION)
    contents = {
        "format": store_format.FORMAT,
        f"machines/{PAGE.argument('machine')}": example("machine").encode(),
        f"{top}/meta": example("meta").encode(),
        f"{top}/transcript/0000/00": transcript(),
        f"{top}/files/custom-title.json/0000/00": example("side file").encode().removesuffix(b"\n"),
    }
    for path, data in contents.items():
        blob = git(tmp_path, "hash-object", "-w", "--stdin", data=data).strip()
        git(tmp_path, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    root = git(tmp_path, "write-tree").strip()
    shown = example("tree").replace("    ", "\t")
    listing = f"$ git ls-tree refs/ccsync/me\n{git(tmp_path, 'ls-tree', root)}"
    listing += f"$ git ls-tree -r refs/ccsync/me:{top}\n{git(tmp_path, 'ls-tree', '-r', f'{root}:{top}')}"
    assert shown == listing


def test_title_row_at_the_fork() -> None:
    row = titles.fork_row(PAGE.argument("fork row"))
    assert row.decode() == example("fork row")


def test_id_of_a_conflict_copy() -> None:
    given = dict(columns("copy id"))
    row = b'{"type":"user","uuid":"%s"}\n' % given["uuid"].encode()
    assert copy_id(given["session"], given["machine"], int(given["fork"]), row) == given["copy"]


def test_bookkeeping_rows() -> None:
    assert set(PAGE.words("bookkeeping")) == BOOKKEEPING


def roots(name: str):
    from git_ccsync.portable.roots import Root
    from git_ccsync.portable.text import Codec

    given = {key: path.encode() for key, path in columns(name)}
    session = given.pop("SESSION").decode()
    return Codec([Root(key.encode(), (path,)) for key, path in given.items()], session)


def pairs(name: str) -> list[tuple[bytes, bytes]]:
    blocks = example(name).rstrip("\n").split("\n\n")
    return [(first.encode() + b"\n", second.encode() + b"\n") for first, second in (b.split("\n") for b in blocks)]


def test_translation() -> None:
    codec = roots("roots")
    for local, portable in pairs("pairs"):
        assert codec.portable(local) == portable
        assert codec.local(portable) == local


def test_redaction() -> None:
    from git_ccsync.portable.roots import Root
    from git_ccsync.portable.text import Codec
    from git_ccsync.privacy.secrets import Censor

    [(local, portable)] = pairs("redaction")
    given = [Root(key.encode(), (path.encode(),)) for key, path in columns("roots") if key != "SESSION"]
    codec = Codec(given, SESSION, censor=Censor(bytes(range(32))))
    assert codec.portable(local) == portable


def test_expansion_elsewhere() -> None:
    codec = roots("other roots")
    for portable, local in pairs("expansions"):
        assert codec.local(portable) == local


def test_translation_on_windows() -> None:
    from git_ccsync.portable.roots import windows
    from git_ccsync.portable.text import Codec

    codec = Codec([windows(b"REPO", b"C:\\Users\\al\\app")], SESSION)
    for local, portable in pairs("windows pairs"):
        assert codec.portable(local) == portable
        assert codec.local(portable) == local
    elsewhere = roots("roots")
    assert elsewhere.local(portable) == example("windows elsewhere").encode()


def test_portable_text_of_the_transcript_is_stable() -> None:
    for name in ("roots", "other roots"):
        codec = roots(name)
        assert codec.portable(codec.local(transcript())) == transcript()


def test_id_of_an_older_version_is_as_described() -> None:
    import uuid

    from git_ccsync.operations import restore
    from git_ccsync.operations.exchange import copies

    text = "\n".join(PAGE.lines)
    assert f".Dl {copies.NAMESPACE}".replace("-", "\\-") in text
    tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    made = uuid.uuid5(uuid.UUID(copies.NAMESPACE), f"{SESSION}at{tree}")
    assert restore._id(SESSION, tree) == str(made)


def test_a_session_in_one_file() -> None:
    file = example("one file").replace("\\\n", "").replace("\\[uFFFD]", "\ufffd").encode()
    session = read_ccsync(file)
    assert b"".join(write_ccsync(session)) == file
    assert (session.warnings, session.lines) == ((), 2)
    assert b'"caf\xe9 ' in b"".join(session.text())
    assert dict(session.side_files) == {"tool-results/a.txt": b"seen\n", "x.bin": b"\0\xff"}
    assert session.project == "git:github.com/acme/app"


def test_ids_of_sessions_that_were_taken_over() -> None:
    said = dict(columns("taken id"))
    assert taken_id(said["branch"], said["session"]) == said["copy"]


def test_sealed_keys() -> None:
    from git_ccsync.state import keyring

    ring = sealed_ring()
    given = dict(columns_joined("sealed keys"))
    assert ring.fingerprint == given["fingerprint"]
    assert keyring.derived(bytes.fromhex(given["key"])).hex() == given["names"] + given["contents"] + given["commits"]


def columns_joined(name: str) -> list[list[str]]:
    """As `columns`, with broken lines put together."""
    import re

    return [line.split(maxsplit=1) for line in re.sub(r"\\\n *", "", example(name)).splitlines()]


def sealed_ring():
    from git_ccsync.state import keyring

    return keyring.single(1, bytes.fromhex(dict(columns_joined("sealed keys"))["key"]))


def sealed_blob() -> tuple[bytes, str]:
    """The sealed blob, and its object id as the page tells it."""
    _, *rest = example("sealed content").replace("\\\n", "").splitlines()
    (row,) = [line for line in PAGE.section("ENCRYPTED BRANCHES") if line.startswith(".Li ") and len(line) > 44]
    return bytes.fromhex("".join(rest)), row.split()[1]


def test_sealed_content() -> None:
    from git_ccsync.git.codec import hash_object
    from git_ccsync.store import seal_blob
    from git_ccsync.store.seal_cipher import Ciphers

    sealed, oid = sealed_blob()
    content = example("sealed content").splitlines()[0].encode()
    assert hash_object("blob", sealed) == oid
    assert seal_blob.unseal(Ciphers(sealed_ring()), sealed, 1 << 20) == content
    assert len(seal_blob.seal(Ciphers(sealed_ring()), content)) == len(sealed)


def test_sealed_names() -> None:
    from git_ccsync.git.codec import TreeEntry
    from git_ccsync.store import seal_name
    from git_ccsync.store.seal_cipher import Ciphers

    ciphers, (_, oid) = Ciphers(sealed_ring()), sealed_blob()
    for plain, token in pairs("sealed names"):
        mode, name = plain.split()
        entry = TreeEntry(int(mode, 8), name, oid)
        sealed = seal_name.seal(ciphers, entry)
        assert sealed.name == token.strip()
        assert seal_name.unseal(ciphers, sealed) == entry


def test_sealed_commit() -> None:
    import re

    from git_ccsync.store import seal_commit
    from git_ccsync.store.seal_cipher import Ciphers

    data = re.sub(r"\\\n *", "", example("sealed commit")).encode()
    found = seal_commit.parse(data)
    assert found
    assert seal_commit.unseal(Ciphers(sealed_ring()), found) == b"ccsync: laptop: 1 session, 2 lines\n"
    made = seal_commit.message(
        Ciphers(sealed_ring()), found.tree.decode(), found.parent.decode(),
        (found.author.decode(), found.committer.decode()), "ccsync: laptop: 1 session, 2 lines\n",
    )  # fmt: skip
    assert made.encode() == data.partition(b"\n\n")[2]
