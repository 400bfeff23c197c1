"""Small sources in the true container formats of the large ones, and hostile ones."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

SENTENCES = (
    "The old mill stands by the river and it was built of grey stone in the year of the flood.",
    "Most of the people in the valley work in the orchards, and the others are fishermen.",
    "In winter the road to the pass is closed, so that letters come by boat from the town.",
    "A school was opened there by the sisters, who taught reading to the children of the farms.",
)
PROSE = " ".join(SENTENCES)
HAN_PROSE = (
    "村子在河的东边，村里的人大多种果树，也有人打鱼。冬天山路不通，信件要用船从镇上送来。"
    "老磨坊是用灰色的石头建成的，那一年河水涨得很高，很多房屋都被冲走了。后来姐妹们在这里办了一所学校。"
)
HEAD = '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">\n'
TAIL = "</mediawiki>"


def prose(number: int, sentences: int = 12) -> str:
    """A text of its own for each number, long enough for every rule of quality."""
    places = ((SENTENCES[(number + i) % 4], number * 97 + i) for i in range(sentences))
    return " ".join(
        f"{said} It is {_word(place)} {_word(place * 31)} {_word(place * 57)} there."
        for said, place in places
    )


def _word(number: int) -> str:
    letters = "bcdfghjklmnpqrstvwz"
    mixed = number * 2654435761 % 2**32
    return "".join(letters[(mixed >> 5 * i) % len(letters)] + "aeiou"[(mixed >> i) % 5] for i in range(5))


def page(number: int, title: str, text: str, ns: int = 0, redirect: str = "") -> str:
    """One page of a MediaWiki dump."""
    hint = f'<redirect title="{escape(redirect)}" />' if redirect else ""
    return (
        f"<page><title>{escape(title)}</title><ns>{ns}</ns><id>{number}</id>{hint}"
        f"<revision><id>{number * 7}</id><contributor><username>x</username><id>1</id></contributor>"
        f'<text xml:space="preserve">{escape(text)}</text></revision></page>\n'
    )


def wiki_dump(path: Path, pages: Sequence[str], a_stream: int = 2) -> Path:
    """A multistream dump: bzip2 streams, the first with the head, then `a_stream` pages each, the tail."""
    groups = ("".join(pages[at : at + a_stream]) for at in range(0, len(pages), a_stream))
    streams = [HEAD, *groups, TAIL]
    path.write_bytes(b"".join(bz2.compress(stream.encode("utf-8", "surrogatepass")) for stream in streams))
    return path


def warc_record(kind: str, address: str, body: bytes, content_type: str = "text/plain") -> bytes:
    """One WARC record, not compressed."""
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {address}\r\nWARC-Date: 2026-01-01T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{abs(hash(address)) % 10**12:012d}>\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def response(
    address: str, html: bytes, kind: str = "text/html; charset=utf-8", status: str = "200 OK"
) -> bytes:
    """A WARC record of a page as a server gave it."""
    http = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(html)}\r\n\r\n"
    return warc_record("response", address, http.encode() + html, "application/http; msgtype=response")


def wat(address: str, title: str, description: str) -> bytes:
    """A WAT record about a page."""
    envelope = {
        "Envelope": {
            "WARC-Header-Metadata": {"WARC-Target-URI": address, "WARC-Type": "response"},
            "Payload-Metadata": {
                "HTTP-Response-Metadata": {
                    "HTML-Metadata": {
                        "Head": {"Title": title, "Metas": [{"name": "description", "content": description}]},
                        "Links": [{"path": "A@/href", "url": "https://a.example/1", "text": "one"}],
                    }
                }
            },
        }
    }
    return warc_record("metadata", address, json.dumps(envelope).encode(), "application/json")


def gzip_members(path: Path, records: Iterable[bytes]) -> Path:
    """A file of gzip members, a record each, as Common Crawl writes it."""
    path.write_bytes(b"".join(gzip.compress(record, mtime=0) for record in records))
    return path


def comment(
    name: str, parent: str, author: str, body: str, link: str = "t3_L", score: int = 5
) -> dict[str, Any]:
    """A Reddit comment with the keys of the dumps that matter."""
    known = {"id": name, "link_id": link, "parent_id": parent, "author": author, "body": body, "score": score}
    return {**known, "subreddit": "village"}


def zst_lines(path: Path, objects: Iterable[object], window_log: int = 31) -> Path:
    """JSON lines in one Zstandard frame whose head asks for a window of 2 GiB, as Reddit's dumps do."""
    import zstandard

    settings = zstandard.ZstdCompressionParameters.from_level(3, window_log=window_log)
    packer = zstandard.ZstdCompressor(compression_params=settings).compressobj()
    lines = (raw if isinstance(raw, bytes) else json.dumps(raw).encode() for raw in objects)
    path.write_bytes(b"".join(packer.compress(line + b"\n") for line in lines) + packer.flush())
    return path


def pdf(pages: Sequence[str]) -> bytes:
    """A PDF whose pages show a line of text each; an empty line is a page without text, as of a scan."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>"]
    kids = " ".join(f"{3 + 2 * i} 0 R" for i in range(len(pages)))
    objects.append(f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode())
    font = b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    for number, text in enumerate(pages):
        content = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode() if text else b""
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources "
            + font
            + f" /Contents {4 + 2 * number} 0 R >>".encode()
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream")
    data, places = b"%PDF-1.4\n%\xe2\xe3\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n".encode() + each + b"\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    tail = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return data + tail.encode() + f"startxref\n{len(data)}\n%%EOF\n".encode()


def word_file(paragraphs: Sequence[str], rows: Sequence[Sequence[str]] = ()) -> bytes:
    """A .docx of paragraphs and a table."""
    import docx

    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    if rows:
        table = document.add_table(len(rows), len(rows[0]))
        for row, cells in zip(table.rows, rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def zip_bomb(megabytes: int = 60) -> bytes:
    """A zip that calls itself a Word file and grows a thousandfold."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", b" " * (megabytes << 20))
    return stream.getvalue()


_ENTITIES = "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">\n' for i in range(9))
LAUGHS = (
    f'<?xml version="1.0"?>\n<!DOCTYPE mediawiki [\n<!ENTITY a "ha">\n{_ENTITIES}]>\n'
    "<mediawiki><page><title>x</title><ns>0</ns><id>1</id><revision><text>&j;</text></revision></page></mediawiki>"
)
"""A dump of a kilobyte whose text would be two gigabytes (the billion laughs)."""


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The records of a built corpus, whatever it is packed in."""
    from aigc_tui.corpora.document import Caps
    from aigc_tui.corpora.unpack import Meter, unpack

    return [json.loads(line) for line in b"".join(unpack(path, Meter(), Caps())).splitlines()]
