"""From pages of a dump to documents: only articles, and only those whose wikitext can be read."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator

from aigc_tui.corpora.document import CorporaError, Document, Dropped, Item
from aigc_tui.corpora.guard import Guard, ParserError
from aigc_tui.corpora.lines import TOO_LONG
from aigc_tui.corpora.reader import Source, convert
from aigc_tui.corpora.wikipedia import Page, pages

_REDIRECT = ("#redirect", "#重定向", "#重新導向")


def read(source: Source, skip: int = 0) -> Iterator[Item | None]:
    """Stream the articles of a dump (``.xml``, also in bzip2 of one or many streams).

    Raises:
        CorporaError: The dump is broken, cut off or hostile from here on, or a package is missing.
    """
    if importlib.util.find_spec("mwparserfromhell") is None:
        # Said once and here: the process behind the guard would say it of every page.
        raise CorporaError("wikitext needs the package mwparserfromhell (pip install aigc-tui[corpus])")
    caps = source.caps
    with Guard("wikitext", caps.seconds, caps.memory) as guard:
        found = pages(source.pieces(), caps.record_bytes)
        yield from convert(source, found, skip, lambda page: _document(page, guard, source.taste.script))


def _document(page: Page, guard: Guard, script: str) -> Item:
    if page.namespace not in ("0", ""):
        return Dropped("wiki: not an article", page.title)
    if page.redirect or page.text[:20].lstrip().lower().startswith(_REDIRECT):
        return Dropped("wiki: redirect", page.title)
    if page.oversized:
        return Dropped(TOO_LONG, page.title)
    try:
        answer = guard.ask(script[:1].encode() + page.text.encode("utf-8", "replace"))
    except ParserError as failure:
        return Dropped(f"wiki: {failure.reason}", f"{page.title}: {failure.detail}")
    body = answer.decode("utf-8", "replace")
    if not body:
        return Dropped("empty", page.title)
    # The title is the article's first line, as in every printed encyclopedia.
    return Document(f"wikipedia:{page.id}", f"{page.title}\n\n{body}", meta={"title": page.title})
