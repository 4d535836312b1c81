"""init: carry out what was agreed to. A probe push makes or adopts the branch, then the choice is written down.

The probe is the branch's first commit: format and this machine's file, no session. It shows whether the remote takes
the ref, and it is the root that every later commit is judged by. Questions are `cli`'s: they come in as Answers.
"""

from __future__ import annotations

import os
import time

from git_ccsync.errors import KeyMissing, Refused
from git_ccsync.frozen import TYPE_CHECKING, Frozen
from git_ccsync.git import config as git_config
from git_ccsync.git import glimpse, refs
from git_ccsync.git import remote as git_remote
from git_ccsync.git import url as urls
from git_ccsync.git.repository import Repository
from git_ccsync.model import silent
from git_ccsync.operations import machines
from git_ccsync.operations.destinations import destination as destinations
from git_ccsync.operations.destinations import guard, policy
from git_ccsync.operations.exchange import fetch as fetching
from git_ccsync.operations.purging import purged
from git_ccsync.operations.run import known
from git_ccsync.operations.run.stage import Stage, bind
from git_ccsync.operations.setting_up.due import Due, due
from git_ccsync.operations.setting_up.init_probe import Probe
from git_ccsync.state import consent, keyring, machine
from git_ccsync.state.lock import Lock
from git_ccsync.state.marks import KEY_UNTOLD, Marks
from git_ccsync.store import branch
from git_ccsync.store import format as layout

if TYPE_CHECKING:
    from git_ccsync.model import OnProgress
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.operations.sealed.enrol import Asked
    from git_ccsync.operations.setting_up.proposal import Proposal


class Answers(Frozen):
    """What the owner said. `agreed`: sessions may go there; `heads`: under refs/heads/ if refs/ccsync/ is refused;
    `join`: put a branch with another beginning together with ours. `machine` is a new name for this machine. `encrypt`:
    nobody else is to read the branch.
    """

    branch: str
    agreed: bool = False
    heads: bool = False
    join: bool = False
    machine: str = ""
    since: str = ""
    allow_public: str = ""
    encrypt: bool = False


class InitResult(Frozen):
    """What was set up. `again`: it was the destination before; `how`: the branch there is "new", it was "adopted", or
    "" where it is the one that was here; `due`: what is left to do; `since` the day before which sessions are not
    sent, "" for none. `words`: the fingerprint of an encrypted branch; `sealed`: it became one now; `asked`: we cannot read
    it yet.
    """

    destination: Destination
    again: bool
    how: str
    due: Due
    machine: str
    since: str = ""
    warnings: tuple[str, ...] = ()
    words: str = ""
    sealed: bool = False
    asked: Asked | None = None


class Settled(Frozen):
    """What is set already: see InitResult; `since` is the day before which sessions are not sent, "" for none."""

    destination: Destination
    visibility: str
    since: str
    words: str = ""


def carry_out(ws: Workspace, proposal: Proposal, answers: Answers, on_progress: OnProgress = silent) -> InitResult:
    """Do what was proposed, as answered. Every step can be done again, and what marks it as done comes last.

    Raises Refused without agreement or in public, RefNotAllowed if the remote refuses the ref, Unrelated,
    RemoteFailed.
    """
    destination = proposal.at(answers.branch, heads=answers.heads)
    if proposal.visibility == "public" and not (
        proposal.allowed or guard.is_hidden(ws, destination, encrypt=answers.encrypt)
    ):
        raise guard.public(ws, destination)
    if ws.config.get_all("ccsync.require"):
        policy.check_sealed(ws._replace(branch=answers.branch), destination, encrypt=answers.encrypt)
    if not answers.agreed:
        raise Refused("nothing was set up, and nothing was sent")
    fresh = _fresh(ws, destination)
    again = ws.branch == answers.branch and ws.config.get("ccsync.remote") == destination.remote
    again = again and not (proposal.add or fresh)
    since = answers.since or ws.config.get("ccsync.since")
    ws = _named(ws, answers.machine)._replace(branch=answers.branch)
    if proposal.create:
        glimpse.create_bare(proposal.create)
    with Lock(os.path.join(ws.state, "lock")), Stage(ws) as stage:
        bind(ws)
        result = InitResult(destination, again, "", Due(), ws.here.name, since)
        result = _probed(stage, Probe(stage, destination, answers, on_progress), result, proposal, empty=fresh > 1)
        stage.save()
    _write_down(ws, proposal, destination, answers)
    return result


def _fresh(ws: Workspace, destination: Destination) -> int:
    """Whether nobody agreed before to the URL that counts (1), or to a further one, which has to get all that there is (2)."""
    known = consent.read(ws.state)
    new = [url not in known for url in guard.normal(ws.repo, destination)]
    return 2 if any(new[1:]) else int(any(new))


def _probed(stage: Stage, probe: Probe, result: InitResult, proposal: Proposal, *, empty: bool) -> InitResult:
    """The result with what became of the branch: made, taken up, or asked for where it is encrypted and we have no key.
    `empty`: one of the destination's further places has nothing yet.
    """
    try:
        how, tip = probe.run()
    except KeyMissing as error:
        from git_ccsync.operations.sealed import enrol

        return result._replace(asked=enrol.ask_for(stage, probe.destination, error, probe.on_progress))
    if purged.bind_as_elsewhere(stage):
        stage.commit(stage.tip, 0, 0, "take over what was purged on another branch")
    left = due(stage, tip, proposal.extent.ids, empty=empty)
    words = fingerprint(keyring.is_sealed(stage.marks))
    stage.marks.put({KEY_UNTOLD: ""})  # it is told now
    warnings = (*_same_names(stage), *stage.remarks, *stage.unkept)
    return result._replace(how=how, due=left, warnings=warnings, words=words, sealed=probe.sealed)


