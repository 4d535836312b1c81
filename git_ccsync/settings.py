"""The table of `ccsync.*` config keys: name, kind, default, meaning. Pure; `git.config` reads the values.

Every key stands in git-ccsync(1); tests/test_manuals.py holds the two equal.
"""

from __future__ import annotations

from git_ccsync.frozen import Frozen


class Setting(Frozen):
    """One config key. `kind` is str, bool, int, days, size or list (of str); `default` is in that kind."""

    key: str
    kind: str
    default: object
    meaning: str


TABLE = (
    Setting("ccsync.remote", "str", "", "the remote (name or URL) that sessions go to; set by init"),
    Setting("ccsync.branch", "str", "", "the branch under refs/ccsync that holds your sessions; set by init"),
    Setting("ccsync.remoteRef", "str", "", "full name of the ref on the remote, if not refs/ccsync/<branch>"),
    Setting("ccsync.project", "str", "", "project key, where one remote serves many projects"),
    Setting("ccsync.since", "str", "", "sessions last used before this date (YYYY-MM-DD) are not sent"),
    Setting("ccsync.allowPublic", "list", (), "URL that may be pushed to although everyone can read it"),
    Setting("ccsync.require", "list", (), "what every push must be: encrypt, private; no scope takes back another's"),
    Setting("ccsync.translate", "bool", True, "false: store paths as they are (all machines have equal paths)"),
    Setting("ccsync.ignore", "list", (), "gitignore pattern of session directories and side files to leave out"),
    Setting("ccsync.memory", "bool", True, "carry the files of Claude's memory of the project, too"),
    Setting("ccsync.promptHistory", "bool", False, "carry the prompts of the project that Claude Code's history has"),
    Setting("ccsync.global", "bool", False, "carry CLAUDE.md and plans, too; of the repository behind --home alone"),
    Setting("ccsync.installSince", "days", 0, "days a session may have been idle and still be installed by pull"),
    Setting("ccsync.secrets", "str", "redact", "what becomes of secrets in what is sent: redact, block, warn or off"),
    Setting("ccsync.secretsScanner", "str", "", "a scanner that looks for secrets, too: gitleaks or betterleaks"),
    Setting("ccsync.message", "str", "", "template of commit messages: {machine} {sessions} {lines}"),
    Setting(
        "ccsync.pushInterval", "int", 60, "seconds that automatic pushes keep apart; the end of a session does not wait"
    ),
    Setting(
        "ccsync.leaseTtl", "int", 1800, "seconds that another machine's lease on a session counts while it stands still"
    ),
    Setting(
        "ccsync.handoffInterval", "int", 1800, "seconds that handoffs of one session keep apart; 0: none by itself"
    ),
    Setting(
        "ccsync.summarizer", "str", "claude -p --model haiku", "command that writes handoffs; none: without a model"
    ),
    Setting("ccsync.stallLimit", "int", 60, "seconds without a byte from the remote after which we give up; 0: never"),
    Setting(
        "ccsync.maxFetch", "size", 16 << 30, "bytes that one pull may bring, as they come and as they are written here"
    ),
    Setting("ccsync.sliceSize", "size", 256 << 20, "bytes of new objects after which a push goes in slices"),
)
