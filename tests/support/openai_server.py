"""A loopback server that speaks the OpenAI chat protocol and says what a test wants, hostile text too."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for piece in self.server.pieces:
            if self.server.gate is not None:
                self.server.gate.acquire()
            self._event({"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]})
        self._event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self._event(
            {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": len(self.server.pieces)}}
        )
        self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, payload: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(payload).encode() + b"\n\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Stay quiet."""


class _Server(ThreadingHTTPServer):
    pieces: Sequence[str]
    gate: threading.Semaphore | None
    requests: list[dict[str, Any]]
    daemon_threads = True

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextmanager
def openai_server(pieces: Sequence[str], *, gate: threading.Semaphore | None = None) -> Iterator[_Server]:
    """Serve `pieces` as the deltas of every reply; with a gate, each piece waits for a permit."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.pieces, server.gate, server.requests = pieces, gate, []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
