"""The words of `demo`: each command as it was typed, then what it said."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
import time

from git_ccsync.cli import render
from git_ccsync.operations.demo import Said, demo

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.cli.options import DemoOptions

#: Seconds that the directory may take to go away.
PATIENCE = 10


def run(options: DemoOptions) -> int:
    """`git ccsync demo`; the exit status."""
    top = tempfile.mkdtemp(prefix="git-ccsync-demo-")
    try:
        demo(top, _say)
    finally:
        if options.keep:
            render.out(f"\nleft to look at: {top}")
        else:
            _remove(top)
    return 0


def _remove(top: str) -> None:
    """Take the directory away; what a command of the demo left running behind itself may still be writing there."""
    end = time.monotonic() + PATIENCE
    while os.path.lexists(top) and time.monotonic() < end:
        shutil.rmtree(top, ignore_errors=True)
        if os.path.lexists(top):
            time.sleep(0.05)


def _say(said: Said) -> None:
    if not said.words:
        render.out(f"{said.machine}# {said.text}")
        return
    render.out(f"{said.machine}$ {shlex.join(said.words)}")
    for line in said.text.splitlines():
        render.out(f"    {render.safe(line)}")
