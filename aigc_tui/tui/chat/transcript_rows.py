"""The loaded messages with the rows each of them takes, and how a row is drawn.

A drawn row is kept until its message, the theme or the selection changes, so that scrolling draws only
the row that came into view.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, count

from rich.segment import Segment
from textual.cache import LRUCache
from textual.content import Content
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style

from aigc_tui.store.records import Message
from aigc_tui.tui.chat.message_view import MessageView, Wording, footer, header
from aigc_tui.tui.markdown.document import EMPTY, Row


class Window:
    """The loaded views.

    Attributes:
        views: In the order of the conversation.
        width: The width of their bodies in cells.
    """

    def __init__(self) -> None:
        self.views: list[MessageView] = []
        self.width = 80
        self._tops: list[int] = [0]
        self._serials = count()

    def __len__(self) -> int:
        return len(self.views)

    def _made(self, message: Message, number: int) -> MessageView:
        return MessageView(message, number, next(self._serials))

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return self._tops[-1]

    def measure(self) -> None:
        """Find again where each view begins; to be called after anything changed."""
        self._tops = [0, *accumulate(view.height(self.width) for view in self.views)]

    def replace_all(self, messages: Sequence[Message]) -> None:
        """Load another conversation, or another branch of it."""
        self.views = [self._made(message, number) for number, message in enumerate(messages)]
        self.measure()

    def prepend(self, messages: Sequence[Message]) -> None:
        """Put an older page before the first view."""
        first = (self.views[0].number if self.views else 0) - len(messages)
        self.views[:0] = [self._made(message, first + index) for index, message in enumerate(messages)]
        self.measure()

    def append(self, message: Message) -> MessageView:
        """Put a message at the end."""
        view = self._made(message, self.views[-1].number + 1 if self.views else 0)
        self.views.append(view)
        self.measure()
        return view

    def drop_from(self, index: int) -> None:
        """Forget a view and all after it."""
        del self.views[index:]
        self.measure()

    def drop_before(self, index: int) -> None:
        """Forget the views before one."""
        del self.views[:index]
        self.measure()

    def index_of(self, message_id: str) -> int | None:
        """Find a message's place; the newest are looked at first."""
        for index in range(len(self.views) - 1, -1, -1):
            if self.views[index].message.id == message_id:
                return index
        return None

    def top(self, index: int) -> int:
        """Return the row at which a view begins."""
        return self._tops[index]

    def bottom(self, index: int) -> int:
        """Return the row after a view."""
        return self._tops[index + 1]

    def at_row(self, row: int) -> int | None:
        """Return the index of the view that a row belongs to."""
        if not 0 <= row < self.rows:
            return None
        return bisect_right(self._tops, row) - 1

    def between(self, first: int, last: int) -> range:
        """Return the indices of the views that touch the rows `first` to `last` (exclusive)."""
        if not self.views or last <= 0 or first >= self.rows:
            return range(0)
        start = self.at_row(max(first, 0)) or 0
        end = self.at_row(min(last, self.rows) - 1) or 0
        return range(start, end + 1)

    def nearest_first(self, centre: int, reach: int) -> Iterator[MessageView]:
        """Walk the views around an index, the nearest first."""
        for distance in range(reach + 1):
            for index in {centre - distance, centre + distance}:
                if 0 <= index < len(self.views):
                    yield self.views[index]


BAR = 2
"""Cells of the coloured bar and the blank after it."""
LINES_A_VIEW = 1 << 20
"""Selectable lines are numbered view number * this + line, so that older pages do not renumber them."""


KEPT = 128
"""Drawn rows that are remembered: a few screens. More would only be work for the garbage collector."""


def _y(view: MessageView, line: int) -> int:
    """Number a line for the mouse."""
    return view.number * LINES_A_VIEW + line


@dataclass(frozen=True, slots=True)
class Look:
    """The styles of the moment."""

    base: Style
    selected: Style
    """Laid over the rows of the selected message."""
    bars: dict[str, Style]
    """The bar's style by role; `selected` for the selected message."""
    marked: Style
    """Laid over text that the mouse marked."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the column of messages stands."""

    width: int
    """Cells of a whole row, those under the scrollbar included."""
    margin: int
    """Blank cells left of the bar."""
    body: int
    """Cells of a body's row."""


