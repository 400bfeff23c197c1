"""HTML to blocks: the article without the page around it; also the chapters of an EPUB.

A page that somebody chose gives its article, with headings, lists and emphasis; what is dropped is decided by
element, role and class (`html_rules.py`). A page of a crawl gives its prose: there each block is judged.
The walk is flat, since pages nest as deep as they like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aigc_tui.documents.blocks import (
    Block,
    BlockKind,
    Content,
    DocumentError,
    Mark,
    Rich,
    needs_package,
    tidy,
    tidy_aside,
)
from aigc_tui.documents.read.html_rules import (
    BLOCKS,
    BOLD,
    CAPTION_CLASSES,
    CAPTIONS,
    DROPPED,
    DROPPED_CLASSES,
    DROPPED_IDS,
    DROPPED_ROLES,
    HEADINGS,
    ITALIC,
    PROSE_BLOCKS,
    PROSE_DROPPED,
    SITE_NAMES,
    Passage,
    count_words,
    prose,
)
from aigc_tui.documents.read.markdown_inline import plain_formula
from aigc_tui.documents.read.plain import ENDS, is_verse

MOST_ELEMENTS = 400_000
_SPACES = re.compile(r"\s+")
_EAST = "\u3000-\u303f\u3400-\u9fff\uff00-\uff60"
_EAST_BREAK = re.compile(rf"(?<=[{_EAST}])[ \t]{{0,99}}\r?\n\s*(?=[{_EAST}])")
_DISPLAY = re.compile(r"^\{\\displaystyle\s*(.*)\}$", re.DOTALL)
_SIMPLE = re.compile(r"\\[a-zA-Z]{2,}|[{}]")
_MOST_LINKED = 0.8


def read_html(html: str, *, prose_only: bool = False) -> Content:
    """Read a page.

    Args:
        html: The page, decoded.
        prose_only: Whether to keep only blocks that read as prose, from anywhere in the page: for crawled
            pages. Else every block of the article is kept.

    Raises:
        DocumentError: Too many elements, or lxml is missing.
    """
    try:
        from lxml import etree
    except ImportError:
        raise DocumentError(needs_package("HTML", "lxml")) from None
    parser = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    data = html.encode("utf-8", "replace")
    try:
        root = etree.fromstring(data, parser) if data.strip() else None
    except etree.LxmlError as error:
        raise DocumentError("the HTML is damaged: {reason}", reason=str(error)) from None
    if root is None:
        return Content([])
    if prose_only:
        return Content(_prose(root), _title(root))
    walk = _Walk()
    _walk(walk, _article(root))
    return Content(walk.out, _title(root))


def _events(root: Any) -> Iterator[tuple[bool, Any]]:
    """Walk a tree without recursion: (whether it is the element's start, the element).

    Raises:
        DocumentError: It has too many elements.
    """
    from lxml import etree

    for count, (event, element) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        if count > 2 * MOST_ELEMENTS:
            raise DocumentError("the page has more than {most} elements", most=MOST_ELEMENTS)
        yield event == "start", element


def _prose(root: Any) -> list[Block]:
    """Split a page into passages wherever a tag breaks a line, and keep those of prose."""
    found: list[Passage] = []
    parts: list[str] = []
    linked, inside, dropped, level = 0.0, 0, 0, 0

    def close() -> None:
        if text := _SPACES.sub(" ", _EAST_BREAK.sub("", "".join(parts))).strip():
            found.append(Passage(text, linked, level))
        parts.clear()

    for start, element in _events(root):
        tag = element.tag
        if tag in PROSE_BLOCKS:
            close()
            linked, level = 0.0, HEADINGS.get(tag, 0) if start else 0
        step = 1 if start else -1
        inside += step * (tag == "a")
        dropped += step * (tag in PROSE_DROPPED)
        # Text stands before the first child (start) and behind the element (end: part of what is around it).
        words = element.text if start else element.tail
        if words and not dropped:
            parts.append(words)
            linked += count_words(words) if inside else 0
    close()
    return [
        Block(BlockKind.HEADING if each.level else BlockKind.PARAGRAPH, each.text, level=each.level)
        for each in prose(found)
    ]


@dataclass(slots=True)
class _Walk:
    out: list[Block] = field(default_factory=list)
    rich: Rich = field(default_factory=Rich)
    open: list[str] = field(default_factory=list)
    """Open elements that decide what a block is."""
    lists: list[tuple[int, bool]] = field(default_factory=list)
    """Open lists: series, numbered."""
    counts: dict[int, int] = field(default_factory=dict)
    series: int = 0
    bold: int = 0
    italic: int = 0
    inside_link: int = 0
    linked: int = 0
    fresh_item: bool = False


def _title(root: Any) -> str:
    first = root.xpath("//*[@id='firstHeading']")
    title = _SPACES.sub(" ", "".join(first[0].itertext()) if first else root.findtext(".//title") or "")
    for name in SITE_NAMES:
        title = title.strip().removesuffix(name)
    return tidy(title)


def _article(root: Any) -> Any:
    """The element that holds the article: Wikipedia's, the page's own word for it, or the body."""
    wiki = root.xpath("//*[contains(concat(' ', @class, ' '), ' mw-parser-output ')]")
    named = wiki or root.xpath("//article | //main | //*[@role='main']")
    best = max(named, key=_length, default=None)
    body = root.find(".//body")
    whole = body if body is not None else root
    return best if best is not None and (wiki or _length(best) * 5 > _length(whole) * 2) else whole


def _length(element: Any) -> int:
    return sum(map(len, element.itertext()))


def _walk(walk: _Walk, root: Any) -> None:
    skipped: Any = None
    for start, element in _events(root):
        if skipped is not None:
            if not start and element is skipped:
                skipped = None
                _words(walk, element.tail if element is not root else "")
            continue
        if start:
            if element is not root and (_is_dropped(element) or _set_apart(walk, element)):
                skipped = element
                continue
            _start(walk, element)
            _words(walk, element.text)
        else:
            _end(walk, element)
            _words(walk, element.tail if element is not root else "")
    _flush(walk)


def _is_dropped(element: Any) -> bool:
    tag = element.tag
    if not isinstance(tag, str) or tag in DROPPED or element.get("role") in DROPPED_ROLES:
        return True
    if (
        element.get("aria-hidden") == "true"
        and tag != "math"
        and "mwe-math" not in (element.get("class") or "")
    ):
        return True
    if "display:none" in (element.get("style") or "").replace(" ", "") and "mwe" not in (
        element.get("class") or ""
    ):
        return True
    classes = (element.get("class") or "").split()
    return element.get("id") in DROPPED_IDS or any(each in DROPPED_CLASSES for each in classes)


def _set_apart(walk: _Walk, element: Any) -> bool:
    """Tables, code and formulas, taken whole; false: the element is none of them."""
    tag, classes = element.tag, (element.get("class") or "").split()
    if tag == "math" or "mwe-math-element" in classes:
        _formula(walk, element)
        return True
    if tag == "table" and not _is_layout(element):
        _flush(walk)
        walk.out.append(Block(BlockKind.TABLE, _table(element)))
        return True
    if tag == "pre":
        _flush(walk)
        walk.out.append(Block(BlockKind.CODE, tidy_aside("".join(element.itertext()))))
        return True
    if "poem" in classes:
        _flush(walk)
        walk.out.append(Block(BlockKind.VERSE, tidy("".join(element.itertext()))))
        return True
    return False


def _is_layout(table: Any) -> bool:
    """Old pages are laid out by tables: they hold tables, or paragraphs."""
    return table.get("role") == "presentation" or bool(
        table.findall(".//table") or len(table.findall(".//p")) > 2
    )


def _table(table: Any) -> str:
    rows = []
    for row in table.iter("tr"):
        cells = [
            _SPACES.sub(" ", "".join(cell.itertext())).strip() for cell in row if cell.tag in ("td", "th")
        ]
        rows.append(" | ".join(cells))
    return tidy_aside("\n".join(row for row in rows if row.strip(" |")))


def _formula(walk: _Walk, element: Any) -> None:
    """A formula inside a sentence stays in it if it is short; others stand apart."""
    math = element if element.tag == "math" else element.find(".//math")
    tex = (math.get("alttext") if math is not None else "") or "".join(element.xpath(".//img/@alt")[:1])
    if not tex and math is not None:
        notes = math.xpath(".//annotation")
        tex = "".join(notes[0].itertext()) if notes else _SPACES.sub("", "".join(math.itertext()))
    tex = _DISPLAY.sub(r"\1", tex.strip()).strip()
    display = (math is not None and math.get("display") == "block") or "display" in (
        element.get("class") or ""
    )
    inline = plain_formula(tex)
    if display or _SIMPLE.search(inline):
        walk.out.append(Block(BlockKind.FORMULA, tidy_aside(tex)))
        # The sentence keeps the place of a formula that stood within it.
        inline = "" if display else "…"
    walk.rich.add(inline)


def _start(walk: _Walk, element: Any) -> None:
    tag = element.tag
    if tag in BLOCKS:
        _flush(walk)
        caption = tag in CAPTIONS or any(
            each in CAPTION_CLASSES for each in (element.get("class") or "").split()
        )
        walk.open.append("figcaption" if caption else tag)
    walk.bold += tag in BOLD
    walk.italic += tag in ITALIC
    walk.inside_link += tag == "a"
    if tag in ("ol", "ul"):
        walk.series += 1
        walk.lists.append((walk.series, tag == "ol"))
        walk.counts[walk.series] = _whole(element.get("start"), 1) - 1
    elif tag == "li":
        walk.fresh_item = True
        if walk.lists:
            series = walk.lists[-1][0]
            walk.counts[series] = _whole(element.get("value"), walk.counts[series] + 1)
    elif tag == "br":
        walk.rich.add("\n")


def _whole(value: str | None, default: int) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 6 else default


def _end(walk: _Walk, element: Any) -> None:
    tag = element.tag
    if tag in BLOCKS:
        _flush(walk)
        if walk.open:
            walk.open.pop()
    walk.bold -= tag in BOLD
    walk.italic -= tag in ITALIC
    walk.inside_link -= tag == "a"
    if tag in ("ol", "ul") and walk.lists:
        walk.lists.pop()


def _words(walk: _Walk, words: str | None) -> None:
    if not words:
        return
    words = _SPACES.sub(" ", _EAST_BREAK.sub("", words))
    walk.rich.add(words, walk.bold > 0, walk.italic > 0)
    walk.linked += len(words.strip()) if walk.inside_link else 0


def _flush(walk: _Walk) -> None:
    text, marks = walk.rich.done()
    linked, walk.linked, walk.rich = walk.linked, 0, Rich()
    if text and (block := _block(walk, text, marks, linked)):
        walk.out.append(block)


def _block(walk: _Walk, text: str, marks: tuple[Mark, ...], linked: int) -> Block | None:
    """What the open elements say a text is; None: a line of links."""
    for tag in reversed(walk.open):
        if tag in HEADINGS:
            whole = tuple(mark for mark in marks if mark.end - mark.start < len(text))
            return Block(BlockKind.HEADING, text.replace("\n", " "), level=HEADINGS[tag], marks=whole)
        if tag == "figcaption":
            return Block(BlockKind.CAPTION, text.replace("\n", " "))
        if linked > _MOST_LINKED * len(text) and not ENDS.search(text):
            return None
        if tag == "li" and walk.lists:
            series, numbered = walk.lists[-1]
            number = walk.counts[series] if numbered and walk.fresh_item else 0
            walk.fresh_item = False
            return Block(BlockKind.ITEM, text.replace("\n", " "), number=number, series=series, marks=marks)
    if is_verse(text.split("\n"), broken_by_hand=True):
        return Block(BlockKind.VERSE, text, marks=marks)
    return Block(BlockKind.PARAGRAPH, text, marks=marks)
