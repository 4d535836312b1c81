"""What somebody without the key can do to an encrypted branch, with git on the remote: each is refused by its name, nothing is
lost, and nothing of it is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from git_ccsync.git.commit import build
from git_ccsync.operations.run.stage import Stage
from git_ccsync.state import keyring
from git_ccsync.state.marks import Marks
from git_ccsync.store import seal_commit
from git_ccsync.store.seal_cipher import Ciphers
from tests.support.inside import standing_on
from tests.support.sealed import RING, encrypt, give
from tests.support.world import World

REF = "refs/ccsync/al"


class Enemy:
    """Somebody who may write to the remote, and has git."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tip = world.git("rev-parse", REF)

    def entries(self, tree: str) -> list[list[str]]:
        """[mode, kind, id, name] of each entry."""
        rows = self.world.git("ls-tree", tree).split("\n")
        return [[*row.partition("\t")[0].split(), row.partition("\t")[2]] for row in rows if row]

    def tree(self, entries: list[list[str]]) -> str:
        rows = "".join(f"{mode} {kind} {oid}\t{name}\n" for mode, kind, oid, name in entries)
        return self.world.git("mktree", input=rows.encode())

    def segments(self, tree: str, above: tuple[tuple[str, str], ...] = ()) -> tuple[tuple[tuple[str, str], ...], str]:
        """The way to a folder with several files and no folder, the last one there is: (tree, name below it)..., and its id."""
        found = ((), "")
        kinds = [kind for _, kind, _, _ in self.entries(tree)]
        if kinds.count("blob") > 2 and "tree" not in kinds:
            return above, tree
        for _, kind, oid, name in self.entries(tree):
            if kind == "tree" and name not in ("keys", "requests"):
                below = self.segments(oid, (*above, (tree, name)))
                found = below if below[1] else found
        return found

    def changed(self, change: Callable[[list[list[str]]], list[list[str]]]) -> str:
        """The root of the tip with a changed folder of segments."""
        way, folder = self.segments(f"{self.tip}^{{tree}}")
        made = self.tree(change(self.entries(folder)))
        for tree, name in reversed(way):
            made = self.tree([[m, k, made if n == name else o, n] for m, k, o, n in self.entries(tree)])
        return made

    def commit(self, tree: str, *parents: str, like: str = "") -> None:
        """Let the branch stand at a commit with this tree that says what `like` says."""
        said = self.world.git("log", "-1", "--format=%B", like or self.tip)
        words = [word for parent in parents for word in ("-p", parent)]
        made = self.world.git("commit-tree", tree, *words, input=said.encode() + b"\n")
        self.world.git("update-ref", REF, made)


def swap(enemy: Enemy) -> None:
    """Two segments change places, with the names that they have."""

    def change(entries: list[list[str]]) -> list[list[str]]:
        entries[0][2], entries[1][2] = entries[1][2], entries[0][2]
        return entries

    enemy.commit(enemy.changed(change), enemy.tip)


def swap_newest(enemy: Enemy) -> None:
    """The same in place of the newest commit, with its seal."""
    swap(enemy)
    enemy.commit(f"{REF}^{{tree}}", f"{enemy.tip}^")


def truncate(enemy: Enemy) -> None:
    """The last segment goes."""
    enemy.commit(enemy.changed(lambda entries: entries[:-1]), enemy.tip)


def behead(enemy: Enemy) -> None:
    """The history goes."""
    enemy.commit(f"{enemy.tip}^{{tree}}")


def replay(enemy: Enemy) -> None:
    """The state before the last push, as new."""
    enemy.commit(f"{enemy.tip}~1^{{tree}}", enemy.tip)


def replay_seal(enemy: Enemy) -> None:
    """The state before the last push, with the seal that it had."""
    enemy.commit(f"{enemy.tip}~1^{{tree}}", enemy.tip, like=f"{enemy.tip}~1")


def substitute(enemy: Enemy) -> None:
    """Other wrapped keys."""
    blob = enemy.world.git("hash-object", "-w", "--stdin", input=b"age-encryption.org/v1\n")
    root = enemy.entries(f"{enemy.tip}^{{tree}}")
    (keys,) = (row for row in root if row[3] == "keys")
    epoch = enemy.entries(keys[2])
    files = [[m, k, blob, n] for m, k, _, n in enemy.entries(epoch[0][2])]
    epoch[0][2] = enemy.tree(files)
    keys[2] = enemy.tree(epoch)
    enemy.commit(enemy.tree(root), enemy.tip)


def plain(enemy: Enemy, *parents: str) -> None:
    """A branch that was never encrypted."""
    blob = enemy.world.git("hash-object", "-w", "--stdin", input=b"git-ccsync 1\n")
    enemy.commit(enemy.tree([["100644", "blob", blob, "format"]]), *parents)


