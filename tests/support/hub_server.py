"""A small hub and package index on the loopback: ranges, and connections that break when a test says so."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_PIECE = 2**14
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
        self.tokens: list[str] = []
        """The Authorization header of each download."""
        self.hold_after: int | None = None
        """Bytes after which a download waits, until `released`."""
        self.released = threading.Event()
        self.sent = 0
        """Bytes of downloads that left."""
        self.claimed_length: int | None = None
        """What a download says its length is; None: the truth."""
        self.redirect_to = ""
        """Another server, to which downloads are redirected."""
        self.answers: list[int] = []
        """Status codes that the next downloads get instead of a file."""
        self.wheels: dict[str, bytes] = {}
        """What the package index has, by file names."""
        self.as_html = False
        """Whether the index speaks HTML, as PEP 503 has it, instead of JSON."""

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def index(self) -> str:
        """Where the package index is."""
        return f"{self.address}/simple"

    def page(self, project: str) -> tuple[str, bytes] | None:
        """The index's page of a project: its type and content; None: there is no such project."""
        found = {n: d for n, d in self.wheels.items() if n.split("-")[0].replace("_", "-").lower() == project}
        if not found:
            return None
        if self.as_html:
            links = (
                f'<a href="../../files/{name}#sha256={hashlib.sha256(data).hexdigest()}">{name}</a><br>'
                for name, data in found.items()
            )
            return "text/html", f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>".encode()
        rows = [
            {
                "filename": name,
                "url": f"../../files/{name}",
                "size": len(data),
                "hashes": {"sha256": hashlib.sha256(data).hexdigest()},
            }
            for name, data in found.items()
        ]
        return "application/vnd.pypi.simple.v1+json", json.dumps({"files": rows}).encode()

    def listing(self) -> dict[str, Any]:
        """What the hub says about the repository."""
        siblings = [_entry(name, data) for name, data in self.files.items()]
        return {"id": "owner/tiny", "modelId": "owner/tiny", "sha": self.commit, "siblings": siblings}


def _entry(name: str, data: bytes) -> dict[str, Any]:
    blob = hashlib.sha1(f"blob {len(data)}\0".encode() + data).hexdigest()
    entry: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": blob}
    if name.endswith((".safetensors", ".gguf")):
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
        elif path.startswith("/simple/") and (page := hub.page(path.split("/")[2])):
            self._send(200, page[1], {"Content-Type": page[0]})
        elif path.startswith("/files/") and name in hub.wheels:
            self._file(hub.wheels[name], span)
        elif path.startswith(f"/owner/tiny/resolve/{hub.commit}/") and name in hub.files:
            self._file(hub.files[name], span)
        else:
            self._send(404, b'{"error": "Repository not found"}')

    def do_HEAD(self) -> None:
        self.do_GET()

    def _file(self, data: bytes, span: str) -> None:
        hub = self.server
        hub.tokens.append(self.headers.get("Authorization", ""))
        if hub.redirect_to:
            self._send(302, b"", {"Location": hub.redirect_to + self.path})
            return
        if hub.answers:
            self._send(hub.answers.pop(0), b"")
            return
        if hub.corrupt:
            data = data[:-1] + bytes([data[-1] ^ 1])
        if span and not hub.ignore_ranges:
            start = int(span.removeprefix("bytes=").rstrip("-"))
            if start >= len(data):
                self._send(416, b"")
                return
            where = f"bytes {start}-{len(data) - 1}/{len(data)}"
            self._send(206, data[start:], {"Content-Range": where}, is_file=True)
        else:
            self._send(200, data, is_file=True)

    def _send(
        self, status: int, body: bytes, headers: Mapping[str, str] | None = None, is_file: bool = False
    ) -> None:
        hub = self.server
        length = hub.claimed_length if is_file and hub.claimed_length is not None else len(body)
        self.send_response(status)
        for key, value in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command == "HEAD":
            return
        if not is_file:
            self.wfile.write(body)
            return
        for start in range(0, len(body), _PIECE):
            if hub.hold_after is not None and start >= hub.hold_after:
                hub.released.wait(60)
            piece = body[start : start + _PIECE]
            if hub.break_after is not None:
                piece = piece[: max(0, hub.break_after - start)]
            self.wfile.write(piece)
            hub.sent += len(piece)

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


def make_wheel(members: Mapping[str, bytes]) -> bytes:
    """Pack files as a wheel holds them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return packed.getvalue()
