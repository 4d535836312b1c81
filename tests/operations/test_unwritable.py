"""Where Claude's directory cannot be written: pull says which file it was."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.operations.test_unreadable import powerless
from tests.support.machine import Machine


@pytest.mark.skipif(os.getuid() == 0 and not shutil.which("setpriv"), reason="root may write everywhere")
def test_what_may_not_be_written_is_named(laptop: Machine, desktop: Machine) -> None:
    session = laptop.session("fix bug")
    laptop.ok("push")
    desktop.ok("pull")
    laptop.append(session)
    laptop.ok("push")
    place = desktop.path(session.id)
    place.unlink()
    place.parent.chmod(0o500)
    refused = powerless(desktop, "pull")
    place.parent.chmod(0o700)
    assert refused.status == 1
    assert refused.err == f"error: '{session.id}': Permission denied: '{place}'\n"
