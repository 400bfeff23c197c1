"""PDF to blocks with pypdf: lines with their sizes, then the document that they once were (`pdf_lines.py`).

Why it exists: a PDF holds glyphs at places, no paragraphs. Sizes and distances tell headings and paragraphs
apart; the outline (bookmarks) names the headings where the maker was kind.
"""

from __future__ import annotations

import io
import math
from typing import Any

from aigc_tui.quiz.lesson.blocks import Block, BlockKind, is_eastern, tidy
from aigc_tui.quiz.lesson.pdf_lines import Line, Piece, blocks_of_lines
from aigc_tui.quiz.lesson.radicals import unified
from aigc_tui.quiz.lesson.records import LessonError
from aigc_tui.text import one_line

MOST_PAGES = 3000
_FEWEST_CHARACTERS = 8
"""A page with fewer is a picture with a page number on it."""
_MOST_OUTLINE = 5000

_QUOTES = "“”‘’"


def pdf_blocks(data: bytes) -> tuple[str, list[Block], int, tuple[str, ...]]:
    """Read a PDF.

    Returns:
        Its title (may be empty), its blocks, how many pages it has, and what the reader wants to say.

    Raises:
        LessonError: It is locked, broken, scanned, too long, or pypdf is missing.
    """
    try:
        from pypdf import PdfReader
    except ImportError:
        raise LessonError("PDF files need the package pypdf (pip)") from None
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise LessonError("locked with a password; save it without one")
        count = len(reader.pages)
        if count > MOST_PAGES:
            raise LessonError(f"{count} pages; a lesson may have {MOST_PAGES}")
        pages = [_lines(page, number) for number, page in enumerate(reader.pages, 1)]
        outline = _outline(reader)
        title = str((reader.metadata or {}).get("/Title") or "")
    except (LessonError, MemoryError):
        raise
    except Exception as error:  # pypdf raises its own and what its parts raise: KeyError, zlib's
        if type(error).__name__ == "LimitReachedError":
            raise LessonError("the PDF grows too much when unpacked: a decompression bomb") from None
        raise LessonError(f"a broken PDF ({one_line(str(error) or type(error).__name__)})") from None
    notes = _notes_on_scans(pages)
    blocks = blocks_of_lines(pages, outline)
    return _fit_title(title, blocks), blocks, count, notes


def _fit_title(title: str, blocks: list[Block]) -> str:
    """Programs write their file's name into the title; a heading of the first page is better."""
    title = tidy(title).replace("\n", " ")
    first = next((each.text for each in blocks[:3] if each.kind is BlockKind.HEADING), "")
    made_up = (
        not title or "." in title[-6:] or title.lower().startswith(("microsoft", "untitled", "document"))
    )
    return first if made_up or not title else title


def _notes_on_scans(pages: list[list[Line]]) -> tuple[str, ...]:
    """Say which pages hold no text.

    Raises:
        LessonError: None of them does.
    """
    empty = [number for number, page in enumerate(pages, 1) if _count(page) < _FEWEST_CHARACTERS]
    if len(empty) == len(pages):
        raise LessonError(f"no text in {len(pages)} pages: it is a scan; run OCR first, e.g. ocrmypdf")
    if not empty:
        return ()
    shown = ", ".join(map(str, empty[:10])) + (", ..." if len(empty) > 10 else "")
    return (f"{len(empty)} of {len(pages)} pages hold no text (scanned or empty): {shown}",)


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
        for place, part in enumerate(unified(text).split("\n")):
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
    """Take away the space that pypdf sees beside a Chinese quotation mark, whose box is half empty."""
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
