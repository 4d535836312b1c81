"""The verbs, their groups and their one-line help: what `git ccsync` alone prints. Light; knows no options."""

from __future__ import annotations

#: Heading, then (verb, one line of help). The order is the order of first use.
GROUPS = (
    (
        "set up (see also: git ccsync demo)",
        (
            ("init", "choose where the sessions of this repository go"),
            ("doctor", "check that everything is in order"),
            ("verify", "hold branch, files here and remote against each other"),
        ),
    ),
    (
        "carry sessions between machines",
        (
            ("push", "send what is new here"),
            ("pull", "bring and install what is new there"),
            ("sync", "pull, then push"),
            ("undo", "take back the last pull, push, rm …"),
            ("auto", "let Claude Code do it by itself"),
            ("watch", "do it whenever something has changed"),
            ("status", "show what is in step and what is not"),
            ("export", "write sessions to a file"),
            ("import", "install sessions from files"),
        ),
    ),
    (
        "look at sessions",
        (
            ("tasks", "list what was left unfinished anywhere"),
            ("list", "list sessions, here and on the branch"),
            ("show", "show one session in a readable form"),
            ("search", "find words in all sessions"),
            ("log", "show what was pushed when, and who worked on what"),
            ("restore", "bring a session back from the branch"),
        ),
    ),
    (
        "go on with sessions, begin and name them",
        (
            ("resume", "go on with a session, wherever it was held"),
            ("handoff", "tell how a session stands, and go on in a new one"),
            ("new", "start Claude Code on a session with a name"),
            ("fork", "go on with a copy of a session"),
            ("rename", "give a session another title"),
            ("adopt", "take over the sessions of where this repository was"),
            ("rm", "take a session off the lists, into the trash"),
            ("purge", "take sessions out of the branch for good"),
        ),
    ),
    (
        "look after machines and what is sent",
        (
            ("machine", "list, rename or forget machines"),
            ("key", "show and change who can read an encrypted branch"),
            ("placeholder", "give local directories a portable name"),
            ("secrets", "show what is not sent, and let a value through"),
            ("global", "carry CLAUDE.md and plans between machines"),
            ("lease", "show and clear who is at work on a session"),
            ("gc", "pack what pushes have left in small files"),
        ),
    ),
    (
        "learn",
        (
            ("demo", "watch two machines in a temporary directory"),
            ("completion", "print the completion script of a shell"),
        ),
    ),
    ("for programs", (("hook", "what Claude Code runs at its events"),)),
)

VERBS = {verb: line for _, verbs in GROUPS for verb, line in verbs}

SYNOPSIS = "usage: git ccsync [--version] [-h | --help] [--home] <command> [<args>]"

FOOTER = "'git ccsync <command> -h' lists the options of a command,\n'--help' opens its manual page."


#: Words that are commands of git, and how it is said here.
INSTEAD = {"help": "'git help ccsync' opens the manual page", "version": "'git ccsync --version' tells the version"}


def overview() -> str:
    """The whole text, without a newline at its end."""
    lines = [SYNOPSIS, "", "Carry Claude Code sessions between machines through the project's git remote."]
    for heading, verbs in GROUPS:
        lines += ("", heading)
        lines.extend(f"   {verb:<12} {line}" for verb, line in verbs)
    return "\n".join([*lines, "", FOOTER])


def meant(word: str) -> list[str]:
    """A hint at what was probably meant by a word that is no verb, none if nothing comes near."""
    from difflib import get_close_matches

    if word in INSTEAD:
        return [INSTEAD[word]]
    return [f"the most similar command is '{near}'" for near in get_close_matches(word, VERBS, 1, 0.6)]
