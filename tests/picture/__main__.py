"""`python -m tests.picture`: play the story with the program as it is, and draw the picture anew."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.picture import svg
from tests.picture.story import PICTURE, play


def main() -> None:
    """Write resume.svg."""
    with tempfile.TemporaryDirectory() as directory:
        PICTURE.write_text(svg.draw(play(Path(directory))), encoding="utf-8")


if __name__ == "__main__":
    main()
