"""The words of `import`: file after file, session after session, each for itself."""

from __future__ import annotations

import os
import sys

from git_ccsync.cli import ask, render
from git_ccsync.errors import BadData, CcsyncError, NotInitialised
from git_ccsync.operations import exporting, importing
from git_ccsync.operations.run.workspace import open_workspace
from git_ccsync.state.record import together

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from git_ccsync.cli.options import ImportOptions
    from git_ccsync.operations.importing import Carried, Imported
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.portable.carriage import CarriedSession


def run(options: ImportOptions) -> int:
    """`git ccsync import`; the exit status."""
    names = [name if name == "-" else os.path.abspath(name) for name in options.file]
    ws = _workspace(options.directory)
    project, good, verb = exporting.project_of(ws), True, together("import")
    for name, shown in zip(names, options.file, strict=True):
        try:
            with _opened(name) as found, _plain(ws, found, shown, options) as file:
                for carried in importing.read(file, shown):
                    good = _one(ws, carried, project, options, verb) and good
        except OSError as error:
            render.error(f"'{shown}': {error.strerror or 'cannot be read'}")
            good = False
        except BadData as error:
            render.error(f"'{shown}': {error.message}")
            good = False
    return 0 if good else 1


def _workspace(directory: str) -> Workspace:
    """The workspace around `directory`, or here. With --home that of the sessions outside any repository, made where there
    is none yet, unless the directory lies in one.
    """
    from git_ccsync.operations.capturing import outside

    if not render.given or (directory and outside.in_repository(os.path.realpath(directory), {})):
        return open_workspace(directory or ".")
    try:
        return open_workspace(".")
    except NotInitialised:
        outside.make(os.environ)
    return open_workspace(".")


def _opened(name: str) -> BinaryIO:
    """The file, or standard input in a file that can be gone through twice."""
    if name != "-":
        return open(name, "rb", opener=lambda path, flags: os.open(path, flags | getattr(os, "O_NONBLOCK", 0)))
    import shutil
    import tempfile

    spool = tempfile.TemporaryFile()  # noqa: SIM115 -- the caller closes it
    shutil.copyfileobj(sys.stdin.buffer, spool)
    return spool


def _plain(ws: Workspace, file: BinaryIO, label: str, options: ImportOptions) -> BinaryIO:
    """The file itself, or what is in an encrypted one."""
    from git_ccsync.operations.arriving import parcel

    return parcel.opened(ws, file, label, options.identity) if parcel.is_sealed(file) else file


def _one(ws: Workspace, carried: Carried, project: str, options: ImportOptions, verb: str) -> bool:
    if carried.session is None:
        render.error(f"'{carried.label}': {carried.wrong}")
        return False
    for text in carried.session.warnings:
        render.warning(f"'{carried.label}': {text}")
    if not _same_project(carried.session, project):
        return False
    try:
        done = importing.install(
            ws, carried.session, directory=options.directory, overwrite=options.overwrite, verb=verb
        )
    except CcsyncError as error:
        _refusal(error)
        return False
    for text in done.warnings:
        render.warning(text)
    if done.purged:
        render.warning(f"'{done.session[:8]}' was purged from the branch: it is yours here, and no push ever sends it")
    for line in words(done):
        render.out(line)
    return not (carried.session.partial or done.warnings)


def _refusal(error: CcsyncError) -> None:
    from git_ccsync.cli.failure import hints_wanted

    render.error(error.message)
    for text in error.hints if hints_wanted("Import") else ():
        render.hint(text)


def _same_project(session: CarriedSession, project: str) -> bool:
    """Whether to go on: what comes from another project is asked about, where somebody is there to ask, or warned of."""
    theirs, ours = session.project, project
    if not theirs or not ours or theirs.lower() == ours.lower() or theirs.partition(":")[0] != ours.partition(":")[0]:
        return True
    said = f"'{session.id[:8]}' is of another project: '{theirs.partition(':')[2]}', this is '{ours.partition(':')[2]}'"
    if not ask.possible():
        render.warning(said)
        return True
    render.note(render.safe(said))
    return ask.yes("import it here?")


def words(done: Imported) -> Iterator[str]:
    """What to say of it, and how to go on."""
    name = f"{done.session[:8]}  {render.cut(render.safe(done.title), 60) or '(no title)'}"
    sides = f" and {render.count(done.sides, 'side file')}" if done.sides else ""
    if done.shown:
        yield f"{done.session[:8]} had been removed; it is on the lists again: 'git ccsync push' tells your other machines"
    if done.action == "kept":
        more = f"; this disk has {render.count(done.more, 'more line')}" if done.more else ""
        yield f"{name}: all of it is here already{more}{f'; added{sides[4:]}' if sides else ''}"
        return
    verb = {"created": "imported", "appended": "was here; added", "replaced": "replaced"}[done.action]
    lines = render.count(done.lines, "line")
    yield f"{name}: added {lines}{sides}" if done.action == "appended" else f"{verb} {name}  ({lines}{sides})"
    if done.kept:
        yield f"what was here is in '{render.home(done.kept)}'"
    yield f"claude --resume {done.session}"
