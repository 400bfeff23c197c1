"""Tables laid out by cell width: columns shrink to fit, cells wrap, Chinese counts double.

A table's look depends on the width, so it is kept as cells until the width is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from textual.content import Content

from aigc_tui.tui.markdown.document import EMPTY, Line
from aigc_tui.tui.markdown.inline import MUTED
from aigc_tui.tui.markdown.wrap import MINIMUM, row_starts

_BAR = Content.styled(" │ ", MUTED)
_GAP = 3


@dataclass(frozen=True, slots=True)
class Table:
    """A table's cells; the first row is its head."""

    rows: tuple[tuple[Content, ...], ...]
    align: tuple[str, ...]
    """For each column `left`, `center` or `right`."""
    prefix: Content = EMPTY

    def lines(self, width: int) -> Sequence[Line]:
        """Draw the table within a width in cells; as `head: cell` lines where columns cannot fit."""
        room = width - self.prefix.cell_length
        if len(self.align) * (MINIMUM + _GAP) - _GAP > room:
            return self._stacked()
        widths = fit([self._natural(column) for column in range(len(self.align))], room)
        drawn = [Line(line) for row in self.rows for line in self._row(row, widths)]
        head = len(self._row(self.rows[0], widths))
        rule = Content.styled("─┼─".join("─" * cells for cells in widths), MUTED)
        return [*drawn[:head], Line(self.prefix + rule), *drawn[head:]]

    @property
    def plain(self) -> str:
        return "\n".join(cell.plain for row in self.rows for cell in row)

    def _natural(self, column: int) -> int:
        return max(max(row[column].cell_length for row in self.rows), MINIMUM)

    def _row(self, row: Sequence[Content], widths: Sequence[int]) -> list[Content]:
        columns = [
            [pad(piece, cells, align) for piece in wrapped(cell, cells)]
            for cell, cells, align in zip(row, widths, self.align, strict=True)
        ]
        blanks = [Content.blank(cells) for cells in widths]
        return [
            self.prefix + _BAR.join(piece or blank for piece, blank in zip(pieces, blanks, strict=True))
            for pieces in zip_longest(*columns, fillvalue=EMPTY)
        ]

    def _stacked(self) -> list[Line]:
        head, *body = self.rows
        rows = body or [head]
        return [
            Line(self.prefix + name + Content(": ") + cell, self.prefix)
            for row in rows
            for name, cell in zip(head, row, strict=True)
        ]


def fit(natural: Sequence[int], room: int) -> list[int]:
    """Find the widths of columns: all natural if they fit, else the widest are cut to one common measure.

    Args:
        natural: The widest cell of each column, in cells.
        room: The cells there are for all columns with the gaps between them.

    Returns:
        One width a column, each at least `MINIMUM`.
    """
    room -= _GAP * (len(natural) - 1)
    cap, left = room, len(natural)
    for cells in sorted(natural):
        share = room // left
        if cells > share:
            cap = share
            break
        room -= cells
        left -= 1
    else:
        return list(natural)
    return [max(min(cells, cap), MINIMUM) for cells in natural]


def wrapped(cell: Content, width: int) -> list[Content]:
    """Break a cell into rows of a width."""
    starts = row_starts(cell.plain, width, width)
    return [piece.rstrip() for piece in cell.divide(starts[1:])]


def pad(piece: Content, width: int, align: str) -> Content:
    """Pad a piece to a width in cells, by its column's alignment."""
    missing = max(width - piece.cell_length, 0)
    left = missing if align == "right" else missing // 2 if align == "center" else 0
    return Content.blank(left) + piece + Content.blank(missing - left)
