"""The words of `init`: what would be sent where and who can read it, the questions, what was set up, what to do next."""

from __future__ import annotations

import os
import time

from git_ccsync.cli import ages, ask, init_words, progress, render
from git_ccsync.errors import CcsyncError, NotInitialised, RefNotAllowed, Refused, Usage
from git_ccsync.operations import init as operation
from git_ccsync.operations import keys
from git_ccsync.operations.capturing import outside
from git_ccsync.operations.destinations import destination as destinations
from git_ccsync.operations.destinations import guard
from git_ccsync.operations.destinations.destination import Unrelated
from git_ccsync.operations.init import Answers, InitResult
from git_ccsync.operations.run.workspace import Workspace, open_workspace
from git_ccsync.operations.setting_up import proposal as proposals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from git_ccsync.cli.options import InitOptions
    from git_ccsync.operations.setting_up.proposal import Proposal
    from git_ccsync.operations.setting_up.survey import Theirs


def run(options: InitOptions) -> int:
    """`git ccsync init`; the exit status."""
    if options.everywhere:
        return _everywhere(options)
    if options.all and options.encrypt:
        raise Usage("--encrypt does not go with --all: each branch has a key and a recovery code of its own")
    operation.check(options.machine, encrypt=options.encrypt)  # nobody is asked to agree to what cannot be done
    if options.all:
        from git_ccsync.cli import init_all

        return init_all.run(options)
    ws = _opened()
    if ws.here.copied_from:
        render.warning("this home directory was copied from another computer; this one counts as a machine of its own")
    if ws.is_home and outside.in_repository(ws.trees[0], {}):
        render.warning("your home directory is a repository itself: sessions below it belong to that one")
    if _asks_again(ws):
        return 0
    settled = operation.settled(ws, encrypt=options.encrypt, **_wishes(options))
    if settled:
        init_words.settled(ws, settled)
        return 0
    with init_words.repeating(options), progress.meter(-1, quiet=False) as meter:
        remote = options.remote or _remote(ws)
        words = {"branch": options.branch, "since": options.since, "allow_public": options.allow_public}
        found = proposals.propose(ws, remote=remote, **words)
        meter.erase()
        answers = _answers(ws, found, options)
        result = _carry_out(ws, found, answers, options, meter)
    for text in result.warnings:
        render.warning(text)
    init_words.done(found, result)
    if result.words:
        _tell_key(ws, result)
    from git_ccsync.cli import auto

    auto.offer()
    return 0


def _asks_again(ws: Workspace) -> bool:
    """Whether the keys of the branch, gone from this machine, could not be had otherwise than by asking for them."""
    from git_ccsync.operations.sealed import enrol

    with progress.meter(-1, quiet=False) as meter:
        asked = enrol.reopen(ws, meter)
    if asked:
        init_words.tell_asked(asked)
    return asked is not None


def _tell_key(ws: Workspace, result: InitResult) -> None:
    """The branch's fingerprint; where it became an encrypted one now, what was there before, and the recovery code."""
    from git_ccsync.cli import key

    render.out("the branch's fingerprint, the same on each of your machines:")
    render.out(f"  {result.words}")
    if not result.sealed:
        return
    if result.how != "new":
        key.tell_past()
    try:
        with progress.meter() as meter:
            code = keys.new_code(open_workspace(ws.place), on_progress=meter)
    except CcsyncError as error:
        render.warning(f"there is no recovery code yet: {render.safe(error.message)}")
        render.hint("'git ccsync key recover --new' makes one")
        return
    key.show_code(code)


def _opened() -> Workspace:
    """The workspace; that of the sessions outside any repository is made where there is none yet."""
    try:
        return open_workspace(".")
    except NotInitialised:
        outside.make(os.environ)
    return open_workspace(".")


def _wishes(options: InitOptions) -> dict[str, str]:
    return {
        "remote": options.remote,
        "branch": options.branch,
        "machine": options.machine,
        "since": options.since,
        "allow_public": options.allow_public,
    }


def _everywhere(options: InitOptions) -> int:
    more = options.branch or options.machine or options.all or options.since or options.allow_public or options.encrypt
    if not options.remote or more:
        raise Usage("--global goes with --remote alone", "git ccsync init --global --remote <url>")
    remote = operation.set_everywhere(options.remote)
    render.out(f"sessions of repositories without a choice of their own go to '{render.safe(remote)}'")
    render.out("next: 'git ccsync init' in each of them, or 'git ccsync init --all'")
    return 0


def _remote(ws: Workspace) -> str:
    """The remote that a person chose where no rule decides; "" where one does, or nobody can be asked."""
    names = proposals.candidates(ws) if ask.possible() else ()
    if not names:
        return ""
    render.note("this repository has several remotes:")
    number = ask.choose("where should sessions go?", names)
    if number < 0:
        raise _nothing_done()
    return names[number]


def _nothing_done() -> Refused:
    return Refused("nothing was set up, and nothing was sent")


def _answers(ws: Workspace, found: Proposal, options: InitOptions) -> Answers:
    """Everything that the owner has to say, asked or given."""
    shown = found.at(found.suggested or "?")
    if found.visibility == "public" and not (found.allowed or guard.is_hidden(ws, shown, encrypt=options.encrypt)):
        raise guard.public(ws, shown)
    branch = _branch(ws, found, options)
    machine = options.machine or ws.here.name
    encrypt = guard.is_hidden(ws, shown, encrypt=options.encrypt)
    for line in () if found.agreed else init_words.guard(found, found.at(branch), machine, encrypt=encrypt):
        render.note(line)
    if not (found.agreed or options.yes or options.allow_public or _agreed(found)):
        raise _nothing_done()
    return Answers(
        branch,
        agreed=True,
        machine=options.machine,
        since=options.since,
        allow_public=options.allow_public,
        encrypt=options.encrypt,
    )


