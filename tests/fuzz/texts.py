"""Targets: text and what carries it. Portable text, rows, files of sessions, archives, bundles, URLs, git's answers."""

from __future__ import annotations

import os
import tempfile
from io import BytesIO

from git_ccsync.claude import chain, handoff, history, mend, readable, rows, said, transcript
from git_ccsync.cli import render
from git_ccsync.errors import BadData, CcsyncError, Unsupported, Usage
from git_ccsync.git import answers, bundle_file, url
from git_ccsync.git.process import Output
from git_ccsync.portable import archive, match
from git_ccsync.portable.carriage import read_ccsync
from git_ccsync.portable.roots import Root
from git_ccsync.portable.text import Codec
from git_ccsync.store import titles
from tests.fuzz.target import Target

ID = "3f2a9c1e-7b44-4d0a-9a6e-0c1d2e3f4a5b"
ROOTS = (Root(b"REPO", (b"/home/al/app", b"/mnt/app")), Root(b"HOME", (b"/home/al",)), Root(b"X", (b"C:\\\\x",)))
CODEC = Codec(ROOTS, ID)
#: Bytes of the longest thing that can stand behind one placeholder here, over its shortest form.
_GROWTH = 40


def portable(data: bytes) -> None:
    stored = CODEC.portable(data)
    assert CODEC.local(stored) == data
    assert match.in_step(CODEC, stored, data)


def expand(data: bytes) -> None:
    """What somebody else stored."""
    found = CODEC.local(data)
    assert found.count(b"\n") == data.count(b"\n")
    assert len(found) <= len(data) * _GROWTH + 100
    assert CODEC.local(CODEC.portable(found)) == found
    match.in_step(CODEC, data, found)


def row(data: bytes) -> None:
    found = transcript.facts(data)
    assert found.lines == data.count(b"\n")
    whole = chain.Chain()
    for line in data.split(b"\n"):
        transcript.bookkeeping(line)
        transcript.row_uuid(line)
        transcript.typed(line)
        whole.feed(line + b"\n")
        for suffix in (" (copy)", ""):
            if titles.suffixed(line, suffix) != line:
                assert titles.plain(titles.suffixed(line, suffix), suffix) == line
    whole.flaws()
    assert len(transcript.title(found).encode()) <= 4 * transcript.TITLE_LENGTH
    rows.seconds(found.updated)


def carried(data: bytes) -> None:
    try:
        found = read_ccsync(data)
        text = b"".join(found.text())
    except (BadData, Unsupported):
        return
    assert len(text) <= 6 * len(data) + 10
    assert text.count(b"\n") in (found.lines, found.lines - 1, found.lines + 1)
    assert all("@" not in part.partition("/")[0] for part in found.project.split(":")[1:2])


def tar(data: bytes) -> None:
    archive.is_tar(data)
    file, most = BytesIO(data), 0
    try:
        for member in archive.members(file, len(data)):
            assert 0 <= member.start <= member.start + member.size <= len(data)
            assert len(archive.Window(file, member.start, member.size).read()) == member.size
            most += 1
    except BadData:
        pass
    assert most <= len(data) // archive.BLOCK + 1


def bundle(data: bytes) -> None:
    with tempfile.NamedTemporaryFile(suffix=".bundle") as file:
        file.write(data)
        file.flush()
        try:
            found = bundle_file.refs(file.name)
        except BadData:
            return
    assert all(len(oid) == 40 and "\n" not in name for name, oid in found.items())


def place(data: bytes) -> None:
    text = os.fsdecode(data)
    for one in (url.normalise, url.label, url.project_key, url.https_form, url.without_credentials, url.hide_passwords):
        one(text)
    assert url.without_credentials(url.without_credentials(text)) == url.without_credentials(text)
    assert not set("/ ~^:?*[\\\x7f") & set(url.key_of(text))
    try:
        safe = url.safe_url(text)
    except Usage:
        return
    assert safe == text
    assert safe[0] != "-"
    assert not safe.lower().startswith(("ext::", "fd::"))
    assert not any(part.startswith("-") for part in url.parse(safe)[1:4]) or url.is_path(safe)


def read(data: bytes) -> None:
    """Rows as they are shown, searched, summed up and mended."""
    mender = mend.Mender(lambda uuid: len(uuid) % 2 == 0, ("u1",))
    made = mender.block(data + b"\n")
    assert made == data + b"\n" or mender.changed
    assert made.count(b"\n") <= data.count(b"\n") + 1
    for line in data.split(b"\n"):
        for one in readable.texts(line):
            assert one.role in (readable.USER, readable.ASSISTANT, readable.TOOL)
        said.said(line)
        history.prompt(line)
    note = data.decode("utf-8", "replace")
    handoff.parse(note)
    handoff.load(note)


