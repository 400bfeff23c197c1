"""PDF to text with pypdf, in a guarded process: a PDF is a program for a page, and some are written to crash.

A scanned PDF has pictures of words and no words; it is said so instead of giving an empty text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from aigc_tui.corpora.container import shown
from aigc_tui.corpora.document import CorporaError, Document, Dropped, Item
from aigc_tui.corpora.guard import Guard, ParserError
from aigc_tui.corpora.lines import TOO_LONG
from aigc_tui.corpora.reader import Source

SCANNED = "pdf: scanned, no text in it"
_LARGEST = 256 << 20
_HYPHEN = re.compile(r"(?<=[a-z])-\n(?=[a-z])")
_WRAPPED = re.compile(r"(?<![.!?:。！？：\n])\n(?!\n)")
_HAN_BREAK = re.compile("(?<=[\u3400-\u9fff，、]) (?=[\u3400-\u9fff])")
_BLANK = re.compile(r"\n{3,}")
_FEWEST_CHARS_A_PAGE = 8


def read(source: Source, skip: int = 0) -> Iterator[Item | None]:
    """Give the one document of a PDF.

    Raises:
        CorporaError: The file cannot be read at all.
    """
    yield from guarded_file(source, skip, "pdf")


def guarded_file(source: Source, skip: int, task: str) -> Iterator[Item | None]:
    """Parse a whole file behind the guard; also for Word files.

    Raises:
        CorporaError: The file cannot be read at all.
    """
    if skip:
        return
    size = source.path.stat().st_size
    if size > _LARGEST:
        yield Dropped(TOO_LONG, source.path.name)
        return
    try:
        data = source.path.read_bytes()
    except OSError as error:
        raise CorporaError(f"{shown(source.path)}: {error.strerror}") from None
    source.meter.done = size
    caps = source.caps
    with Guard(task, caps.document_seconds, caps.memory) as guard:
        try:
            text = guard.ask(caps.pages.to_bytes(4, "big") + data).decode("utf-8", "replace")
        except ParserError as failure:
            yield Dropped(f"{task}: {failure.reason}", f"{source.path.name}: {failure.detail}")
            return
    name = source.path.name
    yield Document(f"file:{name}", text, meta={"file": name}) if text else Dropped(SCANNED, name)


def task(question: bytes) -> bytes:
    """Answer ``guard.py``: four bytes of the most pages, then the file. Empty: its pages hold no words."""
    return extract(question[4:], int.from_bytes(question[:4], "big")).encode("utf-8", "replace")


def extract(data: bytes, most_pages: int) -> str:
    """Take the text of a PDF's first pages.

    Args:
        data: The file.
        most_pages: Pages beyond this many are left out.

    Returns:
        The text; empty for a scanned PDF.

    Raises:
        CorporaError: It is locked, broken, or pypdf is missing.
    """
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        raise CorporaError("PDF files need the package pypdf (pip)") from None
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise CorporaError("locked with a password")
        count = min(len(reader.pages), most_pages)
        pages = [reader.pages[number].extract_text() for number in range(count)]
    except (PyPdfError, RecursionError) as error:
        raise CorporaError(f"broken PDF ({error or type(error).__name__})") from None
    text = "\n\n".join(map(unwrap, pages)).strip()
    return text if len(text) >= _FEWEST_CHARS_A_PAGE * count else ""


def unwrap(page: str) -> str:
    """Join the lines of a paragraph again, which a page breaks where the paper ends."""
    page = "\n".join(line.strip() for line in page.splitlines())
    page = _WRAPPED.sub(" ", _HYPHEN.sub("", page))
    return _BLANK.sub("\n\n", _HAN_BREAK.sub("", page)).strip()