def _agreed(found: Proposal) -> bool:
    """The owner's answer. A path is private by nature: it stands for a yes where nobody can be asked, and for Enter."""
    private = found.visibility == "private"
    if ask.possible():
        return ask.yes("send sessions there?", default=private)
    if private:
        return True
    why = (
        f"'{found.place}' is public"
        if found.visibility == "public"
        else f"it cannot be told who can read '{found.place}'"
    )
    raise Refused(
        f"{why}, and nobody is here to agree",
        "run 'git ccsync init' in a terminal, or with --yes",
    )


def _branch(ws: Workspace, found: Proposal, options: InitOptions) -> str:
    """The branch that is the owner's: given, set before, clear, or chosen."""
    if options.branch:
        there = next((one for one in found.branches if one.name == options.branch), None)
        stranger = there is not None and there.email and not there.mine and there.name != ws.branch
        if stranger and there:
            asked = not options.yes and ask.possible()
            say = render.note if asked else render.warning
            say(f"branch '{there.name}' was last written to by {_who(there)}")
            if asked and not ask.yes("is it yours?"):
                raise _nothing_done()
        return options.branch
    alone = len(found.branches) == 1 and bool(found.suggested)
    if ws.branch or not found.branches or alone or not ask.possible():
        return found.suggested or _unclear(ws, found)
    return _chosen(ws, found)


def agree(error: guard.NoConsent) -> bool:
    """At a terminal: ask whether sessions may go to a destination other than init's. True if the owner agreed."""
    if not ask.possible():
        return False
    ws, to = open_workspace("."), error.destination
    visibility = guard.readers(ws, to)
    for line in init_words.elsewhere(to, visibility):
        render.note(line)
    if not ask.yes("send sessions there?", default=visibility == "private"):
        return False
    guard.agree(ws, to, visibility)
    return True


def _unclear(ws: Workspace, found: Proposal) -> str:
    """No rule says which branch: ask for a name, or refuse with what there is."""
    if not found.branches and ask.possible():
        render.note("git does not know your email address, which would name your branch")
        name = ask.text("name of your branch")
        if not name:
            raise _nothing_done()
        return destinations.checked_branch(name)
    if not found.branches:
        raise Refused("git does not know your email address, which would name your branch", "give --branch <name>")
    listed = "\n".join(f"  {one.name}: {_who(one)}" for one in found.branches)
    raise Refused(
        f"it is not clear which branch on '{found.place}' is yours:\n{listed}",
        "give --branch <name>: one of these, or a new one",
    )


def _chosen(ws: Workspace, found: Proposal) -> str:
    """The branch that a person chose among those there, or a new one."""
    render.note(f"'{render.safe(found.place)}' holds branches already:")
    items = [f"{one.name}: {_who(one)}{', your address' if one.mine else ''}" for one in found.branches]
    number = ask.choose("which one is yours?", [*items, "none of them: make a new one"])
    if number < 0:
        raise _nothing_done()
    if number < len(found.branches):
        return found.branches[number].name
    default = destinations.default_branch(ws.config)
    taken = default in {one.name for one in found.branches}
    return destinations.checked_branch(ask.text("name of the new branch", "" if taken else default))


def _who(one: Theirs) -> str:
    """Who wrote to a branch last, from where, when."""
    if not one.email:
        return "(its author could not be read)"
    when = ages.ago(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(one.time)), time.time())
    machine = f" on {one.machine}" if one.machine else ""
    return render.safe(f"{one.author} <{one.email}>{machine}, {when}")


def _carry_out(
    ws: Workspace, found: Proposal, answers: Answers, options: InitOptions, meter: progress.Meter
) -> InitResult:
    """Carry it out, asking again where the remote turns out to be otherwise than thought."""
    try:
        return operation.carry_out(ws, found, answers, meter)
    except RefNotAllowed as error:
        meter.erase()
        if answers.heads or not _try_heads(found, answers, error, options):
            raise
        again = answers._replace(heads=True)
    except Unrelated as error:
        meter.erase()
        if answers.join or not _join(error, options, begun=ws.initialised):
            raise
        again = answers._replace(join=True)
    return _carry_out(open_workspace(ws.repo.work_tree), found, again, options, meter)


def _try_heads(found: Proposal, answers: Answers, error: RefNotAllowed, options: InitOptions) -> bool:
    if not options.yes and not ask.possible():
        return False
    render.warning(error.message)
    for line in error.stderr.decode("utf-8", "replace").splitlines():
        render.note(render.safe(line))
    error.stderr = b""  # once is enough, whatever is answered
    instead = found.at(answers.branch, heads=True).ref
    if options.yes:
        render.note(f"trying '{instead}', a git branch that every clone fetches")
        return True
    return ask.yes(f"use '{instead}' instead, a git branch that every clone fetches?")


def _join(error: Unrelated, options: InitOptions, *, begun: bool) -> bool:
    """Whether our branch goes on behind theirs. Two machines that began it at the same time need no question; behind a
    branch that is in use (`begun`), only a person knows whether that other one is theirs.
    """
    if options.yes and not begun:
        return True
    if not ask.possible():
        return False
    render.note(render.safe(error.message))
    return ask.yes("are both yours, and should they be put together?")
