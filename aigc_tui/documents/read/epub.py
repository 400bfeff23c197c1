"""EPUB to blocks: a zip of XHTML pages, read in the order of its spine (EPUB 3.3, sections 4 and 5).

No package is used: the usual one is AGPL, and a container, a list and an HTML reader are all it takes.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from aigc_tui.documents.blocks import Block, Content, DocumentError, needs_package, tidy
from aigc_tui.documents.read.decoding import decode_page
from aigc_tui.documents.read.html import read_html
from aigc_tui.documents.read.zips import Archive
from aigc_tui.message import message

_CONTAINER = "META-INF/container.xml"
_PAGES = ("application/xhtml+xml", "text/html")
_MOST_CHAPTERS = 2000
_EMPTY_TAG = re.compile(
    r"<(title|script|style|textarea|iframe|a|i|b|p|div|span)(\s[^<>]{0,300})?/>", re.IGNORECASE
)
"""XHTML may write an empty element so; to an HTML parser it would stay open to the end of the page."""


def read_epub(data: bytes) -> Content:
    """Read a book.

    Raises:
        DocumentError: It is damaged, locked, a decompression bomb, or lxml is missing.
    """
    archive = Archive(data)
    container = _xml(archive.read(_CONTAINER))
    paths = container.xpath("//*[local-name()='rootfile']/@full-path")
    if not paths:
        raise DocumentError("the EPUB is damaged: it names no package file")
    if "META-INF/encryption.xml" in archive and b"aes" in archive.read("META-INF/encryption.xml").lower():
        raise DocumentError("the EPUB is locked by its seller (DRM) and cannot be read here")
    package = _xml(archive.read(str(paths[0])))
    titles = package.xpath("//*[local-name()='title']")
    blocks, missing = list[Block](), 0
    for name in _spine(package, posixpath.dirname(str(paths[0])))[:_MOST_CHAPTERS]:
        if name not in archive:
            missing += 1
            continue
        page = _EMPTY_TAG.sub(r"<\1\2></\1>", decode_page(archive.read(name)))
        blocks += _renumbered(read_html(page).blocks, len(blocks))
    lost = message("{count} chapters that the book lists are missing from the file", count=missing)
    title = tidy("".join(titles[0].itertext())) if titles else ""
    return Content(blocks, title, notes=(lost,) if missing else ())


def _renumbered(blocks: list[Block], offset: int) -> list[Block]:
    """Lists of different chapters must not share a number."""
    return [replace(each, series=each.series + offset) if each.series else each for each in blocks]


def _spine(package: Any, folder: str) -> list[str]:
    """The pages' names in reading order; the table of contents is none of them."""
    items = {
        item.get("id"): item
        for item in package.xpath("//*[local-name()='manifest']/*[local-name()='item']")
        if item.get("media-type") in _PAGES and "nav" not in (item.get("properties") or "").split()
    }
    order = package.xpath("//*[local-name()='spine']/*[local-name()='itemref']/@idref")
    chosen = [items[each] for each in order if each in items] or list(items.values())
    names = (unquote((item.get("href") or "").split("#")[0]) for item in chosen)
    return [posixpath.normpath(posixpath.join(folder, name)) for name in names]


def _xml(data: bytes) -> Any:
    try:
        from lxml import etree
    except ImportError:
        raise DocumentError(needs_package("EPUB", "lxml")) from None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(data, parser)
    except etree.LxmlError as error:
        raise DocumentError("the EPUB is damaged ({reason})", reason=str(error)) from None
