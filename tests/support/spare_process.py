"""The server behind `spare`: a Python that has imported git-ccsync and turns forks of itself into command lines.

Run as a script, which comes back at once, with the socket's descriptor and the package's directory ("" for the installed one). Knows no test.
"""

from __future__ import annotations

import gc
import marshal
import os
import pkgutil
import select
import signal
import socket
import struct
import sys
import time
import traceback

HEADER = struct.Struct("!I")
#: Not imported: what runs when it is imported, what only the launcher uses, and (see below) the picker, which is large.
LEFT_OUT = ("__main__", "bundle")


def import_everything(root: str) -> None:
    """Load all that any command may need, so that no fork has to."""
    sys.path[0:1] = [root] if root else []
    import git_ccsync

    for module in pkgutil.walk_packages(git_ccsync.__path__, "git_ccsync."):
        if module.name.rpartition(".")[2] not in LEFT_OUT and "picker" not in module.name:
            try:
                __import__(module.name)
            except ImportError:  # of another platform
                pass
    for name in ("click", "pygit2", "pathspec", "json", "subprocess", "tomllib", "shlex", "textwrap", "uuid"):
        __import__(name)
    gc.collect()
    gc.freeze()


def serve(link: socket.socket) -> None:
    """Answer requests until the other side is gone. A request: four descriptors and, behind its length, the rest."""
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    told: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([link, ended], [], [])
        if ended in ready:
            os.read(ended, 512)
            _tell(told)
        if link in ready and not _begin(link, told):
            return


def _tell(told: dict[int, int]) -> None:
    """Say of each command that has ended how it did."""
    while told:
        child, status = os.waitpid(-1, os.WNOHANG)
        if not child:
            return
        os.write(told[child], b"%d\n" % os.waitstatus_to_exitcode(status))
        os.close(told.pop(child))


def _begin(link: socket.socket, told: dict[int, int]) -> bool:
    """Start the next command, and say its process id; False if there will be no more."""
    header, descriptors, _, _ = socket.recv_fds(link, HEADER.size, 4)
    if not header:
        return False
    size, payload = HEADER.unpack(header)[0], b""
    while len(payload) < size:
        payload += link.recv(size - len(payload))
    child = os.fork()
    if not child:
        for number in (link.fileno(), descriptors[0], *told.values()):
            os.close(number)
        _become(payload, descriptors[1:])
    told[child] = descriptors[0]
    os.write(descriptors[0], b"%d\n" % child)
    for number in descriptors[1:]:
        os.close(number)
    return True


def _become(payload: bytes, streams: list[int]) -> None:
    """This process as a freshly started git-ccsync: streams, directory, environment, arguments."""
    status = 255
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        place, mask, sys.argv, variables = marshal.loads(payload)
        os.chdir(place)
        os.umask(mask)
        os.environ.clear()
        os.environ.update(variables)
        time.tzset()
        sys.stdin, sys.stdout, sys.stderr = (
            open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 -- as long as the process lives
            for number, mode in enumerate("rww")
        )
        _forget_signals()
        from git_ccsync.cli import main

        status = main()
    except BaseException:  # noqa: BLE001 -- a fork must not return into the server
        traceback.print_exc()
    finally:
        os._exit(status)


def _forget_signals() -> None:
    """As Python starts with them."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


if __name__ == "__main__":
    if os.fork():  # a child of nobody's: tests ask whether their process has children
        os._exit(0)
    import_everything(sys.argv[2])
    serve(socket.socket(fileno=int(sys.argv[1])))
