"""The process as others see it: exit statuses, what goes to which stream, signals, broken pipes, usage in git's manner."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from git_ccsync import __version__
from git_ccsync.cli import failure, main
from git_ccsync.errors import BadData, CcsyncError, GitFailed, NotFound, Usage
from tests.cli.terminal import Terminal
from tests.support.machine import Result, executable, run


def ccsync(*args: str, **env: str) -> Result:
    return run([*executable(), *args], {**os.environ, **env}, cwd=Path.cwd(), status=None)


def test_without_a_command_the_overview_and_status_1_as_git() -> None:
    done = ccsync()
    assert done.status == subprocess.run(["git"], capture_output=True, check=False).returncode == 1
    assert done.out.startswith("usage: git ccsync ")
    assert done.out == ccsync("-h").out
    assert done.err == ""
    assert ccsync("--home") == done


@pytest.mark.parametrize("words", [["--version"], ["--home", "--version"], ["--version", "list"]])
def test_version(words: list[str]) -> None:
    assert ccsync(*words) == Result(0, f"git-ccsync version {__version__}\n", "")


def test_short_help_is_on_stdout_with_status_0() -> None:
    done = ccsync("push", "-h")
    assert done.status == 0
    assert done.out.startswith("usage: git ccsync push [<options>] [<remote>]\n")
    assert done.err == ""


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("psuh",), "error: 'psuh' is not a git ccsync command\nhint: the most similar command is 'push'\n"),
        (
            ("help", "push"),
            "error: 'help' is not a git ccsync command\nhint: 'git help ccsync' opens the manual page\n",
        ),
        (
            ("version",),
            "error: 'version' is not a git ccsync command\nhint: 'git ccsync --version' tells the version\n",
        ),
        (("push", "--bogus"), "error: unknown option '--bogus'\nusage: git ccsync push "),
        (("push", "a", "b"), "error: got unexpected extra argument (b)\nusage: git ccsync push "),
        (("status", "--porcelain=v9"), "error: invalid value for '--porcelain': 'v9' is not 'v1'\nusage: "),
        (("show",), "error: <session> is missing\nusage: git ccsync show "),
        (("machine", "frob"), "error: no such command 'frob'\nusage: git ccsync machine "),
        (("--bogus",), "error: unknown option '--bogus'\nusage: git ccsync "),
        (("placeholder", "add", "NAME"), "error: 'NAME' is not of the form <name>=<path>\n"),
        (
            ("completion", "tcsh"),
            "error: there is no completion for 'tcsh'\nhint: there is one for bash, one for zsh and one for fish\n",
        ),
    ],
)
def test_usage_errors_are_129_and_on_stderr(args: tuple[str, ...], said: str) -> None:
    done = ccsync(*args)
    assert done.status == 129
    assert done.err.startswith(said)
    assert done.out == ""


def test_outside_a_repository_it_says_what_git_says() -> None:
    done = ccsync("push")
    assert done.status == 128
    assert done.err.startswith("fatal: not a git repository")
    assert done.out == ""


def test_a_reader_who_went_away_is_141() -> None:
    process = subprocess.Popen([*executable(), "-h"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    _, err = process.communicate()
    assert (process.returncode, err) == (141, b"")


def test_a_full_disk_under_stdout_is_fatal() -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*executable(), "-h"], stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 128
    assert done.stderr == b"fatal: write failure on standard output: no space left on device\n"


def test_closed_streams_do_no_harm() -> None:
    done = subprocess.run(["sh", "-c", '"$@" >&- 2>&- <&-', "sh", *executable(), "--version"], check=False)
    assert done.returncode == 0


def test_what_we_make_is_private() -> None:
    before = os.umask(0o022)
    try:
        main(["--version"])
        assert os.umask(0o022) == 0o077
    finally:
        os.umask(before)
        for name in ("SIGTERM", "SIGHUP"):
            signal.signal(getattr(signal, name), signal.SIG_DFL)


SLEEPER = """
import sys, time
sys.path.insert(0, {root!r})
from git_ccsync import cli
def sleep(args):
    try:
        print("READY", flush=True)
        time.sleep(60)
    finally:
        print("CLEAN", flush=True)
