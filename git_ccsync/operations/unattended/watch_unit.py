"""What starts `watch` when its user logs in: a systemd user unit, or a launchd agent. Writes one file, starts nothing."""

from __future__ import annotations

import os
import sys

from git_ccsync.errors import NotFound, Unsupported
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.state import files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAME = "git-ccsync-watch"
#: Where sessions, state and git are: what a program that is started at log-in would not know. No secret is among them.
CARRIED = ("PATH", "CLAUDE_CONFIG_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")


class Unit(Frozen):
    """The file, and the commands that let it begin and end."""

    path: str
    start: str
    stop: str


def unit(environ: Mapping[str, str]) -> Unit:
    """Where it lies on this system. Unsupported where there is neither systemd nor launchd."""
    home = environ.get("HOME") or os.path.expanduser("~")
    if sys.platform == "darwin":
        path = os.path.join(home, "Library", "LaunchAgents", f"{NAME}.plist")
        domain = "gui/$(id -u)"
        return Unit(path, f"launchctl bootstrap {domain} '{path}'", f"launchctl bootout {domain}/{NAME}")
    if sys.platform == "linux":
        config = environ.get("XDG_CONFIG_HOME", "")
        base = config if os.path.isabs(config) else os.path.join(home, ".config")
        path = os.path.join(base, "systemd", "user", f"{NAME}.service")
        manager = "systemctl --user"
        return Unit(
            path, f"{manager} daemon-reload && {manager} enable --now {NAME}", f"{manager} disable --now {NAME}"
        )
    raise Unsupported("there is neither systemd nor launchd here")


def install(environ: Mapping[str, str], words: Sequence[str]) -> Unit:
    """Write the file that starts `words` (the first an absolute path)."""
    found = unit(environ)
    carried = {name: environ[name] for name in CARRIED if environ.get(name)}
    files.replace(found.path, _launchd(words, carried) if sys.platform == "darwin" else _systemd(words, carried))
    return found


def uninstall(environ: Mapping[str, str]) -> Unit:
    """Take the file away. NotFound if there is none."""
    found = unit(environ)
    try:
        os.unlink(found.path)
    except FileNotFoundError:
        raise NotFound(f"there is no '{found.path}'") from None
    return found


def _systemd(words: Sequence[str], carried: Mapping[str, str]) -> bytes:
    lines = [
        "[Unit]",
        "Description=Carry Claude Code sessions between machines",
        "Documentation=man:git-ccsync-watch(1)",
        "",
        "[Service]",
        "ExecStart=" + " ".join(_quoted(word).replace("$", "$$") for word in words),
        *("Environment=" + _quoted(f"{name}={value}") for name, value in carried.items()),
        "Restart=on-failure",
        "RestartSec=60",
        "Nice=10",
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    return os.fsencode("".join(f"{line}\n" for line in lines))


def _quoted(word: str) -> str:
    """As systemd.syntax(7) has it: in quotes, specifiers escaped."""
    word = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("%", "%%")
    return f'"{word}"'


def _launchd(words: Sequence[str], carried: Mapping[str, str]) -> bytes:
    import plistlib

    about = {
        "Label": NAME,
        "ProgramArguments": list(words),
        "EnvironmentVariables": dict(carried),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ProcessType": "Background",
    }
    return plistlib.dumps(about)
