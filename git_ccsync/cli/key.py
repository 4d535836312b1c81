"""The words of `key`: who can read an encrypted branch, fingerprints to compare, a recovery code that is shown once."""

from __future__ import annotations

import sys

from git_ccsync.cli import ask, progress, render
from git_ccsync.errors import NotFound, Refused, Usage
from git_ccsync.operations import keys
from git_ccsync.operations.run.workspace import open_workspace
from git_ccsync.operations.sealed import enrol, keys_rewrite, keys_send
from git_ccsync.privacy import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from git_ccsync.cli.options_upkeep import KeyOptions
    from git_ccsync.operations.keys import Party, Shown
    from git_ccsync.operations.run.workspace import Workspace

_ENROLLED = "git ccsync key approve"
#: What is said where this machine does not read an encrypted branch.
_WITHOUT = {
    keys.ASKED: ("it asked to be let in, and was not yet", f"on a machine that reads the branch: '{_ENROLLED}'"),
    keys.PLAIN: (
        "the sessions of this repository are not encrypted",
        "'git ccsync init --encrypt' encrypts them from now on",
    ),
}


def run(options: KeyOptions) -> int:
    """`git ccsync key`; the exit status."""
    ws = open_workspace(".")
    verbs = {"show": _show, "add": _add, "approve": _approve, "remove": _remove, "rotate": _rotate, "recover": _recover}
    return verbs[options.action](ws, options)


def _show(ws: Workspace, options: KeyOptions) -> int:
    with progress.meter() as meter:
        found = keys.show(ws, on_progress=meter)
    if options.json:
        from git_ccsync.cli import porcelain

        porcelain.document(found._asdict())
        return 0
    for line in shown(found):
        render.out(line)
    return 0


def shown(found: Shown) -> list[str]:
    """How the keys stand, in lines."""
    own = ["this machine's fingerprint, and its public key:", f"  {found.own.words}", f"  {found.own.key}"]
    if found.state != keys.READS:
        return [render.commands(line) for line in (*own, *_WITHOUT[found.state])]
    lines = [f"the branch's fingerprint, epoch {found.epoch}:", f"  {found.words}", *own]
    lines += ["who can read it:", *table(found.recipients)]
    if not any(one.here for one in found.recipients):
        lines.append("this machine's own key is none of these: what comes after the next new key it cannot read,")
        lines.append("unless you have one of the ssh keys; 'git ccsync key add' on another machine lets it in")
    if not found.recovery:
        lines.append("there is no recovery code: 'git ccsync key recover --new' makes one")
    if found.requests:
        lines += ["who asks to:", *(line for one in found.requests for line in (*table([one]), f"    {one.words}"))]
        lines.append(f"let one in: {_ENROLLED} <name>")
    return [render.commands(line) for line in lines]


def table(parties: Sequence[Party]) -> list[str]:
    """A line each, this machine with a star."""
    rows = [(("* " if one.here else "  ") + _name(one), one.id[:8], one.kind) for one in parties]
    return render.table(rows, flexible=0)


def _name(one: Party) -> str:
    return render.safe(one.name) or "(no name)"


def _add(ws: Workspace, options: KeyOptions) -> int:
    with progress.meter() as meter:
        added = keys.add(ws, options.word, options.name, on_progress=meter)
    for one in added:
        render.out(f"'{_name(one)}' ({one.id[:8]}, {one.kind}) can read the branch now, and all that was sent before")
        render.out(f"  {one.words}")
    return 0


def _approve(ws: Workspace, options: KeyOptions) -> int:
    with progress.meter() as meter:
        found = _readable(ws, meter)
        one = _asking(found.requests, options)
        meter.erase()
        _compare(one, options)
        done = keys.approve(ws, one.id, on_progress=meter)
    render.out(f"'{_name(done)}' ({done.id[:8]}) can read the branch from its next pull on")
    render.out("  it will show the branch's fingerprint, which is here:")
    render.out(f"  {found.words}")
    return 0


def _readable(ws: Workspace, meter: progress.Meter) -> Shown:
    """How the keys stand, where this machine reads the branch. Refused, KeyMissing elsewhere."""
    found = keys.show(ws, on_progress=meter)
    if found.state == keys.READS:
        return found
    raise keys_send.not_yet() if found.state == keys.ASKED else keys_send.not_encrypted()


