"""The guard of the house: layers have one way down, rooms have no doors, only the right rooms touch the world outside.

    cli → operations → store │ claude │ portable │ privacy │ state → git → model · settings · errors · frozen

Each test collects all offences, so that one run shows everything there is to mend.
"""

from __future__ import annotations

import ast
import re
import statistics

import pytest

from tests.support.source import ROOT, Module, attributes, calls, functions, imports, modules

ROOMS = ("store", "claude", "portable", "privacy", "state")
RANK = {
    "frozen": 0,
    "model": 0,
    "settings": 0,
    "errors": 0,
    "seek": 0,
    "bundle": 0,
    "git": 1,
    **dict.fromkeys(ROOMS, 2),
    "operations": 3,
    "cli": 4,
}

#: Modules whose import costs are paid by a `git ccsync push` with nothing to do, or may be.
HOT = re.compile(
    r"(git|state|store|portable|claude|privacy)(\.|$)|operations\.(run\.workspace|capturing\.capture|exchange\.fetch|push|pull|sync|status)$"
)
NOT_HOT = {"git.pack"}
FREE = {
    *("__future__", "os", "sys", "errno", "stat", "time", "zlib", "_imp", "marshal", "binascii", "itertools"),
    *("_signal", "_struct", "_sha1", "_sha2", "_hashlib", "_operator", "git_ccsync"),
}

PURE = re.compile(r"(frozen|model|settings|errors|seek|portable.*|store\.(format|merge))$")
OUTSIDE = {"os", "io", "sys", "shutil", "socket", "tempfile", "pathlib", "subprocess", "git_ccsync.git"}

PROCESSES = re.compile(r"os\.(posix_spawnp?|fork\w*|exec\w+|spawn\w+|system|popen|startfile)$")
WRITES = re.compile(
    r"os\.(rename|replace|link|symlink|unlink|remove|mkdir|makedirs|rmdir|removedirs|utime|truncate|chmod|mkfifo)$"
)
WRITE_FLAGS = re.compile(r"O_(WRONLY|RDWR|CREAT|APPEND|TRUNC)$")
POSIX_MODULES = {"fcntl", "pwd", "grp", "termios", "tty", "pty", "resource", "syslog", "posix"}
POSIX_NAMES = re.compile(
    r"os\.(O_NOFOLLOW|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY|O_NOCTTY|get[e]?[ug]id|uname|posix_\w+|killpg|set\w*[ug]id|WNOHANG)$"
    r"|signal\.(SIGKILL|SIGHUP|SIGPIPE|SIGCHLD|SIGALRM|pthread_\w+|alarm)$"
)


def check(offences: list[str]) -> None:
    """Fail with every offence on a line of its own."""
    assert not offences, "\n" + "\n".join(offences)


def where(module: Module, line: int) -> str:
    """A clickable place."""
    return f"{module.label}:{line}"


def ours(target: str) -> str:
    """The layer's name in an import of our own ("git_ccsync.git.refs" → "git"); "" for the package and for others."""
    parts = target.split(".")
    return parts[1] if parts[0] == "git_ccsync" and len(parts) > 1 else ""


def is_in(target: str, names: set[str]) -> bool:
    """Whether an import is of one of the named modules or of something inside one."""
    return any(target == name or target.startswith(name + ".") for name in names)


def test_layers_have_one_way_down() -> None:
    offences = []
    for module in modules():
        if module.room not in RANK:
            continue
        for found in imports(module):
            below = ours(found.target)
            if below in RANK and below != module.room and RANK[below] >= RANK[module.room] > 0:
                offences.append(f"{where(module, found.line)}: {module.room} imports {found.target}")
    check(offences)


def test_nothing_stands_outside_the_layers() -> None:
    check([module.label for module in modules() if module.room not in {*RANK, "", "__main__"}])


def test_foundations_import_nothing_of_the_house() -> None:
    offences = []
    for module in modules():
        if RANK.get(module.room) == 0:
            above = [found for found in imports(module) if RANK.get(ours(found.target), 0) > 0]
            offences += [f"{where(module, found.line)}: {found.target}" for found in above]
    check(offences)


def test_pure_modules_see_nothing_of_the_world() -> None:
    offences = []
    for module in modules():
        if PURE.match(module.name):
            seen = [found for found in imports(module) if is_in(found.target, OUTSIDE)]
            offences += [f"{where(module, found.line)}: {found.target}" for found in seen]
            offences += [where(module, call.lineno) + ": open" for name, call in calls(module) if name == "open"]
    check(offences)


