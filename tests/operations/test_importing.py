"""`export` and `import`: what goes into a file, and what a file may do here. Each file is hostile until it is shown not to be."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.support.machine import Machine
from tests.support.session import Session
from tests.support.world import World

TOKEN = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7xY9zA1cD3eF4"[:36]


@pytest.fixture
def pair(world: World) -> tuple[Machine, Machine]:
    return world.machine("laptop"), world.machine("desktop")


def changed(file: Path, **fields: object) -> str:
    """The file with other fields."""
    found = json.loads(file.read_text()) | fields
    file.write_text(json.dumps({name: value for name, value in found.items() if value is not None}))
    return str(file)


def carried(laptop: Machine, place: Path, session: Session | None = None) -> Path:
    made = session or laptop.session("fix bug")
    laptop.ok("export", made.id, "-o", str(place / "fix.ccsync"))
    return place / "fix.ccsync"


def test_secrets_stay_here(pair: tuple[Machine, Machine], tmp_path: Path) -> None:
    laptop, desktop = pair
    session = laptop.session("fix bug")
    session.write(session.rows.user(f"use {TOKEN}"))
    file = tmp_path / "fix.ccsync"
    said = laptop.ok("export", session.id, "-o", str(file))
    assert TOKEN not in file.read_text()
    assert said.err == "left out 1 secret; '--no-redact' exports them as they are\n"
    desktop.ok("import", str(file))
    assert b"{{SECRET:github-token.40." in desktop.transcript(session.id)
    assert "all of it is here already" in laptop.ok("import", str(file)).out
    assert TOKEN.encode() in laptop.transcript(session.id)
    laptop.git("config", "ccsync.secrets", "block")
    before = file.read_bytes()
    said = laptop.ccsync("export", session.id, "-o", str(file))
    assert (said.status, "holds a secret" in said.err) == (1, True)
    assert file.read_bytes() == before
    laptop.ok("export", session.id, "--no-redact", "-o", str(file))
    assert TOKEN in file.read_text()
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".tmp")]


def test_through_a_pipe(pair: tuple[Machine, Machine]) -> None:
    laptop, desktop = pair
    one, other = laptop.session("one"), laptop.session("other")
    said = laptop.ok("export", "-o", "-")
    assert said.err == "exported 2 sessions, 16 lines\n"
    done = desktop.ccsync("import", "-", input=os.fsencode(said.out))
    assert (done.status, done.err) == (0, "")
    assert set(desktop.sessions()) == {one.id, other.id}
    single = laptop.ok("export", one.id, "-o", "-").out
    assert json.loads(single)["jsonl"].encode() == laptop.transcript(one.id)


def test_a_damaged_file_harms_nothing(pair: tuple[Machine, Machine], tmp_path: Path) -> None:
    laptop, desktop = pair
    file = carried(laptop, tmp_path)
    whole = file.read_bytes()
    for data, word in (
        (whole[:-9], "cut short"),
        (whole.replace(b'_schemaVersion":1', b'_schemaVersion":7'), "version '7'"),
        (b"x", "does not begin"),
    ):
        file.write_bytes(data)
        said = desktop.ccsync("import", str(file))
        assert (said.status, word in said.err) == (1, True), said
    assert desktop.ccsync("import", str(tmp_path / "none")).status == 1
    assert desktop.ccsync("import", str(tmp_path)).status == 1
    assert desktop.files() == {}
    said = desktop.ccsync("import", changed_back(file, whole, jsonl='{"type":"summary"}\n'))
    assert (said.status, "no conversation" in said.err) == (1, True)


def test_what_is_left_out_shows_in_the_status(pair: tuple[Machine, Machine], tmp_path: Path) -> None:
    laptop, desktop = pair
    session = laptop.session("fix bug")
    session.subagent()
    file = carried(laptop, tmp_path, session)
    whole = file.read_bytes()
    file.write_bytes(whole + whole)
    said = desktop.ccsync("import", str(file))
    assert (said.status, "more behind the end" in said.err, session.id in desktop.sessions()) == (1, True, True)
    (here,) = desktop.path(session.id).with_suffix("").rglob("*.jsonl")
    with here.open("ab") as grown:  # it has all of the file's, and more
        grown.write(b"{}\n")
    file.write_bytes(whole)
    desktop.ok("import", str(file))
    here.write_bytes(b"{}\n")
    said = desktop.ccsync("import", str(file))
    assert (said.status, "is left out: another one is here" in said.err) == (1, True)
    assert (
        desktop.ccsync("import", changed(file, sideFiles=None, lineCount=3)).status == 0
    )  # told, and all of it is here


def changed_back(file: Path, whole: bytes, **fields: object) -> str:
    file.write_bytes(whole)
    return changed(file, **fields)


def test_names_lead_nowhere(pair: tuple[Machine, Machine], tmp_path: Path) -> None:
    laptop, desktop = pair
    session = laptop.session("fix bug")
    file = carried(laptop, tmp_path, session)
    names = ("../../../x", "/etc/x", "a/../../x", "resume-head.jsonl", "x.key", ".hidden", "a\\b", "", "good/x.txt")
    said = desktop.ccsync("import", changed(file, sideFiles=dict.fromkeys(names, "x"), originalCwd="/../../etc"))
    assert said.status == 1
    assert said.err.count("is left out") == len(names) - 1
    key = f"projects/{desktop.path(session.id).parent.name}"
    assert set(desktop.files()) == {f"{key}/{session.id}.jsonl", f"{key}/{session.id}/good/x.txt"}
    file.write_bytes(b"")
    (tmp_path / "link.ccsync").symlink_to("/dev/zero")
    assert desktop.ccsync("import", str(tmp_path / "link.ccsync")).status == 1


def test_credentials_are_not_shown(pair: tuple[Machine, Machine], tmp_path: Path) -> None:
    laptop, desktop = pair
    desktop.git("remote", "set-url", "origin", "https://bob:sesame@example.com/acme/app.git")
    file = carried(laptop, tmp_path)
    said = desktop.ok("import", changed(file, projectKey="git:https://al:hunter2@example.com/acme/other.git"))
    assert "another project: 'example.com/acme/other', this is 'example.com/acme/app'" in said.err
    desktop.ok("export", "-o", str(tmp_path / "back.ccsync"))
    assert json.loads((tmp_path / "back.ccsync").read_text())["projectKey"] == "git:example.com/acme/app"
    for text in (said.err, said.out, (tmp_path / "back.ccsync").read_text()):
        assert "hunter2" not in text
        assert "sesame" not in text


def test_a_live_session_is_left_alone(pair: tuple[Machine, Machine], tmp_path: Path) -> None:
    laptop, desktop = pair
    session = laptop.session("fix bug")
    file = carried(laptop, tmp_path, session)
    desktop.ok("import", str(file))
    laptop.append(session)
    carried(laptop, tmp_path, session)
    before = desktop.transcript(session.id)
    desktop.run_claude(session.id)
    for words in ((), ("--overwrite",)):
        said = desktop.ccsync("import", *words, str(file))
        assert (said.status, "running Claude Code" in said.err) == (1, True)
    assert desktop.transcript(session.id) == before


def test_from_windows_and_without_roots(pair: tuple[Machine, Machine], tmp_path: Path) -> None:
    laptop, desktop = pair
    session = laptop.session("fix bug")
    rows = (
        json.dumps(
            {
                "type": "user",
                "uuid": "u",
                "message": {"role": "user", "content": "see C:\\Users\\al\\app\\x.py"},
                "cwd": "C:\\Users\\al\\app",
            }
        )
        + "\n"
    )
    file = carried(laptop, tmp_path, session)
    desktop.ok("import", changed(file, roots=None, originalCwd="C:\\Users\\al\\app", jsonl=rows, lineCount=1))
    found = json.loads(desktop.transcript(session.id))
    assert found["cwd"] == str(desktop.clone)
    assert found["message"]["content"] == f"see {desktop.clone}/x.py"


def test_for_another_directory(pair: tuple[Machine, Machine], tmp_path: Path) -> None:
    laptop, desktop = pair
    (laptop.clone / "sub").mkdir()
    (desktop.clone / "sub").mkdir()
    session = laptop.session("fix bug", cwd=laptop.clone / "sub")
    file = carried(laptop, tmp_path, session)
    desktop.ok("import", str(file))
    assert json.loads(desktop.transcript(session.id).split(b"\n")[0])["cwd"] == str(desktop.clone / "sub")
    assert desktop.path(session.id).parent.name.endswith("-sub")
    other = laptop.session("other")
    file = carried(laptop, tmp_path, other)
    desktop.ok("import", "--directory", str(desktop.clone / "sub"), str(file))
    assert json.loads(desktop.transcript(other.id).split(b"\n")[0])["cwd"] == str(desktop.clone / "sub")
    said = desktop.ccsync("import", str(carried(laptop, tmp_path, session)), cwd=desktop.clone)
    assert said.status == 0


def test_a_session_of_the_branch_alone_and_one_after_import_is_pushed(world: World, tmp_path: Path) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session = laptop.session("fix bug")
    file = carried(laptop, tmp_path, session)
    desktop.ok("import", str(file))
    desktop.ok("push")
    laptop.ok("sync")
    assert json.loads(laptop.ok("status", "--json").out)["in_step"] is True
    assert len(json.loads(laptop.ok("list", "--json").out)["sessions"]) == 1
    before = laptop.transcript(session.id)
    laptop.path(session.id).unlink()
    laptop.ok("export", session.id, "-o", str(file))
    assert json.loads(file.read_text())["jsonl"].encode() == before
    laptop.ok("import", str(file))
    assert laptop.transcript(session.id) == before
