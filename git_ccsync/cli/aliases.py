"""Short shell functions for what is done all day: their names, what they run, and how each shell defines them. Pure."""

from __future__ import annotations

#: Name, what it runs (its own arguments follow), and what that is in words.
ALIASES = (
    ("cr", "resume --latest", "go on with the session used last"),
    ("cs", "resume", "choose a session and go on with it"),
    ("cf", "search", "find words in all sessions"),
    ("cn", "new", "start a session with a name"),
    ("cfork", "fork", "go on with a copy of a session"),
    ("crf", "resume --latest --fork", "go on with a copy of the session used last"),
)


def script(shell: str) -> str:
    """The functions for bash, zsh or fish, to be evaluated in a start-up file."""
    return "\n".join(_fish() if shell == "fish" else _posix())


def _posix() -> list[str]:
    # `function` keeps an alias of the same name from being expanded here; `unalias` keeps it from being run.
    names = " ".join(name for name, _, _ in ALIASES)
    lines = [f"unalias {names} 2>/dev/null || :"]
    width = max(len(name) + len(words) for name, words, _ in ALIASES)
    for name, words, told in ALIASES:
        gap = " " * (width - len(name) - len(words))
        lines.append(f'function {name} {{ git ccsync {words} "$@"; }}{gap}  # {told}')
    return lines


def _fish() -> list[str]:
    return [
        f"function {name} --wraps 'git-ccsync {words}' --description '{told}'; git ccsync {words} $argv; end"
        for name, words, told in ALIASES
    ]
