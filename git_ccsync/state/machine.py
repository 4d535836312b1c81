"""This machine: its id (state), its name and placeholders (config.toml). Makes both on first use.

The id lies in `$XDG_STATE_HOME/git-ccsync/id` beside a hash of the system's own machine id and the user, so that a
home directory copied to another computer does not act as the first one.
"""

from __future__ import annotations

import os
import sys

from git_ccsync.errors import CcsyncError
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.state import files

if TYPE_CHECKING:
    from collections.abc import Mapping


#: Where the system's own machine id may stand.
SYSTEM_IDS = ("/etc/machine-id", "/var/lib/dbus/machine-id", "/etc/hostid")


class Here(Frozen):
    """This machine. `copied_from` is the id that the state held if it was made on another computer."""

    id: str
    name: str
    state: str
    config: str
    placeholders: tuple[tuple[str, str], ...] = ()
    copied_from: str = ""


def state_home(environ: Mapping[str, str]) -> str:
    """`$XDG_STATE_HOME/git-ccsync` (the base directory specification's default: ~/.local/state)."""
    return _home(environ, "XDG_STATE_HOME", ".local/state")


def config_path(environ: Mapping[str, str]) -> str:
    """`$XDG_CONFIG_HOME/git-ccsync/config.toml`."""
    return os.path.join(_home(environ, "XDG_CONFIG_HOME", ".config"), "config.toml")


def _home(environ: Mapping[str, str], variable: str, default: str) -> str:
    base = environ.get(variable, "")
    if not os.path.isabs(base):
        home = environ.get("HOME") or os.path.expanduser("~")
        base = os.path.join(home, default)
    return os.path.join(base, "git-ccsync")


def load(environ: Mapping[str, str], recover: tuple[str, ...] = ()) -> Here:
    """This machine, making its id on first use.

    `recover`: ids found in the repository's state; one whose binding fits is taken up again if the state was lost.
    """
    state, config = state_home(environ), config_path(environ)
    identity, copied = _identity(state, recover)
    raw = _config(state, config)
    name = raw.get("name")
    places = raw.get("placeholders")
    pairs = places.items() if isinstance(places, dict) else ()
    placeholders = tuple(sorted((str(k), str(v)) for k, v in pairs if isinstance(v, str)))
    return Here(identity, name if isinstance(name, str) and name else host_name(), state, config, placeholders, copied)


def known_id(environ: Mapping[str, str]) -> str:
    """This machine's id if it has one that holds here, else "". Makes nothing."""
    held = files.read(os.path.join(state_home(environ), "id"), 4096).decode("ascii", "replace").split()
    fits = len(held) == 2 and _well_formed(held[0]) and held[1] == binding(held[0])
    return held[0] if fits else ""


def binding(identity: str) -> str:
    """What ties an id to this computer and user: 16 hex digits, against accident, not against an enemy."""
    source = _system_id() or b"none"
    user = str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    text = b"\0".join((source, user.encode(), identity.encode()))
    import zlib  # a library to load, which the start of a fetch does without

    return f"{zlib.crc32(text):08x}{zlib.crc32(text[::-1]):08x}"


def _system_id() -> bytes:
    # systemd's machine-id(5); D-Bus's elsewhere on Linux and the BSDs. macOS and Windows have none in a file: there a
    # copied home is not noticed.
    for path in SYSTEM_IDS:
        try:
            found = files.read(path, 4096).strip()
        except OSError:
            continue
        if found:
            return found
    return b""


def _identity(state: str, recover: tuple[str, ...]) -> tuple[str, str]:
    path = os.path.join(state, "id")
    held = files.read(path, 4096).decode("ascii", "replace").split()
    if len(held) == 2 and _well_formed(held[0]):
        if held[1] == binding(held[0]):
            return held[0], ""
    else:
        held = []
    fitting = [name for name, _, bound in (item.partition(":") for item in recover) if bound == binding(name)]
    identity = fitting[0] if fitting else os.urandom(8).hex()
    files.replace(path, f"{identity} {binding(identity)}\n".encode(), durable=True)
    return identity, held[0] if held else ""


def _well_formed(identity: str) -> bool:
    return len(identity) == 16 and all(c in "0123456789abcdef" for c in identity)


def host_name() -> str:
    """The name that a machine has until its owner gives it one: the host's, up to the first dot."""
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    return clean_name(name.partition(".")[0]) or sys.platform


def clean_name(name: str) -> str:
    """A machine name fit for messages, titles and file names: printable, at most 64 characters."""
    return "".join(c for c in name.strip() if c.isprintable())[:64]


def _config(state: str, path: str) -> dict[str, object]:
    """config.toml, from a cache keyed by its stat: tomllib alone would cost 12 ms."""
    stamp = files.stamp(path)
    if stamp == (0, 0, 0):
        return {}
    cache = os.path.join(state, "config.cache")
    held = files.load_cache(cache)
    if isinstance(held, tuple) and len(held) == 2 and held[0] == stamp and isinstance(held[1], dict):
        return held[1]
    import tomllib

    try:
        raw = tomllib.loads(files.read(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CcsyncError(f"'{path}' is not valid TOML: {error}", "mend or remove the file") from None
    known: dict[str, object] = {key: raw[key] for key in ("name", "placeholders") if key in raw}
    files.save_cache(cache, (stamp, known))
    return known


def save_config(here: Here) -> None:
    """Write name and placeholders back to config.toml; other keys of the file stay. A link stays a link: its target is
    what is written, as managers of dotfiles expect.
    """
    import tomllib

    import tomli_w

    raw = tomllib.loads(files.read(here.config).decode())
    raw["name"] = here.name
    raw["placeholders"] = dict(here.placeholders)
    files.replace(os.path.realpath(here.config), tomli_w.dumps(raw).encode(), durable=True)
