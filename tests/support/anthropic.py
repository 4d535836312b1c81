"""A Messages API on loopback for the real Claude Code: scripted answers, streamed as the real one does, and a record of
every request. What a request must fulfil is judged in judge.py; nothing here knows git-ccsync or Claude Code's files.

    api.on("look at it", [Thinking("hm"), Tool("Bash", command="pwd")], [Text("done")])

answers a prompt with "look at it" in it by the first reply, and what follows on the tool's result by the second.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from tests.support import judge

Event = tuple[str, dict[str, Any]]


class Text(NamedTuple):
    """A text block."""

    text: str


class Thinking(NamedTuple):
    """A thinking block; it leaves with a signature that its text must fit for ever."""

    text: str


class Redacted(NamedTuple):
    """A redacted_thinking block around `secret`, which only the API can read."""

    secret: str


class Tool:
    """A tool_use block: Tool("Bash", command="ls")."""

    def __init__(self, name: str, **input: object) -> None:
        self.name, self.input = name, input


class Stall(NamedTuple):
    """Send what comes before, then nothing until `api.resume` is set or the client has gone."""


Block = Text | Thinking | Redacted | Tool | Stall
Reply = list[Block]


class Request(NamedTuple):
    """One Messages request: its bytes and their meaning, what was complained of, when it came (monotonic seconds)."""

    raw: bytes
    body: dict[str, Any]
    complaint: str
    at: float

    @property
    def session(self) -> str:
        """The session id that Claude Code sends along; "" where it sends none."""
        try:
            return str(json.loads(self.body["metadata"]["user_id"])["session_id"])
        except (KeyError, TypeError, ValueError):
            return ""

    @property
    def text(self) -> str:
        """The whole body as one searchable text: system prompt, tools and messages, JSON escapes undone where they could
        hide a path ("/" never is escaped)."""
        return json.dumps(self.body, ensure_ascii=False)

    @property
    def turns(self) -> list[tuple[str, str]]:
        """The conversation without Claude Code's reminders: (speaker, text) with the speakers user, assistant,
        thinking, redacted, tool (its name and input) and result."""
        return list(judge.turns(self.body))

    @property
    def said(self) -> list[str]:
        """What user and assistant said, in order."""
        return [text for speaker, text in self.turns if speaker in ("user", "assistant")]

    @property
    def prompt(self) -> str:
        """The last thing that the user typed."""
        return next((text for speaker, text in reversed(self.turns) if speaker == "user"), "")

    @property
    def replied(self) -> int:
        """How many answers the last prompt has had already: 0 for the prompt itself, 1 with its first tool result."""
        return judge.answers_since_prompt(self.body)

    @property
    def main(self) -> bool:
        """Whether it belongs to a conversation; Claude Code's small requests for titles and the like bring no tools."""
        return bool(self.body.get("tools"))


class Api:
    """The server, running at `url` from its making on; `requests` in the order of their arrival. It stands in for every
    proxy too: `elsewhere` is who else was asked for."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.elsewhere: list[str] = []
        self.resume = threading.Event()
        self._script: list[tuple[str, tuple[Reply, ...]]] = []
        self._aside: list[tuple[str, Reply]] = []
        self._numbers = itertools.count(1)
        handler = type("Handler", (_Handler,), {"api": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the port; stalled answers end too."""
        self.resume.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def reset(self) -> None:
        """Forget script and requests; what is stalled goes on."""
        self.resume.set()
        self.resume = threading.Event()
        self.requests.clear()
        self.elsewhere.clear()
        self._script.clear()
        self._aside.clear()

    def on(self, prompt: str, *replies: Reply) -> None:
        """Answer prompts that contain `prompt`: the first reply to the prompt, each further one to the tool results after
        it; once they run out, "done". Later rules win. Without a rule the answer is "answer to: <prompt>"."""
        self._script.insert(0, (prompt, replies))

    def aside(self, text: str, reply: Reply) -> None:
        """Answer requests without tools that contain `text` so, not as those for a title."""
        self._aside.insert(0, (text, reply))

    def asked(self, prompt: str) -> list[Request]:
        """The requests of conversations whose last prompt contains `prompt`."""
        return [request for request in self.requests if request.main and prompt in request.prompt]

    def only(self, prompt: str) -> Request:
        """The last request for a prompt; there must be one, and the API must have had no complaint about any."""
        found = self.asked(prompt)
        assert found, f"nobody asked {prompt!r}, but {[request.prompt for request in self.requests]}"
        assert not any(request.complaint for request in found), [request.complaint for request in found]
        return found[-1]

    def wait_for(self, prompt: str, seconds: float = 30) -> Request:
        """Wait until a prompt has been asked."""
        end = time.monotonic() + seconds
        while not self.asked(prompt):
            assert time.monotonic() < end, f"{prompt!r} was not asked in {seconds} s"
            time.sleep(0.02)
        return self.asked(prompt)[-1]

    def reply(self, request: Request) -> Reply:
        """What to answer."""
        if not request.main:
            title: Reply = [Text('{"title": "a title"}')]
            return next((reply for text, reply in self._aside if text in request.text), title)
        for prompt, replies in self._script:
            if prompt in request.prompt:
                return replies[request.replied] if request.replied < len(replies) else [Text("done")]
        return [Text(f"answer to: {request.prompt}")]

    def number(self) -> int:
        """A number that no message and no tool call had before."""
        return next(self._numbers)


