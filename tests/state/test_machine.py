"""This machine's id: kept, bound to the computer, taken up again if its file is lost; name and placeholders."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from git_ccsync.errors import CcsyncError
from git_ccsync.operations.run.workspace import open_workspace
from git_ccsync.state import log, machine
from tests.support.inside import inside, standing_on
from tests.support.machine import Machine
from tests.support.world import World


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }


@pytest.fixture
def computer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which this computer says who it is."""
    path = tmp_path / "machine-id"
    path.write_text("one\n")
    monkeypatch.setattr(machine, "SYSTEM_IDS", (str(tmp_path / "absent"), str(tmp_path), str(path)))
    return path


def test_the_id_is_made_once(environ: dict[str, str], tmp_path: Path) -> None:
    here = machine.load(environ)
    assert len(here.id) == 16
    assert here.copied_from == ""
    assert machine.load(environ) == here
    assert (tmp_path / "state/git-ccsync/id").read_text() == f"{here.id} {machine.binding(here.id)}\n"
    assert here.name == machine.host_name()


def test_a_copied_home_is_another_machine_and_says_so(environ: dict[str, str], computer: Path) -> None:
    here = machine.load(environ)
    computer.write_text("two\n")
    copied = machine.load(environ)
    assert copied.id != here.id
    assert copied.copied_from == here.id
    assert machine.load(environ) == copied._replace(copied_from="")


def test_the_next_place_is_asked_where_one_is_absent_or_empty(computer: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = machine.binding("x")
    empty = computer.with_name("empty")
    empty.write_text("\n")
    monkeypatch.setattr(machine, "SYSTEM_IDS", (str(empty), *machine.SYSTEM_IDS))
    assert machine.binding("x") == said
    computer.write_text("two\n")
    assert machine.binding("x") != said


@pytest.mark.parametrize(
    "damage", [None, b"", b"\xff\xfe", b"not an id\n", b"5f0c2a9be1d34786\n", b"../../../../../x a\n"]
)
def test_a_lost_id_is_taken_up_from_the_repository(
    environ: dict[str, str], tmp_path: Path, damage: bytes | None
) -> None:
    here = machine.load(environ)
    path = tmp_path / "state/git-ccsync/id"
    path.unlink()
    if damage is not None:
        path.write_bytes(damage)
    known = ("aaaaaaaaaaaaaaaa:0000000000000000", f"{here.id}:{machine.binding(here.id)}", "odd")
    assert machine.load(environ, known).id == here.id
    path.unlink()
    fresh = machine.load(environ, known[:1])
    assert fresh.id not in (here.id, "aaaaaaaaaaaaaaaa")
    assert fresh.copied_from == ""


def test_a_copied_home_does_not_take_up_the_first_ones_id(environ: dict[str, str], computer: Path) -> None:
    here = machine.load(environ)
    known = (f"{here.id}:{machine.binding(here.id)}",)
    computer.write_text("two\n")
    assert machine.load(environ, known).id != here.id


def test_name_and_placeholders_come_from_the_configuration(environ: dict[str, str], tmp_path: Path) -> None:
    config = tmp_path / "config/git-ccsync/config.toml"
    here = machine.load(environ)
    machine.save_config(here._replace(name="büro", placeholders=(("DATA", "/srv/data"),)))
    again = machine.load(environ)
    assert (again.name, again.placeholders) == ("büro", (("DATA", "/srv/data"),))
    assert machine.load(environ) == again, "from the cache"
    config.write_text('name = 3\nplaceholders = ["x"]\n[other]\nkept = true\n')
    odd = machine.load(environ)
    assert (odd.name, odd.placeholders) == (machine.host_name(), ())
    machine.save_config(again)
    assert "kept = true" in config.read_text()


@pytest.mark.parametrize("there", [True, False])
def test_a_linked_configuration_is_written_through_the_link(
    environ: dict[str, str], tmp_path: Path, there: bool
) -> None:
    """As managers of dotfiles keep it, in a directory of their own, by way of two links, one of them relative."""
    here = machine.load(environ)
    target, path = tmp_path / "dotfiles" / "ccsync.toml", Path(here.config)
    target.parent.mkdir()
    if there:
        target.write_text('mood = "fine"\n')
    (tmp_path / "dotfiles" / "link.toml").symlink_to("ccsync.toml")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(tmp_path / "dotfiles" / "link.toml")
    machine.save_config(here._replace(name="desk"))
    assert path.is_symlink()
    assert not target.is_symlink()
    assert tomllib.loads(target.read_text()) == ({"mood": "fine"} if there else {}) | {
        "name": "desk",
        "placeholders": {},
    }
    assert machine.load(environ).name == "desk"


def test_a_configuration_that_is_no_toml_is_one_sentence(environ: dict[str, str], tmp_path: Path) -> None:
    config = tmp_path / "config/git-ccsync/config.toml"
    for data in (b"name = \n", b"\xff"):
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_bytes(data)
        with pytest.raises(CcsyncError, match=r"config\.toml' is not valid TOML"):
            machine.load(environ)


def test_names_are_fit_for_messages_and_file_names() -> None:
    assert machine.clean_name(" lap\x1b[31mtop\n") == "lap[31mtop"
    assert machine.clean_name("x" * 99) == "x" * 64


def test_paths_that_are_not_absolute_are_no_base_directories(environ: dict[str, str], tmp_path: Path) -> None:
    assert machine.state_home(environ | {"XDG_STATE_HOME": "relative"}) == str(tmp_path / ".local/state/git-ccsync")
    assert machine.config_path({"HOME": "/h"}) == "/h/.config/git-ccsync/config.toml"


def test_a_machine_that_lost_its_state_goes_on_under_its_name(world: World) -> None:
    laptop: Machine = world.machine("laptop")
    laptop.init()
    session = laptop.session("fix bug")
    inside(laptop, "push")
    machines = {path for path in world.branch() if path.startswith("machines/")}
    for path in (laptop.home / ".local/state/git-ccsync").glob("id*"):
        path.unlink()
    laptop.append(session)
    inside(laptop, "push")
    assert {path for path in world.branch() if path.startswith("machines/")} == machines
    with standing_on(laptop):
        assert f"machines/{open_workspace().here.id}" in machines


def test_the_log_names_where_and_never_what(environ: dict[str, str], tmp_path: Path) -> None:
    said = "https://al:secret@example.com"
    with pytest.raises(ValueError, match="secret") as caught:
        int(said)
    text = Path(log.record(caught.value, environ)).read_text()
    assert "ValueError" in text
    assert "test_machine.py" in text
    assert "secret" not in text.replace('match="secret"', "")


def test_the_log_stays_small_and_never_fails(environ: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "state/git-ccsync/log"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x" * (log.MAX_LOG + 1))
    log.record(ValueError(), environ)
    assert path.stat().st_size < 1000
    assert path.with_name("log.1").stat().st_size > log.MAX_LOG
    path.unlink()
    path.mkdir()
    assert log.record(ValueError(), environ) == ""
    assert os.path.isdir(path)
