"""The one runner of git: every flag and variable that we give it, with its reason. Knows no verbs.

Nothing else spawns git. Calls that look something up use `run` or `start`, calls that reach another machine use
`talk`, long answers use `stream`.
"""

from __future__ import annotations

import os

from git_ccsync.errors import GitFailed
from git_ccsync.git import process
from git_ccsync.git.drain import TALK_CAP, Drain, Limits
from git_ccsync.git.process import Child, Output

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["Output", "Running", "argv", "environment", "failed", "run", "start", "stream", "talk"]

HYGIENE = (
    "core.hooksPath=/dev/null",  # the user's hooks are not about our refs, and may be slow or hang
    "hook.reference-transaction.enabled=false",  # ... nor those that live in the configuration (git 2.55)
    "hook.pre-push.enabled=false",
    "gc.auto=0",  # no gc behind our back, least of all under a time limit
    "maintenance.auto=false",
    "safe.bareRepository=explicit",  # a clone may bring along files that look like a git directory, with settings
    "core.fsmonitor=false",  # would start a daemon, or run a configured program
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "push.recurseSubmodules=no",
    "protocol.ext.allow=never",  # ext:: URLs run commands
    "color.ui=false",  # "always" colours even what is parsed
    "color.push=false",
    "color.transport=false",
    "log.showSignature=false",  # would run gpg and mix its words into the answer
    "i18n.logOutputEncoding=UTF-8",
    "core.filesRefLockTimeout=2000",  # 100 ms is short where several sessions end at once
    "core.fsync=committed",  # exit 0 means that it is on disk: by default refs and loose objects are not synced
    "core.fsyncMethod=batch",  # ... at the price of one flush for all loose objects of a fetch
)

_FLAGS = tuple(word for setting in HYGIENE for word in ("-c", setting))

#: GIT_* of our caller that are about how to reach others, who we are and what is configured. Everything else (GIT_DIR,
#: GIT_INDEX_FILE, GIT_OBJECT_DIRECTORY, GIT_QUARANTINE_PATH, GIT_NAMESPACE, …) is about the caller's own work: in a
#: git hook those point to a quarantine or to another repository.
ALLOWED = (
    "GIT_SSH",
    "GIT_ASKPASS",
    "GIT_CONFIG_",
    "GIT_TRACE",
    "GIT_TERMINAL_PROMPT",
    "GIT_ALLOW_PROTOCOL",
    "GIT_PROTOCOL",
    "GIT_HTTP",
    "GIT_PROXY",
    "GIT_SSL",
    "GIT_EXEC_PATH",
    "GIT_AUTHOR_",
    "GIT_COMMITTER_",
    "GIT_CURL_",
    "GIT_REDACT_",
    "GIT_DEFAULT_",
    "GIT_SMART_HTTP",
    "GIT_CREDENTIAL",
    "GIT_TEMPLATE_DIR",
    "GIT_ATTR_NOSYSTEM",
)

