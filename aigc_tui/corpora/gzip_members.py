"""The members of a gzip file one by one, where a broken one costs only itself.

Why it exists: Common Crawl packs each record as a member of its own. Python's gzip module ends at the first
bad byte, and with it the other gigabyte. Here reading goes on at the next place that looks like a member's
head.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

from aigc_tui.corpora.container import shown
from aigc_tui.corpora.document import CorporaError, Dropped
from aigc_tui.corpora.lines import TOO_LONG
from aigc_tui.corpora.reader import Source
from aigc_tui.corpora.unpack import BLOCK, PIECE, Growth, GzipMember, Meter

MAGIC = b"\x1f\x8b\x08"
BROKEN = "broken gzip member"
_FIRST_MEMBER = 4 << 20
"""A file begins with a short note on the crawl; a first member longer than this holds more than that."""


def members(source: Source) -> Iterator[bytes | Dropped]:
    """Stream the content of each member; a broken or too long one is a :class:`Dropped`.

    Raises:
        CorporaError: A member is a decompression bomb, or the file cannot be read.
    """
    try:
        with source.path.open("rb") as file:
            yield from _Members(file, source).all()
    except OSError as error:
        raise CorporaError(f"{shown(source.path)}: {error.strerror}") from None


def members_are_short(source: Source) -> bool:
    """Whether the first member ends within a record's bytes: else the file is one member of everything.

    Raises:
        CorporaError: The file cannot be read.
    """
    caps = replace(source.caps, record_bytes=_FIRST_MEMBER)
    first = next(members(replace(source, caps=caps, meter=Meter())), None)
    return not (isinstance(first, Dropped) and first.reason == TOO_LONG)


class _Members:
    """Reads on through one file."""

    def __init__(self, file: IO[bytes], source: Source) -> None:
        self._file = file
        self._path: Path = source.path
        self._meter: Meter = source.meter
        self._limit = source.caps.record_bytes
        self._growth = Growth(source.caps.expansion, source.meter)
        self._data = b""

    def all(self) -> Iterator[bytes | Dropped]:
        while self._find():
            at = self._meter.done - len(self._data)
            try:
                content = self._one()
            except (zlib.error, EOFError) as error:
                # One byte on, or the same head would be found again.
                self._data = self._data[1:]
                yield Dropped(BROKEN, f"byte {at}: {error}")
                continue
            except CorporaError as error:
                raise CorporaError(f"{shown(self._path)}: {error}") from None
            yield content if content is not None else Dropped(TOO_LONG, f"byte {at}")

    def _find(self) -> bool:
        """Move to the next member's head; whether there is one."""
        while True:
            at = self._data.find(MAGIC)
            if at >= 0:
                self._data = self._data[at:]
                return True
            more = self._more()
            if not more:
                return False
            # A head may lie across two blocks.
            self._data = self._data[-len(MAGIC) + 1 :] + more

    def _one(self) -> bytes | None:
        """Unpack the member at hand; ``None`` when it is longer than allowed.

        What follows its head is kept until its end is reached, so that after a failure the search can begin
        there.
        """
        member, size = GzipMember(), 0
        parts: list[bytes] = []
        data, kept = self._data, self._data
        while not member.eof:
            piece = member.decompress(data, PIECE)
            data = b""
            size += len(piece)
            self._growth.add(len(piece))
            parts = [*parts, piece] if size <= self._limit else []
            if not member.eof and member.needs_input:
                data = self._more()
                if not data:
                    self._data = kept
                    raise EOFError("it is cut off")
                # Only the neighbourhood matters for finding the next head, not megabytes of it.
                kept = data if size > self._limit else kept + data
                self._data = kept
        self._data = member.unused_data
        return b"".join(parts) if size <= self._limit else None

    def _more(self) -> bytes:
        block = self._file.read(BLOCK)
        self._meter.done += len(block)
        return block
