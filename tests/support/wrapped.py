"""A stand-in for the `claude` program on PATH, for verbs that run it: it does what a script says, and writes sessions as
Claude Code does. Knows the options that those verbs pass.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support.machine import ROOT

if TYPE_CHECKING:
    from tests.support.machine import Machine

PROGRAM = """#!{python}
import json, os, signal, sys, time, uuid
sys.path.insert(0, {root!r})
from tests.support.session import Session
log = os.environ["CLAUDE_LOG"]
args = sys.argv[1:]
if "--help" in args:
    print("Usage: claude [options]\\n  -c, --continue  go on\\n" + {named!r})
    sys.exit()
name = args[args.index("-n") + 1] if "-n" in args else ""
old = os.umask(0)
with open(log, "a") as file:
    file.write(json.dumps({{"args": args, "cwd": os.getcwd(), "umask": old, "pid": os.getpid()}}) + "\\n")
os.umask(old)
def heard(number, frame):
    with open(log, "a") as file:
        file.write(json.dumps({{"signal": signal.Signals(number).name}}) + "\\n")
    if number != signal.SIGINT:
        finish(128 + number)
def finish(status):
    talk("a last word")
    os._exit(status)
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, heard)
home = os.environ.get("CLAUDE_CONFIG_DIR") or os.path.expanduser("~/.claude")
from pathlib import Path
resumed = args[args.index("--resume") + 1] if "--resume" in args else ""
def find():
    if not resumed:
        return Session(Path(home), str(uuid.uuid4()), os.getcwd(), start=time.time() - 100)
    path, = Path(home).glob(f"projects/*/{{resumed}}.jsonl")
    return Session.adopt(path, maker="claude")
session = find()
def talk(text):
    session.write(session.rows.exchange(text) + session.rows.bookkeeping(name))
exec(os.environ.get("CLAUDE_DOES", "talk('hello')"))
"""


def install(machine: Machine, directory: Path, *, knows_names: bool = True) -> Path:
    """Put a `claude` into `directory`, first on the machine's PATH; its log: a JSON line for each start and signal.

    What a start does is in CLAUDE_DOES, as Python; `talk(text)` adds an exchange.
    """
    directory.mkdir(parents=True, exist_ok=True)
    named = "  -n, --name <name>  the session's name\n" if knows_names else ""
    program = directory / "claude"
    program.write_text(PROGRAM.format(python=sys.executable, root=str(ROOT), named=named))
    program.chmod(0o755)
    machine.env["PATH"] = f"{directory}:{machine.env['PATH']}"
    machine.env["CLAUDE_LOG"] = str(directory / "log")
    return directory / "log"
