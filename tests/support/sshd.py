"""An ssh server on loopback with its own keys and port, for one test; skip the test where `have_sshd` is false."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.seal import sealed_environment

if TYPE_CHECKING:
    from tests.support.machine import Machine

SSHD = "/usr/sbin/sshd"

# The session's home is the sealed one: sshd itself would enter the home of the account that runs the tests.
WRAPPER = """#!/bin/sh
exec env -i PATH="$PATH" HOME='{home}' GIT_CONFIG_NOSYSTEM=1 GIT_PROTOCOL="$GIT_PROTOCOL" sh -c "$SSH_ORIGINAL_COMMAND"
"""

SERVER = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {base}/host
AuthorizedKeysFile {base}/user.pub
PidFile {base}/pid
StrictModes no
UsePAM no
PasswordAuthentication no
AcceptEnv GIT_PROTOCOL
ForceCommand {base}/wrapper
PermitRootLogin yes
"""

CLIENT = """\
Host box
\tHostName 127.0.0.1
\tPort {port}
\tUser {user}
\tIdentityFile {base}/user
\tUserKnownHostsFile {base}/known
\tIdentitiesOnly yes
\tIdentityAgent none
\tBatchMode yes
"""


def have_sshd() -> bool:
    """Whether an ssh server and its tools can be started here."""
    return os.access(SSHD, os.X_OK) and bool(shutil.which("ssh")) and bool(shutil.which("ssh-keygen"))


class Sshd:
    """Listens at `port`; machines that `admit` was called with reach it as host "box" (any path of this computer)."""

    def __init__(self, base: Path) -> None:
        base.mkdir(parents=True)
        self.base = base
        self.environment = sealed_environment(base / "home")
        for name in ("host", "user"):
            self._run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(base / name))
        if os.getuid() == 0:
            os.makedirs("/run/sshd", exist_ok=True)
        for _ in range(5):
            self.port = _free_port()
            self._process = self._started()
            if _listens(self._process, self.port):
                return
            self.stop()  # somebody else has taken the port meanwhile
        raise AssertionError((base / "log").read_text())

    def _started(self) -> subprocess.Popen[bytes]:
        base, user = self.base, pwd.getpwuid(os.getuid()).pw_name
        facts = {"port": self.port, "base": base, "user": user, "home": base / "home"}
        (base / "config").write_text(SERVER.format(**facts))
        (base / "client").write_text(CLIENT.format(**facts))
        (base / "wrapper").write_text(WRAPPER.format(**facts))
        (base / "wrapper").chmod(0o700)
        (base / "known").write_text(f"[127.0.0.1]:{self.port} {(base / 'host.pub').read_text()}")
        words = [SSHD, "-D", "-e", "-f", str(base / "config")]
        with (base / "log").open("wb") as log:
            return subprocess.Popen(words, env=self.environment, stdin=subprocess.DEVNULL, stderr=log)

    def admit(self, machine: Machine) -> None:
        """Give a machine the key, by the ssh command in its git config (ssh ignores HOME, so ~/.ssh would not do)."""
        machine.git("config", "--global", "core.sshCommand", f"ssh -F {self.base}/client")

    def url(self, path: Path) -> str:
        """The ssh URL of a repository on this computer."""
        return f"ssh://box{path}"

    def stop(self) -> None:
        """End the server; its sessions end with their commands."""
        self._process.terminate()
        self._process.wait(10)

    def _run(self, *words: str) -> None:
        subprocess.run(words, env=self.environment, check=True, capture_output=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(process: subprocess.Popen[bytes], port: int, seconds: float = 20) -> bool:
    """Whether the server comes to answer; False once it has ended."""
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return process.poll() is None
    return False
