"""The picker in a real terminal emulator: keys, resizing, colours, and what is left behind. Slow; what can be told
without a terminal is in test_picker.py.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from wcwidth import wcswidth

from tests.cli.tmux import PALETTE, Tmux, colours, needs_tmux
from tests.support.machine import ROOT

pytestmark = needs_tmux

PROGRAM = """
import os, sys, time
sys.path.insert(0, {root!r})
from git_ccsync.cli import picker, picker_frame
from tests.cli.picks import NOW, PREVIEW, ROWS, many
picker.time.time = lambda: NOW
rows = {rows}
def preview(session):
    while {waits} and not os.path.exists("read"):
        time.sleep(0.01)
    return PREVIEW
print("chosen", picker.pick(rows, preview, colour={colour}))
"""


def run(
    tmp_path: Path, *, rows: str = "ROWS", waits: bool = False, colour: bool = True, columns: int = 80, lines: int = 24
) -> Tmux:
    text = PROGRAM.format(root=str(ROOT), rows=rows, waits=waits, colour=colour)
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return Tmux([sys.executable, "-c", text], env, cwd=tmp_path, columns=columns, lines=lines)


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (200, 50), (40, 12)])
def test_the_screen_is_the_golden_one(tmp_path: Path, columns: int, lines: int) -> None:
    with run(tmp_path, columns=columns, lines=lines) as tmux:
        tmux.wait_for("^> . *Fix the parser")
        tmux.keys("Down")
        tmux.wait_for("^> .. 修")
        if lines > 14:
            tmux.wait_for("Because the scanner")
        golden = (Path(__file__).parent / "goldens" / f"picker-{columns}.txt").read_text(encoding="utf-8")
        # tmux draws what it cannot join (emoji with a joiner) in its own way; all else stands where it should.
        tmux.shows(golden.split("\n")[:-1])
        assert colours(tmux.painted) <= PALETTE
        assert "\x1b[3" in tmux.painted


def test_without_colours_there_are_none(tmp_path: Path) -> None:
    with run(tmp_path, colour=False) as tmux:
        tmux.wait_for("Because the scanner")
        assert colours(tmux.painted) <= {"", "0", "1", "2", "7", "39", "49"}
        assert "7" in colours(tmux.painted)


def test_typing_moving_and_choosing(tmp_path: Path) -> None:
    with run(tmp_path, rows="many(3000)") as tmux:
        tmux.wait_for("3,000/3,000")
        tmux.keys("NPage", "NPage", "PPage", "Down", "Up")
        tmux.wait_for("^> .* now 14 ")
        tmux.keys("End")
        tmux.wait_for("2999")
        tmux.keys("Home")
        tmux.wait_for("^> .*Fix the parser 0 ")
        tmux.type("desktop 修")
        tmux.wait_for("500/3,000")
        tmux.keys("Down", "C-u")
        tmux.wait_for("^> type to filter")
        tmux.wait_for("^> .*修.*")
        tmux.type("kraqken 2")
        tmux.wait_for("^> kraqken 2")
        tmux.keys("BSpace", "BSpace", "C-w")
        tmux.type("ship 20")
        tmux.wait_for("^> .*Ship it.* now 20 ")
        tmux.keys("Enter")
        tmux.wait_for("chosen 00000014-0000-4000-8000-000000000000\nENDED 0")
        assert tmux.screen[0] == "BEGIN", "the screen that was there before is back"


@pytest.mark.parametrize("key", ["Escape", "C-c", "C-g"])
def test_leaving(tmp_path: Path, key: str) -> None:
    with run(tmp_path) as tmux:
        tmux.wait_for("Fix the parser")
        tmux.keys(key)
        assert tmux.wait_for("ENDED")[:3] == ["BEGIN", "chosen None", "ENDED 0"]


def test_enter_takes_nothing_where_nothing_fits(tmp_path: Path) -> None:
    with run(tmp_path) as tmux:
        tmux.wait_for("Fix the parser")
        tmux.type("zzzz")
        tmux.wait_for("no session fits")
        tmux.keys("Enter", "Enter")
        tmux.keys("C-u")
        tmux.wait_for("Fix the parser")


def test_pasted_lines_and_keys_without_a_meaning_do_no_harm(tmp_path: Path) -> None:
    with run(tmp_path) as tmux:
        tmux.wait_for("Fix the parser")
        tmux.keys("F5", "Left", "Right", "IC", "M-x", "C-t", "C-l")
        # Ctrl-L draws anew, and for that moment the terminal does not mark what is pasted.
        tmux.type("x")
        tmux.wait_for("^> x +[0-9]/6")
        tmux.keys("BSpace")
        tmux.wait_for("^> type to filter")
        tmux._tmux("set-buffer", "fix\nthe parser\n")
        tmux._tmux("paste-buffer", "-p")
        tmux.wait_for("^> fix the parser +1/6")


def test_resizing_down_to_nothing_and_back(tmp_path: Path) -> None:
    with run(tmp_path, rows="many(100)") as tmux:
        tmux.wait_for("100/100")
        for columns, lines in ((3, 2), (12, 3), (30, 1), (1, 1), (40, 10), (200, 50)):
            tmux.resize(columns, lines)
            tmux.wait_for(".")
            assert len(tmux.screen) == lines
            assert all(wcswidth(line) <= columns for line in tmux.screen)
        tmux.wait_for("100/100")
        tmux.wait_for("Enter takes, Esc leaves$")
        tmux.keys("Enter")
        tmux.wait_for("chosen 00000000")


def test_moving_does_not_wait_for_a_preview(tmp_path: Path) -> None:
    with run(tmp_path, rows="many(100)", waits=True) as tmux:
        tmux.wait_for("reading …")
        tmux.keys(*["Down"] * 8)
        tmux.wait_for("^> .* now 8 ")
        assert any("reading …" in line for line in tmux.screen)
        (tmp_path / "read").touch()
        tmux.wait_for("Because the scanner")


def test_a_signal_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    with run(tmp_path) as tmux:
        tmux.wait_for("Fix the parser")
        children = Path(f"/proc/{tmux.pid}/task/{tmux.pid}/children")
        if not children.exists():
            pytest.skip("which process it is cannot be told here")
        os.kill(int(children.read_text().split()[0]), signal.SIGINT)
        assert tmux.wait_for("ENDED")[:3] == ["BEGIN", "chosen None", "ENDED 0"]
