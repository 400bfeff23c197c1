"""A printable document as a Word file, by python-docx; its headings are Word's own heading styles."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import Any

from aigc_tui.documents.write import printable

_LATIN, _CHINESE = "Georgia", "SimSun"
_NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)


def render(document: printable.PrintDocument) -> bytes:
    """The document as the bytes of a .docx file."""
    import docx

    word = docx.Document()
    _set_fonts(word)
    properties = word.core_properties
    properties.title, properties.author = _xml(document.title)[:255], "aigc-tui"
    properties.language = "zh-CN" if document.language == "zh" else "en"
    # The library's template is dated 2013; no clock is read, so that the same sheet is the same file.
    properties.created = properties.modified = _EPOCH
    colon = "：" if document.language == "zh" else ": "
    word.add_heading(_xml(document.title), level=0)
    for block in document.blocks:
        _add(word, block, colon)
    into = io.BytesIO()
    word.save(into)
    return into.getvalue()


def _set_fonts(word: Any) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    for name in ("Normal", "Title", "Heading 1", "Heading 2", "Heading 3"):
        style = word.styles[name]
        style.font.name = _LATIN
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme"):
            fonts.attrib.pop(qn(theme), None)
        fonts.set(qn("w:eastAsia"), _CHINESE)
    word.styles["Normal"].font.size = Pt(11)


def _add(word: Any, block: printable.PrintBlock, colon: str) -> None:
    match block:
        case printable.Heading(level, text, number):
            word.add_heading(_xml(f"{f'{number}. ' if number else ''}{text}"), level=level)
        case printable.Paragraph(text, label):
            _paragraph(word, text, f"{label}{colon}" if label else "")
        case printable.Note(text):
            _small(word, text)
        case printable.Quote(text, where):
            word.add_paragraph(_xml(text + (f"\n— {where}" if where else "")), style="Quote")
        case printable.PageBreak():
            word.add_page_break()
        case _:
            _add_list(word, block)


def _add_list(
    word: Any, block: printable.Listing | printable.Table | printable.WritingSpace | printable.Remark
) -> None:
    match block:
        case printable.Listing(items, marks):
            _list(word, items, marks)
        case printable.Table(header, rows):
            _table(word, header, rows)
        case printable.WritingSpace(lines):
            for _ in range(lines):
                word.add_paragraph("_" * 70)
        case printable.Remark():
            return


def _paragraph(word: Any, text: str, label: str) -> None:
    paragraph = word.add_paragraph()
    if label:
        paragraph.add_run(_xml(label)).bold = True
    paragraph.add_run(_xml(text))


def _small(word: Any, text: str) -> None:
    from docx.shared import Pt

    word.add_paragraph().add_run(_xml(text)).font.size = Pt(9)


def _list(word: Any, items: tuple[str, ...], marks: tuple[str, ...]) -> None:
    from docx.shared import Cm

    for item, mark in zip(items, marks or ("",) * len(items), strict=True):
        paragraph = word.add_paragraph(
            _xml(f"{mark} {item}" if mark else item), style=None if mark else "List Bullet"
        )
        if mark:
            paragraph.paragraph_format.left_indent = Cm(1)
            paragraph.paragraph_format.space_after = Cm(0.1)


def _table(word: Any, header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    table = word.add_table(rows=0, cols=len(header), style="Table Grid")
    for row in (header, *rows):
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = _xml(text)
    for cell in table.rows[0].cells:
        for run in cell.paragraphs[0].runs:
            run.bold = True


def _xml(text: str) -> str:
    """XML 1.0 has no room for some code points that a PDF's text may hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
