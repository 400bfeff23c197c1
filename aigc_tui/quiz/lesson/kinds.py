"""What sort of file a lesson is: by its first bytes, then by its name.

Why it exists: a name may lie, and each wrong kind of file deserves a line that says what would be right.
"""

from __future__ import annotations

import io
import re
import zipfile
from enum import StrEnum

from aigc_tui.quiz.lesson.decoding import decode_text, is_binary
from aigc_tui.quiz.lesson.records import LessonError


class LessonKind(StrEnum):
    """A format with a reader."""

    MARKDOWN = "markdown"
    TEXT = "text"
    HTML = "html"
    WIKITEXT = "wikitext"
    PDF = "pdf"
    WORD = "docx"
    EPUB = "epub"


_REFUSED = (
    (b"\xd0\xcf\x11\xe0", "an old Office file; save it as .docx"),
    (b"{\\rtf", "an RTF file; save it as .docx"),
    (b"\x89PNG", "a picture; run OCR first and give its text"),
    (b"\xff\xd8\xff", "a picture; run OCR first and give its text"),
    (b"GIF8", "a picture; run OCR first and give its text"),
    (b"\x1f\x8b", "a compressed file; unpack it first"),
    (b"BZh", "a compressed file; unpack it first"),
    (b"\xfd7zXZ", "a compressed file; unpack it first"),
    (b"(\xb5/\xfd", "a compressed file; unpack it first"),
    (b"\x7fELF", "a program, not a lesson"),
    (b"SQLite format 3", "a database, not a lesson"),
)
_HTML = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--[^>]{0,2000}-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I
)
_WIKI_MARKS = re.compile(
    r"\[\[[^\[\]\n]{1,200}\]\]|^={2,5}[^=\n]{1,200}={2,5}\s*$|\{\{[^{}\n]{1,200}|'''", re.M
)
_MARKDOWN_MARKS = re.compile(r"^#{1,6} \S|^```|\*\*[^*\n]{1,200}\*\*|^\|[ :|-]{3,200}\|\s*$", re.M)
_SUFFIXES = {".md": LessonKind.MARKDOWN, ".markdown": LessonKind.MARKDOWN, ".mkd": LessonKind.MARKDOWN}
_SUFFIXES |= {
    ".wiki": LessonKind.WIKITEXT,
    ".mediawiki": LessonKind.WIKITEXT,
    ".wikitext": LessonKind.WIKITEXT,
}
_SUFFIXES |= {".html": LessonKind.HTML, ".htm": LessonKind.HTML, ".xhtml": LessonKind.HTML}
_HEAD = 1 << 16


def kind_of(data: bytes, suffix: str) -> LessonKind:
    """Tell what a file is.

    Args:
        data: The file, or at least its first 64 KiB; a zip must be whole.
        suffix: Of its name, such as `.md`.

    Raises:
        LessonError: Nothing that is read here; the line says what to do.
    """
    if not data.strip():
        raise LessonError("the file is empty")
    if b"%PDF-" in data[:1024]:
        return LessonKind.PDF
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_zip(data)
    for magic, what in _REFUSED:
        if data.startswith(magic):
            raise LessonError(what)
    if is_binary(data):
        raise LessonError("a binary file; lessons are Markdown, text, HTML, PDF, docx or EPUB")
    return _kind_of_text(decode_text(data[:_HEAD]), suffix.lower())


def _kind_of_zip(data: bytes) -> LessonKind:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        raise LessonError("a broken zip file") from None
    if "word/document.xml" in names:
        return LessonKind.WORD
    if "META-INF/container.xml" in names:
        return LessonKind.EPUB
    raise LessonError("a zip, but neither Word (.docx) nor EPUB; unpack it and give the lesson itself")


def _kind_of_text(head: str, suffix: str) -> LessonKind:
    if _HTML.match(head):
        return LessonKind.HTML
    if suffix in _SUFFIXES:
        return _SUFFIXES[suffix]
    wiki, marked = len(_WIKI_MARKS.findall(head)), len(_MARKDOWN_MARKS.findall(head))
    if wiki >= 3 and wiki * 400 > len(head) and wiki > marked:
        return LessonKind.WIKITEXT
    return LessonKind.MARKDOWN if marked >= 2 else LessonKind.TEXT
