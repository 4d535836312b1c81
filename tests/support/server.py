"""A smart-HTTP git server on loopback: `git http-backend` behind threads, with the moods that a remote can have.

Knows nothing of git-ccsync; tests change its attributes between commands and read what it counted.
"""

from __future__ import annotations

import base64
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from tests.support.seal import sealed_environment

CHUNK = 1 << 16


class Request(NamedTuple):
    """One request as it was answered: `sent` and `received` count body bytes, seen from the client."""

    method: str
    path: str
    user: str
    status: int
    sent: int
    received: int


class Server:
    """Serves every repository under `root` at `url`. Moods, all changeable while it runs:

    anonymous       who has no password may read
    password        basic auth of user "al"; "" means that nobody is ever asked
    push            receive-pack is served (to whoever passes the password)
    hang_after      answer bytes after which a response stands still (None: never)
    drop_after      answer bytes after which the connection is closed (None: never)
    limit           requests left before 429 Too Many Requests (None: no limit)
    rate            bytes of request bodies that are taken in a second, by all connections together (None: any)
    """

    def __init__(self, root: Path, home: Path) -> None:
        self.root = root
        self.anonymous, self.password, self.push = True, "", True
        self.hang_after: int | None = None
        self.drop_after: int | None = None
        self.limit: int | None = None
        self.rate: int | None = None
        self.taken = 0
        self._pace, self._next = threading.Lock(), 0.0
        self.requests: list[Request] = []
        self.stopping = threading.Event()
        self.environment = sealed_environment(home)
        handler = type("Handler", (_Handler,), {"owner": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        # Packets and windows as of a link: those of loopback are so large that megabytes count as sent at once.
        self._http.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, CHUNK)
        self._http.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1448)
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def url(self, name: str, *, user: str = "") -> str:
        """The URL of a repository; with `user` ("al" or "al:password") in it."""
        return f"http://{user + '@' if user else ''}127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        """Close the port; hanging responses end too."""
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def take(self, size: int) -> None:
        """Count bytes that came, and stand still for as long as the link would have needed for them."""
        with self._pace:
            self.taken += size
            now = time.monotonic()
            self._next = max(self._next, now) + (size / self.rate if self.rate else 0)
            wait = self._next - now
        self.stopping.wait(wait)

    def shipped(self) -> int:
        """Bytes of all receive-pack bodies so far: what pushes cost on the wire."""
        return sum(request.sent for request in self.requests if request.path.endswith("/git-receive-pack"))


class _Handler(BaseHTTPRequestHandler):
    owner: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        try:
            body = self._body()
        except (OSError, ValueError):  # the client was killed
            self.close_connection = True
            return
        try:
            self._answer(body)
        except OSError:
            self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        """Say nothing: the requests are in `Server.requests`."""

    def _body(self) -> bytes:
        """ConnectionError if the client goes away in the middle."""
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return b"".join(self._read(int(self.headers.get("Content-Length", 0))))
        parts: list[bytes] = []
        while size := int(self.rfile.readline().split(b";")[0] or b"x", 16):
            parts += self._read(size)
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _read(self, size: int) -> Iterator[bytes]:
        while size:
            data = self.rfile.read(min(size, CHUNK))
            if not data:
                raise ConnectionError
            self.owner.take(len(data))
            size -= len(data)
            yield data

    def _answer(self, body: bytes) -> None:
        writing = "git-receive-pack" in self.path
        user = self._user()
        if self.owner.limit is not None and self.owner.limit <= 0:
            return self._refuse(429, user, body, ("Retry-After", "1"))
        if self.owner.limit is not None:
            self.owner.limit -= 1
        if user is None and not (self.owner.anonymous and not writing):
            return self._refuse(401, user, body, ("WWW-Authenticate", 'Basic realm="git"'))
        if writing and not self.owner.push:
            return self._refuse(403, user, body)
        return self._serve(user or "", body)

    def _user(self) -> str | None:
        """Who asks: a name; "" where nobody is asked; None without or with a wrong password."""
        if not self.owner.password:
            return ""
        kind, _space, value = self.headers.get("Authorization", "").partition(" ")
        given = base64.b64decode(value).decode() if kind == "Basic" else ""
        return "al" if given == f"al:{self.owner.password}" else None

    def _refuse(self, status: int, user: str | None, body: bytes, *headers: tuple[str, str]) -> None:
        self._count(status, user or "", body, 0)
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", "0")):
            self.send_header(name, value)
        self.end_headers()

    def _serve(self, user: str, body: bytes) -> None:
        done = subprocess.run(
            ["git", "http-backend"], env=self._cgi(user, body), input=body, capture_output=True, check=False
        )
        head, _blank, content = done.stdout.partition(b"\r\n\r\n")
        fields = dict(row.split(": ", 1) for row in head.decode("latin-1").split("\r\n") if row)
        status = int(fields.pop("Status", "200").split()[0])
        self._count(status, user, body, len(content))
        self.send_response(status)
        for name, value in (fields | {"Content-Length": str(len(content))}).items():
            self.send_header(name, value)
        self.end_headers()
        self._send(content)

    def _send(self, content: bytes) -> None:
        """Write the answer, up to where the server's mood lets it get."""
        ends = [limit for limit in (self.owner.hang_after, self.owner.drop_after) if limit is not None]
        end = min([len(content), *ends])
        self.wfile.write(content[:end])
        self.wfile.flush()
        if end == len(content):
            return
        if self.owner.hang_after is not None:
            self.owner.stopping.wait(120)
        self.close_connection = True

    def _cgi(self, user: str, body: bytes) -> dict[str, str]:
        path, _mark, query = self.path.partition("?")
        environment = self.owner.environment | {
            "GIT_PROJECT_ROOT": str(self.owner.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": self.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_ADDR": "127.0.0.1",
            "REMOTE_USER": user,
        }
        config = {"http.receivepack": "true", "safe.directory": "*"}
        environment["GIT_CONFIG_COUNT"] = str(len(config))
        for number, (key, value) in enumerate(config.items()):
            environment |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
        return environment

    def _count(self, status: int, user: str, body: bytes, received: int) -> None:
        path = self.path.partition("?")[0]
        self.owner.requests.append(Request(self.command, path, user, status, len(body), received))
