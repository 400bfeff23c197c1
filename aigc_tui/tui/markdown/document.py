"""A rendered document as lines, and lines wrapped into rows of a width.

Only visible rows are drawn, and a flush of the stream wraps only the lines that it brought; both keep the
cost of a long message off the event loop.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from textual.content import Content

from aigc_tui.tui.markdown.wrap import fold_starts, row_starts

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
        return self.content

    @property
    def plain(self) -> str:
        return "\n".join(line.text.plain for line in self.content)


@dataclass(frozen=True, slots=True)
class Rule:
    """A thematic break, as wide as there is room."""

    prefix: Content = EMPTY

    def lines(self, width: int) -> Sequence[Line]:
        room = max(width - self.prefix.cell_length, 1)
        return (Line(self.prefix + Content.styled("─" * room, "$foreground-muted")),)

    @property
    def plain(self) -> str:
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


@dataclass(frozen=True, slots=True)
class Row:
    """One terminal row."""

    prefix: Content
    """Not selectable: the hanging part of a continued line."""
    text: Content
    line: int
    """Which line it belongs to, from 0."""
    x: int
    """The index of its first character in that line."""
    fill: str


class Flow:
    """The rows of a message body at one width.

    Attributes:
        width: The cells of a row.
        lines: The lines laid out so far.
    """

    def __init__(self, width: int, lines: Iterable[Line] = ()) -> None:
        self.width = width
        self.lines: list[Line] = []
        self._rows: list[tuple[int, int, int]] = []
        self._pieces: dict[int, list[Content]] = {}
        self.extend(lines)

    def __len__(self) -> int:
        return len(self._rows)

    def extend(self, lines: Iterable[Line]) -> None:
        """Append lines and wrap them."""
        for line in lines:
            number = len(self.lines)
            self.lines.append(line)
            starts = self._starts(line)
            ends = [*starts[1:], len(line.text.plain)]
            self._rows.extend((number, start, end) for start, end in zip(starts, ends, strict=True))

    def truncate(self, count: int) -> None:
        """Keep only the first `count` lines."""
        del self.lines[count:]
        while self._rows and self._rows[-1][0] >= count:
            self._rows.pop()
        for number in [number for number in self._pieces if number >= count]:
            del self._pieces[number]

    def row(self, index: int) -> Row:
        """Return one row by its place from 0."""
        number, start, end = self._rows[index]
        line = self.lines[number]
        if start == 0 and end == len(line.text.plain):
            return Row(EMPTY, line.text, number, 0, line.fill)
        first = self._first_row(index, number)
        text = self._divided(number, first)[index - first]
        return Row(line.rest if start else EMPTY, text, number, start, line.fill)

    def _starts(self, line: Line) -> list[int]:
        breaks = fold_starts if line.fold else row_starts
        return breaks(line.text.plain, self.width, self.width - line.rest.cell_length)

    def _first_row(self, index: int, number: int) -> int:
        while index and self._rows[index - 1][0] == number:
            index -= 1
        return index

    def _divided(self, number: int, first: int) -> list[Content]:
        """Cut a line at its row breaks, all at once: slicing row by row would cost its spans each time."""
        if (pieces := self._pieces.get(number)) is None:
            starts = []
            for row_number, start, _end in self._rows[first + 1 :]:
                if row_number != number:
                    break
                starts.append(start)
            pieces = self._pieces[number] = self.lines[number].text.divide(starts)
        return pieces
