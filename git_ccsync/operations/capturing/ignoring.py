"""Ignore rules (gitignore(5)) from whoever wrote them: one that means nothing stops nobody, one that is made to take for
ever does not. Loaded where there are rules, and with it pathspec.
"""

from __future__ import annotations

import re
import warnings

import pathspec

from git_ccsync.frozen import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: So many stars take no longer than a blink, whatever they are matched with: each one more multiplies the time by the
#: length of a name, as expressions are tried (measured: six stars and 120 bytes, 70 seconds).
STARS = 3


def match(rules: Sequence[str], path: str) -> bool:
    """Whether the lines `rules` leave out `path`, relative, with "/" behind a directory.

    What is no pattern matches nothing, as in git. A pattern of more than STARS stars matches a little more than in git (a
    star goes past "/", and no "!" takes it back): to leave out too much is the better mistake.
    """
    plain = []
    for rule in rules:
        if len(re.findall(r"\*+", rule)) <= STARS:
            plain += [rule] if _means_something(rule) else []
        elif not rule.startswith(("!", "#")) and _starry(rule.rstrip(), path):
            return True
    return bool(plain) and pathspec.GitIgnoreSpec.from_lines(plain).match_file(path)


def _means_something(rule: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of expressions within [[ ]]
        try:
            pathspec.GitIgnoreSpec.from_lines([rule])
        except (ValueError, re.error):
            return False
    return True


def _starry(rule: str, path: str) -> bool:
    from fnmatch import translate  # its expressions never go back behind a star

    wanted = re.compile(translate(re.sub(r"\*+", "*", rule.strip("/")) + "/*"), re.DOTALL)
    parts = f"{path.rstrip('/')}/".split("/")
    starts = range(1) if "/" in rule.rstrip("/") else range(len(parts) - 1)
    return any(wanted.match("/".join(parts[start:])) for start in starts)
