"""Fetch one file of a hub: go on where an earlier try stopped, and compare the checksum.

Why it exists: weights are gigabytes and connections break. What arrived is kept beside the target under
another name; the file gets its own name only when every byte is accounted for.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aigc_tui.text import one_line

if TYPE_CHECKING:
    import httpx2

ATTEMPTS = 5
"""Tries without a single new byte before giving up."""
_PIECE = 2**20
_FIRST_PAUSE = 0.1


class DownloadError(Exception):
    """A file cannot be fetched. The message is one line."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file as the hub lists it."""

    name: str
    size: int
    blob: str
    """Its id in git: SHA-1 over a header and the content, for small files."""
    sha256: str
    """The content's SHA-256, for big files; else empty."""


def fetch(address: str, file: HubFile, folder: Path, progress: Callable[[int], None]) -> Path:
    """Bring a file into a folder, unless it is there.

    Args:
        address: Where it is.
        file: Its name, size and checksum.
        folder: Where it goes.
        progress: Told the bytes of this file that are here.

    Raises:
        DownloadError: The server refuses, breaks off again and again, or sends something else.
    """
    target = folder / file.name
    if target.is_file() and target.stat().st_size == file.size:
        progress(file.size)
        return target
    partial = folder / f"{file.name}.part"
    failures = 0
    while (have := _size(partial)) < file.size or not partial.exists():
        try:
            _continue(address, file, partial, progress)
        except DownloadError:
            failures = 0 if _size(partial) > have else failures + 1
            if failures >= ATTEMPTS:
                raise
            time.sleep(_FIRST_PAUSE * 2**failures)
    if not _matches(partial, file):
        partial.unlink()
        raise DownloadError(f"{file.name} has a wrong checksum; it was deleted, pull again")
    partial.rename(target)
    return target


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _continue(address: str, file: HubFile, partial: Path, progress: Callable[[int], None]) -> None:
    """Ask for the bytes that are missing and append what comes."""
    import httpx2
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    have = _size(partial)
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        # The hub redirects to its storage; the client drops the token when the host changes.
        with httpx2.stream("GET", address, headers=headers, follow_redirects=True, timeout=30.0) as response:
            if response.status_code not in (200, 206):
                raise DownloadError(f"the hub answered {response.status_code} for {file.name}")
            _append(response, file, partial, progress)
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        detail = one_line(str(error), 120) or type(error).__name__
        raise DownloadError(
            f"the connection broke off at {file.name} ({detail}); pull again to go on"
        ) from error


def _append(response: httpx2.Response, file: HubFile, partial: Path, progress: Callable[[int], None]) -> None:
    # A server that ignores the range sends the whole file again.
    with partial.open("ab" if response.status_code == 206 else "wb") as output:
        # As it arrives: a fixed size would hold back, and lose, what came before a break.
        for piece in response.iter_raw():
            if output.tell() + len(piece) > file.size:
                raise DownloadError(f"{file.name} is longer than the hub said")
            output.write(piece)
            progress(output.tell())


def _matches(path: Path, file: HubFile) -> bool:
    """Compare size and checksum with the hub's."""
    if path.stat().st_size != file.size:
        return False
    # SHA-1 is what git has for small files; it guards against accidents, the connection against attackers.
    digest = (
        hashlib.sha256()
        if file.sha256
        else hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)
    )
    with path.open("rb") as data:
        while piece := data.read(_PIECE):
            digest.update(piece)
    return digest.hexdigest() == (file.sha256 or file.blob)
