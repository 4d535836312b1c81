"""Makes the file that `bundle` reads: which modules there are, what they bring along, and how that lies in the file."""

from __future__ import annotations

import ast
import marshal
import os
from types import CodeType

from git_ccsync.bundle import HEAD, OUTSIDE, PACKAGE, installation, path
from git_ccsync.frozen import TYPE_CHECKING, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from git_ccsync.bundle import Table

#: What functions on timed paths import, in the order in which they do. Each comes with all that it and those before it
#: import at once, and with the others of its line, which are wanted soon after or, behind `answers`, once the push under way
#: is over. No line with others may begin with what another verb imports, too: that would get them all. A name that is wrong
#: here costs time and nothing else (tests/cli/test_bundle.py).
PATHS = (
    (
        ("cli.quick", "operations.run.workspace"),
        ("cli.still",),
        ("cli.render", "operations.capturing.idle"),
        ("operations.run.early",),
        (
            *("cli.push", "operations.push", "operations.capturing.capture", "operations.capturing.capture_file"),
            *("operations.run.clear", "privacy.sieve", "operations.destinations.guard", "git.scratch"),
        ),
        ("git.answers", "cli.detach", "operations.run.upkeep", "cli.colour", "cli.lines", "cli.remembered"),
    ),
    (
        ("cli.quick", "operations.run.workspace"),
        ("operations.exchange.underway",),
        ("git.remote",),
        ("cli.pull", "operations.run.early", "git.dialogue"),
        ("cli.colour",),
        ("cli.detach",),
        ("operations.pull", "operations.capturing.capture"),
        ("git.answers", "operations.run.upkeep"),
    ),
)


class Module(Frozen):
    """One module of the package: its file, its code without docstrings, and its modules of ours that it imports at once,
    in order.
    """

    file: str
    code: CodeType
    needs: tuple[str, ...]


def renew() -> None:
    """Write the file in a process of its own, which nobody waits for. Called when a command is over."""
    stamp = installation()
    import signal

    # A terminal that was opened for this one command hangs up as soon as that has ended: the fork must not hear it.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if os.fork():
        return
    try:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        os.nice(10)
        write(stamp)
    finally:
        os._exit(0)


def write(stamp: tuple[object, ...]) -> None:
    """Compile every module of the package into the file. OSError if that cannot be."""
    place = path()
    os.makedirs(os.path.dirname(place), mode=0o700, exist_ok=True)
    if not os.access(os.path.dirname(place), os.W_OK):
        return  # before a second of work that every hook would begin again
    modules = read()
    packages = {name for name, module in modules.items() if module.file.endswith("__init__.py")}
    pieces = {name: marshal.dumps(module.code) for name, module in modules.items()}
    for root, group in groups(modules).items():
        pieces[root + "+"] = marshal.dumps(tuple((name, name in packages, modules[name].code) for name in group))
    table: Table = {}
    end = HEAD
    for key, piece in pieces.items():
        table[key] = (end, len(piece), key in packages)
        end += len(piece)
    head = marshal.dumps((stamp, end, table))  # type: ignore[arg-type]
    if len(head) > HEAD:
        return
    temp = f"{place}.{os.getpid()}"
    with open(temp, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(head.ljust(HEAD, b"\0") + b"".join(pieces.values()))
        file.flush()
        os.fsync(file.fileno())
    os.replace(temp, place)


def read() -> Mapping[str, Module]:
    """Every module below the package by name, but the commands of the command line, which show their docstrings."""
    sources = {}
    for folder, folders, names in os.walk(PACKAGE):
        folders[:] = [each for each in folders if each not in ("__pycache__", "commands")]
        package = os.path.relpath(folder, os.path.dirname(PACKAGE)).replace(os.sep, ".")
        for each in names:
            stem, suffix = os.path.splitext(each)
            name = package if stem == "__init__" else f"{package}.{stem}"
            if suffix == ".py" and name not in OUTSIDE:
                sources[name] = os.path.join(folder, each)
    return {name: _module(file, sources) for name, file in sources.items()}


def _module(file: str, names: Mapping[str, str]) -> Module:
    with open(file, "rb") as opened:
        tree = ast.parse(opened.read(), file)
    needs = tuple(name for found in _imported(tree.body) for name in _ours(found, names))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            _strip(node)
    tree.body = [node for node in tree.body if not _is_future(node)]
    return Module(file, compile(tree, file, "exec", annotations.compiler_flag, dont_inherit=True, optimize=2), needs)


def _is_future(node: ast.stmt) -> bool:
    """Whether it is the line that every module of ours begins with: the compiler is told, so nobody has to import it."""
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _strip(function: ast.FunctionDef) -> None:
    """Take the annotations of a function out: only type checkers read them, and each start would put them together."""
    function.returns = None
    given = function.args
    for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
        if argument:
            argument.annotation = None


def _imported(body: Sequence[ast.stmt]) -> Iterator[str]:
    """What a module's statements import while it is loaded; a name that is taken from a module may be one itself."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.If):
            checking = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
            yield from _imported(node.orelse if checking else [])


def _ours(name: str, names: Mapping[str, object]) -> Iterator[str]:
    """A module of the package and the packages above it, those first; nothing if it is none."""
    if name in names:
        parts = name.split(".")
        yield from (above for end in range(2, len(parts) + 1) if (above := ".".join(parts[:end])) in names)


def groups(modules: Mapping[str, Module]) -> dict[str, tuple[str, ...]]:
    """What comes along with each module of PATHS, in an order in which each finds what it needs."""
    found: dict[str, tuple[str, ...]] = {}
    for steps in PATHS:
        before: set[str] = set()
        for words in steps:
            order: dict[str, None] = {}
            names = [name for name in (f"git_ccsync.{word}" for word in words) if name in modules]
            for name in names:
                _visit(name, modules, order)
            if names:
                fresh = [name for name in order if name != names[0] and name not in before]
                found[names[0]] = tuple(dict.fromkeys((*found.get(names[0], ()), *fresh)))
                before |= set(order)
    return found


def _visit(name: str, modules: Mapping[str, Module], order: dict[str, None], above: tuple[str, ...] = ()) -> None:
    for needed in (*_ours(name.rpartition(".")[0], modules), *modules[name].needs):
        if needed not in order and needed not in (*above, name):
            _visit(needed, modules, order, (*above, name))
    order[name] = None
