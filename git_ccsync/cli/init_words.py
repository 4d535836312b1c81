"""What `init` shows: the guard's text, what is set, what to do next. Asks nothing."""

from __future__ import annotations

import textwrap
from contextlib import contextmanager
from shlex import quote

from git_ccsync.cli import render
from git_ccsync.errors import CcsyncError
from git_ccsync.git import url as urls
from git_ccsync.operations.capturing import outside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from git_ccsync.cli.options import InitOptions
    from git_ccsync.operations.destinations.place import Destination
    from git_ccsync.operations.init import InitResult, Settled
    from git_ccsync.operations.run.workspace import Workspace
    from git_ccsync.operations.sealed.enrol import Asked
    from git_ccsync.operations.setting_up.due import Due
    from git_ccsync.operations.setting_up.proposal import Proposal
    from git_ccsync.operations.setting_up.survey import Extent

WIDTH = 80
#: Who reads an encrypted branch.
_LET_IN = "machines and keys that were let in ('git ccsync key show')"
_AGAIN = "git ccsync init "


@contextmanager
def repeating(options: InitOptions) -> Iterator[None]:
    """Within it, a refusal that hints at another `init` repeats the words that were given: what is pasted is to mean them."""
    try:
        yield
    except CcsyncError as error:
        error.hints = tuple(_repeated(hint, options) for hint in error.hints)
        raise


def _repeated(hint: str, options: InitOptions) -> str:
    """`git ccsync init --allow-public URL` with the other words before its own; not --yes, which was for another question."""
    if not hint.startswith(f"{_AGAIN}-"):
        return hint
    given = (("--branch", options.branch), ("--machine", options.machine), ("--since", options.since))
    words = [f"{name} {quote(value)}" for name, value in given if value and name not in hint]
    return _AGAIN + " ".join([*words, hint.removeprefix(_AGAIN)])


def guard(found: Proposal, destination: Destination, machine: str, *, encrypt: bool = False) -> list[str]:
    """Lines that say where sessions would go, who can read them there (nobody else, with `encrypt`), and how many they are."""
    new = all(one.name != destination.branch for one in found.branches)
    made = ", which becomes a bare repository" if found.create else ""
    branch = f"branch '{destination.branch}'{' (new)' if new else ''}"
    lines = [
        f"sessions would go to {place(destination)}{made}",
        f"{branch}, machine '{render.safe(machine)}'",
        f"{readers(found)}: {extent(found.extent)}",
    ]
    if encrypt:
        lines[2] = f"encrypted, for machines that you let in: {extent(found.extent)}"
        lines.append(f"{readers(found)}, sees how often and how much is pushed, and can read nothing of it")
    return [part for line in lines for part in wrapped(line)]


def elsewhere(destination: Destination, visibility: str) -> list[str]:
    """The guard's text for a push to another remote than the one that init chose."""
    who = _readers(urls.label(destination.urls[0]), visibility)
    return wrapped(f"sessions would go to {place(destination)} too, which can be read by {who}")


def wrapped(text: str) -> list[str]:
    """Lines of at most 80 columns; names and URLs stay whole, and so does what a no-break space joins."""
    lines = textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return [line.replace("\xa0", " ") for line in lines]


def place(destination: Destination) -> str:
    """The remote's name and URL, or the URL alone."""
    shown = render.home(urls.without_credentials(destination.urls[0]))
    more = len(destination.urls) - 1
    rest = f" and {render.count(more, 'further URL')}" if more else ""
    return f"'{render.safe(destination.remote)}' ({shown}{rest})" if destination.remote else f"'{shown}'"


def readers(found: Proposal) -> str:
    """Who can read what lies there, for people."""
    if found.visibility == "public":
        return "everyone, as it is public"
    if found.visibility == "private":
        return f"whoever may read '{render.home(found.place)}'"
    people = "1 person commits here" if found.people == 1 else f"{found.people} people commit here"
    crowd = f" ({people})" if found.people and not found.project else ""
    return f"everyone with access to {render.safe(found.place)}{crowd}"


def extent(found: Extent) -> str:
    """`41 sessions, 312 MB, oldest 2026-01-04, 3 memory files`."""
    text = "no sessions here yet"
    if found.sessions:
        text = f"{render.count(found.sessions, 'session')}, {render.size(found.bytes)}, oldest {found.oldest}"
    if found.memory:
        text += f", {render.count(found.memory, 'memory file')}"
    return text.replace(" ", "\xa0").replace(",\xa0", ", ")


def done(found: Proposal, result: InitResult) -> None:
    """What was set up, and the next step."""
    how = "" if result.again else result.how
    who = _LET_IN if result.words or result.asked else readers(found)
    _table(result.destination, how, result.machine, who, result.since)
    if result.asked:
        tell_asked(result.asked)
    elif not result.again or result.sealed:
        render.out(render.commands(f"next: {_next(result.due)}"))


def tell_asked(asked: Asked) -> None:
    """What to do where a machine reads the branch already."""
    if asked.why:
        render.warning(asked.why)
    said = "asked already" if asked.again else "asks"
    render.out(f"the branch is encrypted; this machine {said} to be let in, with the fingerprint")
    render.out(f"  {asked.words}")
    render.out("on a machine that reads the branch, compare it and let this one in:")
    render.out(render.commands(f"  git ccsync key approve {shell_word(asked.name)}"))
    render.out(render.commands(f"then, here: 'git ccsync {'init' if asked.lost else 'pull'}'"))


def shell_word(text: str) -> str:
    """A name as one word of a shell's command line, fit to be shown."""
    from shlex import quote

    return quote(render.safe(text))


def _next(left: Due) -> str:
    bring, send = render.count(left.bring, "session"), render.count(left.send, "session")
    if left.bring and left.send:
        return f"'git ccsync sync' brings {bring} here and sends {left.send:,}"
    if left.bring:
        return f"'git ccsync pull' brings {bring} here"
    if left.send:
        return f"'git ccsync push' sends {send}"
    if left.idle:
        has = "has" if left.idle == 1 else "have"
        return f"'git ccsync sync', after work; {render.count(left.idle, 'session')} {has} been idle for too long to come here"
    if left.there:
        return "'git ccsync sync', after work; all sessions are there and here"
    return "'git ccsync push', once Claude Code has a session here"


def settled(ws: Workspace, known: Settled) -> None:
    """What is set; nothing was changed."""
    _table(
        known.destination,
        "",
        ws.here.name,
        _LET_IN if known.words else _readers(urls.label(known.destination.urls[0]), known.visibility),
        known.since,
    )
    render.out("nothing to change")


def _readers(shown: str, visibility: str) -> str:
    if visibility == "private":
        return f"whoever may read '{render.home(shown)}'"
    if visibility == "public":
        return "everyone, as you allowed"
    return f"everyone with access to {render.safe(shown)}"


def _table(destination: Destination, how: str, machine: str, who: str, since: str) -> None:
    whose = "outside any repository" if outside.is_of_home(destination.ref) else "of this repository"
    render.out(f"sessions {whose} go to {place(destination)}")
    ref = "" if destination.ref == f"refs/ccsync/{destination.branch}" else f", {destination.ref}"
    note = ", ".join(filter(None, (how, ref.removeprefix(", "))))
    render.out(f"  branch   {destination.branch}{f' ({note})' if note else ''}")
    render.out(f"  machine  {render.safe(machine)}")
    render.out(f"  readers  {who}")
    if since:
        render.out(f"  since    {since}")
