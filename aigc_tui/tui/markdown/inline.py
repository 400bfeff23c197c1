"""Inline Markdown tokens to styled text: emphasis, code, links as words and address.

Spans are made by us from parsed tokens; nothing from the text is ever read as Textual markup,
and a link carries no action, only its address in sight (engine-safety E2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content, Span
from textual.style import Style

from aigc_tui.text import clean

if TYPE_CHECKING:
    from markdown_it.token import Token

CODE = "$text-accent on $boost"
STYLES = {"strong": "bold", "em": "italic", "s": "strike", "link": "underline $text-primary"}
MUTED = "$foreground-muted"
"""Not `$text-muted`: as a style of Content Textual 8.2.8 reads its "auto 60%" as full contrast."""
LINK_META = "aigc_link"
"""The meta key under which a click finds the address of a link."""
_TAB = "    "


class InlineWriter:
    """Collects text and spans of one inline run."""

    def __init__(self, base: str = "") -> None:
        self._base = base
        self._text: list[str] = []
        self._length = 0
        self._spans: list[Span] = []
        self._open: list[tuple[str, int]] = []
        self._links: list[tuple[str, int]] = []

    def write(self, tokens: Sequence[Token]) -> Content:
        """Turn the children of an inline token into Content; soft and hard breaks become newlines."""
        for token in tokens:
            self._token(token)
        for style, start in self._open:
            self._span(start, style)
        if self._base:
            self._spans.insert(0, Span(0, self._length, self._base))
        spans = [span for span in self._spans if span.end > span.start]
        return Content("".join(self._text), spans, strip_control_codes=False)

    def _token(self, token: Token) -> None:
        name, _, edge = token.type.rpartition("_")
        if token.type in {"softbreak", "hardbreak"}:
            self._add("\n")
        elif token.type == "code_inline":
            self._add(token.content, CODE)
        elif token.type == "image":
            self._image(token)
        elif edge == "open":
            self._opened(name, token)
        elif edge == "close":
            self._closed(name)
        else:
            self._add(token.content)

    def _opened(self, name: str, token: Token) -> None:
        if name == "link":
            self._links.append((_target(token, "href"), self._length))
        self._open.append((STYLES.get(name, ""), self._length))

    def _closed(self, name: str) -> None:
        if not self._open:
            return
        style, start = self._open.pop()
        self._span(start, style)
        if name == "link" and self._links:
            self._address(*self._links.pop())

    def _address(self, address: str, start: int) -> None:
        """Show where a link leads, unless its words are the address."""
        address = clean(address)
        if address.lower().startswith(("http://", "https://")):
            url = address.split(maxsplit=1)[0]
            self._spans.append(Span(start, self._length, Style.from_meta({LINK_META: url})))
        if address and self._since(start) != address:
            self._add(f" ({address})", MUTED)

    def _since(self, start: int) -> str:
        """Return the text written from an offset on, looking only at the last pieces."""
        pieces, at = [], self._length
        for piece in reversed(self._text):
            if at <= start:
                break
            pieces.append(piece)
            at -= len(piece)
        return "".join(reversed(pieces))[max(start - at, 0) :].strip()

    def _image(self, token: Token) -> None:
        self._add(f"▣ {token.content}")
        self._add(f" ({_target(token, 'src')})", MUTED)

    def _add(self, text: str, style: str = "") -> None:
        text = clean(text).replace("\t", _TAB)
        if style and text:
            self._spans.append(Span(self._length, self._length + len(text), style))
        self._text.append(text)
        self._length += len(text)

    def _span(self, start: int, style: str) -> None:
        if style:
            self._spans.append(Span(start, self._length, style))


def _target(token: Token, name: str) -> str:
    """Join a link's address and title, as both are to be seen."""
    title = token.attrs.get("title", "")
    return f"{token.attrs.get(name, '')} {title}".rstrip()