#: What says which repository is meant: honoured once, by discovery; later calls name it with --git-dir.
CONTEXT = ("GIT_DIR", "GIT_WORK_TREE", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")

#: What git may allocate in one piece for something that a remote sends: a few bytes of a delta can claim to unfold to
#: many gigabytes. The list of four million objects is as large.
MEMORY_AT_ONCE = "256m"

#: No prompt of any kind. An empty GIT_ASKPASS also hides core.askPass and SSH_ASKPASS from git (prompt.c); ssh itself
#: is kept from the terminal by having none (process.SESSION): that needs no BatchMode, which could only be said by
#: GIT_SSH_COMMAND and would hide the user's core.sshCommand.
QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS_REQUIRE": "never", "GCM_INTERACTIVE": "never"}


def forget_caller() -> None:
    """Make this process one that nobody can be asked by, and that works where it stands: for what runs detached."""
    os.environ.update(QUIET)
    for name in ("SSH_ASKPASS", *CONTEXT):
        os.environ.pop(name, None)


def environment(keep_context: bool = False) -> dict[str, str]:
    """The environment for git: ours without foreign GIT_* variables, messages untranslated.

    `keep_context` keeps what says which repository is meant, for discovery.
    """
    env = {
        name: value
        for name, value in os.environ.items()
        if name[:4] != "GIT_" or name.startswith(ALLOWED) or (keep_context and name in CONTEXT)
    }
    # Only the messages are parsed, so only they are fixed: ssh and credential helpers keep the user's charset.
    everything = env.pop("LC_ALL", "")
    if everything:
        env["LC_CTYPE"] = everything
    env.pop("LANGUAGE", None)
    env["LC_MESSAGES"] = "C"
    env["GIT_NO_LAZY_FETCH"] = "1"  # a partial clone must not go to the network for an object that is not ours
    env["GIT_NO_REPLACE_OBJECTS"] = "1"  # objects are what their names say
    return env


def argv(args: Sequence[str], *, git_dir: str = "", cwd: str = "", config: Sequence[str] = ()) -> list[str]:
    """The whole command line: `config` holds "key=value" for -c, and wins over the hygiene."""
    # Which pager there would be is git-var(1)'s to say, and without one it says `cat`.
    line = ["git", *(() if args[:1] == ("var",) else ("--no-pager",)), *_FLAGS]
    for setting in config:
        line += ("-c", setting)
    if cwd:
        line += ("-C", cwd)
    if git_dir:
        line.append("--git-dir=" + git_dir)
    line.extend(args)
    return line


class Running:
    """A command under way. `finish()` must be called, or the process is ended when this goes out of use."""

    __slots__ = ("args", "check", "drain")

    def __init__(self, args: Sequence[str], drain: Drain, check: bool) -> None:
        self.args = args
        self.drain = drain
        self.check = check

    def finish(self) -> Output:
        """Wait for it; GitFailed if it failed and was to be checked."""
        output = self.drain.run()
        if self.check and output.status:
            raise failed(self.args, output)
        return output

    def close(self) -> None:
        """Give up on it: ended and reaped."""
        self.drain.child.close()

    def __del__(self) -> None:
        self.close()


def failed(args: Sequence[str], output: Output) -> GitFailed:
    """The error for an answer with a status: git's last `fatal:` or `error:` line is the message."""
    lines = [line.strip() for line in output.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    said = [line for line in lines if line.startswith(("fatal: ", "error: "))]
    text = (said or lines or [f"exit status {output.status}"])[-1]
    for prefix in ("fatal: ", "error: "):
        text = text.removeprefix(prefix)
    return GitFailed(f"git {args[0]}: {text}", status=output.status, stderr=output.stderr)


def start(
    args: Sequence[str],
    *,
    git_dir: str = "",
    cwd: str = "",
    input: bytes = b"",  # noqa: A002 - subprocess's name for it
    check: bool = True,
    config: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    total: float = 0,
) -> Running:
    """Spawn `git args` now, to be finished later: several queries can run at once."""
    line = argv(args, git_dir=git_dir, cwd=cwd, config=config)
    child = Child(line, environment() if env is None else env, stdin=bool(input))
    return Running(args, Drain(child, input, Limits(total=total)), check)


def wait(args: Sequence[str], *, git_dir: str) -> Child:
    """Spawn `git args`, which then waits for what `tell` gives it; if that never comes, close it. An interrupt at the
    terminal is not for it: it ends when we do, or does what it was told.
    """
    return Child(argv(args, git_dir=git_dir), environment(), stdin=True, place=process.GROUP)


def mention(child: Child, text: bytes) -> None:
    """Give a command from `wait` some of its input, less than a pipe holds."""
    try:
        os.write(child.stdin, text)
    except BrokenPipeError:  # it is over already, and its end says why
        pass


def tell(child: Child, args: Sequence[str], text: bytes) -> Running:
    """Give a command from `wait` the last of its input, less than a pipe holds."""
    mention(child, text)
    child.close_stdin()
    return Running(args, Drain(child, b"", Limits()), check=True)


def run(
    args: Sequence[str],
    *,
    git_dir: str = "",
    cwd: str = "",
    input: bytes = b"",  # noqa: A002 - subprocess's name for it
    check: bool = True,
    config: Sequence[str] = (),
    env: Mapping[str, str] | None = None,
    total: float = 0,
) -> Output:
    """Run `git args` and return what it said.

    In: `input` for its stdin, `total` seconds it may take (0: any). GitFailed if `check` and the status is not 0;
    Stalled if it took too long.
    """
    return start(args, git_dir=git_dir, cwd=cwd, input=input, check=check, config=config, env=env, total=total).finish()


def stream(
    args: Sequence[str],
    *,
    git_dir: str,
    config: Sequence[str] = (),
    input: bytes = b"",  # noqa: A002 - subprocess's name for it
) -> Iterator[bytes]:
    """What `git args` says on stdout, in pieces as they come. GitFailed at the end if it failed; ends it if left."""
    child = Child(argv(args, git_dir=git_dir, config=config), environment(), stdin=bool(input))
    drain = Drain(child, input, Limits())
    try:
        yield from drain.chunks()
        status = child.wait()
    finally:
        child.close()
    if status:
        raise failed(args, Output(status, b"", drain.err))


def talk(
    args: Sequence[str],
    *,
    git_dir: str,
    stall: float,
    total: float = 0,
    on_line: Callable[[bytes], None] | None = None,
    config: Sequence[str] = (),
    prompt: bool = True,
    cwd: str = "",
    env: Mapping[str, str] | None = None,
    most: int = 0,
    url: str = "",
    grows: str = "",
) -> Drain:
    """Start a command that talks to another machine; `run()` of what is returned takes in its answer, whose status is
    the caller's to judge. What happens in between goes on beside it.

    In: `stall` seconds without a byte after which it is ended (git has no network timeout); `on_line` gets each line
    and progress step of stderr (pass --progress); `prompt` whether a person may be asked. `cwd` is where relative
    URLs start; `most` the bytes that may come of it on disk; `grows` as in `drain.Limits`. Stalled if a limit passed; it
    names `url`.
    """
    # A group of its own lets us end ssh and helpers with git. But only the terminal's foreground group may read from
    # the terminal: another one would be stopped (SIGTTIN, SIGTTOU) at the passphrase. So where a prompt is possible
    # git stays in our group, and is ended by its pid, its helpers by theirs.
    patient = prompt and _has_terminal()
    place = process.TERMINAL if patient else process.GROUP if prompt else process.SESSION
    variables = dict(environment() if env is None else env)
    if not prompt:
        variables.update(QUIET)
        variables.pop("SSH_ASKPASS", None)
    if most:
        variables["GIT_ALLOC_LIMIT"] = MEMORY_AT_ONCE
    child = Child(argv(args, git_dir=git_dir, cwd=cwd, config=config), variables, place=place, most=most)
    return Drain(child, b"", Limits(stall, total, patient, TALK_CAP, url, grows), on_line)


def _has_terminal() -> bool:
    """True if we are the foreground of a terminal, whatever stdin is: prompts go to /dev/tty."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