def _asking(requests: Sequence[Party], options: KeyOptions) -> Party:
    """The request that is meant: named, the one with those words, the only one, or chosen."""
    if options.word:
        return keys.chosen(requests, options.word, "machine asks by the name or id")
    if options.fingerprint:
        same = [one for one in requests if words.same(options.fingerprint, one.words)]
        if not same:
            raise NotFound("no machine that asks has this fingerprint", "run 'git ccsync key show' to see them")
        return same[0]
    if not requests:
        raise NotFound("no machine asks to be let in", "it does so by 'git ccsync init'")
    if len(requests) == 1:
        return requests[0]
    if not ask.possible():
        raise Usage("several machines ask to be let in: name one", *(f"{one.id[:8]}  {one.name}" for one in requests))
    number = ask.choose("which one?", [f"{_name(one)}  {one.words}" for one in requests])
    if number < 0:
        raise Refused("nobody was let in")
    return requests[number]


def _compare(one: Party, options: KeyOptions) -> None:
    """Return if the fingerprint is the one that the machine itself shows, as far as somebody says so."""
    if options.fingerprint:
        if not words.same(options.fingerprint, one.words):
            raise Refused(f"the fingerprint of '{_name(one)}' is another one", one.words)
        return
    if options.yes:
        return
    if not ask.possible():
        raise Refused(
            "nobody is here to compare fingerprints",
            f"git ccsync key approve {one.id[:8]} --fingerprint '<the words that the machine shows>'",
        )
    render.note(f"'{_name(one)}' asks to be let in; the fingerprint of its key is")
    render.note(f"  {one.words}")
    render.note("'git ccsync key show' tells the same words there, if it is that machine")
    if not ask.yes("are they the same?"):
        raise Refused("nobody was let in", f"git ccsync key remove {one.id[:8]}", "    turns the request down")


def _remove(ws: Workspace, options: KeyOptions) -> int:
    with progress.meter() as meter:
        asked = {one.id for one in _readable(ws, meter).requests}
        gone, epoch = keys.remove(ws, options.word, on_progress=meter)
    if gone.id in asked:
        render.out(f"turned down the request of '{_name(gone)}' ({gone.id[:8]})")
        return 0
    render.out(f"'{_name(gone)}' ({gone.id[:8]}) cannot read what is sent from now on, in epoch {epoch}")
    render.note("what was sent before it has, or can get; 'git ccsync key rotate --rewrite' takes that off the remote")
    return 0


def _rotate(ws: Workspace, options: KeyOptions) -> int:
    if options.rewrite:
        _agree_to_rewrite(options)
    with progress.meter() as meter:
        epoch, code = (keys_rewrite if options.rewrite else keys).rotate(ws, on_progress=meter)
    render.out(f"the branch is encrypted with a new key from now on, in epoch {epoch}")
    if options.rewrite:
        render.out("what was there is encrypted anew; the history before is off the remote, and each machine follows")
        render.hint(render.commands("'git ccsync purge --follow' drops the old history on this disk, too"))
    show_code(code)
    return 0


def _agree_to_rewrite(options: KeyOptions) -> None:
    """Return if the owner agrees that the history of the branch goes."""
    if options.yes:
        return
    if not ask.possible():
        raise Refused("this drops the history of the branch, and nobody is here to agree", "give --yes")
    render.note(
        "all that is on the branch is encrypted anew, in one commit; the history before it goes from the remote"
    )
    render.note("hosts keep what was pushed for a while, and machines what they have fetched")
    if not ask.yes("begin the branch anew?"):
        raise Refused("nothing was changed")


def _recover(ws: Workspace, options: KeyOptions) -> int:
    if options.new:
        with progress.meter() as meter:
            code = keys.new_code(ws, on_progress=meter)
        show_code(code)
        return 0
    typed = _typed()
    with progress.meter() as meter:
        said = enrol.recover(ws, typed, on_progress=meter)
    render.out("this machine reads the branch from now on; the branch's fingerprint:")
    render.out(f"  {said}")
    render.out(render.commands("next: 'git ccsync pull'"))
    return 0


def _typed() -> str:
    """The recovery code, from the terminal without echo, else the first line of stdin: a command line is no place for it."""
    if not ask.possible():
        return sys.stdin.readline() if sys.stdin else ""
    from getpass import getpass

    return getpass("recovery code: ", sys.stderr)


def tell_past() -> None:
    """What encrypting a branch does not change: what is on the remote already."""
    render.note("what was pushed before stays readable in the branch's history, on the remote and in each clone")
    render.hint("'git ccsync key rotate --rewrite' begins the history anew, without it")
    render.hint("'git ccsync purge' takes sessions out altogether; 'git ccsync push' sends what is new, encrypted")


def show_code(code: str) -> None:
    """A recovery code, the only time that it can be seen."""
    render.out("the recovery code, which is not shown again and kept nowhere: write it down")
    render.out(f"  {code}")
    render.out("with it, and the remote, a machine that has lost everything reads the branch:")
    render.out(render.commands("  git ccsync init && git ccsync key recover"))
