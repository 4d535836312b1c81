"""A git server that follows no rules: smart HTTP on loopback whose every answer a test makes up. Speaks protocol 0, which git
takes from whoever offers nothing newer.
"""

from __future__ import annotations

import hashlib
import struct
import threading
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ABILITIES = b"side-band-64k ofs-delta thin-pack agent=evil"
REF = b"refs/ccsync/al"
TIP = b"1" * 40


def line(data: bytes) -> bytes:
    """One packet (gitprotocol-common(5))."""
    return b"%04x%s" % (len(data) + 4, data)


def advertisement(refs: Iterable[bytes] = (TIP + b" " + REF,)) -> Iterator[bytes]:
    """What a server says first: its refs."""
    yield line(b"# service=git-upload-pack\n") + b"0000"
    ability = b"\0" + ABILITIES
    for ref in refs:
        yield line(ref + ability + b"\n")
        ability = b""
    yield b"0000"


def answer(pack: Iterable[bytes], channel: int = 1) -> Iterator[bytes]:
    """NAK, then pieces of a pack (or, on channel 2, of chatter)."""
    yield line(b"NAK\n")
    for piece in pack:
        for at in range(0, len(piece), 60000):
            yield line(bytes([channel]) + piece[at : at + 60000])
    yield b"0000"


def heading(objects: int) -> bytes:
    """The beginning of a pack (gitformat-pack(5))."""
    return b"PACK" + struct.pack(">II", 2, objects)


def entry(kind: int, size: int, data: bytes, base: bytes = b"") -> bytes:
    """One object of a pack; `size` is what it claims."""
    first, rest = (kind << 4) | (size & 15), size >> 4
    head = bytearray()
    while rest:
        head.append(first | 0x80)
        first, rest = rest & 0x7F, rest >> 7
    return bytes([*head, first]) + base + zlib.compress(data)


def number(value: int) -> bytes:
    """A size as deltas have it."""
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    return bytes([*out, value])


def delta_bomb(times: int) -> bytes:
    """A pack of a few kilobytes, one of whose objects claims to unfold to `times` 16 MB."""
    text = b"\0" * 0xFFFFFF
    base = hashlib.sha1(b"blob %d\0" % len(text) + text).digest()
    copy = b"\xf0\xff\xff\xff"  # 0xFFFFFF bytes from the start
    delta = number(len(text)) + number(len(text) * times) + copy * times
    body = heading(2) + entry(3, len(text), text) + entry(7, len(delta), delta, base)
    return body + hashlib.sha1(body).digest()


class EvilServer:
    """Serves `refs` (chunks) to whoever asks for refs, and `pack` to whoever wants objects. A context manager."""

    def __init__(self, refs: Iterable[bytes], pack: Iterable[bytes] = ()) -> None:
        self.refs, self.pack = refs, pack
        self.stopping = threading.Event()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/app.git"
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Close the port; endless answers end."""
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: EvilServer

    def do_GET(self) -> None:
        self._say("advertisement", self.owner.refs)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._say("result", self.owner.pack)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def _say(self, what: str, pieces: Iterable[bytes]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"application/x-git-upload-pack-{what}")
        self.end_headers()
        try:
            for piece in pieces:
                if self.owner.stopping.is_set():
                    return
                self.wfile.write(piece)
        except OSError:  # it had enough
            pass
