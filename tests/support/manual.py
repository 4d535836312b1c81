"""Reading our manual pages as data: options, keys, references, literal examples. Knows mdoc as far as we use it."""

from __future__ import annotations

import re
from pathlib import Path

#: Escapes that we use so that literal text survives being copied from a rendered page.
ESCAPES = {"\\-": "-", "\\e": "\\", "\\(aq": "'", "\\(ti": "~", "\\(ha": "^", "\\(ga": "`", "\\(dq": '"', "\\&": ""}


def plain(text: str) -> str:
    """`text` without roff escapes."""
    return re.sub(r"\\(\(..|.)", lambda match: ESCAPES.get(match[0], match[0]), text)


class Page:
    """One page, read from its source."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.stem
        self.lines = path.read_text(encoding="utf-8").splitlines()

    def section(self, title: str) -> list[str]:
        """The source lines of one section; [] if there is none."""
        found: list[str] = []
        inside = False
        for line in self.lines:
            if line.startswith(".Sh "):
                inside = line == f".Sh {title}"
            elif inside:
                found.append(line)
        return found

    def options(self, title: str = "OPTIONS") -> set[str]:
        """Options with an entry of their own, such as {"-n", "--dry-run"}."""
        entries = [line for line in self.section(title) if line.startswith(".It ")]
        found = set()
        for line in entries:
            words = line.split()[1:]
            named = False
            for word in words:
                if word == "Fl":
                    named = True
                elif word in ("Ar", "Cm", "Ns"):
                    named = False
                elif named and word != ",":
                    found.add("-" + plain(word))
        return found

    def operands(self) -> set[str]:
        """Operands with an entry of their own in OPTIONS or COMMANDS."""
        entries = [line.split() for line in self.section("OPTIONS") if line.startswith(".It Ar ")]
        return {entry[2] for entry in entries}

    def commands(self) -> set[str]:
        """Sub-commands with an entry in COMMANDS (`.It Cm add …`)."""
        return {line.split()[2] for line in self.section("COMMANDS") if line.startswith(".It Cm ")}

    def references(self, title: str | None = None) -> list[str]:
        """`name.section` of every .Xr, of one section or of the whole page."""
        lines = self.lines if title is None else self.section(title)
        return [f"{w[1]}.{w[2]}" for w in (line.split() for line in lines if line.startswith(".Xr "))]

    def example(self, name: str) -> str:
        """The literal text behind `.\\" example: name`, to the end of its display."""
        start = self._marked(name) + 1
        end = next(i for i in range(start, len(self.lines)) if self.lines[i].startswith(".Ed"))
        return "".join(plain(line) + "\n" for line in self.lines[start:end])

    def argument(self, name: str) -> str:
        """What stands behind the name in the marker line."""
        return self.lines[self._marked(name)].split(f"example: {name}", 1)[1].strip()

    def words(self, name: str) -> list[str]:
        """The words of the `.Li` lines behind a marker."""
        found: list[str] = []
        for line in self.lines[self._marked(name) + 1 :]:
            if not line.startswith(".Li "):
                break
            found += [plain(word) for word in line.split()[1:] if word != ","]
        return found

    def _marked(self, name: str) -> int:
        marker = f'.\\" example: {name}'
        return next(i for i, line in enumerate(self.lines) if line == marker or line.startswith(marker + " "))
