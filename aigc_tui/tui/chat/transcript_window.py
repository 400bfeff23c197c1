"""The part of a conversation that is loaded: its views in order, and which rows each of them takes.

Why it exists: everything about places on the long roll of rows is arithmetic; kept apart from the widget it
can be tested without one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, count

from aigc_tui.store.records import Message
from aigc_tui.tui.chat.message_view import MessageView


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
