"""What a remote's URL means: path, host and account; made safe, made equal, made fit to show. Pure, opens nothing.

The forms are those of git-fetch(1), GIT URLS. `http://` and `git://` are kept apart from the rest: what they carry can
be read on its way.
"""

from __future__ import annotations

import os

from git_ccsync.errors import Usage
from git_ccsync.frozen import Frozen

#: Forges that serve the same path over ssh and https and ignore the case of it.
FORGES = frozenset(("github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "gitea.com", "dev.azure.com"))
#: Other names of such a host: ssh over port 443, and Azure's own.
_ALIASES = {"ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com", "ssh.dev.azure.com": "dev.azure.com"}
_PORTS = {"ssh": ("22", "443"), "https": ("443",), "http": ("80",), "git": ("9418",)}
_SSH = ("ssh", "git+ssh", "ssh+git")
_KEY = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")


#: What the URL of a directory of bundles begins with (git/bundles.py).
BUNDLES = "bundles::"


class Parts(Frozen):
    """One URL taken apart. `scheme` is ssh, https, http, git, file (a path), or a remote helper's name.

    `path` has no leading "/" unless `scheme` is file; `~/` stands before one that starts in a home directory.
    """

    scheme: str
    user: str
    host: str
    port: str
    path: str


def safe_url(url: str) -> str:
    """`url` itself; Usage if git would take it for an option or a command, or if it holds control bytes."""
    if not url or url[0] == "-":
        raise Usage(f"'{url}' is not a URL, a path or the name of a remote")
    if any(c < " " or "\x7f" <= c < "\xa0" for c in url):
        raise Usage("a URL with control characters in it is refused")
    helper = url.partition("::")[0].lower()
    if helper in ("ext", "fd"):
        raise Usage(f"'{helper}::' URLs are refused: they run a command of their own")
    if url.lower().startswith(("http:", "https:")) and "://" not in url:  # ssh would ask the name server for "http"
        raise Usage("a URL that begins with 'http:' needs two slashes behind it")
    parts = parse(url)
    if parts.scheme != "file" and any(word[:1] == "-" for word in (parts.user, parts.host, parts.port)):
        raise Usage(f"'{url}' is refused: ssh would take its host for an option")
    return url


def parse(url: str) -> Parts:
    """The parts of any URL or path that git takes."""
    scheme, marker, rest = url.partition("://")
    if marker and _is_word(scheme):
        return _with_scheme(scheme.lower(), rest)
    helper, marker, rest = url.partition("::")
    if marker and _is_word(helper):
        return Parts(helper, "", "", "", rest)
    host, colon, path = url.partition(":")
    if not colon or "/" in host or (os.name == "nt" and len(host) == 1):
        return Parts("file", "", "", "", url)
    if host.startswith("[") and "]" in url:  # [::1]:path, [host:port]:path
        inside, _, path = url[1:].partition("]")
        host, path = inside, path.removeprefix(":")
    return _scp(host, path)


def _is_word(text: str) -> bool:
    return bool(text) and text.replace("+", "").replace("-", "").replace(".", "").isalnum()


def _with_scheme(scheme: str, rest: str) -> Parts:
    if scheme == "file":
        return Parts("file", "", "", "", rest[rest.find("/") :] if "/" in rest else rest)
    scheme = "ssh" if scheme in _SSH else scheme
    place, _, path = rest.partition("/")
    user, at, place = place.rpartition("@")
    host, port = _host(place)
    if scheme in ("http", "https"):
        path = path.partition("?")[0].partition("#")[0]
    return _known(Parts(scheme, user if at else "", host, "" if port in _PORTS.get(scheme, ()) else port, path))


def _host(place: str) -> tuple[str, str]:
    if place.startswith("["):
        host, _, port = place[1:].partition("]")
        return host.lower(), port.removeprefix(":")
    host, _, port = place.partition(":")
    return host.lower().rstrip("."), port


def _scp(host: str, path: str) -> Parts:
    user, _, host = host.rpartition("@")
    host, _, port = host.partition(":") if host.count(":") == 1 else (host, "", "")
    # `git@` is a forge's account, whose paths start at its top; everybody else's start in a home directory.
    if not path.startswith(("/", "~")) and user != "git":
        path = "~/" + path
    return _known(Parts("ssh", user, host.lower(), "" if port == "22" else port, path.removeprefix("/")))


def _known(parts: Parts) -> Parts:
    """The same with a forge's second names for itself put right."""
    host = _ALIASES.get(parts.host, parts.host)
    path = parts.path
    if host in FORGES:
        path = path.removeprefix("~/")
        pieces = path.removeprefix("v3/").split("/")
        if host == "dev.azure.com" and path.startswith("v3/") and len(pieces) == 3:
            path = "/".join((*pieces[:2], "_git", pieces[2]))
    return parts._replace(host=host, path=path)


def is_path(url: str) -> bool:
    """True for a directory on this computer (or what is mounted on it), a repository or one of bundles."""
    return url.startswith(BUNDLES) or parse(url).scheme == "file"


def bundle_directory(url: str) -> str:
    """The directory of a `bundles::` URL."""
    return os.path.abspath(os.path.expanduser(url.removeprefix(BUNDLES)))


def absolute(place: str) -> str:
    """A path or a `bundles::` URL, made absolute. Usage where the latter names no directory."""
    if place == BUNDLES:
        raise Usage(f"'{BUNDLES}' wants a directory", "bundles::<directory>")
    if place.startswith(BUNDLES):
        return BUNDLES + bundle_directory(place)
    return os.path.abspath(parse(place).path)


def normalise(url: str, base: str = "") -> str:
    """One spelling for all URLs of one place: what consent is bound to. Holds no credentials.

    ssh, scp and https forms are made equal: `github.com/acme/app`. A relative path starts at `base`.
    """
    url = url.replace("\0", "%00")  # what no path can hold
    parts = parse(url)
    if parts.scheme == "file":
        return os.path.realpath(os.path.join(base, parts.path))
    if url.startswith(BUNDLES):
        return BUNDLES + os.path.realpath(os.path.join(base, bundle_directory(url)))
    if not parts.host:
        return f"{parts.scheme}::{parts.path}"
    before = "" if parts.scheme in ("ssh", "https") else parts.scheme + "://"
    port = ":" + parts.port if parts.port else ""
    return f"{before}{parts.host}{port}/{_trim(parts)}"


def _trim(parts: Parts) -> str:
    path = "/".join(piece for piece in parts.path.split("/") if piece)
    path = path.removesuffix(".git")
    return path.lower() if parts.host in FORGES else path


def label(url: str) -> str:
    """What people call the place: `acme/app` on a known forge, `host/path` elsewhere, a path as it is."""
    parts = parse(url)
    if not parts.host:
        return parts.path
    path = "/".join(piece for piece in parts.path.split("/") if piece).removesuffix(".git")
    return path if parts.host in FORGES else f"{parts.host}/{path}"


def project_key(url: str) -> str:
    """`<host>%2F<path>`: the name of a project where one remote serves many. One component of a ref's name.

    The same for the ssh and https forms, whatever the port (a forge has one for each); a path's is its own.
    """
    parts = parse(url)
    return key_of(f"{parts.host}/{_trim(parts)}" if parts.host else "path/" + _trim(parts))


def key_of(name: str) -> str:
    """Any text as one component of a ref's name (git-check-ref-format(1)): what is not plain becomes %XX."""
    raw = name.encode("utf-8", "surrogateescape")
    key = "".join(chr(byte) if chr(byte) in _KEY else f"%{byte:02X}" for byte in raw)
    key = key.replace("..", ".%2E")
    if key.startswith("."):
        key = "%2E" + key[1:]
    if key.endswith((".", ".lock")):
        at = key.rindex(".")
        key = key[:at] + "%2E" + key[at + 1 :]
    return key


def without_credentials(url: str) -> str:
    """The URL for showing: an https URL without account and query, an ssh URL without password."""
    scheme, marker, rest = url.partition("://")
    if not marker or not _is_word(scheme) or scheme.lower() == "file":
        return hide_passwords(url)
    place, slash, path = rest.partition("/")
    user, at, host = place.rpartition("@")
    if scheme.lower() in _SSH:
        return f"{scheme}://{user.partition(':')[0]}{at}{host}{slash}{path}"
    return f"{scheme}://{host}{slash}{path.partition('?')[0]}"


def has_credentials(text: str) -> bool:
    """Whether a URL, or text with one in it, holds a password, or an account that may be a token (http)."""
    before, at, _ = text.partition("@")
    scheme, slash, user = before.rpartition("/")
    return bool(at and slash) and (":" in user or scheme.lower().endswith(("http:/", "https:/")))


def hide_passwords(text: str) -> str:
    """`text` with the user and password of every URL in it taken out; of http also a user alone, which may be a token."""
    if "@" not in text or "/" not in text:
        return text
    import re

    # Every character has one place in it: a line of nothing but colons must not cost the square of its length. A slash
    # is enough: a URL that is spelled wrong has a password as well.
    text = re.sub(r"(https?://)[^/\s]*@", r"\1", text, flags=re.IGNORECASE)
    return re.sub(r"(/)[^/\s@:]*:[^/\s]*@", r"\1", text)  # up to the last @, which a password may hold


def https_form(url: str) -> str:
    """The https URL of what an ssh URL names, "" if its host is not known (or not called) to serve both."""
    parts = parse(url)
    if parts.scheme != "ssh" or parts.path.startswith("~"):
        return ""
    forge = parts.host in FORGES or parts.host.partition(".")[0] in (
        "git",
        "gitlab",
        "gitea",
        "forgejo",
        "code",
        "source",
    )
    if not forge or "." not in parts.host:
        return ""
    return f"https://{parts.host}/{parts.path}"
