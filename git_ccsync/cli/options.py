"""What each verb was asked for, as frozen values: one class a verb, filled by `quick` or by click. No parsing here.

A presenter takes its class and nothing else, so `run(ListOptions(all=True))` is all that a caller needs.
"""

from __future__ import annotations

from git_ccsync.frozen import Frozen


class ListOptions(Frozen):
    """`list`. `since` is a date as given, YYYY-MM-DD; `branch` is somebody else's."""

    not_here: bool = False
    conflicts: bool = False
    open: bool = False
    removed: bool = False
    machine: str = ""
    since: str = ""
    branches: bool = False
    branch: str = ""
    all: bool = False
    json: bool = False
    porcelain: str = ""
    z: bool = False


class InitOptions(Frozen):
    """`init`. `machine` names this machine; `allow_public` is a URL."""

    remote: str = ""
    branch: str = ""
    machine: str = ""
    since: str = ""
    allow_public: str = ""
    encrypt: bool = False
    yes: bool = False
    everywhere: bool = False  # --global
    all: bool = False


class RestoreOptions(Frozen):
    """`restore`. Without a session it lists what could be restored."""

    session: str = ""
    at: str = ""


class RmOptions(Frozen):
    """`rm`."""

    session: tuple[str, ...] = ()
    dry_run: bool = False
    no_push: bool = False
    json: bool = False


class UndoOptions(Frozen):
    """`undo`."""

    dry_run: bool = False
    json: bool = False


class ShowOptions(Frozen):
    """`show`. `branch` is somebody else's."""

    session: str = ""
    raw: bool = False
    diff: bool = False
    json: bool = False
    branch: str = ""


class SearchOptions(Frozen):
    """`search`. `since` is a date as given; `max_count` 0 is no bound."""

    words: tuple[str, ...] = ()
    regex: bool = False
    ignore_case: bool = False
    case_sensitive: bool = False
    role: str = ""
    machine: str = ""
    since: str = ""
    max_count: int = 0
    all: bool = False
    json: bool = False


class LogOptions(Frozen):
    """`log`. `separated`: `--` stood before `what`, which is a path then; `max_count` 0 is no bound; `branch` is somebody
    else's.
    """

    what: str = ""
    separated: bool = False
    max_count: int = 0
    machine: str = ""
    since: str = ""
    json: bool = False
    branch: str = ""


class VerifyOptions(Frozen):
    """`verify`."""

    sessions: tuple[str, ...] = ()
    fetch: bool = False
    repair: bool = False
    json: bool = False


class AdoptOptions(Frozen):
    """`adopt`. Without a path it lists the candidates."""

    path: str = ""
    dry_run: bool = False
    yes: bool = False
    json: bool = False


class ExportOptions(Frozen):
    """`export`. `output` "-" is standard output; `to` are public keys, or files with some."""

    session: tuple[str, ...] = ()
    output: str = ""
    bundle: bool = False
    no_redact: bool = False
    to: tuple[str, ...] = ()


class ImportOptions(Frozen):
    """`import`. A file "-" is standard input; `identity` are files with private keys."""

    file: tuple[str, ...] = ()
    directory: str = ""
    overwrite: bool = False
    identity: tuple[str, ...] = ()


class PlaceholderOptions(Frozen):
    """`placeholder`: `action` is add, rm or list; `machine` names another machine."""

    action: str = "list"
    name: str = ""
    path: str = ""
    machine: str = ""
    json: bool = False


class MachineOptions(Frozen):
    """`machine`: `action` is list, rename or forget; `machine` is the one to forget, `name` the new name of this one."""

    action: str = "list"
    machine: str = ""
    name: str = ""
    json: bool = False


class AutoOptions(Frozen):
    """`auto`: `action` is on, off or status; `command` says whether the slash command is wanted, None to ask."""

    action: str = "status"
    project: bool = False
    command: bool | None = None
    json: bool = False


class DoctorOptions(Frozen):
    """`doctor`."""

    fix: bool = False
    all: bool = False
    json: bool = False


class NewOptions(Frozen):
    """`new`. `claude_args` are passed on to Claude Code."""

    name: str = ""
    no_push: bool = False
    claude_args: tuple[str, ...] = ()


class ResumeOptions(Frozen):
    """`resume`. `claude_args` are passed on to Claude Code."""

    session: str = ""
    latest: bool = False
    machine: str = ""
    all: bool = False
    fork: bool = False
    take_over: bool = False
    no_push: bool = False
    claude_args: tuple[str, ...] = ()


class SecretsOptions(Frozen):
    """`secrets`: `action` is list, scan or allow; `words` are a session, or tags."""

    action: str = "list"
    words: tuple[str, ...] = ()
    all_lines: bool = False
    remove: bool = False
    json: bool = False


class GlobalOptions(Frozen):
    """`global`: `action` is list, diff, apply, keep, on or off; `files` are names as it lists them, none for all."""

    action: str = "list"
    files: tuple[str, ...] = ()
    json: bool = False


class ForkOptions(Frozen):
    """`fork`. With `latest` the first word is the name."""

    session: str = ""
    name: str = ""
    latest: bool = False


class RenameOptions(Frozen):
    """`rename`."""

    session: str = ""
    title: str = ""


class CompletionOptions(Frozen):
    """`completion`: bash, zsh or fish; `aliases` for the short functions in place of the completion."""

    shell: str = ""
    aliases: bool = False


class DemoOptions(Frozen):
    """`demo`."""

    keep: bool = False


class TasksOptions(Frozen):
    """`tasks`. `done` are numbers or sessions to take off; `fetch` is 1 for yes, 0 for no, -1 for what fits."""

    done: tuple[str, ...] = ()
    machine: str = ""
    fetch: int = -1
    all: bool = False
    json: bool = False
    porcelain: str = ""
    z: bool = False


class HandoffOptions(Frozen):
    """`handoff`. `session` may be a task's number."""

    session: str = ""
    write: bool = False
    force: bool = False
    run: bool = False
    json: bool = False
