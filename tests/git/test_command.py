"""The runner: pipes, limits, ends and what a git of ours is told. A git alias stands in for a command that misbehaves."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from git_ccsync.errors import GitFailed, Stalled
from git_ccsync.git import command
from tests.support.machine import ROOT


def shell(script: str) -> dict[str, object]:
    """Arguments that make `git odd` run a shell script."""
    return {"args": ("odd",), "config": (f"alias.odd=!{script}",)}


def gone(pid: int) -> bool:
    """True once a process has ended; waits a little."""
    for _ in range(200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{pid}/stat").exists() and ") Z " in Path(f"/proc/{pid}/stat").read_text():
            return True
        time.sleep(0.01)
    return False


def no_children() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return True
    return False


def test_big_input_and_big_output_at_once():
    data = os.urandom(1 << 20) * 5
    assert command.run(**shell("cat"), input=data).stdout == data


def test_input_that_nobody_reads():
    assert command.run(**shell("true"), input=bytes(3 << 20)).status == 0


def test_of_much_stderr_the_end_is_kept():
    output = command.run(**shell("head -c 3000000 /dev/zero >&2; echo last >&2"))
    assert output.stderr.endswith(b"\0last\n")
    assert len(output.stderr) <= 256 << 10


def test_status_and_words_of_a_failure():
    with pytest.raises(GitFailed) as caught:
        command.run(("rev-parse", "--verify", "nothing"))
    assert caught.value.git_status == 128
    assert "not a git repository" in caught.value.message
    assert caught.value.message.startswith("git rev-parse: ")
    assert command.run(("rev-parse", "--verify", "nothing"), check=False).status == 128


def test_a_signal_is_a_negative_status():
    running = command.start(**shell("sleep 20"), check=False)
    os.kill(running.drain.child.pid, 9)
    assert running.finish().status == -9


def test_git_that_is_not_there(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitFailed, match="cannot run 'git': No such file"):
        command.run(("version",))


def test_a_nul_in_an_argument_is_an_error_of_ours():
    with pytest.raises(GitFailed, match="null"):
        command.run(("version", "a\0b"))


def test_what_git_left_running_does_not_hold_us_up():
    began = time.monotonic()
    output = command.run(**shell("sleep 30 & echo said; echo pid $! >&2"))
    assert output.stdout == b"said\n"
    assert time.monotonic() - began < 10
    os.kill(int(output.stderr.split()[1]), 9)


def test_three_run_at_once(tmp_path):
    """Each ends well only if it meets the two others."""
    meet = f"cd '{tmp_path}'; for i in $(seq 600); do ls 0 1 2 >met 2>&1 && break; sleep 0.05; done; ls 0 1 2"
    running = [command.start(**shell(f"touch '{tmp_path}/{n}'; {meet}")) for n in range(3)]
    assert [one.finish().stdout for one in running] == [b"0\n1\n2\n"] * 3


def test_one_that_is_dropped_is_ended_and_reaped():
    running = command.start(**shell("sleep 30"))
    pid = running.drain.child.pid
    del running
    assert gone(pid)
    assert no_children()


def test_a_total_limit():
    began = time.monotonic()
    with pytest.raises(Stalled, match=r"not done after 0.3 seconds"):
        command.run(**shell("while :; do echo x; sleep 0.05; done"), total=0.3)
    assert time.monotonic() - began < 20
    assert no_children()


@pytest.mark.slow
@pytest.mark.parametrize("prompt", [True, False])
def test_silence_ends_the_whole_group(tmp_path, prompt):
    note = tmp_path / "pid"
    with pytest.raises(Stalled, match=r"nothing heard for 1.5 seconds"):
        command.talk(**shell(f"sleep 60 & echo $! > {note}; wait"), git_dir="", stall=1.5, prompt=prompt).run()
    assert gone(int(note.read_text()))
    assert no_children()


@pytest.mark.slow
def test_a_command_that_ignores_the_request_to_end_is_killed():
    began = time.monotonic()
    with pytest.raises(Stalled):
        command.talk(**shell("trap '' TERM; while :; do sleep 0.1; done"), git_dir="", stall=0.2).run()
    assert time.monotonic() - began < 20
    assert no_children()


@pytest.mark.slow
def test_progress_is_life_and_comes_line_by_line():
    heard: list[bytes] = []
    output = command.talk(
        **shell("for n in 1 2 3 4; do printf \"step $n\\r\" >&2; sleep 0.6; done; printf 'done\\nrest' >&2"),
        git_dir="",
        stall=2,
        on_line=heard.append,
    ).run()
    assert heard == [b"step 1", b"step 2", b"step 3", b"step 4", b"done", b"rest"]
    assert output.status == 0


def test_an_interruption_ends_the_group(tmp_path):
    note = tmp_path / "pid"

    def interrupt(line: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        command.talk(
            **shell(f"sleep 60 & echo $! > {note}; echo now >&2; wait"), git_dir="", stall=9, on_line=interrupt
        ).run()
    assert gone(int(note.read_text()))
    assert no_children()


def test_a_stream_that_is_left_is_ended():
    stream = command.stream(**shell("yes"), git_dir="")
    assert next(stream).startswith(b"y\n")
    stream.close()
    assert no_children()


def test_a_stream_that_fails_says_so_at_the_end():
    with pytest.raises(GitFailed, match="not a git"):
        list(command.stream(("log",), git_dir="/nowhere"))


def test_children_do_not_inherit_our_deafness_to_sigpipe():
    assert command.run(**shell("yes | head -n1")).stderr == b""


def test_closed_standard_streams():
    script = (
        "import os; os.close(0); os.close(1); os.close(2)\n"
        "from git_ccsync.git import command\n"
        "out = command.run(('odd',), config=('alias.odd=!cat; echo e >&2',), input=b'hello')\n"
        "os._exit(0 if (out.stdout, out.stderr) == (b'hello', b'e\\n') else 1)"
    )
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


def in_terminal(script: str, typed: bytes = b"") -> str:
    """Run python under a terminal of its own, where it is the foreground; what stood on the screen."""
    pid, screen = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execv(sys.executable, [sys.executable, "-c", "from git_ccsync.git import command\n" + script])
    os.write(screen, typed)
    text = b""
    while True:
        try:
            data = os.read(screen, 1000)
        except OSError:
            break
        if not data:
            break
        text += data
    os.close(screen)
    os.waitpid(pid, 0)
    return text.decode()


ASK = "print(command.talk(('odd',), config=('alias.odd=!read x </dev/tty && echo got $x',), git_dir='', stall=3, prompt={}).run())"


def test_a_prompt_reaches_the_person_at_the_terminal():
    assert "stdout=b'got secret\\n'" in in_terminal(ASK.format(True), b"secret\n")


def test_silence_at_a_terminal_ends_ssh_too(tmp_path):
    """Where git is in our own process group: a prompt must be possible. The stall limit holds from the first byte on."""
    note, ssh = tmp_path / "pid", tmp_path / "ssh"
    ssh.write_text(f"#!/bin/sh\necho $$ >{note}; echo hello >&2; exec sleep 60\n")
    ssh.chmod(0o755)
    script = f"""import os; os.environ.update(GIT_SSH={str(ssh)!r}, GIT_SSH_VARIANT='simple')
