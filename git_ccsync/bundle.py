"""One file with the compiled modules of this package, so that a start opens one file instead of eighty. A cache: any
reason not to use it means that Python imports as always. Only the launcher knows it; no module asks where it came from.

Measured on a push of one line: finding, opening and reading 75 cached modules takes 6 of the 13 ms that importing them
costs, and their docstrings and assertions a third of the rest; the import system's own care takes a third of what is left,
so modules that always come together are loaded together. The file lies in `$XDG_CACHE_HOME/git-ccsync/`, is made in the
background by the first run after an installation (`cli.bundling`), and is believed only for the very installation it was made from.
"""

import marshal
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import CodeType, ModuleType
    from typing import Any

    #: Where a module's code lies in the file (offset, length), and whether it is a package; or where those lie that come
    #: with a module, under its name with a "+".
    Table = dict[str, tuple[int, int, bool]]

PACKAGE = os.path.dirname(os.path.abspath(__file__))
TOP = PACKAGE.removesuffix("git_ccsync")
#: Loaded before the bundle can be: they come from their own files. They do without `from __future__`, which is a file to find,
#: open and run as any other.
OUTSIDE = ("git_ccsync", "git_ccsync.bundle")
#: The table stands in the first bytes of the file: one read finds it, and one more each module.
HEAD = 1 << 15
FORMAT = 2


class Finder:
    """Finds the package's modules in the open file `fd`. What is not in the table is imported as always."""

    def __init__(self, fd: int, table: "Table") -> None:
        self._fd, self._table = fd, table

    def find_spec(self, name: str, *_: object) -> "ModuleSpec | None":
        """The import system's question (importlib.abc.MetaPathFinder); our names are enough to answer it."""
        found = self._table.get(name)
        if not found:
            return None
        from _frozen_importlib import ModuleSpec

        origin = source(name, package=found[2])
        spec = ModuleSpec(name, self, origin=origin, is_package=found[2])  # type: ignore[arg-type]
        spec.has_location = True
        spec.cached = origin  # else the import system works out a path that nobody asks for: a tenth of an import
        if found[2]:
            spec.submodule_search_locations = [os.path.dirname(origin)]
        return spec

    def create_module(self, spec: "ModuleSpec") -> None:
        """An ordinary module (importlib.abc.Loader)."""

    def exec_module(self, module: "ModuleType") -> None:
        """Run the module's code, behind that of all that it brings along (importlib.abc.Loader)."""
        name = module.__name__
        if name + "+" in self._table:
            for each in self._read(name + "+"):
                if each[0] not in sys.modules:
                    self._run(*each)
        exec(self.get_code(name), module.__dict__)  # noqa: S102 -- this is what importing means

    def get_code(self, name: str) -> "CodeType":
        """The code of a module in the table."""
        code: "CodeType" = self._read(name)
        return code

    def _read(self, key: str) -> "Any":
        offset, length, _ = self._table[key]
        return marshal.loads(os.pread(self._fd, length, offset))  # noqa: S302 -- our own file, see `_open`

    def _run(self, name: str, package: bool, code: "CodeType") -> None:
        """Import a module of which all that it imports itself is there, without asking the import system, which would
        take a lock, make a specification and look for a parent: 30 of the 80 microseconds of a small module.
        """
        above, _, short = name.rpartition(".")
        if above not in sys.modules:  # this verb did not come the way that the group was made for
            __import__(above)
        module = type(sys)(name)
        module.__file__ = source(name, package=package)
        if package:
            module.__path__ = [os.path.dirname(module.__file__)]
        sys.modules[name] = module
        try:
            exec(code, module.__dict__)  # noqa: S102
        except BaseException:
            del sys.modules[name]
            raise
        setattr(sys.modules[above], short, module)


def use() -> bool:
    """Import from the file from now on; False if there is none for this installation."""
    stamp = installation()
    if not stamp:
        return False
    try:
        fd, table = _open(stamp)
    except (OSError, ValueError, EOFError, TypeError):
        return False
    sys.meta_path.insert(0, Finder(fd, table))
    return True


def installation() -> tuple[object, ...]:
    """What tells this installation from every other: the interpreter, the place and the installer's own record. Empty
    where nothing was installed (a checkout, whose files change) and where Python is told to keep no compiled files.
    """
    if sys.dont_write_bytecode or sys.flags.isolated or os.name != "posix":
        return ()
    from git_ccsync import __version__

    try:
        record = os.stat(os.path.join(os.path.dirname(PACKAGE), f"git_ccsync-{__version__}.dist-info", "RECORD"))
    except OSError:
        return ()
    return (FORMAT, sys.hexversion, sys.implementation.cache_tag, PACKAGE, record.st_mtime_ns, record.st_size)


def path() -> str:
    """Where the file lies (XDG Base Directory Specification)."""
    top = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(top, "git-ccsync", f"modules-{sys.implementation.cache_tag}")


def _open(stamp: tuple[object, ...]) -> "tuple[int, Table]":
    """The open file and its table. ValueError if it is another installation's, somebody else's or torn."""
    fd = os.open(path(), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    status = os.fstat(fd)
    if status.st_uid == os.geteuid() and not status.st_mode & 0o022:
        found, size, table = marshal.loads(os.pread(fd, HEAD, 0))  # noqa: S302 -- only we can have written it
        if (found, size) == (stamp, status.st_size):
            return fd, table
    os.close(fd)
    raise ValueError


def source(name: str, *, package: bool) -> str:
    """The file that the module `name` comes from."""
    return f"{TOP}{name.replace('.', '/')}{'/__init__' if package else ''}.py"
