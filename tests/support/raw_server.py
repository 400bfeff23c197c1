"""A loopback HTTP server that sends exactly the bytes that a test wants, and can die in the middle."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Script:
    """One answer: status, headers, and the body piece by piece."""

    pieces: Sequence[bytes] = ()
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None
    """If given, the server waits for it before it ends the answer."""
    silent: bool = False
    """Whether it says nothing while it waits; else it sends comments."""
    reset: bool = False
    """Whether the connection is torn down instead of ended."""


@dataclass
class Seen:
    """What the server saw."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)
    """Set when a client went away while the server was still answering."""
    base_url: str = ""


def chunk(text: str | None = None, reason: str | None = None, **more: Any) -> bytes:
    """One server-sent event of a chat completion."""
    delta = {} if text is None else {"content": text}
    return event({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}], **more})


def event(value: Any) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(value).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, scripts: Sequence[Script]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.queue = list(scripts)
        self.seen = Seen(base_url=f"http://127.0.0.1:{self.server_address[1]}/v1")

    def next_script(self) -> Script:
        return self.queue.pop(0) if len(self.queue) > 1 else self.queue[0]


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        script, seen = self.server.next_script(), self.server.seen
        seen.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        seen.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.send_response(script.status)
        for name, value in script.headers.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self._send(script)
        except OSError:
            seen.left.set()
        if script.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            self.connection.close()

    def _send(self, script: Script) -> None:
        for piece in script.pieces:
            self.wfile.write(piece)
            self.wfile.flush()
        while script.hold is not None and not script.hold.wait(None if script.silent else 0.01):
            self.wfile.write(b": still here\n\n")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Stay quiet."""

    def handle(self) -> None:
        with suppress(OSError, ValueError):
            super().handle()


@contextmanager
def raw_server(*scripts: Script) -> Iterator[Seen]:
    """Answer the first request by the first script, and so on; the last script serves all that follow."""
    server = _Server(scripts)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.seen
    finally:
        for script in scripts:
            if script.hold is not None:
                script.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()
