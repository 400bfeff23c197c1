"""A small hub on the loopback: one repository, ranges, and connections that break when a test says so."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Serves files as `owner/tiny`; tests change the public fields."""

    daemon_threads = True

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = dict(files)
        self.commit = COMMIT
        self.break_after: int | None = None
        """Bytes after which a download breaks off."""
        self.ignore_ranges = False
        self.corrupt = False
        self.requests: list[tuple[str, str]] = []
        """Paths asked for, with their range."""

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def listing(self) -> dict[str, Any]:
        """What the hub says about the repository."""
        siblings = [_entry(name, data) for name, data in self.files.items()]
        return {"id": "owner/tiny", "modelId": "owner/tiny", "sha": self.commit, "siblings": siblings}


def _entry(name: str, data: bytes) -> dict[str, Any]:
    blob = hashlib.sha1(f"blob {len(data)}\0".encode() + data).hexdigest()
    entry: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": blob}
    if name.endswith(".safetensors"):
        digest = hashlib.sha256(data).hexdigest()
        entry["lfs"] = {"sha256": digest, "size": len(data), "pointerSize": 130}
    return entry


class _Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        hub, path = self.server, self.path.partition("?")[0]
        span = self.headers.get("Range", "")
        hub.requests.append((path, span))
        name = path.rpartition("/")[2]
        if path.startswith("/api/models/owner/tiny"):
            self._send(200, json.dumps(hub.listing()).encode())
        elif path.startswith(f"/owner/tiny/resolve/{hub.commit}/") and name in hub.files:
            self._file(hub.files[name], span)
        else:
            self._send(404, b'{"error": "Repository not found"}')

    def _file(self, data: bytes, span: str) -> None:
        if self.server.corrupt:
            data = data[:-1] + bytes([data[-1] ^ 1])
        if span and not self.server.ignore_ranges:
            self._send(206, data[int(span.removeprefix("bytes=").rstrip("-")) :])
        else:
            self._send(200, data)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        cut = self.server.break_after if "/resolve/" in self.path else None
        self.wfile.write(body if cut is None else body[:cut])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Stay quiet."""

    def handle(self) -> None:
        with suppress(OSError, ValueError):
            super().handle()


@contextmanager
def hub_server(files: Mapping[str, bytes]) -> Iterator[Hub]:
    """Run a hub with these files."""
    hub = Hub(files)
    thread = threading.Thread(target=hub.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()
