"""The list of questions: draws only the rows in sight, so that a thousand of them cost as little as ten.

Why it exists: a widget or an option a question would lay all of them out whenever one changes (reference
chat-tui 3.3); here every question has the same height, and a row is a matter of counting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from aigc_tui.quiz.entries import Entry
from aigc_tui.tui.bindings import bindings
from aigc_tui.tui.quiz.item_rows import row_lines
from aigc_tui.tui.shell import shell

ONE_LINE_FROM = 60
"""Cells from which on a question takes one row instead of two."""


class ItemList(ScrollView, can_focus=True):
    """Questions with one that is pointed at."""

    BINDINGS: ClassVar = bindings("review")
    COMPONENT_CLASSES: ClassVar = {"item-list--pointed"}
    pointed: reactive[int] = reactive(0, init=False)
    """The place (from 0) among the questions listed."""

    @dataclass
    class Pointed(Message):
        """Another question is pointed at, or the same one has changed."""

        entry: Entry | None

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._entries: list[Entry] = []
        self._numbers: list[int] = []

    # What is listed

    @property
    def entries(self) -> Sequence[Entry]:
        """What is listed."""
        return tuple(self._entries)

    @property
    def entry(self) -> Entry | None:
        """The question that is pointed at."""
        return self._entries[self.pointed] if self.pointed < len(self._entries) else None

    def show(self, entries: Sequence[Entry], numbers: Sequence[int], point_at: str = "") -> None:
        """List these questions.

        Args:
            entries: The questions, in order.
            numbers: Each one's place in the whole quiz, from 1.
            point_at: The id of the one to point at; else the place stays.
        """
        self._entries, self._numbers = list(entries), list(numbers)
        ids = [entry.item.id for entry in entries]
        place = ids.index(point_at) if point_at in ids else min(self.pointed, max(len(ids) - 1, 0))
        self._measure()
        self.set_reactive(ItemList.pointed, place)
        self._follow()
        self.post_message(self.Pointed(self.entry))

    def add(self, entry: Entry) -> None:
        """List one more at the end, while a quiz is being made."""
        self._entries.append(entry)
        self._numbers.append(len(self._entries))
        self._measure()
        if len(self._entries) == 1:
            self.post_message(self.Pointed(entry))

    def _measure(self) -> None:
        width = self.scrollable_content_region.width
        self.virtual_size = Size(width, len(self._entries) * self.lines)
        self.refresh()

    @property
    def lines(self) -> int:
        """The rows of one question."""
        return 1 if self.scrollable_content_region.width >= ONE_LINE_FROM else 2

    def on_resize(self) -> None:
        """The width decides how many rows a question takes."""
        self._measure()
        self.call_after_refresh(self._follow)

    # Pointing

    def validate_pointed(self, place: int) -> int:
        """Stay within the list."""
        return min(max(place, 0), max(len(self._entries) - 1, 0))

    def watch_pointed(self) -> None:
        """Bring it into sight and tell."""
        self._follow()
        self.refresh()
        self.post_message(self.Pointed(self.entry))

    def _follow(self) -> None:
        region = Region(0, self.pointed * self.lines, 1, self.lines)
        self.scroll_to_region(region, animate=False, force=True, immediate=True)

    def on_click(self, event: events.Click) -> None:
        """Point at what was clicked."""
        place = (event.get_content_offset_capture(self).y + round(self.scroll_y)) // self.lines
        if place < len(self._entries):
            self.pointed = place

    def action_previous(self) -> None:
        """Point at the question above."""
        self.pointed -= 1

    def action_next(self) -> None:
        """Point at the question below."""
        self.pointed += 1

    def action_first(self) -> None:
        """Point at the first question."""
        self.pointed = 0

    def action_last(self) -> None:
        """Point at the last question."""
        self.pointed = len(self._entries) - 1

    def action_page(self, pages: int) -> None:
        """Go a screen up or down."""
        self.pointed += pages * max(self.scrollable_content_region.height // self.lines - 1, 1)

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one row of those in sight."""
        cells = self.scrollable_content_region.width
        place, line = divmod(y + round(self.scroll_y), self.lines)
        base = self.visual_style
        if place >= len(self._entries):
            return Strip.blank(cells, base.rich_style)
        if place == self.pointed:
            base += self.get_visual_style("item-list--pointed", partial=True)
        return _strip(self._row(place, cells)[line], base, cells)

    def _row(self, place: int, cells: int) -> list[Content]:
        t = shell(self).t
        return row_lines(self._entries[place], self._numbers[place], t, cells, lines=self.lines)


def _strip(content: Content, base: Style, cells: int) -> Strip:
    segments = [Segment(text, style.rich_style) for text, style in content.render(base, end="")]
    return Strip(segments).crop(0, cells).extend_cell_length(cells, base.rich_style)
