"""HTML to the text that somebody wrote, without menus, footers and advertisements.

Blocks are judged by length and by how many of their words are links (Kohlschütter, Fankhauser and Nejdl 2010,
"Boilerplate detection using shallow text features"): prose is long and hardly linked, navigation the reverse.
A Chinese character counts as half an English word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from aigc_tui.corpora.document import CorporaError

_DROPPED = frozenset(
    (
        *("script", "style", "noscript", "template", "nav", "footer", "header", "aside", "form", "button"),
        *(
            "select",
            "option",
            "textarea",
            "iframe",
            "object",
            "svg",
            "canvas",
            "math",
            "head",
            "menu",
            "dialog",
        ),
    )
)
_BLOCKS = frozenset(
    (
        *(
            "p",
            "div",
            "li",
            "ul",
            "ol",
            "dl",
            "dt",
            "dd",
            "td",
            "th",
            "tr",
            "table",
            "section",
            "article",
            "main",
        ),
        *(
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "blockquote",
            "pre",
            "figure",
            "figcaption",
            "body",
            "html",
            "hr",
        ),
    )
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_WORDS = re.compile(r"[^\W_]+")
_HAN = re.compile("[\u3400-\u9fff]")
_SPACES = re.compile(r"\s+")
_LONG, _SHORT = 15, 6
_MOST_LINKED = 0.33
_MOST_ELEMENTS = 200_000


@dataclass(slots=True)
class Block:
    """A piece of text between two tags that break lines.

    Args:
        text: Its words, spaces collapsed.
        linked: Words of it inside links.
        heading: Whether it is one.
    """

    text: str
    linked: float
    heading: bool

    @property
    def words(self) -> float:
        """Its length in words."""
        return count_words(self.text)


def count_words(text: str) -> float:
    """Count words; a Han character is half of one."""
    han = len(_HAN.findall(text))
    return len(_WORDS.findall(_HAN.sub(" ", text))) + han / 2


def page_text(html: str) -> tuple[str, str]:
    """Take a page's title and its prose.

    Args:
        html: The page.

    Returns:
        The title and the text; both may be empty.

    Raises:
        CorporaError: The page has too many elements, or lxml is missing.
    """
    try:
        from lxml import etree
    except ImportError:
        raise CorporaError("web pages need the package lxml (pip)") from None
    parser = etree.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = etree.fromstring(html.encode("utf-8", "replace"), parser) if html.strip() else None
    except etree.LxmlError as error:
        raise CorporaError(str(error)) from None
    if root is None:
        return "", ""
    title = _SPACES.sub(" ", root.findtext(".//title") or "").strip()
    return title, "\n\n".join(prose(list(blocks(root))))


def blocks(root: object) -> Iterator[Block]:
    """Split a tree into blocks, in reading order and without recursion: pages nest as deep as they like."""
    from lxml import etree

    parts: list[str] = []
    linked, inside, dropped, heading = 0.0, 0, 0, False
    for count, (event, element) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        if count > _MOST_ELEMENTS:
            raise CorporaError("the page has too many elements")
        tag, start = element.tag, event == "start"
        if tag in _BLOCKS or tag == "br":
            yield from _block(parts, linked, heading)
            parts, linked = [], 0.0
            heading = start and tag in _HEADINGS
        inside += (1 if start else -1) if tag == "a" else 0
        dropped += (1 if start else -1) if tag in _DROPPED else 0
        # Text stands before the first child (start) and behind the element (end, belonging to what is around
        # it).
        words = element.text if start else element.tail
        if words and not dropped:
            parts.append(words)
            linked += count_words(words) if inside else 0
    yield from _block(parts, linked, heading)


def _block(parts: list[str], linked: float, heading: bool) -> Iterator[Block]:
    text = _SPACES.sub(" ", "".join(parts)).strip()
    if text:
        yield Block(text, linked, heading)


def prose(found: list[Block]) -> Iterator[str]:
    """Keep blocks of prose, short ones only next to them, and headings only in front of them."""
    good = [_is_prose(block, _LONG) for block in found]
    for place, block in enumerate(found):
        near = any(good[max(0, place - 1) : place + 2])
        follows = place + 1 < len(found) and (good[place + 1] or _is_prose(found[place + 1], _SHORT))
        if good[place] or (block.heading and follows) or (near and _is_prose(block, _SHORT)):
            yield block.text


def _is_prose(block: Block, least: float) -> bool:
    words = block.words
    return words >= least and block.linked <= _MOST_LINKED * words
