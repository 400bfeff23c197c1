"""Word files (.docx) to blocks: styles name headings, lists and captions; runs hold emphasis.

python-docx opens the file and knows its styles; words are taken from the paragraphs' own XML, since
python-docx's runs leave out links and formulas.
"""

from __future__ import annotations

import io
import re
from typing import Any

from aigc_tui.documents.blocks import (
    Block,
    BlockKind,
    Content,
    DocumentError,
    Mark,
    Rich,
    needs_package,
    tidy_aside,
)
from aigc_tui.documents.read.plain import heading_level, is_short_line
from aigc_tui.documents.read.zips import Archive
from aigc_tui.text import one_line

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_HEADING = re.compile(r"(?:heading|标题|標題)\s*(\d)", re.IGNORECASE)
_OFF = ("0", "false", "off", "none")


def read_docx(data: bytes) -> Content:
    """Read a Word file; its title is the first paragraph in the title style.

    Raises:
        DocumentError: It is damaged, a decompression bomb, or python-docx is missing.
    """
    # Every member is unpacked once, counted, before python-docx unpacks them without a limit.
    archive = Archive(data)
    for name in archive.names:
        archive.read(name)
    try:
        import docx
    except ImportError:
        raise DocumentError(needs_package("Word", "python-docx")) from None
    try:
        document = docx.Document(io.BytesIO(data))
        walk = _DocxWalk(document)
        for part in document.iter_inner_content():
            walk.add(part)
    except DocumentError:
        raise
    except Exception as error:  # python-docx raises what its parts raise: KeyError, ValueError, lxml's
        raise DocumentError("the Word file is damaged ({reason})", reason=one_line(str(error))) from None
    return Content(walk.out, walk.title)


class _DocxWalk:
    def __init__(self, document: Any) -> None:
        self.out: list[Block] = []
        self.title = ""
        self._formats = _number_formats(document)
        self._series: dict[tuple[str, str], int] = {}
        self._counts: dict[int, int] = {}

    def add(self, part: Any) -> None:
        if hasattr(part, "rows"):
            rows = (" | ".join(cell.text.strip() for cell in row.cells) for row in part.rows)
            self.out.append(
                Block(BlockKind.TABLE, tidy_aside("\n".join(row for row in rows if row.strip(" |"))))
            )
            return
        for formula in part._p.iter(f"{_M}oMathPara"):
            self.out.append(Block(BlockKind.FORMULA, tidy_aside(_math(formula))))
        text, marks = _rich(part._p)
        if text:
            self._paragraph(part, text, marks)

    def _paragraph(self, part: Any, text: str, marks: tuple[Mark, ...]) -> None:
        style = (part.style.name or "") if part.style is not None else ""
        whole = len(marks) == 1 and marks[0].bold and marks[0].end - marks[0].start == len(text)
        level = _level(part, style) or (_looks(text) if whole else 0)
        if style.lower() in ("title", "标题") and not self.title:
            self.title, level = text, 1
        if level:
            self.out.append(Block(BlockKind.HEADING, text.replace("\n", " "), level=level))
        elif style.lower() in ("caption", "题注", "題注"):
            self.out.append(Block(BlockKind.CAPTION, text))
        elif (item := self._item(part, style, text, marks)) is not None:
            self.out.append(item)
        else:
            self.out.append(Block(BlockKind.PARAGRAPH, text, marks=marks))

    def _item(self, part: Any, style: str, text: str, marks: tuple[Mark, ...]) -> Block | None:
        """An item by its numbering or by its style; its number is counted as Word does."""
        found = part._p.find(f"{_W}pPr/{_W}numPr")
        named = style.lower().startswith(("list bullet", "list number", "列表"))
        if found is None and not named:
            return None
        ids = [found.find(f"{_W}{tag}") if found is not None else None for tag in ("numId", "ilvl")]
        number_id, depth = (each.get(f"{_W}val") if each is not None else "" for each in ids)
        if number_id == "0":
            return None
        after_item = bool(self.out) and self.out[-1].kind is BlockKind.ITEM
        key = (number_id or style, depth or "0")
        if key not in self._series or not (after_item or number_id):
            self._series[key] = len(self._counts) + 1
            self._counts[self._series[key]] = 0
        series = self._series[key]
        numbered = self._formats.get(key, "bullet") != "bullet" or style.lower().startswith("list number")
        self._counts[series] += 1
        number = self._counts[series] if numbered else 0
        return Block(BlockKind.ITEM, text.replace("\n", " "), number=number, series=series, marks=marks)


def _level(part: Any, style: str) -> int:
    """The level of a heading style, also of one that is based on it."""
    if match := _HEADING.match(style):
        return int(match[1])
    outline = part._p.find(f"{_W}pPr/{_W}outlineLvl")
    base = part.style
    for _ in range(8):
        if outline is not None or base is None:
            break
        outline = base.element.find(f"{_W}pPr/{_W}outlineLvl")
        base = base.base_style
    value = outline.get(f"{_W}val") if outline is not None else "9"
    return int(value) + 1 if value.isdigit() and int(value) < 9 else 0


def _looks(text: str) -> int:
    """Many write headings as bold lines without a style."""
    return heading_level(text) or (2 if is_short_line(text) else 0)


def _number_formats(document: Any) -> dict[tuple[str, str], str]:
    """(number id, depth) to its format, `bullet` or `decimal` and the like (ECMA-376, 17.9)."""
    try:
        root = document.part.numbering_part.element
    except (KeyError, NotImplementedError, AttributeError):
        return {}
    kinds = {}
    for abstract in root.iter(f"{_W}abstractNum"):
        for level in abstract.iter(f"{_W}lvl"):
            form = level.find(f"{_W}numFmt")
            kinds[abstract.get(f"{_W}abstractNumId"), level.get(f"{_W}ilvl")] = (
                form.get(f"{_W}val") if form is not None else "bullet"
            )
    formats: dict[tuple[str, str], str] = {}
    for number in root.iter(f"{_W}num"):
        link = number.find(f"{_W}abstractNumId")
        target = link.get(f"{_W}val") if link is not None else ""
        formats |= {
            (number.get(f"{_W}numId"), at): form for (name, at), form in kinds.items() if name == target
        }
    return formats


def _rich(paragraph: Any) -> tuple[str, tuple[Mark, ...]]:
    rich = Rich()
    for element in paragraph.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_M}oMath"):
        if element.tag == f"{_M}oMath":
            if element.getparent().tag != f"{_M}oMathPara":
                rich.add(_math(element))
        elif element.tag == f"{_W}t":
            form = element.getparent().find(f"{_W}rPr")
            rich.add(element.text or "", _is_on(form, "b"), _is_on(form, "i"))
        elif element.getparent().tag == f"{_W}r":
            rich.add(" " if element.tag == f"{_W}tab" else "\n")
    return rich.done()


def _math(element: Any) -> str:
    return "".join(each.text or "" for each in element.iter(f"{_M}t"))


def _is_on(form: Any, name: str) -> bool:
    mark = form.find(f"{_W}{name}") if form is not None else None
    return mark is not None and mark.get(f"{_W}val", "1") not in _OFF
