"""Plain text: a short file is one document, a long one is cut between paragraphs."""

from __future__ import annotations

from collections.abc import Iterator

from aigc_tui.corpora.charset import decode
from aigc_tui.corpora.document import Document, Dropped, Item
from aigc_tui.corpora.lines import lines
from aigc_tui.corpora.reader import Source, convert

PART_BYTES = 1 << 20


def read(source: Source, skip: int = 0) -> Iterator[Item | None]:
    """Stream a text file, in parts of about a megabyte if it is longer.

    Raises:
        CorporaError: The file is broken or cut off from here on.
    """
    yield from convert(source, parts(source), skip, lambda part: document(source, *part))


def document(source: Source, number: int, text: str) -> Document:
    """A part as a document; the first of several bears the number 1."""
    name = source.path.name
    return Document(f"file:{name}#{number}" if number > 1 else f"file:{name}", text, meta={"file": name})


def parts(source: Source) -> Iterator[tuple[int, str] | Dropped]:
    """Cut a file between paragraphs where a part is long enough; a line too long is dropped."""
    number, size, held = 1, 0, list[bytes]()
    for line in lines(_whole_characters(source), source.caps.record_bytes):
        if isinstance(line, Dropped):
            yield line
            continue
        held.append(line)
        size += len(line) + 1
        if (size >= PART_BYTES and not line.strip()) or size >= 4 * PART_BYTES:
            yield number, decode(b"\n".join(held))
            number, size, held = number + 1, 0, []
    if held:
        yield number, decode(b"\n".join(held))


def _whole_characters(source: Source) -> Iterator[bytes]:
    """UTF-16 has zeros around its line ends; all other encodings pass as they are."""
    pieces = source.pieces()
    first = next(pieces, b"")
    mark = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(first[:2])
    if mark is None:
        yield first
        yield from pieces
        return
    import codecs

    decoder = codecs.getincrementaldecoder(mark)("replace")
    yield decoder.decode(first[2:]).encode("utf-8", "replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "replace")
