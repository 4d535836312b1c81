"""`--help`: the manual page, through man(1), wherever the installer has put it. Knows nothing of what it says."""

from __future__ import annotations

import os


def show(page: str) -> int | None:
    """Open the manual page `page` (git-ccsync-push); man's status, or None where it cannot be shown."""
    import shutil
    import subprocess

    if not shutil.which("man"):
        return None
    target = page if man_finds(page) else installed(f"man1/{page}.1")
    if not target:
        return None
    # git itself turns `git ccsync --help` into `git help ccsync`; here are the verbs, and git-ccsync called by its name.
    return subprocess.run(["man", target], check=False).returncode


def man_finds(page: str) -> bool:
    """Whether `man -w` knows the page."""
    import subprocess

    try:
        found = subprocess.run(["man", "-w", page], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError:
        return False
    return found.returncode == 0


def installed(name: str) -> str:
    """Where a file of ours lies that is no part of the package, by the end of its path; "" if nowhere.

    The installer's own record is asked (it knows about prefixes, --user and --target), then a source tree around us.
    """
    from importlib import metadata

    try:
        files = metadata.files("git-ccsync") or []
    except metadata.PackageNotFoundError:
        files = []
    for file in files:
        path = str(file.locate())
        if path.replace(os.sep, "/").endswith("/" + name) and os.path.isfile(path):
            return os.path.realpath(path)
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    for folder in ("man", "completions"):
        path = os.path.join(top, folder, *name.split("/"))
        if os.path.isfile(path):
            return path
    return ""
