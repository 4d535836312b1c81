"""The words of `export --bundle`: the whole branch in one file."""

from __future__ import annotations

from git_ccsync.errors import Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.cli.options import ExportOptions


def run(options: ExportOptions) -> int:
    """`git ccsync export --bundle`; the exit status."""
    raise Unsupported("bundles are not written yet")