def plain_on_top(enemy: Enemy) -> None:
    """The same on top of the encrypted one."""
    plain(enemy, enemy.tip)


def unsealed(enemy: Enemy) -> None:
    """The same content, said by nobody with the key."""
    made = enemy.world.git("commit-tree", f"{enemy.tip}^{{tree}}", "-p", enemy.tip, input=b"hello\n")
    enemy.world.git("update-ref", REF, made)


def ask_for_more(enemy: Enemy) -> None:
    """A request that brings something else along."""
    blob = enemy.world.git("hash-object", "-w", "--stdin", input=b"x\n")
    requests = enemy.tree([["100644", "blob", blob, "a" * 16]])
    root = [*enemy.entries(f"{enemy.tip}^{{tree}}"), ["40000", "tree", requests, "requests"]]
    root.append(["100644", "blob", blob, "more"])
    made = enemy.world.git("commit-tree", enemy.tree(root), "-p", enemy.tip, input=b"please\n")
    enemy.world.git("update-ref", REF, made)


EXCHANGED = "something on the branch was put in the place of something else"
CUT, BEHEADED = (
    "part of what the branch holds was cut off",
    "the history of the branch was cut off before the newest commit",
)
OLD = "an older state of the branch was put on top of it as if it were new"
KEYS = "the keys of the branch were exchanged by somebody who does not have them"
DOWN = "a branch that is not encrypted was put in the place of the encrypted one"
FORGED = "the newest commit was not made by anyone with the branch's key"
DEEDS: list[tuple[Callable[[Enemy], None], str]] = [
    (swap, EXCHANGED),
    (swap_newest, EXCHANGED),
    (truncate, CUT),
    (behead, BEHEADED),
    (replay, OLD),
    (replay_seal, OLD),
    (substitute, KEYS),
    (plain_on_top, DOWN),
    (unsealed, FORGED),
    (ask_for_more, FORGED),
]


class Desk:
    """A machine that has seen all of an encrypted branch, which another one began, and a way back to that."""

    def __init__(self, world: World) -> None:
        self.world = world
        laptop, self.desktop = world.machine("laptop"), world.machine("desktop")
        self.session = laptop.session("fix bug")
        laptop.init("--encrypt")
        for _ in range(3):
            laptop.ok("push")
            laptop.append(self.session)
        laptop.ok("push")
        with standing_on(laptop) as ws:
            ring = keyring.load(ws.here.state, Marks(ws.state))
        assert ring
        give(self.desktop, ring)
        self.desktop.init()
        self.desktop.ok("pull")
        self.desktop.ok("push")
        self.good = self.here()

    def here(self) -> str:
        return self.desktop.git("rev-parse", REF)


@pytest.fixture(scope="module")
def module_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with World(tmp_path_factory.mktemp("sealed") / "world") as world:
        yield Desk(world)


@pytest.fixture
def desk(module_desk: Desk) -> Iterator[Desk]:
    yield module_desk
    module_desk.world.git("update-ref", REF, module_desk.good)
    module_desk.desktop.git("update-ref", "refs/ccsync-remotes/origin/al", module_desk.good)
    module_desk.desktop.git("update-ref", REF, module_desk.good)


@pytest.mark.parametrize(("deed", "told"), DEEDS, ids=[deed.__name__ for deed, _ in DEEDS])
def test_each_deed_is_refused_by_its_name(desk: Desk, deed: Callable[[Enemy], None], told: str) -> None:
    before = desk.desktop.transcript(desk.session.id)
    deed(Enemy(desk.world))
    done = desk.desktop.ccsync("pull", status=1)
    assert told in done.err.split("\n")[0], done.err
    assert (desk.here(), desk.desktop.transcript(desk.session.id)) == (desk.good, before)


def test_what_was_said_meanwhile_waits_here_and_goes_when_the_remote_is_mended(desk: Desk) -> None:
    swap(Enemy(desk.world))
    text = desk.desktop.append(desk.session)
    assert EXCHANGED in desk.desktop.ccsync("push", status=1).err
    assert desk.world.git("rev-parse", f"{REF}^") == desk.good
    assert desk.desktop.transcript(desk.session.id).endswith(text)
    desk.world.git("update-ref", REF, desk.good)
    desk.desktop.ok("push")
    assert desk.here() == desk.world.git("rev-parse", REF) != desk.good
    desk.good = desk.here()