def test_only_git_uses_pygit2() -> None:
    offences = []
    for module in modules():
        found = [found for found in imports(module) if is_in(found.target, {"pygit2"})]
        offences += [where(module, each.line) for each in found if module.room != "git"]
    check(offences)


def test_only_git_and_the_pager_start_processes() -> None:
    offences = []
    for module in modules():
        if module.room in {"git", "cli"}:
            continue
        used = [(name, line) for name, line, _early in attributes(module) if PROCESSES.match(name)]
        used += [(found.target, found.line) for found in imports(module) if is_in(found.target, {"subprocess", "pty"})]
        offences += [f"{where(module, line)}: {name}" for name, line in used]
    check(offences)


def test_only_the_command_line_knows_click_and_the_terminal() -> None:
    offences = []
    for module in modules():
        if module.room in {"cli", "__main__"}:
            continue
        used = [(found.target, found.line) for found in imports(module) if is_in(found.target, {"click"})]
        used += [
            (name, line)
            for name, line, _early in attributes(module)
            if name in {"sys.stdout", "sys.stderr", "sys.stdin"}
        ]
        used += [
            (name, call.lineno) for name, call in calls(module) if name in {"print", "input", "sys.exit", "os._exit"}
        ]
        offences += [f"{where(module, line)}: {name}" for name, line in used]
    check(offences)


def writes(module: Module) -> list[tuple[str, int]]:
    """What in a module can change a file: calls of os, flags of os.open, open() in a writing mode."""
    used = [(name, line) for name, line, _early in attributes(module) if WRITES.match(name) or WRITE_FLAGS.search(name)]
    for name, call in calls(module):
        modes = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "mode")]
        texts = [mode.value for mode in modes if isinstance(mode, ast.Constant) and isinstance(mode.value, str)]
        if name == "open" and any(set(text) & set("wax+") for text in texts):
            used.append((name, call.lineno))
    return used


def test_only_install_writes_under_the_claude_directory() -> None:
    offences = []
    for module in modules():
        if module.room == "claude" and not module.name.startswith("claude.install"):
            offences += [f"{where(module, line)}: {name}" for name, line in writes(module)]
    check(offences)


def test_hot_modules_import_only_what_is_free() -> None:
    offences = []
    for module in modules():
        if not HOT.match(module.name) or module.name in NOT_HOT:
            continue
        early = [found for found in imports(module) if found.early and not is_in(found.target, FREE)]
        offences += [f"{where(module, found.line)}: {found.target}" for found in early]
    check(offences)


def test_every_module_imports_on_windows() -> None:
    offences = []
    for module in modules():
        used = [
            (found.target, found.line)
            for found in imports(module)
            if found.early and is_in(found.target, POSIX_MODULES)
        ]
        used += [(name, line) for name, line, early in attributes(module) if early and POSIX_NAMES.match(name)]
        offences += [f"{where(module, line)}: {name}" for name, line in used]
    check(offences)


def test_files_and_functions_stay_small() -> None:
    offences, lengths = [], []
    for module in modules():
        lines = module.text.count("\n")
        if lines > 300:
            offences.append(f"{module.label}: {lines} lines")
        for name, line, length in functions(module):
            lengths.append(length)
            if length > 40:
                offences.append(f"{where(module, line)}: {name} has {length} lines")
    if (median := statistics.median(lengths)) > 10:
        offences.append(f"the median function has {median} lines")
    check(offences)


def test_no_drawers_for_odds_and_ends() -> None:
    places = [*ROOT.glob("git_ccsync/**/*"), *ROOT.glob("tests/**/*")]
    check([str(path) for path in places if path.stem in {"utils", "util", "helpers", "helper", "common", "misc"}])


@pytest.mark.parametrize("folder", ["git_ccsync", "tests"])
def test_every_file_says_what_lives_in_it(folder: str) -> None:
    offences = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        tree = ast.parse(path.read_text())
        if not ast.get_docstring(tree):
            offences.append(f"{path.relative_to(ROOT)}: no docstring")
        future = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"]
        early = path.parent == ROOT / "git_ccsync" and path.stem in ("__init__", "bundle")  # see bundle.OUTSIDE
        if (
            len(tree.body) > 1
            and not early
            and not any(alias.name == "annotations" for node in future for alias in node.names)
        ):
            offences.append(f"{path.relative_to(ROOT)}: no `from __future__ import annotations`")
    check(offences)
