"""Word files (.docx) to text with python-docx, after a look at the zip: a bomb is refused unopened."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from aigc_tui.corpora.document import CorporaError, Item
from aigc_tui.corpora.pdf import guarded_file
from aigc_tui.corpora.reader import Source
from aigc_tui.text import one_line

_MOST_MEMBERS = 5000
_MOST_BYTES = 512 << 20
_MOST_XML = 64 << 20
_MOST_RATIO = 200
_BLOCK = 1 << 16
_BODY = "word/document.xml"


def read(source: Source, skip: int = 0) -> Iterator[Item | None]:
    """Give the one document of a Word file.

    Raises:
        CorporaError: The file cannot be read at all.
    """
    yield from guarded_file(source, skip, "docx")


def task(question: bytes) -> bytes:
    """Answer ``guard.py``: four bytes that matter to PDF only, then the file."""
    return extract(question[4:]).encode("utf-8", "replace")


def extract(data: bytes) -> str:
    """Take the paragraphs and table cells of a Word file in their order.

    Raises:
        CorporaError: It is no Word file, broken, a bomb, or python-docx is missing.
    """
    check_zip(data)
    try:
        import docx
        from docx.table import Table
    except ImportError:
        raise CorporaError("Word files need the package python-docx (pip)") from None
    try:
        document = docx.Document(io.BytesIO(data))
        parts = [
            _table(part) if isinstance(part, Table) else part.text for part in document.iter_inner_content()
        ]
    except Exception as error:  # python-docx raises what its parts raise: KeyError, ValueError, lxml's
        raise CorporaError(f"broken Word file ({one_line(str(error))})") from None
    return "\n\n".join(part for part in parts if part.strip())


def _table(table: object) -> str:
    rows = (" | ".join(cell.text.strip() for cell in row.cells) for row in table.rows)  # type: ignore[attr-defined]
    return "\n".join(row for row in rows if row.strip(" |"))


def check_zip(data: bytes) -> None:
    """Look at a zip's members before anybody unpacks them all.

    The sizes in a zip's directory are its maker's word, so each member of text is unpacked once, for
    counting.

    Raises:
        CorporaError: Too many members, too many bytes, too much growth, or no Word file.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS:
                raise CorporaError(f"a zip of {len(members)} members")
            if _BODY not in archive.namelist():
                raise CorporaError("a zip, but no Word file in it")
            total = 0
            for member in members:
                total += _unpacked_size(archive, member, _MOST_BYTES - total)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        if isinstance(error, CorporaError):
            raise
        raise CorporaError(f"broken zip ({one_line(str(error))})") from None


def _unpacked_size(archive: zipfile.ZipFile, member: zipfile.ZipInfo, room: int) -> int:
    room = min(room, _MOST_XML) if member.filename.endswith((".xml", ".rels")) else room
    size = 0
    with archive.open(member) as file:
        while block := file.read(_BLOCK):
            size += len(block)
            grown = size > (1 << 20) and size > _MOST_RATIO * max(1, member.compress_size)
            if size > room or grown:
                raise CorporaError("the zip grows too much when unpacked: a decompression bomb")
    return size
