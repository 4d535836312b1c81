"""The file of compiled modules: made by the first run after an installation, believed for that installation alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from git_ccsync import __version__
from tests.support.source import ROOT

LAUNCHER = ROOT / "git_ccsync/cli/git-ccsync"
#: The launcher, but for the end of the process, and then where modules came from.
LOOK = (
    "import sys; from git_ccsync import bundle\n"
    "used = bundle.use()\n"
    "from git_ccsync.cli import main\n"
    "status = main(['--version'])\n"
    "import git_ccsync.cli.render as one\n"
    "print(used, type(one.__spec__.loader).__name__, one.__file__, one.out.__code__.co_filename)\n"
)


class Installed:
    """The package as an installer leaves it, and a home."""

    def __init__(self, directory: Path) -> None:
        self.site, self.home = directory / "site", directory / "home"
        skip = shutil.ignore_patterns("__pycache__", "git-ccsync")
        shutil.copytree(ROOT / "git_ccsync", self.site / "git_ccsync", ignore=skip)
        self.record = self.site / f"git_ccsync-{__version__}.dist-info/RECORD"
        self.record.parent.mkdir()
        self.record.write_text("git_ccsync/__init__.py,,\n")
        self.home.mkdir()
        self.cache = self.home / ".cache/git-ccsync" / f"modules-{sys.implementation.cache_tag}"
        kept = {"PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONPATH": str(self.site)}
        self.env = kept | {"GIT_CONFIG_NOSYSTEM": "1"}

    def run(self, *args: str, **more: str) -> str:
        """The launcher's words for some arguments."""
        line = [sys.executable, str(LAUNCHER), *args]
        done = subprocess.run(line, env=self.env | more, cwd=self.home, capture_output=True, text=True, check=True)
        assert done.stderr == ""
        return done.stdout

    def look(self) -> list[str]:
        """Whether the file was used; the loader, the file and the code's file of a module."""
        done = subprocess.run(
            [sys.executable, "-c", LOOK], env=self.env, cwd=self.home, capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        return done.stdout.splitlines()[-1].split(" ")

    def made(self) -> bool:
        """Whether the file is there, after as long as it may take."""
        for _ in range(1200):
            if self.cache.exists():
                return True
            time.sleep(0.05)
        return False


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An installation whose file was made by its first run."""
    installed = Installed(tmp_path_factory.mktemp("bundle"))
    assert installed.run("--version") == f"git-ccsync version {__version__}\n"
    assert installed.made()
    return installed


def test_the_first_run_makes_it_and_the_next_ones_use_it(made: Installed) -> None:
    place = str(made.site / "git_ccsync/cli/render.py")
    assert made.look() == ["True", "Finder", place, place]
    assert made.run("--version") == f"git-ccsync version {__version__}\n"
    assert made.run("-h").startswith("usage: git ccsync")
    assert made.cache.stat().st_mode & 0o777 == 0o600


def test_what_stands_in_no_file_is_imported_as_always(made: Installed) -> None:
    """The commands show their docstrings, so they are not in it; the rest of the package is."""
    assert "usage: git ccsync list" in made.run("list", "-h")


@pytest.mark.parametrize("harm", ["cut", "empty", "garbage", "foreign", "shared", "link", "another installation"])
def test_a_file_that_is_not_just_ours_is_not_used(made: Installed, harm: str, tmp_path: Path) -> None:
    whole, status = made.cache.read_bytes(), made.record.stat()
    try:
        if harm == "cut":
            made.cache.write_bytes(whole[:-1])
        elif harm == "empty":
            made.cache.write_bytes(b"")
        elif harm == "garbage":
            made.cache.write_bytes(os.urandom(1 << 16))
        elif harm == "foreign":
            if os.geteuid():
                pytest.skip("only root can give a file away")
            os.chown(made.cache, 12345, 12345)
        elif harm == "shared":
            made.cache.chmod(0o660)
        elif harm == "link":
            made.cache.rename(tmp_path / "there")
            made.cache.symlink_to(tmp_path / "there")
        else:
            os.utime(made.record, (1, 1))
        assert made.look()[:2] == ["False", "SourceFileLoader"]
    finally:
        made.cache.unlink()
        made.cache.write_bytes(whole)
        made.cache.chmod(0o600)
        os.utime(made.record, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert made.look()[0] == "True"


def test_it_is_made_anew_after_an_upgrade(tmp_path: Path, made: Installed) -> None:
    installed = Installed(tmp_path)
    installed.cache.parent.mkdir(parents=True)
    shutil.copy(made.cache, installed.cache)  # of another place
    installed.cache.chmod(0o600)
    assert installed.look()[0] == "False"
    before = installed.cache.stat().st_mtime_ns
    installed.run("--version")
    for _ in range(1200):
        if installed.cache.stat().st_mtime_ns != before:
            break
        time.sleep(0.05)
    assert installed.look()[0] == "True"


def test_a_checkout_has_none(tmp_path: Path) -> None:
    """Its files change; so does a package that is told to leave no compiled files."""
    installed = Installed(tmp_path)
    installed.run("--version", PYTHONDONTWRITEBYTECODE="1")
    installed.record.unlink()
    installed.run("--version")
    time.sleep(0.3)
    assert not (installed.home / ".cache").exists()


EACH_FIRST = (
    "import os, sys; from git_ccsync import bundle\n"
    "assert bundle.use()\n"
    "roots = [name[:-1] for name in sys.meta_path[0]._table if name.endswith('+')]\n"
    "assert len(roots) > 5\n"
    "for name in roots:\n"
    "    if not os.fork():\n"
    "        __import__(name); os._exit(0)\n"
    "    assert os.wait()[1] == 0, name\n"
)


def test_modules_that_come_together_may_come_first(made: Installed) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EACH_FIRST], env=made.env, cwd=made.home, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