class Painter:
    """Turns a row of a view into a strip."""

    def __init__(self, look: Look, frame: Frame, wording: Wording) -> None:
        self._look = look
        self._frame = frame
        self._wording = wording
        self._cache: LRUCache[tuple[int, int, int, bool], Strip] = LRUCache(KEPT)

    def blank(self) -> Strip:
        """Draw a row that belongs to no message."""
        return Strip.blank(self._frame.width, self._look.base.rich_style)

    def strip(self, view: MessageView, index: int, *, selected: bool, marked: Selection | None) -> Strip:
        """Draw one row.

        Args:
            view: The message, laid out.
            index: The row in it, from 0.
            selected: Whether it is the message selected by keys.
            marked: What the mouse selected, in the numbering of `LINES_A_VIEW`.
        """
        if marked is not None:
            return self._draw(view, index, selected, marked)
        key = (view.serial, view.revision, index, selected)
        if (strip := self._cache.get(key)) is None:
            strip = self._cache[key] = self._draw(view, index, selected, None)
        return strip

    def forget(self, view: MessageView, first: int, last: int) -> None:
        """Drop the drawn rows `first` to `last` (exclusive) of a view."""
        for index in range(first, last):
            for selected in (False, True):
                self._cache.discard((view.serial, view.revision, index, selected))

    def _draw(self, view: MessageView, index: int, selected: bool, marked: Selection | None) -> Strip:
        row = self._row(view, index)
        if row is None:
            line = len(view.flow.lines) + 1 if view.flow is not None else 1
            return self._strip([(" " * self._frame.width, self._look.base)], Offset(0, _y(view, line)))
        base = self._look.base + self._look.selected if selected else self._look.base
        if row.fill:
            base += Style.parse(row.fill)
        y = _y(view, row.line)
        pieces = [*self._left(view, selected), *row.prefix.render(base, end="")]
        start = row.x - sum(len(piece) for piece, _ in pieces)
        pieces += self._mark(row, y, marked).render(base, end="")
        strip = self._strip([*pieces, (" " * self._frame.width, base)], Offset(start, y))
        column = self._frame.margin + BAR + self._frame.body
        return strip.crop(0, column).extend_cell_length(self._frame.width, self._look.base.rich_style)

    @staticmethod
    def _strip(pieces: Sequence[tuple[str, Style]], start: Offset) -> Strip:
        """Join pieces, each knowing its place for the mouse; what is left of the text has x below its own."""
        x, y = start
        segments = []
        for text, style in pieces:
            segments.append(Segment(text, style.rich_style_with_offset(x, y)))
            x += len(text)
        return Strip(segments)

    def _row(self, view: MessageView, index: int) -> Row | None:
        """Find what stands in a row; None for the blank one at the end."""
        rows = len(view.flow) if view.flow is not None else 0
        if index == 0:
            return Row(EMPTY, header(view.message, self._wording), 0, 0, "")
        if index <= rows and view.flow is not None:
            row = view.flow.row(index - 1)
            return Row(row.prefix, row.text, row.line + 1, row.x, row.fill)
        if index == rows + 1 and view.has_footer:
            return Row(
                EMPTY, footer(view, self._wording), len(view.flow.lines) + 1 if view.flow else 1, 0, ""
            )
        return None

    def _left(self, view: MessageView, selected: bool) -> list[tuple[str, Style]]:
        bar = self._look.bars.get("selected" if selected else view.message.role, self._look.base)
        mark = ("┃" if selected else "▎") + " "
        return [(" " * self._frame.margin, self._look.base), (mark, self._look.base + bar)]

    def _mark(self, row: Row, y: int, marked: Selection | None) -> Content:
        """Lay the mark of the mouse over the part of a row that it covers."""
        span = marked.get_span(y) if marked is not None else None
        if span is None:
            return row.text
        start, end = span
        length = len(row.text.plain)
        first = max(start - row.x, 0)
        last = length if end == -1 else min(end - row.x, length)
        return row.text.stylize(self._look.marked, first, last) if last > first else row.text
