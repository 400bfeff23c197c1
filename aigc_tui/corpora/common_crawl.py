"""Common Crawl's three kinds of file: WARC (pages as served), WET (their text), WAT (metadata about them).

Format: WARC 1.1 (ISO 28500), each record a gzip member of its own. Python's gzip module ends at the first bad
byte; here reading continues at the next place that looks like a member's head, so that a broken member costs
only itself. Files that are one single member, or not compressed, are read as a stream.
Layouts: https://commoncrawl.org/get-started
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from aigc_tui.corpora.document import CorporaError, Document, Dropped, Item, Value
from aigc_tui.corpora.reader import Source, convert
from aigc_tui.corpora.unpack import (
    BLOCK,
    PIECE,
    TOO_LONG,
    Container,
    Growth,
    GzipMember,
    Meter,
    container_of,
    shown,
)
from aigc_tui.documents.blocks import DocumentError, needs_package, plain_text
from aigc_tui.documents.read.decoding import decode_page
from aigc_tui.documents.read.html import read_html
from aigc_tui.message import reason_of

MAGIC = b"\x1f\x8b\x08"
BROKEN_MEMBER = "broken gzip member"
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
        raise CorporaError("{path}: {reason}", path=shown(source.path), reason=reason_of(error)) from None


def members_are_short(source: Source) -> bool:
    """Whether the first member ends within a record's bytes: else the file is one member of everything.

    Raises:
        CorporaError: The file cannot be read.
    """
    caps = replace(source.caps, record_bytes=_FIRST_MEMBER)
    first = next(members(replace(source, caps=caps, meter=Meter())), None)
    return not (isinstance(first, Dropped) and first.reason == TOO_LONG)


class _Members:
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
                yield Dropped(BROKEN_MEMBER, f"byte {at}: {error}")
                continue
            except CorporaError as error:
                raise CorporaError("{path}: {reason}", path=shown(self._path), reason=error) from None
            yield content if content is not None else Dropped(TOO_LONG, f"byte {at}")

    def _find(self) -> bool:
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


BROKEN_RECORD = "warc: broken record"
_HTML = ("text/html", "application/xhtml+xml")


def read(source: Source, skip: int = 0) -> Iterator[Item | None]:
    """Stream the documents of a ``.warc``, ``.wet`` or ``.wat`` file, gzipped or not.

    Raises:
        CorporaError: The file cannot be read any further, or warcio is missing.
    """
    apart = container_of(source.path) is Container.GZIP and members_are_short(source)
    records = _by_member(source) if apart else _records(io.BufferedReader(_Pieces(source.pieces())))
    yield from convert(source, records, skip, lambda record: _document(record, source.caps.record_bytes))


def _by_member(source: Source) -> Iterator[Any]:
    for member in members(source):
        if isinstance(member, Dropped):
            yield member
        else:
            yield from _records(io.BytesIO(member))


def _records(stream: Any) -> Iterator[Any]:
    """Find records; each is good until the next is asked for. What is none ends the stream and is counted."""
    try:
        from warcio.archiveiterator import ArchiveIterator
    except ImportError:
        raise CorporaError(needs_package("WARC, WET and WAT", "warcio")) from None
    try:
        yield from ArchiveIterator(stream)
    except CorporaError:
        raise
    except (
        Exception
    ) as error:  # warcio lets through what its parts raise: AttributeError, zlib.error, its own
        yield Dropped(BROKEN_RECORD, str(error))


def _document(record: Any, limit: int) -> Item | None:
    address = record.rec_headers.get_header("WARC-Target-URI") or ""
    try:
        return _by_type(record, address, limit)
    except CorporaError:
        raise
    except Exception as error:  # as above, while the content is unpacked
        return Dropped(BROKEN_RECORD, f"{address}: {error}")


def _by_type(record: Any, address: str, limit: int) -> Item | None:
    """Make a document of a record by its type; requests and crawl notes are none."""
    headers = record.rec_headers
    match record.rec_type:
        case "conversion":
            return _text(record, address, limit)
        case "response":
            return _page(record, address, limit)
        case "metadata" if (headers.get_header("Content-Type") or "").startswith("application/json"):
            return _metadata(record, address, limit)
        case _:
            return None


def _bytes(record: Any, limit: int) -> bytes | None:
    """The record's content (unchunked and unpacked); ``None`` when it is longer than allowed."""
    data: bytes = record.content_stream().read(limit + 1)
    return data if len(data) <= limit else None


def _text(record: Any, address: str, limit: int) -> Item:
    data = _bytes(record, limit)
    if data is None:
        return Dropped(TOO_LONG, address)
    return Document(f"web:{address}", data.decode("utf-8", "replace"), meta={"url": address})


def _page(record: Any, address: str, limit: int) -> Item:
    status, kind = "", ""
    if record.http_headers is not None:
        status = record.http_headers.get_statuscode() or ""
        kind = record.http_headers.get_header("Content-Type") or ""
    if status != "200":
        return Dropped("web: no page (HTTP status)", address)
    if kind and not kind.lower().startswith(_HTML):
        return Dropped("web: not HTML", address)
    data = _bytes(record, limit)
    if data is None:
        return Dropped(TOO_LONG, address)
    try:
        charset = kind.lower().partition("charset=")[2].partition(";")[0]
        page = read_html(decode_page(data, charset), prose_only=True)
    except DocumentError as error:
        return Dropped("web: unreadable", f"{address}: {error}")
    if not page.blocks:
        return Dropped("web: no prose", address)
    return Document(f"web:{address}", plain_text(page.blocks), meta={"url": address, "title": page.title})


def _metadata(record: Any, address: str, limit: int) -> Item | None:
    """Title and description of a page out of a WAT record, with its address and where it links to."""
    data = _bytes(record, limit)
    if data is None:
        return Dropped(TOO_LONG, address)
    try:
        envelope = json.loads(data)["Envelope"]
        html = envelope["Payload-Metadata"]["HTTP-Response-Metadata"]["HTML-Metadata"]
        address = str(envelope["WARC-Header-Metadata"]["WARC-Target-URI"])
        head = html["Head"]
        title = str(head.get("Title", ""))
        said = [str(each["content"]) for each in head.get("Metas", ()) if _is_description(each)]
        links = [str(each["url"]) for each in html.get("Links", ()) if "url" in each]
    except (ValueError, RecursionError):
        return Dropped("wat: not JSON", address)
    except (KeyError, TypeError, AttributeError):
        return None  # requests and pages without HTML have no such part
    if not title and not said:
        return Dropped("wat: no title", address)
    meta: dict[str, Value] = {"url": address, "title": title, "links": len(links)}
    if links:
        meta["first_links"] = " ".join(links[:10])
    return Document(f"web:{address}", "\n\n".join([title, *said[:1]]).strip(), meta=meta)


def _is_description(meta: dict[str, object]) -> bool:
    name = str(meta.get("name", meta.get("property", ""))).lower()
    return "content" in meta and name in ("description", "og:description")


class _Pieces(io.RawIOBase):
    """Pieces of bytes as a file that can be read once."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._held = self._held or next(self._pieces, b"")
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size
