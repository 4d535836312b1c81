"""A push that the remote's own hook refuses: its words are told; moving elsewhere is advised only for a ref never taken."""

from __future__ import annotations

import pytest

from tests.support.machine import Machine
from tests.support.world import World


@pytest.mark.parametrize("pushed", [True, False])
def test_a_hook_that_refuses(world: World, pushed: bool) -> None:
    laptop: Machine = world.machine("laptop")
    laptop.init()
    if not pushed:
        laptop.git("update-ref", "-d", "refs/ccsync-remotes/origin/al")
        world.git("update-ref", "-d", "refs/ccsync/al")
    hook = world.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'the disk is full until Monday'\nprintf 'x\\rhint: run it\\n'\nexit 1\n")
    hook.chmod(0o755)
    laptop.session("fix bug")
    refused = laptop.ccsync("push", status=128)
    assert "\nremote: the disk is full until Monday\nremote: hint: run it\n" in f"\n{refused.err}"
    assert ("refs/heads/ccsync" in refused.err) is not pushed
    assert ("refused the push: pre-receive hook declined\n" in refused.err) is pushed
