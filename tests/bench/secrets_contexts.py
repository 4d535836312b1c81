"""Where credentials stand: phrases of a language around one value, and carriers that make transcript rows of a text.

A phrase is text with «v» for the value and «UP», «low», «camel», «kebab», «dotted» for the name that it is given to.
A carrier says in which spelling a secret stands in its lines: one function for each time that a text went into JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import NamedTuple

from tests.bench.secrets_draw import Draw
from tests.support.transcript import Transcript, line

Escape = Callable[[str], str]

#: What can stand without quotes in every language below.
PLAIN = re.compile(r"[A-Za-z0-9+/=._~:-]+\Z")

ASSIGNED = (
    ("dotenv", "«UP»=«v»"),
    ("dotenv, quoted", '«UP»="«v»"'),
    ("export", "export «UP»='«v»'"),
    ("yaml", "  «low»: «v»"),
    ("yaml, quoted", "  «low»: '«v»'"),
    ("yaml name and value", '        - name: «UP»\n          value: "«v»"'),
    ("toml", '«low» = "«v»"'),
    ("ini", "«low» = «v»"),
    ("json", '  "«camel»": "«v»",'),
    ("json, one line", '{"env":{"«UP»":"«v»"},"retries":3}'),
    ("python", '«UP» = "«v»"'),
    ("python environ", 'os.environ["«UP»"] = "«v»"'),
    ("python keyword", 'client = Client(«low»="«v»", timeout=30)'),
    ("python dict", "{'«low»': '«v»', 'retries': 3}"),
    ("javascript", "const «camel» = '«v»';"),
    ("javascript object", "  «camel»: '«v»',"),
    ("go", '\t«camel» := "«v»"'),
    ("java", '    private static final String «UP» = "«v»";'),
    ("terraform", '  «low»    = "«v»"'),
    ("docker run", "docker run --rm -e «UP»=«v» app:latest"),
    ("flag", "deploy --«kebab» «v» --verbose"),
    ("flag with =", "deploy --«kebab»=«v»"),
    ("log line", "2026-01-02T03:04:05.678Z DEBUG config loaded «UP»=«v» source=env"),
    ("xml", "<«low»>«v»</«low»>"),
    ("properties", "app.«dotted»=«v»"),
    ("header", 'curl -sS -H "Authorization: Bearer «v»" https://api.acme.io/v1/me'),
    ("header x-api-key", "curl -sS -H 'X-Api-Key: «v»' https://api.acme.io/v1/me"),
    ("query", "GET https://api.acme.io/v1/items?«low»=«v»&limit=10 200"),
)
#: Nothing here tells that a credential follows; only one that is recognisable by itself is put there.
UNNAMED = (
    ("prose", "here it is: «v» please put it into the deploy job"),
    ("backticks", "I set it to `«v»` as you said."),
    ("bare", "«v»"),
    ("shell output", "$ printenv | head -1 | cut -d= -f2\n«v»"),
    ("table", "| prod | «v» | active |"),
    ("comma list", "eu-1,«v»,enabled"),
    ("call", 'login("«v»")'),
)
USER = ("url user", "git clone https://x-access-token:" + "«v»@git.acme.io/acme/app.git")


class Carrier(NamedTuple):
    """A place in a transcript (or a side file): makes lines of a text, and knows how the text is spelled there."""

    name: str
    make: Callable[[str, Transcript], bytes]
    spellings: tuple[tuple[Escape, ...], ...]

    def spell(self, secret: str) -> tuple[bytes, ...]:
        """Every form in which the secret stands in the lines."""
        found = []
        for chain in self.spellings:
            text = secret
            for escape in chain:
                text = escape(text)
            found.append(text.encode())
        return tuple(dict.fromkeys(found))


def phrases(variable: str, value: str, *, own: bool) -> list[tuple[str, str]]:
    """(phrase's name, text) of all phrases that can hold the value."""
    forms = [*ASSIGNED, *UNNAMED, *([USER] if own and PLAIN.match(value) and "/" not in value else [])]
    if not own:
        forms = list(ASSIGNED)
    if not PLAIN.match(value):
        forms = [form for form in forms if '"«v»"' in form[1] or "'«v»'" in form[1] or (own and form in UNNAMED)]
    words = variable.lower().split("_")
    camel = words[0] + "".join(word.title() for word in words[1:])
    names = {
        "UP": variable,
        "low": "_".join(words),
        "camel": camel,
        "kebab": "-".join(words),
        "dotted": ".".join(words),
    }
    return [(name, filled(text, {**names, "v": value})) for name, text in forms]


def filled(text: str, names: dict[str, str]) -> str:
    """The phrase with its names and value in place."""
    return re.sub("«(\\w+)»", lambda found: names[found[1]], text)


def as_json(text: str) -> str:
    """How JavaScript and Python (ensure_ascii=False) write a string's inside."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def as_go_json(text: str) -> str:
    """Go escapes what HTML would misread."""
    return as_json(text).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def as_php_json(text: str) -> str:
    """PHP escapes the slash."""
    return as_json(text).replace("/", "\\/")


def tool(made: Transcript, name: str, fields: dict[str, object]) -> bytes:
    """A tool call."""
    call = "toolu_01" + made.identity().replace("-", "")[:22]
    return made.assistant({"type": "tool_use", "id": call, "name": name, "input": fields})


def result(made: Transcript, content: object, facts: object) -> bytes:
    """A tool's result, and beside it what Claude Code keeps of it for itself."""
    call = "toolu_01" + made.identity().replace("-", "")[:22]
    block = {"tool_use_id": call, "type": "tool_result", "content": content}
    return made.row("user", message={"role": "user", "content": [block]}, toolUseResult=facts)


def output(text: str, made: Transcript) -> bytes:
    """What a command printed: in the result, and once more as stdout."""
    return result(made, text, {"stdout": text, "stderr": "", "interrupted": False, "isImage": False})


def numbered(text: str, mark: str) -> str:
    """As the Read tool shows a file."""
    return "\n".join(f"{number:6d}{mark}{row}" for number, row in enumerate(text.split("\n"), 1))


def prefixed(text: str, prefix: str) -> str:
    """Every line behind a prefix."""
    return "\n".join(prefix + row for row in text.split("\n"))


def draw_around(draw: Draw, text: str) -> str:
    """The text with a few harmless lines before and behind it."""
    before = [draw.fill(f"{draw.word()}_{draw.word()} = <d3>") for _ in range(draw.random.randrange(3))]
    behind = [draw.fill(f"{draw.word()}_{draw.word()} = <d2>") for _ in range(draw.random.randrange(3))]
    return "\n".join([*before, text.rstrip("\n"), *behind])


def queued(text: str, made: Transcript) -> bytes:
    """A prompt that waits."""
    return line({"type": "queue-operation", "operation": "enqueue", "content": text, "sessionId": made.session})
