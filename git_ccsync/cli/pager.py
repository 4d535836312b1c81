"""Long output through the pager that git would use (git-var(1), GIT_PAGER), if a person reads it."""

from __future__ import annotations

import os
import sys

from git_ccsync.cli import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

#: What git sets for pagers that have no wish of their own (core.pager in git-config(1)).
DEFAULTS = {"LESS": "FRX", "LV": "-c"}
#: What only a shell understands: without one of these a command is a program's name (run-command.c of git does the same), and
#: it is known before anything is written whether there is one of that name.
_SHELL = frozenset("|&;<>()$`\\\"' \t\n*?[#~=%")


def page(chunks: Iterable[str]) -> bool:
    """Write `chunks` (text with its line ends) to the pager, or to stdout where none is wanted.

    A reader who quits early ends the writing, quietly, and it is False; an empty chunk is a chance to notice that.
    """
    command = _command()
    if not command:
        for chunk in chunks:
            sys.stdout.write(chunk)
        return True
    return _through(command, chunks)


def _command() -> str:
    """The shell command of the pager, "" for none."""
    if not os.isatty(1) or os.environ.get("GIT_PAGER_IN_USE") == "true":
        return ""
    from git_ccsync.errors import GitFailed
    from git_ccsync.git import command

    # The runner keeps GIT_PAGER from git (it is no business of its own calls), so it is looked at here.
    given = os.environ.get("GIT_PAGER")
    if given is None:
        try:
            env = command.environment(keep_context=True)
            given = os.fsdecode(command.run(("var", "GIT_PAGER"), env=env).stdout).strip()
        except GitFailed:
            given = ""
    return "" if given.strip() in ("", "cat") else given


def _through(command: str, chunks: Iterable[str]) -> bool:
    import signal
    import subprocess

    encoding, errors = sys.stdout.encoding, sys.stdout.errors
    env = {**DEFAULTS, **os.environ, "GIT_PAGER_IN_USE": "true"}
    sys.stdout.flush()
    begun: list[subprocess.Popen[str]] = []

    def interrupted(*_: object) -> None:
        # ^C belongs to the pager, as long as there is one.
        if begun and begun[0].poll() is not None:
            raise KeyboardInterrupt

    # A handler, not SIG_IGN: that one would be inherited by it.
    before = signal.signal(signal.SIGINT, interrupted)
    shell = not _SHELL.isdisjoint(command)
    try:
        pager = subprocess.Popen(
            command, shell=shell, env=env, stdin=subprocess.PIPE, encoding=encoding, errors=errors,
        )  # fmt: skip
    except OSError as error:
        signal.signal(signal.SIGINT, before)
        render.warning(f"cannot run the pager '{command}': {error.strerror}")
        for chunk in chunks:
            sys.stdout.write(chunk)
        return True
    begun.append(pager)
    try:
        return _feed(pager, chunks)
    finally:
        signal.signal(signal.SIGINT, before)


def _feed(pager: object, chunks: Iterable[str]) -> bool:
    import subprocess

    assert isinstance(pager, subprocess.Popen)
    assert pager.stdin is not None
    left = False
    try:
        for chunk in chunks:
            left = pager.poll() is not None
            if left:
                break
            pager.stdin.write(chunk)
    except BrokenPipeError:
        left = True
    finally:
        # Also where something went wrong: its words must wait until the terminal is ours again.
        try:
            pager.stdin.close()
        except BrokenPipeError:
            pass
        pager.wait()
    return not left