def events(reply: Reply, model: str, number: int) -> Iterator[Event | Stall]:
    """One answer as the events of the streaming API; a Stall stands where the stream is to stop."""
    usage = {"input_tokens": 10, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 1}
    message = {"id": f"msg_{number:020}", "type": "message", "role": "assistant", "model": model, "content": []}
    yield _event("message_start", message={**message, "stop_reason": None, "stop_sequence": None, "usage": usage})
    for index, block in enumerate(reply):
        if isinstance(block, Stall):
            yield block
            continue
        start, deltas = _block(block, number, index)
        yield _event("content_block_start", index=index, content_block=start)
        for delta in deltas:
            yield _event("content_block_delta", index=index, delta=delta)
        yield _event("content_block_stop", index=index)
    reason = "tool_use" if any(isinstance(block, Tool) for block in reply) else "end_turn"
    yield _event("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, usage={"output_tokens": 5})
    yield _event("message_stop")


def _event(kind: str, **fields: Any) -> Event:
    return kind, {"type": kind, **fields}


def _block(block: Block, number: int, index: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """How a block starts, and its deltas."""
    if isinstance(block, Text):
        return {"type": "text", "text": ""}, [{"type": "text_delta", "text": part} for part in _halves(block.text)]
    if isinstance(block, Thinking):
        deltas = [{"type": "thinking_delta", "thinking": part} for part in _halves(block.text)]
        deltas.append({"type": "signature_delta", "signature": judge.sign(block.text)})
        return {"type": "thinking", "thinking": "", "signature": ""}, deltas
    if isinstance(block, Redacted):
        return {"type": "redacted_thinking", "data": judge.redact(block.secret)}, []
    assert isinstance(block, Tool)
    start = {"type": "tool_use", "id": f"toolu_{number:016}{index:04}", "name": block.name, "input": {}}
    parts = _halves(json.dumps(block.input, ensure_ascii=False))
    return start, [{"type": "input_json_delta", "partial_json": part} for part in parts]


def _halves(text: str) -> list[str]:
    middle = len(text) // 2
    return [part for part in (text[:middle], text[middle:]) if part]


class _Handler(BaseHTTPRequestHandler):
    api: Api
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._else()

    def do_HEAD(self) -> None:
        self._else()

    def do_CONNECT(self) -> None:
        self.api.elsewhere.append(self.path)
        self._json(403, {})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.partition("?")[0]
        if path == "/v1/messages":
            self._messages(raw)
        elif path == "/v1/messages/count_tokens":
            self._json(200, {"input_tokens": 10})
        else:
            self._else()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: the requests are kept."""

    def _else(self) -> None:
        if not self.path.startswith("/"):
            self.api.elsewhere.append(self.path)
        self._json(200, {})

    def _messages(self, raw: bytes) -> None:
        body = json.loads(raw)
        request = Request(raw, body, judge.complaint(body), time.monotonic())
        self.api.requests.append(request)
        if request.complaint:
            error = {"type": "invalid_request_error", "message": request.complaint}
            self._json(400, {"type": "error", "error": error})
            return
        try:
            self._stream(self.api.reply(request), body["model"])
        except OSError:  # the client was killed, or has hung up
            self.close_connection = True

    def _stream(self, reply: Reply, model: str) -> None:
        going = self.api.resume
        self._head(200, "text/event-stream", ("Transfer-Encoding", "chunked"))
        for event in events(reply, model, self.api.number()):
            if isinstance(event, Stall):
                going.wait(120)
                continue
            data = f"event: {event[0]}\ndata: {json.dumps(event[1])}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")

    def _json(self, status: int, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode()
        self._head(status, "application/json", ("Content-Length", str(len(data))))
        if self.command != "HEAD":
            self.wfile.write(data)

    def _head(self, status: int, kind: str, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("request-id", f"req_{self.api.number():016}"), *headers):
            self.send_header(name, value)
        self.end_headers()
