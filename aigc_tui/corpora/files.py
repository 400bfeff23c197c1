"""People's own files: text, Markdown, PDF, Word; a long text is cut between paragraphs."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator

from aigc_tui.corpora.document import CorporaError, Document, Dropped, Item
from aigc_tui.corpora.reader import Source, convert
from aigc_tui.corpora.unpack import TOO_LONG, lines, shown
from aigc_tui.documents.blocks import plain_text
from aigc_tui.documents.read.decoding import decode_text
from aigc_tui.documents.read.markdown import strip_extras
from aigc_tui.message import reason_of
from aigc_tui.process.sandbox import Parser, ParserError, Sandbox, sandboxed

SCANNED = "pdf: scanned, no text in it"
PART_BYTES = 1 << 20
_LARGEST = 256 << 20
_FEWEST_CHARS_A_PAGE = 8


def read_text(source: Source, skip: int = 0) -> Iterator[Item | None]:
    """Stream a text file, in parts of about a megabyte if it is longer.

    Raises:
        CorporaError: The file is damaged or cut off from here on.
    """
    return _read_parts(source, skip, lambda _, text: text)


def read_markdown(source: Source, skip: int = 0) -> Iterator[Item | None]:
    """Stream a Markdown file as it is, less what no reader sees.

    Raises:
        CorporaError: The file is damaged or cut off from here on.
    """
    # Only the first part may begin with front matter.
    return _read_parts(source, skip, lambda number, text: strip_extras(text if number == 1 else "\n" + text))


PDF, DOCX = Parser(__name__, "pdf_task"), Parser(__name__, "docx_task")


def read_pdf(source: Source, skip: int = 0) -> Iterator[Item | None]:
    """Give the one document of a PDF.

    Raises:
        CorporaError: The file cannot be read at all.
    """
    return _sandboxed_file(source, skip, "pdf", PDF)


def read_docx(source: Source, skip: int = 0) -> Iterator[Item | None]:
    """Give the one document of a Word file.

    Raises:
        CorporaError: The file cannot be read at all.
    """
    return _sandboxed_file(source, skip, "docx", DOCX)


def _sandboxed_file(source: Source, skip: int, kind: str, parser: Parser) -> Iterator[Item | None]:
    if skip:
        return
    name = source.path.name
    size = source.path.stat().st_size
    if size > _LARGEST:
        yield Dropped(TOO_LONG, name)
        return
    try:
        data = source.path.read_bytes()
    except OSError as error:
        raise CorporaError("{path}: {reason}", path=shown(source.path), reason=reason_of(error)) from None
    source.meter.done = size
    caps = source.caps
    with Sandbox(parser, caps.document_seconds, caps.memory) as sandbox:
        try:
            text = sandbox.ask(caps.pages.to_bytes(4, "big") + data).decode("utf-8", "replace")
        except ParserError as failure:
            yield Dropped(f"{kind}: {failure.reason}", f"{name}: {failure.detail}")
            return
    yield Document(f"file:{name}", text, meta={"file": name}) if text else Dropped(SCANNED, name)


@sandboxed
def pdf_task(question: bytes) -> bytes:
    """The sandboxed side: four bytes of the most pages, then the file. Returns nothing for a scanned PDF."""
    from aigc_tui.documents.read.pdf import ScannedError, read_pdf

    try:
        content = read_pdf(question[4:], first_pages=int.from_bytes(question[:4], "big"))
    except ScannedError:
        return b""
    text = plain_text(content.blocks, pages_apart=True)
    enough = len(text) >= _FEWEST_CHARS_A_PAGE * content.page_count
    return text.encode("utf-8", "replace") if enough else b""


@sandboxed
def docx_task(question: bytes) -> bytes:
    """The same for a Word file; its first four bytes say nothing."""
    from aigc_tui.documents.read.docx import read_docx

    return plain_text(read_docx(question[4:]).blocks).encode("utf-8", "replace")


def _read_parts(source: Source, skip: int, turn: Callable[[int, str], str]) -> Iterator[Item | None]:
    name = source.path.name

    def document(part: tuple[int, str]) -> Document:
        number, text = part
        # The first of several parts bears the file's name alone.
        suffix = f"#{number}" if number > 1 else ""
        return Document(f"file:{name}{suffix}", turn(number, text), meta={"file": name})

    return convert(source, _parts(source), skip, document)


def _parts(source: Source) -> Iterator[tuple[int, str] | Dropped]:
    """Cut a file between paragraphs where a part is long enough; a line too long is dropped."""
    number, size, held = 1, 0, list[bytes]()
    for line in lines(_whole_characters(source), source.caps.record_bytes):
        if isinstance(line, Dropped):
            yield line
            continue
        held.append(line)
        size += len(line) + 1
        if (size >= PART_BYTES and not line.strip()) or size >= 4 * PART_BYTES:
            yield number, decode_text(b"\n".join(held))
            number, size, held = number + 1, 0, []
    if held:
        yield number, decode_text(b"\n".join(held))


def _whole_characters(source: Source) -> Iterator[bytes]:
    """UTF-16 has zeros around its line ends; all other encodings pass as they are."""
    pieces = source.pieces()
    first = next(pieces, b"")
    mark = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(first[:2])
    if mark is None:
        yield first
        yield from pieces
        return
    decoder = codecs.getincrementaldecoder(mark)("replace")
    yield decoder.decode(first[2:]).encode("utf-8", "replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "replace")
