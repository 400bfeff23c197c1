"""PDF to blocks with pypdf: lines with their sizes, then the document that they once were (`pdf_lines.py`).

A PDF holds glyphs at places, no paragraphs. Sizes and distances tell headings and paragraphs apart; the
outline (bookmarks) names the headings where there is one.
"""

from __future__ import annotations

import io
import math
import unicodedata
from itertools import islice
from typing import Any

from aigc_tui.documents.blocks import (
    Block,
    BlockKind,
    Content,
    DocumentError,
    is_eastern,
    needs_package,
    tidy,
)
from aigc_tui.documents.read.pdf_lines import Line, Piece, blocks_of_lines
from aigc_tui.message import Message, message
from aigc_tui.text import one_line

MOST_PAGES = 3000
_FEWEST_CHARACTERS = 8
"""A page with fewer is a picture with a page number on it."""
_MOST_OUTLINE = 5000
_QUOTES = "“”‘’"
# Browsers and office programs subset fonts in which 黄 and the radical ⻩ share a glyph, and name the glyph
# by the radical: the page looks right and reads wrong. Sources: Unicode's NFKC for Kangxi radicals (U+2F00 to
# U+2FD5), EquivalentUnifiedIdeograph.txt for the supplement (U+2E80 to U+2EF3) as far as they are letters.
_SUPPLEMENT = dict(
    zip(
        "⺁⺋⺒⺓⺟⺠⺦⺧⺮⺯⺰⺴⺼⺽⻁⻂⻃⻄⻅⻆⻇⻈⻉⻋⻌⻐⻑⻒⻓⻔⻗⻘⻙⻚⻛⻜⻝⻟⻠⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳",
        "厂卩巳幺母民丬牛竹糸纟网肉臼虎衣西西见角角讠贝车辶钅長長长门雨青韦页风飞食食饣马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龟亀龟",
        strict=True,
    )
)
_KANGXI = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_LETTERS = str.maketrans(_KANGXI | _SUPPLEMENT)


class ScannedError(DocumentError):
    """A PDF holds pictures of words and no words."""


def read_pdf(data: bytes, *, first_pages: int = 0) -> Content:
    """Read a PDF.

    Args:
        data: The file.
        first_pages: Leave out what comes after that many pages; 0: read them all, or refuse the file.

    Raises:
        ScannedError: No page has text in it.
        DocumentError: It is locked, damaged, too long, or pypdf is missing.
    """
    try:
        from pypdf import PdfReader
    except ImportError:
        raise DocumentError(needs_package("PDF", "pypdf")) from None
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise DocumentError("the PDF is locked with a password; save it without one")
        count = len(reader.pages)
        if count > MOST_PAGES and not first_pages:
            raise DocumentError("{pages} pages; at most {most} can be read", pages=count, most=MOST_PAGES)
        count = min(count, first_pages or count)
        pages = [_lines(page, number) for number, page in enumerate(islice(reader.pages, count), 1)]
        outline = _outline(reader)
        title = str((reader.metadata or {}).get("/Title") or "")
    except (DocumentError, MemoryError):
        raise
    except Exception as error:  # pypdf raises its own and what its parts raise: KeyError, zlib's
        if type(error).__name__ == "LimitReachedError":
            raise DocumentError("the PDF expands too much when unpacked: a decompression bomb") from None
        reason = one_line(str(error) or type(error).__name__)
        raise DocumentError("the PDF is damaged ({reason})", reason=reason) from None
    notes = _notes_on_scans(pages)
    blocks = blocks_of_lines(pages, outline)
    return Content(blocks, _fit_title(title, blocks), count, notes)


def _fit_title(title: str, blocks: list[Block]) -> str:
    # Programs write their file's name into the title; a heading on the first page is better.
    title = tidy(title).replace("\n", " ")
    first = next((each.text for each in blocks[:3] if each.kind is BlockKind.HEADING), "")
    made_up = (
        not title or "." in title[-6:] or title.lower().startswith(("microsoft", "untitled", "document"))
    )
    return first if made_up or not title else title


def _notes_on_scans(pages: list[list[Line]]) -> tuple[Message, ...]:
    """Name the pages without text; a `ScannedError` if none has any."""
    empty = [number for number, page in enumerate(pages, 1) if _count(page) < _FEWEST_CHARACTERS]
    if len(empty) == len(pages):
        raise ScannedError(
            "no text in {count} pages: it is a scan; run OCR first, e.g. ocrmypdf", count=len(pages)
        )
    if not empty:
        return ()
    shown = ", ".join(map(str, empty[:10])) + (", ..." if len(empty) > 10 else "")
    return (
        message(
            "{count} of {total} pages hold no text (scanned or empty): {pages}",
            count=len(empty),
            total=len(pages),
            pages=shown,
        ),
    )


def _count(page: list[Line]) -> int:
    return sum(len(line.text.strip()) for line in page)


def _lines(page: Any, number: int) -> list[Line]:
    """A page's lines in the order pypdf reads them, with the size of their letters."""
    lines: list[Line] = []
    pieces: list[Piece] = []
    height = 0.0

    def close() -> None:
        if any(piece.text.strip() for piece in pieces):
            lines.append(Line(tuple(pieces), number, height))
        pieces.clear()

    def visit(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        nonlocal height
        for place, part in enumerate(without_radicals(text).split("\n")):
            if place:
                close()
            part = _closed_up(pieces[-1].text if pieces else "", part)
            if part:
                scale = math.hypot(tm[2], tm[3]) * math.hypot(cm[2], cm[3])
                height = tm[5] * cm[3] + cm[5] if part.strip() or not pieces else height
                name = str((font or {}).get("/BaseFont", "")).lower()
                bold = any(word in name for word in ("bold", "black", "heavy", "simhei"))
                slanted = any(word in name for word in ("italic", "oblique"))
                pieces.append(Piece(part, round(abs(size) * scale * 2) / 2, bold, slanted))

    page.extract_text(visitor_text=visit)
    close()
    return lines


def _closed_up(before: str, part: str) -> str:
    """Remove the space that pypdf sees beside a Chinese quotation mark, whose box is half empty."""
    words = part.lstrip(" ")
    sides = before[-1:], words[:1]
    quoted = any(side in _QUOTES for side in sides if side)
    return words if all(sides) and quoted and any(is_eastern(side) for side in sides) else part


def _outline(reader: Any) -> dict[str, int]:
    """Titles of the bookmarks, without their spaces, and their levels from 1."""
    found: dict[str, int] = {}
    stack: list[tuple[Any, int]] = [(reader.outline, 1)]
    while stack and len(found) < _MOST_OUTLINE:
        entries, level = stack.pop()
        for entry in entries:
            if isinstance(entry, list):
                stack.append((entry, level + 1))
            elif getattr(entry, "title", None):
                found.setdefault("".join(str(entry.title).split()).lower(), level)
    return found


def without_radicals(text: str) -> str:
    """Replace radicals by the letters that they look like, one for one."""
    return text.translate(_LETTERS)
