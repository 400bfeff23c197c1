"""Markdown source to a `Document`, under caps that keep hostile text linear and every character in sight.

The one place that configures the parser. HTML, entities and link definitions are shown literally: nothing
that a model wrote may disappear, and no escape may smuggle a control code past `clean`.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from textual.content import Content

from aigc_tui.text import clean
from aigc_tui.tui.markdown.blocks import BlockWriter
from aigc_tui.tui.markdown.document import Document, Line, Text
from aigc_tui.tui.markdown.inline import InlineWriter

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

MAX_SOURCE = 40_000
"""Characters of a message beyond which it is shown as plain text."""
MAX_INLINE = 8_000
"""Characters of a paragraph beyond which its emphasis and links are shown literally."""
MAX_OPENERS = 400
"""Brackets in a paragraph beyond which the same holds: each may make the parser look ahead to the end."""
MAX_NESTING = 24
"""Levels of quotes and lists; deeper text is shown as plain text, since the parser would drop it."""


_NO_LETTER = re.compile(r"[\W\d_]+")


def literal(source: str) -> Document:
    """Show text as it is, line by line.

    Args:
        source: Anything; it is cleaned here.
    """
    lines = clean(source).expandtabs(4).rstrip("\n").split("\n")
    return Document((Text(tuple(Line(Content(line, strip_control_codes=False)) for line in lines)),))


class MarkdownRenderer:
    """Renders messages. Holds the configured parser and no state between calls; safe to use from threads."""

    @cached_property
    def _parser(self) -> MarkdownIt:
        """Made with the first message: the first frame needs none."""
        return _parser()

    def render(self, source: str, *, coloured: bool = True) -> Document:
        """Render Markdown.

        Args:
            source: Markdown from anyone; cleaned here.
            coloured: Whether code is highlighted; False while a reply streams.

        Returns:
            The document. Text that is too long or nested too deep comes back as plain lines, and so does
            any of which the rendering would lose a letter (surplus table cells, entities in addresses).
        """
        source = clean(source)
        if len(source) > MAX_SOURCE:
            return literal(source)
        tokens = self._parser.parse(source)
        if any(token.level >= MAX_NESTING - 1 for token in tokens):
            return literal(source)
        document = BlockWriter(self._inline, coloured=coloured).write(tokens)
        return document if _letters(document.plain) == _letters(source) else literal(source)

    def _inline(self, token: Token, base: str) -> Content:
        source = token.content
        if len(source) > MAX_INLINE or source.count("[") + source.count("<") > MAX_OPENERS:
            return Content.styled(source.expandtabs(4), base)
        children: list[Token] = []
        self._parser.inline.parse(source, self._parser, {}, children)
        return InlineWriter(base).write(children)


def _letters(text: str) -> str:
    return _NO_LETTER.sub("", text)


def _parser() -> MarkdownIt:
    """Configure CommonMark with tables and strikethrough, minus whatever hides or rewrites text."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING})
    parser.enable(["table", "strikethrough"])
    parser.disable(["inline", "reference", "entity", "html_block", "html_inline"])
    # The defaults percent-decode addresses, which could bring control codes back after `clean`.
    parser.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    return parser