def git_says(data: bytes) -> None:
    out, _, err = data.partition(b"\xfe")
    found = answers.pushed(Output(1, out, err), {"refs/ccsync/al": "a" * 40})
    assert set(found) <= {"refs/ccsync/al"}
    assert all(one.status in ("pushed", "up-to-date", "rejected", "refused") for one in found.values())
    error = answers.failure("read", "https://al:secret@h.org/x", Output(128, out, err))
    assert len(error.message) < 2000
    assert len(error.stderr) <= 4 * answers.SAID_CAP
    answers.denied(error)
    told = answers.metered(answers.reporter(lambda progress: None), "https://h.org", 1 << 30)
    for line in err.split(b"\n"):
        try:
            told(line)
        except CcsyncError:
            continue


def shown(data: bytes) -> None:
    for text in (data, data.decode("utf-8", "surrogateescape"), data.decode("utf-16", "replace")):
        found = render.safe(text)
        assert found.isprintable()
        assert render.columns(found) >= 0
        assert render.columns(render.cut(found, 20)) <= 20


_ROW = b'{"type":"user","uuid":"u1","cwd":"/home/al/app","message":{"content":"{{=X}} /home/al/app/x"}}\n'
_TITLE = b'{"type":"custom-title","customTitle":"a \\"b\\"","sessionId":"{{SESSION}}"}\n'
_TOOLS = (
    b'{"type":"assistant","uuid":"u2","parentUuid":"u1","message":{"content":[{"type":"tool_use","name":"Bash",'
    b'"input":{"a":[1,"x"]}},{"type":"thinking","thinking":"t","signature":"s"},'
    b'{"type":"tool_result","content":[{"type":"text","text":"r"}]}]}}\n'
)
_STORED = b'{"cwd":"{{REPO}}/x","y":"{{HOME@2}} {{REPO:1.2}}\\\\a {{=HOME}} {{SESSION}} {{SECRET:k:8:0a1b2c3d}}"}\n'
_CCSYNC = (
    b'{"_schemaVersion":1,"sessionId":"%s","projectKey":"git:https://al:x@h.org/a","jsonl":"{\\"a\\":1}\\n\\u00e9\\n"}'
)
_PLACES = (
    b"\n{{VERBATIM}}",
    b"{{REPO",
    b"{{=",
    b":1.2}}",
    b"@2}}",
    b"{{SESSION}}",
    b"/home/al",
    b"C:\\\\x",
    b'"thinking":"',
)
_JSON = (b'"type":"user"', b'"uuid":"', b'"parentUuid":null', b'"signature":"', b"\\ud83d", b"\\u0000", b'{"a":' * 50)
TARGETS = (
    Target(
        "portable", "comes back byte for byte, and is in step", portable, (_ROW, _STORED, _TITLE), (*_PLACES, *_JSON)
    ),
    Target("expand", "as many lines, bounded growth, and comes back", expand, (_STORED, _ROW), (*_PLACES, *_JSON)),
    Target("row", "any lines are read; a suffix comes off as it went on", row, (_ROW, _TITLE), _JSON),
    Target(
        "ccsync",
        "BadData, or a text no larger than the file, without credentials",
        carried,
        (_CCSYNC % ID.encode(),),
        _JSON,
    ),
    Target("read", "any rows are shown and mended, and no lines are made up", read, (_ROW, _TITLE, _TOOLS), _JSON),
    Target(
        "tar",
        "BadData, or members that lie inside",
        tar,
        (archive.header("a", 5) + b"hello" + archive.padding(5) + archive.END,),
    ),
    Target(
        "bundle",
        "BadData, or refs",
        bundle,
        (b"# v2 git bundle\n" + b"a" * 40 + b" refs/ccsync/al\n\nPACK",),
        (b"\n\n", b"-", b"@"),
    ),
    Target(
        "url",
        "every spelling is read; what is let through runs nothing",
        place,
        (
            b"https://al:pw@h.org:443/x.git?t=1",
            b"https:./al:pw@h.org:x.git?t=1w@j.org",
            b"git@[::1]:x/y",
            b"ssh://h/~/x",
            b"bundles::/x",
        ),
        (b"://", b"@", b":", b"::", b"ext::", b"[", b"-oProxyCommand=x"),
    ),
    Target(
        "git-says",
        "a verdict on our refs alone, and a short reason",
        git_says,
        (
            b" \trefs/x:refs/ccsync/al\ta..b\xferemote: no\nfatal: x\nReceiving objects:  45% (9/20), 1.20 GiB | 5.00 MiB/s",
        ),
        (b"!\t", b"\t", b"\r", b"remote: ", b"fatal: ", b"error: object ", b"Receiving objects: ", b" GiB | "),
    ),
    Target("shown", "one printable line that fits", shown, ("title \u202e\u009b31m\ufe0f漢字".encode(),)),
)