cli._dispatch = sleep
sys.exit(cli.main([]))
"""


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -15), (signal.SIGHUP, -1)])
def test_signals_clean_up(number: int, status: int) -> None:
    root = str(Path(failure.__file__).parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", SLEEPER.format(root=root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"READY\n"
    process.send_signal(number)
    out, err = process.communicate()
    assert (process.returncode, out, err) == (status, b"CLEAN\n", b"")


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (CcsyncError("no", "try this"), 128, "fatal: no\nhint: try this\n"),
        (NotFound("no session '\x1b[31m'"), 1, "error: no session '[31m'\n"),
        (BadData("odd"), 1, "error: odd\n"),
        (Usage("both"), 129, "error: both\n"),
        (
            GitFailed("git push: denied", stderr=b"remote: not you\nfatal: denied\n"),
            128,
            "remote: not you\nfatal: git push: denied\n",
        ),
        (CcsyncError("cannot reach 'https://me:s3cret@host/x'"), 128, "fatal: cannot reach 'https://host/x'\n"),
        (KeyboardInterrupt(), 130, ""),
        (SystemExit(3), 3, ""),
        (MemoryError(), 128, "fatal: out of memory\n"),
    ],
)
def test_every_exception_has_its_words(
    error: BaseException, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert failure.report(error) == status
    assert capsys.readouterr().err.startswith(said)


def test_an_unexpected_error_is_one_line_and_a_log(capsys: pytest.CaptureFixture[str]) -> None:
    words = "what stands in a transcript"
    with pytest.raises(KeyError) as raised:
        os.environ[words]
    assert failure.report(raised.value) == 128
    err = capsys.readouterr().err
    assert err == "fatal: unexpected error (KeyError)\nhint: what happened is in '~/.local/state/git-ccsync/log'\n"
    log = Path("~/.local/state/git-ccsync/log").expanduser()
    assert "KeyError" in log.read_text()
    assert f"KeyError: '{words}'" not in log.read_text()


def test_a_trace_is_there_for_those_who_ask(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GIT_TRACE_CCSYNC", "1")
    failure.report(CcsyncError("no"))
    assert "CcsyncError: no" in capsys.readouterr().err
    monkeypatch.setenv("GIT_TRACE_CCSYNC", str(tmp_path / "trace"))
    failure.report(CcsyncError("no"))
    assert capsys.readouterr().err == "fatal: no\n"
    assert "CcsyncError: no" in (tmp_path / "trace").read_text()


@pytest.mark.parametrize("key", ["advice.ccsync", "advice.ccsyncNotFound"])
def test_hints_can_be_turned_off(key: str, capsys: pytest.CaptureFixture[str]) -> None:
    subprocess.run(["git", "config", "--global", key, "false"], check=True)
    failure.report(NotFound("no", "try this"))
    assert capsys.readouterr().err == "error: no\n"


def test_git_advice_0_turns_hints_off(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_ADVICE", "0")
    failure.report(NotFound("no", "try this"))
    assert capsys.readouterr().err == "error: no\n"


def test_help_opens_the_manual_page() -> None:
    env = {**os.environ, "MANPATH": str(Path(failure.__file__).parents[2] / "man"), "MANPAGER": "cat", "TERM": "dumb"}
    with Terminal([*executable(), "push", "--help"], env, cwd=Path.cwd()) as terminal:
        status, screen = terminal.finish()
    assert status == 0
    assert "GIT-CCSYNC-PUSH(1)" in screen


def test_help_falls_back_to_the_usage_text() -> None:
    done = ccsync("push", "--help", PATH="/nowhere")
    assert done.status == 0
    assert done.out == ccsync("push", "-h").out
