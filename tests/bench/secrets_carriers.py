"""The table of carriers: every place of a transcript in which a text can stand, with the spelling that it has there."""

from __future__ import annotations

import json

from tests.bench.secrets_contexts import (
    Carrier,
    as_go_json,
    as_json,
    as_php_json,
    numbered,
    output,
    prefixed,
    queued,
    result,
    tool,
)
from tests.support.transcript import Transcript, line

ONCE = ((as_json,),)


def side_file(text: str, _made: Transcript) -> bytes:
    """tool-results/*.txt: the text itself."""
    return text.encode() + b"\n"


def prompt(text: str, made: Transcript) -> bytes:
    """What the user typed or pasted."""
    return made.user(f"please use this:\n{text}\nand run the tests")


def answer(text: str, made: Transcript) -> bytes:
    """What the model wrote."""
    return made.assistant({"type": "text", "text": f"Your file has:\n\n```\n{text}\n```\n\nShall I change it?"})


def command(text: str, made: Transcript) -> bytes:
    """A Bash call that holds it."""
    return tool(made, "Bash", {"command": f"cat > conf <<'EOF'\n{text}\nEOF", "description": "write the configuration"})


def read(text: str, made: Transcript) -> bytes:
    """A Read result: numbered for the model, plain beside it."""
    path = f"{made.cwd}/conf"
    facts = {"type": "text", "file": {"filePath": path, "content": text, "numLines": text.count("\n") + 1}}
    return result(made, numbered(text, "\t"), facts)


def read_arrow(text: str, made: Transcript) -> bytes:
    """A Read result of older versions."""
    return result(made, numbered(text, "→"), {"type": "text", "file": {"filePath": f"{made.cwd}/conf"}})


def write(text: str, made: Transcript) -> bytes:
    """A Write call and its result."""
    path = f"{made.cwd}/conf"
    facts = {"type": "create", "filePath": path, "content": text, "structuredPatch": []}
    call = tool(made, "Write", {"file_path": path, "content": text})
    return call + result(made, f"File created successfully at: {path}", facts)


def edit(text: str, made: Transcript) -> bytes:
    """An Edit call that brings it in."""
    return tool(made, "Edit", {"file_path": f"{made.cwd}/conf", "old_string": "TODO", "new_string": text})


def patch(text: str, made: Transcript) -> bytes:
    """An Edit's result: the patch is a list with one string for each line."""
    rows = ["-" + "TODO", *("+" + row for row in text.split("\n")), " done"]
    hunk = {"oldStart": 1, "oldLines": 2, "newStart": 1, "newLines": len(rows) - 1, "lines": rows}
    facts = {"filePath": f"{made.cwd}/conf", "newString": text, "originalFile": "TODO\n", "structuredPatch": [hunk]}
    return result(made, "The file has been updated.", facts)


def grep(text: str, made: Transcript) -> bytes:
    """Lines found by a search."""
    return output(prefixed(text, "deploy/conf.d/app.conf:12:"), made)


def diff(text: str, made: Transcript) -> bytes:
    """A commit being looked at."""
    head = "diff --git a/conf b/conf\nindex 1f3a9c2..77de01b 100644\n--- a/conf\n+++ b/conf\n@@ -1,2 +1,9 @@\n"
    return output(head + prefixed(text, "+"), made)


def removed(text: str, made: Transcript) -> bytes:
    """The same, taken out: it is in the history all the same."""
    return output("@@ -1,9 +1,2 @@\n" + prefixed(text, "-"), made)


def blocks(text: str, made: Transcript) -> bytes:
    """A tool result made of blocks, as MCP tools answer."""
    return result(made, [{"type": "text", "text": text}], [{"type": "text", "text": text}])


def nested(text: str, made: Transcript) -> bytes:
    """A program that printed JSON with the text inside."""
    return output(json.dumps({"path": "conf", "content": text, "size": len(text)}, ensure_ascii=False), made)


def nested_twice(text: str, made: Transcript) -> bytes:
    """A line of a log, or of another transcript, that holds JSON with JSON inside."""
    inner = json.dumps({"content": text}, ensure_ascii=False)
    return output(json.dumps({"level": "info", "body": inner}, ensure_ascii=False), made)


def from_go(text: str, made: Transcript) -> bytes:
    """JSON of a Go program (kubectl, docker, terraform, gh)."""
    return output(f'{{"content":"{as_go_json(text)}"}}', made)


def from_php(text: str, made: Transcript) -> bytes:
    """JSON of a PHP program."""
    return output(f'{{"content":"{as_php_json(text)}"}}', made)


def coloured(text: str, made: Transcript) -> bytes:
    """A terminal's output: every line between colour codes."""
    return output("\n".join(f"\x1b[32m{row}\x1b[0m" for row in text.split("\n")), made)


def windows(text: str, made: Transcript) -> bytes:
    """A file with CRLF."""
    return output(text.replace("\n", "\r\n"), made)


def last_prompt(text: str, made: Transcript) -> bytes:
    """The bookkeeping row that repeats what was typed."""
    return line({"type": "last-prompt", "lastPrompt": text, "leafUuid": made.identity(), "sessionId": made.session})


def history(text: str, made: Transcript) -> bytes:
    """history.jsonl with something pasted."""
    pasted = {"1": {"id": 1, "type": "text", "content": text}}
    return line({"display": "[Pasted text #1]", "pastedContents": pasted, "project": made.cwd})


def attachment(text: str, made: Transcript) -> bytes:
    """A file that changed outside."""
    facts = {"type": "edited_text_file", "filename": f"{made.cwd}/conf", "snippet": numbered(text, "→")}
    return made.row("attachment", attachment=facts)


CARRIERS = (
    Carrier("side file", side_file, ((),)),
    Carrier("user prompt", prompt, ONCE),
    Carrier("answer", answer, ONCE),
    Carrier("Bash command", command, ONCE),
    Carrier("Bash stdout", output, ONCE),
    Carrier("Read", read, ONCE),
    Carrier("Read, older", read_arrow, ONCE),
    Carrier("Write", write, ONCE),
    Carrier("Edit", edit, ONCE),
    Carrier("structured patch", patch, ONCE),
    Carrier("grep", grep, ONCE),
    Carrier("diff +", diff, ONCE),
    Carrier("diff -", removed, ONCE),
    Carrier("blocks", blocks, ONCE),
    Carrier("JSON in JSON", nested, ((as_json, as_json),)),
    Carrier("JSON, three levels", nested_twice, ((as_json, as_json, as_json),)),
    Carrier("JSON from Go", from_go, ((as_go_json, as_json),)),
    Carrier("JSON from PHP", from_php, ((as_php_json, as_json),)),
    Carrier("colours", coloured, ONCE),
    Carrier("CRLF", windows, ONCE),
    Carrier("last prompt", last_prompt, ONCE),
    Carrier("history", history, ONCE),
    Carrier("attachment", attachment, ONCE),
    Carrier("queue", queued, ONCE),
)
