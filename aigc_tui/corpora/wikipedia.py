"""MediaWiki XML dumps (Wikipedia's ``pages-articles``) to documents: only articles, one page at a time.

Format: https://www.mediawiki.org/xml/export-0.11.xsd. Expat's events are used and no tree is built, so
nothing has to be cleared and a page of a gigabyte costs no memory. A dump has no document type; a file with
one may hold entities that double themselves (the "billion laughs"), so it is refused at once.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from aigc_tui.corpora.document import CorporaError, Document, Dropped, Item
from aigc_tui.corpora.reader import Source, convert
from aigc_tui.corpora.unpack import GAP, TOO_LONG
from aigc_tui.process.sandbox import Parser, ParserError, Sandbox, sandboxed

_NEEDED = frozenset({"title", "ns", "id", "text"})
_SHORT = 2000
_BEGIN = b"<page>"
LOST = "wiki: damaged stream"
_LONGEST_TAG = 1 << 20
"""Expat keeps an unfinished tag whole; no tag of a dump comes near this many bytes."""


@dataclass(slots=True)
class Page:
    """A page as it stands in the dump; `namespace` 0 is articles; the text is cut when `oversized`."""

    id: str = ""
    title: str = ""
    namespace: str = ""
    redirect: bool = False
    text: str = ""
    oversized: bool = False


@dataclass(slots=True)
class _Element:
    name: str
    limit: int
    parts: list[str] = field(default_factory=list)
    size: int = 0


class _DumpParser:
    def __init__(self, limit: int) -> None:
        self.finished: list[Page] = []
        self._limit = limit
        self._page: Page | None = None
        self._element: _Element | None = None
        self._in_revision = False
        self._fed = 0
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text

    def feed(self, piece: bytes, last: bool = False) -> None:
        """Take bytes; a CorporaError if they are no XML, or hold a document type or a giant tag."""
        self._fed += len(piece)
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise CorporaError("the XML is damaged or cut off ({reason})", reason=str(error)) from None
        if self._fed - self._parser.CurrentByteIndex > len(piece) + _LONGEST_TAG:
            raise CorporaError("the XML is damaged: a tag has no end")

    def _refuse(self, *_: object) -> NoReturn:
        raise CorporaError("the XML declares a document type or entities; no dump does, so it is refused")

    def _start(self, tag: str, _: dict[str, str]) -> None:
        match tag:
            case "page":
                self._page = Page()
            case "revision":
                self._in_revision = True
            case "redirect" if self._page:
                self._page.redirect = True
            case _ if self._page and tag in _NEEDED and not (tag == "id" and self._in_revision):
                self._element = _Element(tag, self._limit if tag == "text" else _SHORT)

    def _text(self, data: str) -> None:
        element = self._element
        if element is None:
            return
        element.size += len(data)
        if element.size <= element.limit:
            element.parts.append(data)

    def _end(self, tag: str) -> None:
        if self._page is None:
            return
        if tag == "page":
            self.finished.append(self._page)
            self._page = None
        elif tag == "revision":
            self._in_revision = False
        elif self._element and tag == self._element.name:
            self._keep(self._page, self._element)
            self._element = None

    @staticmethod
    def _keep(page: Page, element: _Element) -> None:
        value = "".join(element.parts)
        match element.name:
            case "title":
                page.title = value
            case "ns":
                page.namespace = value.strip()
            case "id":
                page.id = value.strip()
            case _:
                page.text, page.oversized = value, element.size > element.limit


def pages(pieces: Iterable[bytes], limit: int) -> Iterator[Page | Dropped]:
    """Stream the pages of a dump.

    Args:
        pieces: The XML, cut anywhere; an empty one stands for a stretch that was lost (``unpack.GAP``).
        limit: The longest wikitext in characters.

    Yields:
        Pages; a :class:`Dropped` for each stretch that was lost, behind which the next page is looked for.

    Raises:
        CorporaError: The XML is broken, cut off or hostile; the pages before were right.
    """
    parser = _DumpParser(limit)
    sought: bytes | None = None
    for piece in pieces:
        if piece == GAP:
            yield Dropped(LOST, "pages of one bzip2 stream")
            parser, sought = _DumpParser(limit), b""
            parser.feed(b"<mediawiki>")
            continue
        if sought is not None:
            sought += piece
            at = sought.find(_BEGIN)
            if at < 0:
                sought = sought[-len(_BEGIN) :]
                continue
            piece, sought = sought[at:], None
        parser.feed(piece)
        yield from parser.finished
        parser.finished.clear()
    if sought is None:
        parser.feed(b"", last=True)
        yield from parser.finished


_REDIRECT = ("#redirect", "#重定向", "#重新導向")


def read(source: Source, skip: int = 0) -> Iterator[Item | None]:
    """Stream the articles of a dump (``.xml``, also in bzip2 of one or many streams).

    Raises:
        CorporaError: The dump is broken, cut off or hostile from here on, or a package is missing.
    """
    if importlib.util.find_spec("mwparserfromhell") is None:
        # Once and here: the sandboxed process would report it for every page.
        raise CorporaError(
            "Wikipedia dumps need mwparserfromhell; install it with: pip install aigc-tui[corpus]"
        )
    caps = source.caps
    with Sandbox(WIKITEXT, caps.seconds, caps.memory) as sandbox:
        found = pages(source.pieces(), caps.record_bytes)
        yield from convert(source, found, skip, lambda page: _document(page, sandbox, source.taste.script))


@sandboxed
def wikitext_task(question: bytes) -> bytes:
    """The sandboxed side: the first letter of the question names the script, the rest is wikitext."""
    from aigc_tui.documents.read.wikitext import to_text

    script = "traditional" if question[:1] == b"t" else "simplified"
    return to_text(question[1:].decode("utf-8", "replace"), script).encode("utf-8", "replace")


WIKITEXT = Parser(__name__, "wikitext_task")


def _document(page: Page, sandbox: Sandbox, script: str) -> Item:
    if page.namespace not in ("0", ""):
        return Dropped("wiki: not an article", page.title)
    if page.redirect or page.text[:20].lstrip().lower().startswith(_REDIRECT):
        return Dropped("wiki: redirect", page.title)
    if page.oversized:
        return Dropped(TOO_LONG, page.title)
    try:
        answer = sandbox.ask(script[:1].encode() + page.text.encode("utf-8", "replace"))
    except ParserError as failure:
        return Dropped(f"wiki: {failure.reason}", f"{page.title}: {failure.detail}")
    body = answer.decode("utf-8", "replace")
    if not body:
        return Dropped("empty", page.title)
    # The title is the article's first line, as in every printed encyclopedia.
    return Document(f"wikipedia:{page.id}", f"{page.title}\n\n{body}", meta={"title": page.title})
