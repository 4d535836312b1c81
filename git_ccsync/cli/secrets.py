"""The words of `secrets`: kinds, lengths, tags and places; never a value."""

from __future__ import annotations

from git_ccsync.cli import colour, render
from git_ccsync.operations import secrets
from git_ccsync.operations.run.workspace import open_workspace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.cli.colour import Palette
    from git_ccsync.cli.options import SecretsOptions
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.operations.secrets import Hit, Left

COLOURS = {secrets.BLOCKED: "red", secrets.REDACTED: "green", secrets.SENT: "yellow"}


def run(options: SecretsOptions) -> int:
    """`git ccsync secrets`; the exit status."""
    ws = open_workspace(".")
    return {"list": _list, "scan": _scan, "allow": _allow}[options.action](ws, options)


def _list(ws: Workspace, options: SecretsOptions) -> int:
    found = secrets.redacted_on_branch(ws)
    if options.json:
        _document({"secrets": found})
    else:
        _lines(_left(found))
    return 0


def _scan(ws: Workspace, options: SecretsOptions) -> int:
    done = secrets.scan_sessions(ws, *options.words, all_lines=options.all_lines)
    if options.json:
        _document({"secrets": done.hits})
    else:
        _lines(_hits(done.hits, colour.palette(ws.config)))
    return int(render.problems(done.problems))


def _allow(ws: Workspace, options: SecretsOptions) -> int:
    allowed = secrets.allow(ws, options.words, remove=options.remove)
    if not options.words:
        _lines(allowed)
    return 0


def _document(value: object) -> None:
    from git_ccsync.cli import porcelain

    porcelain.document(value)


def _lines(lines: Sequence[str]) -> None:
    for line in lines:
        render.out(line)


def _left(found: Sequence[Left]) -> list[str]:
    """A line for each value on the branch."""
    return render.table(
        [
            (
                one.tag,
                render.safe(one.kind),
                f"{one.length:,} bytes",
                render.count(one.times, "time"),
                " ".join(session[:8] for session in one.sessions),
                "allowed" if one.allowed else "" if one.ours else "elsewhere",
            )
            for one in found
        ],
        flexible=4,
        right=(2, 3),
    )


def _place(hit: Hit) -> str:
    """Where a value stands: `session:file:line`, or what is called so."""
    return ":".join(filter(None, (hit.session[:8], render.safe(hit.file), str(hit.line or "name"))))


def _hits(found: Sequence[Hit], palette: Palette) -> list[str]:
    """A line for each value on this disk."""
    fates = iter(found)
    paint = {5: lambda cell: palette(COLOURS.get(next(fates).fate, "dim"), cell)}
    rows = [
        (
            one.tag,
            render.safe(one.kind),
            f"{one.length:,} bytes",
            render.count(one.times, "time"),
            _place(one),
            one.fate,
        )
        for one in found
    ]
    return render.table(rows, flexible=4, right=(2, 3), paint=paint)
