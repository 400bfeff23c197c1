"""Lines wrapped into rows for one width, growing at the end while a reply streams.

Why it exists: only the rows on the screen are ever drawn, and a flush of the stream wraps nothing but the
lines that it brought; both keep the cost of a long message off the UI loop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.content import Content

from aigc_tui.tui.markdown.document import EMPTY, Line
from aigc_tui.tui.markdown.wrap import fold_starts, row_starts


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
