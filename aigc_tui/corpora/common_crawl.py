"""Common Crawl's three kinds of file: WARC (pages as served), WET (their text), WAT (what is said of them).

Format: WARC 1.1 (ISO 28500), each record a gzip member of its own, so that a broken one spoils no other:
reading goes on at the next member. Files that are one single member, or not compressed, are read as a
stream. Layouts: https://commoncrawl.org/get-started
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

from aigc_tui.corpora.charset import decode
from aigc_tui.corpora.container import Container, container_of
from aigc_tui.corpora.document import CorporaError, Document, Dropped, Item, Value
from aigc_tui.corpora.gzip_members import members, members_are_short
from aigc_tui.corpora.lines import TOO_LONG
from aigc_tui.corpora.reader import Source, convert
from aigc_tui.corpora.web_page import page_text

BROKEN = "warc: broken record"
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
        raise CorporaError("WARC, WET and WAT files need the package warcio (pip)") from None
    try:
        yield from ArchiveIterator(stream)
    except CorporaError:
        raise
    except (
        Exception
    ) as error:  # warcio lets through what its parts raise: AttributeError, zlib.error, its own
        yield Dropped(BROKEN, str(error))


def _document(record: Any, limit: int) -> Item | None:
    address = record.rec_headers.get_header("WARC-Target-URI") or ""
    try:
        return _by_type(record, address, limit)
    except CorporaError:
        raise
    except Exception as error:  # as above, while the content is unpacked
        return Dropped(BROKEN, f"{address}: {error}")


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
        title, text = page_text(decode(data, kind.lower().partition("charset=")[2].partition(";")[0]))
    except CorporaError as error:
        return Dropped("web: unreadable", f"{address}: {error}")
    if not text:
        return Dropped("web: no prose", address)
    return Document(f"web:{address}", text, meta={"url": address, "title": title})


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
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer as far as the piece at hand goes."""
        self._held = self._held or next(self._pieces, b"")
        size = min(len(buffer), len(self._held))
        buffer[:size] = self._held[:size]
        self._held = self._held[size:]
        return size
