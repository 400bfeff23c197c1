"""A file of any kind to blocks; the kind is told by the first bytes, then by the name.

Call `read_document` in a sandboxed process: files come from strangers. Parsers of a format are imported when
a file of that format comes.
"""

from __future__ import annotations

import io
import re
import zipfile
from enum import StrEnum

from aigc_tui.documents.blocks import LONGEST_TEXT, Content, DocumentError
from aigc_tui.documents.read.decoding import decode_page, decode_text, is_binary
from aigc_tui.message import Message, message


class DocumentKind(StrEnum):
    """A format with a reader."""

    MARKDOWN = "markdown"
    TEXT = "text"
    HTML = "html"
    WIKITEXT = "wikitext"
    PDF = "pdf"
    DOCX = "docx"
    EPUB = "epub"


_PICTURE = message("the file is a picture; run OCR on it and use the text")
_COMPRESSED = message("the file is compressed; unpack it first")
_REFUSED: tuple[tuple[bytes, Message], ...] = (
    (b"\xd0\xcf\x11\xe0", message("the file is in an old Office format; save it as .docx")),
    (b"{\\rtf", message("the file is in the RTF format; save it as .docx")),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"\x1f\x8b", _COMPRESSED),
    (b"BZh", _COMPRESSED),
    (b"\xfd7zXZ", _COMPRESSED),
    (b"(\xb5/\xfd", _COMPRESSED),
    (b"\x7fELF", message("the file is a program, not a document")),
    (b"SQLite format 3", message("the file is a database, not a document")),
)
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--[^>]{0,2000}-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I
)
_WIKI_MARKS = re.compile(
    r"\[\[[^\[\]\n]{1,200}\]\]|^={2,5}[^=\n]{1,200}={2,5}\s*$|\{\{[^{}\n]{1,200}|'''", re.M
)
_MARKDOWN_MARKS = re.compile(r"^#{1,6} \S|^```|\*\*[^*\n]{1,200}\*\*|^\|[ :|-]{3,200}\|\s*$", re.M)
_SUFFIXES = {
    **dict.fromkeys((".md", ".markdown", ".mkd"), DocumentKind.MARKDOWN),
    **dict.fromkeys((".wiki", ".mediawiki", ".wikitext"), DocumentKind.WIKITEXT),
    **dict.fromkeys((".html", ".htm", ".xhtml"), DocumentKind.HTML),
}
_HEAD = 1 << 16


def read_document(data: bytes, name: str) -> Content:
    """Read a file of any known kind; of its name only the suffix counts.

    Raises:
        DocumentError: It cannot be read.
    """
    dot = name.rfind(".")
    match kind := kind_of(data, name[dot:] if dot > 0 else ""):
        case DocumentKind.PDF:
            from aigc_tui.documents.read.pdf import read_pdf

            return read_pdf(data)
        case DocumentKind.EPUB:
            from aigc_tui.documents.read.epub import read_epub

            return read_epub(data)
        case DocumentKind.DOCX:
            from aigc_tui.documents.read.docx import read_docx

            return read_docx(data)
        case DocumentKind.HTML:
            from aigc_tui.documents.read.html import read_html

            return read_html(decode_page(data))
        case _:
            text = decode_text(data)
            if len(text) > LONGEST_TEXT:
                raise too_long()
            return read_text(text, kind)


def read_text(text: str, kind: DocumentKind) -> Content:
    """Read Markdown, wikitext or plain text."""
    if kind is DocumentKind.WIKITEXT:
        from aigc_tui.documents.read.wikitext import read_wikitext

        return read_wikitext(text)
    if kind is DocumentKind.MARKDOWN:
        from aigc_tui.documents.read.markdown import read_markdown

        return read_markdown(text)
    from aigc_tui.documents.read.plain import read_plain

    return read_plain(text)


def too_long() -> DocumentError:
    """Make the error for more than `LONGEST_TEXT` characters."""
    return DocumentError(
        "the text has more than {most} million characters; split the file", most=LONGEST_TEXT >> 20
    )


def kind_of(data: bytes, suffix: str) -> DocumentKind:
    """Tell what a file is.

    Args:
        data: The file, or at least its first 64 KiB; a zip must be whole.
        suffix: Of its name, such as `.md`.

    Raises:
        DocumentError: Nothing that is read here; the message says what to do.
    """
    if not data.strip():
        raise DocumentError("the file is empty")
    if b"%PDF-" in data[:1024]:
        return DocumentKind.PDF
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_zip(data)
    for magic, why in _REFUSED:
        if data.startswith(magic):
            raise DocumentError(why)
    if is_binary(data):
        raise DocumentError("the file is binary; use Markdown, text, HTML, PDF, Word (.docx) or EPUB")
    return _kind_of_text(decode_text(data[:_HEAD]), suffix.lower())


def _kind_of_zip(data: bytes) -> DocumentKind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise DocumentError("the zip file is damaged ({reason})", reason=str(error)) from None
    if "word/document.xml" in names:
        return DocumentKind.DOCX
    if "META-INF/container.xml" in names:
        return DocumentKind.EPUB
    raise DocumentError("the zip file is neither Word (.docx) nor EPUB; unpack it and use the files in it")


def _kind_of_text(head: str, suffix: str) -> DocumentKind:
    if _HTML.match(head):
        return DocumentKind.HTML
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    wiki, marked = len(_WIKI_MARKS.findall(head)), len(_MARKDOWN_MARKS.findall(head))
    if wiki >= 3 and wiki * 400 > len(head) and wiki > marked:
        return DocumentKind.WIKITEXT
    return DocumentKind.MARKDOWN if marked >= 2 else DocumentKind.TEXT