def test_the_branch_goes_on_behind_it_though_nothing_is_new_here(desk: Desk) -> None:
    desk.desktop.ok("push")
    swap(Enemy(desk.world))
    bad = desk.world.git("rev-parse", REF)
    assert "verify --repair" in desk.desktop.ccsync("pull", status=1).err
    assert "'git ccsync push' sends it" in desk.desktop.ok("verify", "--repair").err
    away = desk.world.remote.rename(desk.world.remote.with_suffix(".away"))
    assert desk.desktop.ccsync("push").status == 128
    away.rename(desk.world.remote)
    desk.desktop.ok("push")
    assert desk.world.git("rev-parse", REF) == desk.here()
    assert desk.world.git("merge-base", bad, REF) == bad
    desk.desktop.ok("pull")
    desk.good = desk.here()


def test_what_has_nothing_good_in_it_is_put_away_by_hand(desk: Desk) -> None:
    plain(Enemy(desk.world))
    desk.desktop.ccsync("pull", status=1)
    told = desk.desktop.ccsync("verify", "--repair", status=1).err
    desk.desktop.git(*told.splitlines()[-1].removeprefix("hint: git ").split())
    assert desk.world.git("rev-parse", REF) == desk.good
    desk.desktop.ok("sync")


def test_a_branch_that_was_never_encrypted_is_not_followed_by_another_name(desk: Desk) -> None:
    plain(Enemy(desk.world))
    assert DOWN in desk.desktop.ccsync("pull", status=1).err
    desk.desktop.git("update-ref", "-d", REF)
    assert DOWN in desk.desktop.ccsync("pull", status=1).err
    # as if the fetch had been faster than the look at our own refs
    desk.desktop.git("update-ref", "-d", REF)
    desk.desktop.git("fetch", "-q", "origin", f"+{REF}:refs/ccsync-remotes/origin/al")
    assert DOWN in desk.desktop.ccsync("pull", status=1).err
    assert desk.desktop.git("rev-parse", "refs/ccsync-remotes/origin/al") == desk.good


def test_an_older_commit_is_a_matter_of_what_was_seen(desk: Desk) -> None:
    desk.world.git("update-ref", REF, f"{desk.good}~1")
    assert "went backwards" in desk.desktop.ccsync("pull", status=None).err
    desk.desktop.ok("push")
    assert desk.world.git("rev-parse", REF) == desk.here()


def test_requests_are_taken_and_kept(desk: Desk) -> None:
    enemy = Enemy(desk.world)
    blob = desk.world.git("hash-object", "-w", "--stdin", input=b"x\n")
    root = enemy.entries(f"{enemy.tip}^{{tree}}")
    for name in ("a" * 16, "b" * 16):
        tip = desk.world.git("rev-parse", REF)
        asked = [row for row in enemy.entries(f"{tip}^{{tree}}") if row[3] == "requests"]
        files = [*(enemy.entries(asked[0][2]) if asked else []), ["100644", "blob", blob, name]]
        tree = enemy.tree([*root, ["40000", "tree", enemy.tree(files), "requests"]])
        made = desk.world.git("commit-tree", tree, "-p", tip, input=b"please\n")
        desk.world.git("update-ref", REF, made)
    desk.desktop.ok("pull")
    desk.desktop.append(desk.session)
    desk.desktop.ok("push")
    assert "requests" in [row[3] for row in enemy.entries(f"{REF}^{{tree}}")]
    assert desk.world.git("rev-parse", f"{REF}~3") == desk.good


@pytest.mark.slow
def test_who_was_removed_can_add_nothing(world: World) -> None:
    """Their key opens all that was before, and still makes seals; but another epoch has begun."""
    laptop, seen, behind = world.initialised("laptop", "desktop", "third")
    encrypt(laptop, seen, behind)
    later = keyring.extended(RING, 2, b"\2" * 32)
    with standing_on(laptop) as ws, Stage(ws) as stage:
        stage.seal_with(later)
        stage.draft.put("keys/2/x", stage.sink.add_plain(b"x"))
        stage.commit(stage.tip, 0, 0, "begin another epoch")
        stage.landing.settle()
        stage.save()
        keyring.save(ws.here.state, stage.marks, later)
    laptop.ok("push")
    give(seen, later)
    seen.ok("pull")
    tip, tree = world.git("rev-parse", REF), world.git("rev-parse", f"{REF}~1^{{tree}}")
    idents = ("Al <al@example.com> 1 +0000",) * 2
    said = seal_commit.message(Ciphers(RING), tree, tip, idents, "ccsync: removed: 1 session, 2 lines\n")
    made = world.git("hash-object", "-t", "commit", "-w", "--stdin", input=build(tree, tip, said, idents))
    world.git("update-ref", REF, made)
    told = "the newest commit is sealed with the key of epoch 1, though epoch 2 has begun: whoever made it was removed"
    for machine in (seen, behind):
        assert told in machine.ccsync("pull", status=1).err
