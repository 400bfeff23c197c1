"""Lesson files in their true containers, made here: PDF by hand, Word, EPUB, a saved Wikipedia article.

Why they exist: a reader that is tested on files of its own reader's making proves little. The PDF is written
operator by operator, with a Type0 font whose glyph numbers mean nothing without its ToUnicode map.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from aigc_tui.quiz.lesson.records import Lesson, SentenceKind

LESSONS = Path(__file__).resolve().parents[2] / "data" / "lessons"


@dataclass(frozen=True, slots=True)
class Text:
    """A line of a page: what, where, how large."""

    words: str
    y: float
    size: float = 11.0
    bold: bool = False
    x: float = 72.0


def sample(name: str) -> Path:
    """A lesson that ships."""
    return LESSONS / f"{name}.md"


def pdf(
    pages: list[list[Text]], outline: list[tuple[str, int]] | None = None, compress: bool = False
) -> bytes:
    """Write a PDF.

    Args:
        pages: Lines of each page.
        outline: Bookmarks: title and page from 0.
        compress: Deflate the pages' streams.
    """
    used = sorted({char for page in pages for line in page for char in line.words})
    codes = {char: number for number, char in enumerate(used, 1)}
    writer = _Pdf()
    fonts = f"/F1 {_font(writer, codes, 'Plain')} 0 R /F2 {_font(writer, codes, 'Plain-Bold')} 0 R"
    tree = writer.reserve()
    kids = []
    for page in pages:
        content = writer.stream(_content(page, codes), compress)
        kids.append(
            writer.add(
                f"<< /Type /Page /Parent {tree} 0 R /MediaBox [0 0 595 842] /Contents {content} 0 R "
                f"/Resources << /Font << {fonts} >> >> >>"
            )
        )
    refs = " ".join(f"{kid} 0 R" for kid in kids)
    writer.put(tree, f"<< /Type /Pages /Kids [{refs}] /Count {len(kids)} >>")
    marks = f"/Outlines {_outline(writer, outline, kids)} 0 R" if outline else ""
    return writer.done(writer.add(f"<< /Type /Catalog /Pages {tree} 0 R {marks} >>"))


def _content(page: list[Text], codes: dict[str, int]) -> bytes:
    parts = []
    for line in page:
        glyphs = "".join(f"{codes[char]:04x}" for char in line.words)
        font = "F2" if line.bold else "F1"
        parts.append(f"BT /{font} {line.size} Tf 1 0 0 1 {line.x} {line.y} Tm <{glyphs}> Tj ET")
    return "\n".join(parts).encode()


def _font(writer: _Pdf, codes: dict[str, int], name: str) -> int:
    pairs = "\n".join(f"<{code:04x}> <{char.encode('utf-16-be').hex()}>" for char, code in codes.items())
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def "
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{pairs}\nendbfchar endcmap end end"
    )
    unicode_map = writer.stream(cmap.encode(), compress=True)
    widths = " ".join(f"{code} [{1000 if ord(char) > 0x2E7F else 520}]" for char, code in codes.items())
    cid = writer.add(
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /W [{widths}] "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
    )
    return writer.add(
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
        f"/DescendantFonts [{cid} 0 R] /ToUnicode {unicode_map} 0 R >>"
    )


def _outline(writer: _Pdf, outline: list[tuple[str, int]], kids: list[int]) -> int:
    root = writer.reserve()
    numbers = [writer.reserve() for _ in outline]
    for place, (title, page) in enumerate(outline):
        after = f"/Next {numbers[place + 1]} 0 R" if place + 1 < len(numbers) else ""
        text = "feff" + title.encode("utf-16-be").hex()
        writer.put(
            numbers[place], f"<< /Title <{text}> /Parent {root} 0 R /Dest [{kids[page]} 0 R /Fit] {after} >>"
        )
    writer.put(
        root, f"<< /Type /Outlines /First {numbers[0]} 0 R /Last {numbers[-1]} 0 R /Count {len(numbers)} >>"
    )
    return root


class _Pdf:
    """Objects, and where each begins."""

    def __init__(self) -> None:
        self._objects: list[bytes] = []

    def reserve(self) -> int:
        self._objects.append(b"null")
        return len(self._objects)

    def put(self, number: int, body: str | bytes) -> None:
        self._objects[number - 1] = body.encode("latin-1") if isinstance(body, str) else body

    def add(self, body: str | bytes) -> int:
        number = self.reserve()
        self.put(number, body)
        return number

    def stream(self, data: bytes, compress: bool = False) -> int:
        filters = b"/Filter /FlateDecode " if compress else b""
        data = zlib.compress(data, 9) if compress else data
        return self.add(b"<< %s/Length %d >>\nstream\n%s\nendstream" % (filters, len(data), data))

    def done(self, root: int) -> bytes:
        out, places = bytearray(b"%PDF-1.7\n"), []
        for number, body in enumerate(self._objects, 1):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
        start = len(out)
        out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
        out += b"".join(b"%010d 00000 n \n" % place for place in places)
        out += b"trailer << /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF" % (len(places) + 1, root, start)
        return bytes(out)


def set_page(title: str, paragraphs: list[str], number: int, columns: int = 80) -> list[Text]:
    """Set a page as a printer would: running header, heading, wrapped paragraphs, page number."""
    lines, y = [Text("A running header", 800, 9)], 760.0
    if title:
        lines.append(Text(title, y, 16, bold=True))
        y -= 30
    for paragraph in paragraphs:
        for row in wrap(paragraph, columns):
            lines.append(Text(row, y))
            y -= 14
        y -= 10
    return [*lines, Text(str(number), 40, 9, x=290)]


def typeset(lesson: Lesson, rows_a_page: int = 30) -> bytes:
    """A lesson as the PDF that a word processor would print: headings, items, wrapped lines."""
    rows: list[tuple[str, float, float]] = []
    last = -1
    for each in lesson.sentences:
        words, heading = lesson.quote(each), each.kind is SentenceKind.HEADING
        if heading:
            rows.append((words, 18.0 - 2 * lesson.sections[each.section].level, 12.0))
        elif each.kind is SentenceKind.LIST:
            rows += [
                (row, 11.0, 0.0) for row in wrap(f"{each.number or '•'}. {words}".replace("•.", "•"), 84)
            ]
        elif each.paragraph != last:
            whole = [lesson.quote(one) for one in lesson.sentences if one.paragraph == each.paragraph]
            joined = ("" if lesson.language == "zh" else " ").join(whole)
            wrapped = wrap(joined, 84)
            rows += [(row, 11.0, 8.0 if place == 0 else 0.0) for place, row in enumerate(wrapped)]
        last = each.paragraph
    return pdf(
        [_page(rows[at : at + rows_a_page], at) for at in range(0, len(rows), rows_a_page)], compress=True
    )


def _page(rows: list[tuple[str, float, float]], number: int) -> list[Text]:
    lines, y = [Text("A running header", 810, 9)], 780.0
    for words, size, above in rows:
        y -= above
        lines.append(Text(words, y, size, bold=size > 11))
        y -= 14
    return [*lines, Text(f"Page {number}", 20, 9, x=290)]


def wrap(paragraph: str, columns: int) -> list[str]:
    """Break a paragraph into lines, between words, or between any two Chinese characters."""
    if any(char > "\u2e7f" for char in paragraph):
        return _wrap_east(paragraph, columns // 2)
    rows = [""]
    for word in paragraph.split(" "):
        if len(rows[-1]) + len(word) >= columns:
            rows.append(word)
        else:
            rows[-1] = f"{rows[-1]} {word}".strip()
    return rows


def long_markdown(pages: int) -> str:
    """A lesson of many pages of about 3,000 characters, in varied paragraphs under many headings."""
    source = sample("en-newtons-laws").read_text("utf-8").split("\n\n")
    parts = []
    for page in range(pages):
        parts.append(f"## Unit {page + 1}: experiment number {page * 7 % 100}")
        parts += [
            f"In test {page * 31 + place} this was found. {each}" for place, each in enumerate(source[3:16])
        ]
    return "# A long course\n\n" + "\n\n".join(parts)


def docx(markdown: str) -> bytes:
    """A Word file of headings, paragraphs with bold words, lists and tables, from simple Markdown."""
    import docx as word

    document = word.Document()
    for block in markdown.split("\n\n"):
        _add_to_word(document, block.strip())
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _add_to_word(document, block: str) -> None:  # type: ignore[no-untyped-def]
    lines = block.split("\n")
    if block.startswith("#"):
        document.add_heading(block.lstrip("# "), level=len(block) - len(block.lstrip("#")))
    elif block.startswith("|"):
        rows = [line.strip("|").split("|") for line in lines if "---" not in line]
        table = document.add_table(rows=len(rows), cols=len(rows[0]))
        for row, cells in zip(table.rows, rows, strict=True):
            for cell, words in zip(row.cells, cells, strict=True):
                cell.text = words.strip()
    elif block[:1].isdigit() or block.startswith("- "):
        for line in lines:
            style = "List Number" if line[:1].isdigit() else "List Bullet"
            document.add_paragraph(line.split(" ", 1)[1], style=style)
    elif not block.startswith("$"):
        paragraph = document.add_paragraph()
        for place, piece in enumerate(block.split("**")):
            paragraph.add_run(piece).bold = place % 2 == 1


def epub(title: str, chapters: dict[str, str]) -> bytes:
    """A book.

    Args:
        title: Its name.
        chapters: The XHTML body of each file, in the order of the spine.
    """
    out = io.BytesIO()
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="i{n}"/>' for n, _ in enumerate(chapters))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("mimetype"), "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
        )
        archive.writestr(
            "OEBPS/book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
            f"<dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>",
        )
        for name, body in chapters.items():
            page = f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>'
            archive.writestr(f"OEBPS/{name}", '<?xml version="1.0" encoding="utf-8"?>' + page)
    return out.getvalue()


WIKIPEDIA = """<!DOCTYPE html><html class="client-nojs"><head><title>Glacier - Wikipedia</title>
<script>var a = "never";</script></head><body class="mediawiki">
<div id="mw-navigation"><ul><li><a href="/a">Main page</a></li></ul></div>
<h1 id="firstHeading">Glacier</h1><div id="siteSub">From Wikipedia, the free encyclopedia</div>
<div id="mw-content-text"><div class="mw-content-ltr mw-parser-output" lang="en">
<div class="shortdescription">Persistent body of ice</div>
<div role="note" class="hatnote">For other uses, see <a href="/x">Glacier (disambiguation)</a>.</div>
<table class="infobox"><tr><th>Type</th><td>Infobox never shown</td></tr></table>
<figure typeof="mw:File/Thumb"><a class="mw-file-description"><img src="x.jpg"></a>
<figcaption>The Baltoro Glacier in 2005</figcaption></figure>
<p>A <b>glacier</b> is a persistent body of dense <a href="/i">ice</a> that moves under its own weight.<sup
class="reference"><a href="#c1">[1]</a></sup> It forms where snow piles up faster than it melts.</p>
<div id="toc" class="toc"><ul><li><a>1 Motion</a></li></ul></div>
<h2><span class="mw-headline" id="Motion">Motion</span><span class="mw-editsection">[<a>edit</a>]</span></h2>
<p>The speed follows <span class="mwe-math-element"><span style="display: none;"><math
alttext="{\\displaystyle v=ax}">
<mi>v</mi></math></span><img alt="{\\displaystyle v=ax}"></span> on gentle slopes.</p>
<dl><dd><span class="mwe-math-element mwe-math-element-block"><math display="block"
alttext="{\\displaystyle \\Sigma =k\\tau ^{n}}"><mi>S</mi></math></span></dd></dl>
<ol><li>Snow falls.</li><li>Snow turns to <i>firn</i>.</li></ol>
<table class="wikitable"><caption>Lengths</caption><tr><th>Name</th><th>km</th></tr>
<tr><td>Fedchenko</td><td>77</td></tr></table>
<h2><span class="mw-headline">See also</span></h2><ul><li><a href="/c">Ice cap</a></li></ul>
<h2><span class="mw-headline">References</span></h2>
<div class="reflist"><ol class="references"><li>A source.</li></ol></div>
<div class="navbox">Navbox never shown</div></div></div>
<div id="catlinks">Categories</div><footer>Privacy policy</footer></body></html>"""


def _wrap_east(paragraph: str, columns: int) -> list[str]:
    """Between any two Chinese characters, but never within a number or before a closing mark."""
    rows = [""]
    for part in re.findall(r"[0-9A-Za-z.,%/²³×⁻-]+[，。；：、）”》]*|.[，。；：、）”》]*", paragraph):
        if len(rows[-1]) + len(part) > columns:
            rows.append("")
        rows[-1] = (rows[-1] + part).lstrip()
    return rows


def as_plain(lesson: Lesson, columns: int) -> str:
    """A lesson as a text file without any markup, wrapped at a width."""
    kinds = {lesson.quote(each): each for each in lesson.sentences}
    blocks = []
    for block in lesson.text.split("\n\n"):
        first = kinds.get(block.split("\n", 1)[0])
        if first is not None and first.kind is SentenceKind.LIST:
            items = (kinds[row] for row in block.split("\n"))
            blocks.append("\n".join(f"{each.number or '-'}. {lesson.quote(each)}" for each in items))
        elif first is not None and first.kind is SentenceKind.HEADING:
            blocks.append(block)
        else:
            blocks.append("\n".join(wrap(block, columns)))
    return "\n\n".join(blocks).replace("\n-. ", "\n- ")
