"""A loopback server that speaks the OpenAI chat protocol and says what a test wants, hostile text too."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Scores = Callable[[str], Sequence[tuple[str, float]]]
"""Splits a prompt into tokens, each with its log-probability."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(body)
        if not body.get("stream"):
            self._whole(body)
            return
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

    def _whole(self, body: dict[str, Any]) -> None:
        """Answer at once: a chat with all pieces, a completion with the echo's log-probabilities."""
        if self.path.endswith("/chat/completions"):
            message = {"role": "assistant", "content": "".join(self.server.pieces)}
            self._json(200, {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
        elif self.server.scores is None or not (body.get("echo") and body.get("logprobs")):
            self._json(400, {"error": {"message": "echo is not supported"}})
        else:
            self._json(200, {"choices": [_echo(body["prompt"], self.server.scores)]})

    def _json(self, status: int, payload: dict[str, Any]) -> None:
        data = json.dumps(payload).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _event(self, payload: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(payload).encode() + b"\n\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Stay quiet."""


def _echo(prompt: str, scores: Scores) -> dict[str, Any]:
    """Repeat a prompt and one new token in the form of OpenAI's text completions; nobody scores the first."""
    tokens = [*scores(prompt), ("!", -9.0)]
    offsets = [sum(len(name) for name, _ in tokens[:at]) for at in range(len(tokens))]
    logprobs = {
        "tokens": [name for name, _ in tokens],
        "token_logprobs": [None, *(value for _, value in tokens[1:])],
        "text_offset": offsets,
    }
    return {"index": 0, "text": prompt + "!", "logprobs": logprobs, "finish_reason": "length"}


class _Server(ThreadingHTTPServer):
    pieces: Sequence[str]
    scores: Scores | None
    gate: threading.Semaphore | None
    requests: list[dict[str, Any]]
    daemon_threads = True

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@contextmanager
def openai_server(
    pieces: Sequence[str], *, gate: threading.Semaphore | None = None, scores: Scores | None = None
) -> Iterator[_Server]:
    """Serve `pieces` as the deltas of every reply; with a gate, each piece waits for a permit.

    With `scores` it also tells the log-probabilities of a text that is given.
    """
    server = _Server(("127.0.0.1", 0), _Handler)
    server.pieces, server.gate, server.scores, server.requests = pieces, gate, scores, []
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