def check(machine: str = "", *, encrypt: bool = False) -> None:
    """Whether it could be done at all: Usage for the name of a machine that is none, CryptMissing if branches cannot be
    encrypted here.
    """
    if machine:
        machines.checked_name(machine)
    if encrypt:
        from git_ccsync.privacy import keys

        keys.check_installed()


def fingerprint(sealed: str) -> str:
    """The fingerprint of an encrypted branch in words, "" of a plain one ("")."""
    from git_ccsync.privacy import keys

    return keys.words_of(sealed) if sealed else ""


def settled(
    ws: Workspace,
    *,
    remote: str = "",
    branch: str = "",
    machine: str = "",
    since: str = "",
    allow_public: str = "",
    encrypt: bool = False,
) -> Settled | None:
    """What is set, if that is all that the words ask for and the owner agreed to it; None if there is work to do."""
    if not ws.initialised or not ws.tip() or destinations.gone(ws.config):
        return None
    destination = destinations.resolve(ws.repo, ws.config, ws.branch)
    held = consent.check(ws.state, guard.normal(ws.repo, destination))
    day = ws.config.get("ccsync.since")
    same = branch in ("", ws.branch) and since in ("", day) and machine in ("", ws.here.name)
    same = same and (remote in ("", destination.remote) or ws.config.rewritten(remote) in destination.urls)
    sealed = keyring.is_sealed(Marks(ws.state))
    same = same and bool(sealed or not encrypt)
    same = same and (not allow_public or guard.is_named(ws, destination.urls, allow_public))
    allowed = guard.allowed(ws.repo, ws.config, destination) or guard.is_hidden(ws, destination)
    theirs = ws.tip(destination.tracking)
    # Else there is something to join; or the branch is gone there, and it is to be found out whether it may come again.
    same = same and bool(theirs and refs.merge_base(ws.repo, ws.tip(), theirs))
    same = same and not Marks(ws.state).get(fetching.LOCKED_OUT)
    if not same or held is None or (held.visibility == "public" and not allowed) or (allow_public and not allowed):
        return None
    return Settled(destination, held.visibility, day, fingerprint(sealed))


def set_everywhere(remote: str) -> str:
    """Make `remote` (a name, a URL or a directory) the destination of repositories without one of their own."""
    git_remote.safe_url(remote)
    if urls.is_path(remote) and (os.sep in remote or os.path.isdir(remote)):
        remote = urls.absolute(remote)
    nowhere = Repository("", "", "", "", False)  # it is nobody's in particular, so no repository is needed
    git_config.set_value(nowhere, "ccsync.remote", remote, glob=True)
    return urls.without_credentials(remote)


def _named(ws: Workspace, name: str) -> Workspace:
    """The workspace with this machine called `name` from now on, if that is not ""."""
    if not name or name == ws.here.name:
        return ws
    here = ws.here._replace(name=machines.checked_name(name))
    machine.save_config(here)
    return ws._replace(here=here)


def _same_names(stage: Stage) -> tuple[str, ...]:
    """A warning if another machine on the branch has this one's name."""
    here = stage.ws.here
    for identity, oid in branch.machines(stage, stage.base).items():
        if identity != here.id:
            other = layout.load_machine(identity, stage.blob(oid, layout.SMALL_CAP))
            if other.name == here.name:
                return (
                    f"another machine is called '{here.name}' too; rename this one: git ccsync machine rename <name>",
                )
    return ()


def _write_down(ws: Workspace, proposal: Proposal, destination: Destination, answers: Answers) -> None:
    """Consent and configuration; ccsync.branch, which says that all is done, is the last."""
    repo, now = ws.repo, time.time()
    if proposal.add:
        add_remote(ws, destination.remote, proposal.add)
    normal = guard.normal(repo, destination)
    if not proposal.agreed or consent.check(ws.state, normal) is None:
        consent.record(ws.state, normal, proposal.visibility, now, agreed=True)
    if answers.allow_public:
        shown = urls.without_credentials(answers.allow_public)
        if shown not in ws.config.get_all("ccsync.allowPublic"):
            git_config.add_value(repo, "ccsync.allowPublic", shown)
    if answers.since:
        git_config.set_value(repo, "ccsync.since", answers.since)
    ref = destination.ref if destination.ref != f"refs/ccsync/{destination.branch}" else ""
    if ref:
        git_config.set_value(repo, "ccsync.remoteRef", ref)
    else:
        git_config.unset(repo, "ccsync.remoteRef")
    git_config.set_value(repo, "ccsync.remote", destination.remote or destination.urls[0])
    git_config.set_value(repo, "ccsync.branch", destination.branch)
    if not ws.is_home:
        known.register(ws.environ, ws.trees[0] if ws.trees else repo.work_tree)


def add_remote(ws: Workspace, name: str, url: str) -> None:
    """Make the remote `name`, which `git fetch --all` passes over, or lead the one that we made to `url`."""
    git_config.set_value(ws.repo, f"remote.{name}.url", url)
    git_config.set_value(ws.repo, f"remote.{name}.skipFetchAll", "true")
    git_config.unset(ws.repo, f"remote.{name}.pushurl")
