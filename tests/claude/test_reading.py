"""Reading a range of a transcript as blocks of whole lines: the cut is the last line end within a block."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from git_ccsync.claude import reading


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BLOCK", 64)


def cuts(text: bytes) -> list[bytes]:
    """TEXT in blocks, cut the slow way."""
    out: list[bytes] = []
    while text:
        end = text.rfind(b"\n", 0, 64) + 1 or text.find(b"\n") + 1
        out.append(text[:end])
        text = text[end:]
    return out


@given(st.lists(st.integers(0, 200), max_size=20))
def test_blocks_end_at_the_last_line_end_that_fits(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> None:
    text = b"".join(b"x" * size + b"\n" for size in sizes)
    path = tmp_path_factory.mktemp("blocks") / "file"
    path.write_bytes(text + b"torn")
    fd = os.open(path, os.O_RDONLY)
    try:
        assert list(reading.blocks(fd, 0, len(text))) == cuts(text)
    finally:
        os.close(fd)


@pytest.mark.parametrize("left", [0, 5, 64, 70, 90])
def test_what_a_file_lost_meanwhile_ends_the_blocks_at_a_line(tmp_path: Path, left: int) -> None:
    text = b"twenty bytes a line\n" * 10
    path = tmp_path / "file"
    path.write_bytes(text[:left])
    fd = os.open(path, os.O_RDONLY)
    try:
        found = b"".join(reading.blocks(fd, 0, len(text)))
    finally:
        os.close(fd)
    assert found == text[: left // 20 * 20]
