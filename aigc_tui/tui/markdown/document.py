"""What Markdown becomes: styled lines that know how to hang, code blocks, and tables awaiting a width.

Why it exists: a settled message is styled `Content`, not a tree of widgets (reference chat-tui 3.3). A line
is wrapped only when the width is known, so a resize does not parse anything again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from textual.content import Content

EMPTY = Content("")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text before wrapping."""

    text: Content
    """Marker, quote bars and words; what the mouse selects."""
    rest: Content = EMPTY
    """What stands before every further row of it: bars and the indent under a list's marker."""
    fold: bool = False
    """True: break at any character (code), not at words."""
    fill: str = ""
    """A style for the whole row, written by us; empty: none."""


class Block(Protocol):
    """Something that becomes lines once the width is known."""

    def lines(self, width: int) -> Sequence[Line]:
        """Lay it out for a width in cells."""
        ...

    @property
    def plain(self) -> str:
        """Its words, in the order of the source."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """Lines that are the same for every width."""

    content: tuple[Line, ...]

    def lines(self, width: int) -> Sequence[Line]:
        """Return the lines; they wrap later."""
        return self.content

    @property
    def plain(self) -> str:
        """Its words."""
        return "\n".join(line.text.plain for line in self.content)


@dataclass(frozen=True, slots=True)
class Rule:
    """A thematic break, as wide as there is room."""

    prefix: Content = EMPTY

    def lines(self, width: int) -> Sequence[Line]:
        """Draw it over the width that the prefix leaves."""
        room = max(width - self.prefix.cell_length, 1)
        return (Line(self.prefix + Content.styled("─" * room, "$foreground-muted")),)

    @property
    def plain(self) -> str:
        """A rule has no words."""
        return ""


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """One code block of a message, as the model wrote it: for copying raw."""

    number: int
    """From 1, in the order of the message."""
    language: str
    source: str


@dataclass(frozen=True, slots=True)
class Document:
    """A rendered message."""

    blocks: tuple[Block, ...]
    code: tuple[CodeBlock, ...] = ()

    def lines(self, width: int) -> list[Line]:
        """Lay out every block for a width in cells."""
        return [line for block in self.blocks for line in block.lines(width)]

    @property
    def plain(self) -> str:
        """Every word of it, in the order of the source."""
        return "\n".join(block.plain for block in self.blocks)

    def content(self, width: int = 80) -> Content:
        """Join everything into one Content, for a Static that wraps by itself (help pages)."""
        return Content("\n").join(line.text for line in self.lines(width))
