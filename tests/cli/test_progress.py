"""Progress: only for long work, one line, gone at the end."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from git_ccsync.cli import progress
from git_ccsync.model import Progress
from tests.bench.corpus import Corpus
from tests.cli.terminal import Terminal
from tests.support.source import ROOT
from tests.support.world import World


def test_words() -> None:
    assert progress.line(Progress("reading", 0, 0), 0) == "Reading"
    assert progress.line(Progress("reading", 12, 0, "sessions"), 0) == "Reading: 12 sessions"
    assert progress.line(Progress("packing", 135, 300), 0) == "Packing:  45% (135/300)"
    assert (
        progress.line(Progress("installing", 0, 8, "sessions", 3_000_000), 2)
        == "Installing:   0% (0/8) sessions, 3.0 MB, 1.5 MB/s"
    )
    assert (
        progress.line(Progress("pushing", 6_000_000, 12_000_000, "bytes"), 2)
        == "Pushing:  50% (6.0 MB/12 MB), 3.0 MB/s"
    )


def test_nothing_is_shown_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.meter() as meter:
        meter(Progress("reading", 1, 2))
    assert capsys.readouterr().err == ""


def test_short_work_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.Meter(shown=True) as meter:
        meter(Progress("reading", 1, 2))
    assert capsys.readouterr().err == ""


def test_asked_for_it_is_shown_and_erased(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    with progress.meter(1) as meter:
        meter(Progress("reading", 1, 2))
    assert capsys.readouterr().err == "\rReading:  50% (1/2)\033[K\r\033[K"


def test_no_progress_means_none(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.meter(0) as meter:
        meter(Progress("reading", 1, 2))
    assert capsys.readouterr().err == ""


def test_what_was_erased_is_on_no_screen(tmp_path: Path) -> None:
    text = (
        "from git_ccsync.cli import progress; from git_ccsync.model import Progress\n"
        "with progress.meter(1) as meter: meter(Progress('reading', 1, 2))\nprint('  new')"
    )
    env = {**os.environ, "TERM": "xterm", "PYTHONPATH": str(ROOT)}
    with Terminal([sys.executable, "-c", text], env, cwd=tmp_path) as terminal:
        assert terminal.finish() == (0, "  new\n")
    assert "Reading" in terminal.raw


@pytest.mark.slow
def test_one_large_session_is_told_as_it_goes(world: World) -> None:
    laptop, desktop = world.initialised("laptop", "desktop")
    session, corpus = laptop.session("large"), Corpus(str(laptop.clone), 1)
    session.write(b"".join(corpus.rows(session.id, 8_000_000, start=world.now)))
    told = laptop.ok("push", "--progress").err
    assert any(0 < int(part) < 100 for part in re.findall(r"Reading: +(\d+)% \(", told))
    assert re.search(r"Installing: +0% \(0/1\) sessions, [0-9.]+ MB", desktop.ok("pull", "--progress").err)
