"""The package's own source as syntax trees, for the tests that guard the house's shape. Runs nothing of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "git_ccsync"


class Module(NamedTuple):
    """One file: `path`, `name` (dotted, without the package's own: "git.refs", "" for the package), its text and tree."""

    path: Path
    name: str
    text: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The package that the module lives in; for a module at the top, its own name."""
        return self.name.split(".")[0]

    @property
    def label(self) -> str:
        """The path as a person writes it."""
        return str(self.path.relative_to(ROOT))


class Import(NamedTuple):
    """One imported module. `early` is true if importing the module executes it."""

    target: str
    line: int
    early: bool


@cache
def modules() -> tuple[Module, ...]:
    """Every module of git_ccsync."""
    return tuple(_load(path) for path in sorted(PACKAGE.rglob("*.py")))


def _load(path: Path) -> Module:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    text = path.read_text()
    name = ".".join(part for part in parts if part != "__init__")
    return Module(path, name, text, ast.parse(text, str(path)))


def imports(module: Module) -> Iterator[Import]:
    """All that a module imports, except what only type checkers see."""
    for node, early in walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno, early)
        elif isinstance(node, ast.ImportFrom):
            yield from _from(module, node, early)


def _from(module: Module, node: ast.ImportFrom, early: bool) -> Iterator[Import]:
    base = node.module or ""
    if node.level:
        package = module.path.relative_to(ROOT).parent.parts
        base = ".".join([*package[: len(package) - node.level + 1], *base.split(".")]).rstrip(".")
    for alias in node.names:
        # "from git_ccsync.git import refs" names a module, "from os import path" a member: the longer name finds both.
        yield Import(f"{base}.{alias.name}", node.lineno, early)


@cache
def walk(module: Module) -> list[tuple[ast.AST, bool]]:
    """Every node, and whether importing the module executes it; skips `if TYPE_CHECKING`. What an `except ImportError`
    falls back to counts as late: it is not the usual way."""
    found: list[tuple[ast.AST, bool]] = []
    _gather(module.tree, True, found)
    return found


LATE = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ExceptHandler)


def _gather(tree: ast.AST, early: bool, found: list[tuple[ast.AST, bool]]) -> None:
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.If) and _for_type_checkers(child.test):
            for alternative in child.orelse:
                found.append((alternative, early))
                _gather(alternative, early, found)
            continue
        found.append((child, early))
        _gather(child, early and not isinstance(child, LATE), found)


@cache
def _everything(module: Module) -> list[ast.AST]:
    return list(ast.walk(module.tree))


def _for_type_checkers(test: ast.expr) -> bool:
    return "TYPE_CHECKING" in (getattr(test, "id", ""), getattr(test, "attr", ""))


def functions(module: Module) -> Iterator[tuple[str, int, int]]:
    """Name, line and length in lines (signature and docstring included) of every function."""
    for node in _everything(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def attributes(module: Module) -> Iterator[tuple[str, int, bool]]:
    """Every dotted name that is used ("os.rename"), its line, and whether importing the module executes it."""
    for node, early in walk(module):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}", node.lineno, early


def calls(module: Module) -> Iterator[tuple[str, ast.Call]]:
    """Every call of a plain or dotted name."""
    for node in _everything(module):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            yield node.func.id, node
        elif isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            yield f"{node.func.value.id}.{node.func.attr}", node