try:
    command.talk(('ls-remote', 'ssh://x.example/y'), git_dir='', stall=0.5).run()
except Exception as error:
    print(error)
for _ in range(300):
    state = os.popen('ps -o stat= -p ' + open({str(note)!r}).read()).read()
    if not state.strip() or state.startswith('Z'):
        print('ssh has ended')
        break
"""
    screen = in_terminal(script)
    assert "nothing heard for 0.5 seconds" in screen
    assert "ssh has ended" in screen


def test_without_prompts_there_is_no_terminal_to_ask_at():
    screen = in_terminal(ASK.format(False), b"secret\n")
    assert "stdout=b''" in screen
    assert "/dev/tty" in screen  # the shell's complaint


def test_without_prompts_git_fails_at_once():
    script = r"!printf 'protocol=https\nhost=x.example\n\n' | git -c core.askPass=/bin/echo credential fill"
    output = command.talk(("odd",), config=(f"alias.odd={script}",), git_dir="", stall=5, prompt=False).run()
    assert output.status != 0
    assert output.stdout == b""
    assert b"terminal prompts disabled" in output.stderr


def test_the_callers_context_is_left_behind(monkeypatch, repo):
    hostile = {"GIT_DIR": "/x", "GIT_INDEX_FILE": "/y", "GIT_OBJECT_DIRECTORY": "/z", "GIT_QUARANTINE_PATH": "/q"}
    hostile |= {"GIT_WORK_TREE": "/w", "GIT_NAMESPACE": "n", "GIT_CONFIG": "/dev/null", "GIT_REPLACE_REF_BASE": "r"}
    kept = {"GIT_SSH_COMMAND": "ssh -i key", "GIT_CONFIG_COUNT": "0", "GIT_TRACE2": "0", "GIT_SSL_NO_VERIFY": "0"}
    for name, value in (hostile | kept).items():
        monkeypatch.setenv(name, value)
    env = command.environment()
    assert not set(hostile) & set(env)
    assert kept.items() <= env.items()
    assert command.environment(keep_context=True)["GIT_DIR"] == "/x"
    assert command.run(("rev-parse", "--git-dir"), git_dir=repo.git_dir).stdout.strip() == repo.git_dir.encode()


def test_messages_are_in_english_and_the_charset_stays(monkeypatch):
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("LANGUAGE", "de")
    env = command.environment()
    assert (env["LC_MESSAGES"], env["LC_CTYPE"]) == ("C", "de_DE.UTF-8")
    assert "LC_ALL" not in env
    assert "LANGUAGE" not in env


def test_the_users_hooks_do_not_run(repo, place, git):
    hook = place / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {place}/ran\n")
    hook.chmod(0o755)
    command.run(("update-ref", "refs/ccsync/me", git("rev-parse", "HEAD")), git_dir=repo.git_dir)
    assert not (place / "ran").exists()
    git("update-ref", "refs/heads/proof", "HEAD")
    assert (place / "ran").exists()
