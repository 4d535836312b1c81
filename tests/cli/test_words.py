"""What push, pull, sync and status say, as whole outputs: from values, so that every case is at hand."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from git_ccsync.cli import colour, init_words, porcelain, pull, push, status, sync
from git_ccsync.cli.options_timed import Carry
from git_ccsync.model import (
    AHEAD,
    DIVERGED,
    NEW,
    SAME,
    Installed,
    MachineState,
    Outcome,
    Problem,
    PullResult,
    PushResult,
    RemoteResult,
    StatusResult,
    SyncResult,
)
from git_ccsync.operations.setting_up.survey import Extent

URL = "git@host:acme/app.git"
OLD, TIP = "1a2b3c4d" * 5, "5d6e7f8a" * 5
ONE, TWO, COPY = (f"{first}-0000-4000-8000-000000000000" for first in ("3f2504e0", "9a1b2c3d", "8b21ab77"))

PUSHED = PushResult(
    "origin",
    URL,
    "refs/ccsync/me",
    OLD,
    TIP,
    up_to_date=False,
    outcomes=(Outcome(ONE, NEW, 30, title="Fix the parser"), Outcome(TWO, SAME), Outcome(COPY, AHEAD, 4, title="日本")),
    remotes=(RemoteResult(URL, "pushed", OLD, TIP),),
    sessions=2,
    lines=34,
    bytes=12_000,
)

Say = Callable[..., str]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    def spoken(module: object, result: object, options: Carry = Carry()) -> str:  # noqa: B008
        module.show(result, options, colour.PLAIN)  # type: ignore[attr-defined]
        return capsys.readouterr().out

    return spoken


def test_push(say: Say) -> None:
    assert say(push, PUSHED) == (
        "To git@host:acme/app.git\n"
        "   1a2b3c4..5d6e7f8  me -> refs/ccsync/me\n"
        "2 sessions, 34 lines, 12 kB\n"
    )  # fmt: skip


def test_push_with_every_session(say: Say) -> None:
    assert say(push, PUSHED, Carry(verbose=True)) == (
        "To git@host:acme/app.git\n"
        "   1a2b3c4..5d6e7f8  me -> refs/ccsync/me\n"
        "  new      3f2504e0  Fix the parser  30 lines\n"
        "  updated  8b21ab77  日本             4 lines\n"
        "2 sessions, 34 lines, 12 kB\n"
    )


def test_push_of_nothing(say: Say) -> None:
    assert say(push, PushResult()) == "Everything up-to-date\n"
    assert say(push, PushResult(problems=(Problem("x.jsonl", "holds a secret"),))) == "nothing else to push\n"
    assert say(push, PushResult(problems=(Problem("x.jsonl", "is a link", True),))) == "Everything up-to-date\n"


def test_push_dry_run(say: Say) -> None:
    told = say(push, PUSHED._replace(dry_run=True, remotes=()), Carry(dry_run=True))
    assert told.startswith("Would push to git@host:acme/app.git\n  new  ")


def test_push_to_several_urls_one_of_which_fails(say: Say) -> None:
    remotes = (RemoteResult(URL, "pushed", "", TIP), RemoteResult("/gone", "failed", "", "", "no such directory"))
    result = PUSHED._replace(remotes=remotes, sessions=0)
    assert push.failed(result)
    assert say(push, result) == (
        "To git@host:acme/app.git\n"
        " * [new branch]      me -> refs/ccsync/me\n"
        "To /gone\n"
        " ! [failed]          me -> refs/ccsync/me (no such directory)\n"
    )


def test_a_conflict_copy_is_always_named(say: Say) -> None:
    result = PUSHED._replace(outcomes=(Outcome(ONE, DIVERGED, 4, title="Fix the parser", copy=COPY),))
    assert "  copy  8b21ab77  Fix the parser  4 lines  of 3f2504e0, which went on elsewhere too\n" in say(push, result)


def test_side_files_alone_are_said_so(say: Say) -> None:
    sides = Outcome(ONE, AHEAD, 0, "side files", "Fix the parser")
    alone = PUSHED._replace(outcomes=(sides,), sessions=1, lines=0, bytes=0)
    head = "To git@host:acme/app.git\n   1a2b3c4..5d6e7f8  me -> refs/ccsync/me\n"
    assert say(push, alone) == f"{head}1 session, side files only\n"
    assert push.brief(alone) == "pushed 1 session, side files only"
    both = (Outcome(ONE, AHEAD, 4, title="Fix the parser"), sides)
    assert say(push, alone._replace(outcomes=both, lines=4, bytes=900), Carry(verbose=True)) == (
        f"{head}  updated  3f2504e0  Fix the parser  4 lines\n1 session, 4 lines, 900 bytes\n"
    )


PULLED = PullResult(
    "origin",
    URL,
    "refs/ccsync/me",
    OLD,
    TIP,
    up_to_date=False,
    outcomes=(Outcome(TWO, DIVERGED, copy=COPY),),
    installed=(
        Installed(ONE, "created", "/x", 120, "Fix the parser", "laptop"),
        Installed(TWO, "exchanged", "/y", 0, "Login", "desktop", COPY),
        Installed(COPY, "created", "/z", 12, "Login (from here)"),
        Installed(ONE, "waiting", "", 0, "Live one", "laptop"),
        Installed(TWO, "removed", "", 0, "Gone"),
        Installed(TWO, "kept"),
    ),
)


def test_pull(say: Say) -> None:
    assert say(pull, PULLED) == (
        "From git@host:acme/app.git\n"
        "   1a2b3c4..5d6e7f8  refs/ccsync/me -> origin/me\n"
        "  new      3f2504e0  Fix the parser     120 lines  from laptop\n"
        "  updated  9a1b2c3d  Login                         yours goes on as 8b21ab77\n"
        "  copy     8b21ab77  Login (from here)   12 lines\n"
        "  waiting  3f2504e0  Live one                      running here; comes with the next pull after it has ended\n"
        "1 new, 1 updated, 1 copy, 1 waiting; 132 lines\n"
    )


def test_pull_says_why_with_v(say: Say) -> None:
    assert "  removed  9a1b2c3d  Gone " in say(pull, PULLED, Carry(verbose=True))


def test_pull_sums_up_what_is_too_much(say: Say) -> None:
    many = tuple(Installed(ONE, "created", "/x", 1, f"t{number}") for number in range(200))
    told = say(pull, PULLED._replace(installed=many))
    assert "  … and 180 more (-v shows them)\n200 new; 200 lines\n" in told
    assert len(say(pull, PULLED._replace(installed=many), Carry(verbose=True)).splitlines()) == 203


def test_pull_of_nothing(say: Say) -> None:
    assert say(pull, PullResult()) == "Already up to date.\n"
    assert say(pull, PullResult("origin", others=("alice", "bob"))) == (
        "Already up to date.\nother branches on 'origin': alice, bob\n"
    )


def test_pull_dry_run_tells_the_plan(say: Say) -> None:
    planned = (Installed(ONE, "exchanged", "/x", 0, "x", "laptop", COPY), Installed(TWO, "appended", "/y", 3, "y"))
    result = PULLED._replace(dry_run=True, installed=planned, outcomes=(Outcome(TWO, AHEAD),))
    told = "  updated  3f2504e0  x           yours goes on as 8b21ab77\n  updated  9a1b2c3d  y  3 lines\n2 updated; 3 lines\n"
    assert say(pull, result, Carry(dry_run=True)).endswith(told)
    assert say(pull, result._replace(old=TIP), Carry(dry_run=True)) == f"Would pull from git@host:acme/app.git\n{told}"


def test_sync_says_each_thing_once(say: Say) -> None:
    assert say(sync, SyncResult(PullResult(), PushResult())) == "Already up to date.\n"
    assert say(sync, SyncResult(PullResult(), PUSHED)) == say(push, PUSHED)
    assert say(sync, SyncResult(PULLED, PUSHED)) == say(pull, PULLED) + say(push, PUSHED)
    moved = PULLED._replace(installed=(), up_to_date=False)  # an rm on another machine, say
    assert say(sync, SyncResult(moved, PushResult())) == say(pull, moved)
    assert "nothing to install here" in say(pull, moved)


def test_a_hostile_title_stays_in_its_line(say: Say) -> None:
    bad = "\x1b]0;owned\x07\r\n\u202eTo evil"
    told = say(pull, PULLED._replace(installed=(Installed(ONE, "created", "/x", 1, bad, bad),), url=bad))
    assert "\x1b" not in told
    assert "\u202e" not in told
    assert len(told.splitlines()) == 4


def test_push_for_programs(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    porcelain.records(push.records(PUSHED), z=False)
    assert capfdbinary.readouterr().out.decode() == (
        f"to\tpushed\t{OLD}\t{TIP}\trefs/ccsync/me\t{URL}\t\n"
        f"session\t{ONE}\tnew\t30\t\t\tFix the parser\n"
        f"session\t{TWO}\tsame\t0\t\t\t\n"
        f"session\t{COPY}\tahead\t4\t\t\t日本\n"
        "total\t2\t34\t12000\n"
    )
    porcelain.document(SyncResult(PULLED, PUSHED))
    read = json.loads(capfdbinary.readouterr().out)
    assert (read["version"], read["push"]["lines"], read["pull"]["installed"][0]["action"]) == (1, 34, "created")


STATUS = StatusResult(
    repository="/home/al/app",
    branch="me",
    remote="origin",
    url=URL,
    ref="refs/ccsync/me",
    visibility="everyone with access to acme/app (6 people commit here)",
    in_step=True,
    sessions=41,
    ahead=0,
    ahead_lines=0,
    ahead_bytes=0,
    behind=0,
    diverged=0,
    live=(),
    torn=(),
    removed=0,
    not_here=0,
    open_elsewhere=(),
    machines=(
        MachineState("i", "laptop", "Linux", "2026-11-21T10:57:00Z", 40, here=True),
        MachineState("j", "old desktop", "Darwin", "", 1, here=False, open=(ONE,)),
    ),
    last_push="2026-11-21T10:57:00Z",
    last_pull="",
    fetched="2026-11-21T10:57:00Z",
)
NOW = 1795258800.0  # 2026-11-21T11:00:00Z


def test_status_in_step(capsys: pytest.CaptureFixture[str]) -> None:
    status.show(STATUS, colour.PLAIN, NOW)
    assert capsys.readouterr().out == (
        "On branch me of origin (git@host:acme/app.git)\n"
        "Who can read it: everyone with access to acme/app (6 people commit here)\n"
        "Your 41 sessions are in step (as of 3 minutes ago)\n"
        "Last pushed 3 minutes ago\n"
        "\n"
        "Machines:\n"
        "* laptop       pushed 3 minutes ago  40 sessions\n"
        "  old desktop  never pushed          1 session    1 open\n"
    )


@pytest.mark.parametrize(
    ("held", "said"),
    [(40, "1 of your 41 sessions is in step"), (41, "Nothing to push or pull but what is held back")],
)
def test_what_is_held_back_is_not_told_of_as_in_step(capsys: pytest.CaptureFixture[str], held: int, said: str) -> None:
    status.show(STATUS._replace(held=held), colour.PLAIN, NOW)
    told = capsys.readouterr().out
    assert f"\n{said} (as of 3 minutes ago)\n" in told
    assert f"  {held} sessions held back after an undo (" in told


def test_status_out_of_step(capsys: pytest.CaptureFixture[str]) -> None:
    changed = STATUS._replace(
        in_step=False,
        machines=(),
        ref="refs/heads/ccsync/me",
        ahead=2,
        ahead_lines=34,
        ahead_bytes=12_000,
        behind=1,
        diverged=1,
        live=(ONE,),
        torn=(TWO,),
        removed=3,
        not_here=1200,
        open_elsewhere=((TWO, "old desktop"),),
        last_push="",
    )
    status.show(changed, colour.PLAIN, NOW)
    assert capsys.readouterr().out == (
        "On branch me of origin (git@host:acme/app.git)\n"
        "Stored there as refs/heads/ccsync/me\n"
        "Who can read it: everyone with access to acme/app (6 people commit here)\n"
        "Never pushed or pulled\n"
        "\n"
        "  2 sessions to push (34 lines, 12 kB; git ccsync push)\n"
        "  1 session to pull (git ccsync pull)\n"
        "  1 session continued both here and elsewhere (git ccsync sync keeps both)\n"
        "  1 session running here (3f2504e0)\n"
        "  1 session open elsewhere (9a1b2c3d on old desktop)\n"
        "  1 session with an unfinished last line (that line waits here: 9a1b2c3d)\n"
        "  3 sessions removed here (on the branch; git ccsync restore)\n"
        "  1,200 sessions not here (git ccsync list --not-here)\n"
    )


def test_a_size_stays_with_its_unit_where_lines_are_wrapped() -> None:
    words = init_words.extent(Extent(41, 312_000_000, "2026-01-04"))
    for width in range(30, 70):
        text = "\n".join(init_words.wrapped("x" * width + ": " + words))
        assert "41 sessions" in text
        assert "312 MB" in text
        assert "oldest 2026-01-04" in text
