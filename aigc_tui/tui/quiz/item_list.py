"""The list of questions under review; draws only the visible rows.

One widget or option a question would lay all of them out whenever one changes. Here every question has
the same height, so that a thousand cost as little as ten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.segment import Segment
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.style import Style

from aigc_tui.locale import Translate
from aigc_tui.quiz.rows import Entry, ItemState
from aigc_tui.text import shorten, width
from aigc_tui.tui.keys import bindings
from aigc_tui.tui.quiz.names import FILTERS as FILTER_NAMES
from aigc_tui.tui.quiz.names import TYPES, worded
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.text import plain, plain_line

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
        self._follow()
        self.refresh()
        self.post_message(self.Pointed(self.entry))

    def _follow(self) -> None:
        region = Region(0, self.pointed * self.lines, 1, self.lines)
        self.scroll_to_region(region, animate=False, force=True, immediate=True)

    def on_click(self, event: events.Click) -> None:
        place = (event.get_content_offset_capture(self).y + round(self.scroll_y)) // self.lines
        if place < len(self._entries):
            self.pointed = place

    def action_previous(self) -> None:
        self.pointed -= 1

    def action_next(self) -> None:
        self.pointed += 1

    def action_first(self) -> None:
        self.pointed = 0

    def action_last(self) -> None:
        self.pointed = len(self._entries) - 1

    def action_page(self, pages: int) -> None:
        self.pointed += pages * max(self.scrollable_content_region.height // self.lines - 1, 1)

    # Drawing

    def render_line(self, y: int) -> Strip:
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


Filter = Literal["all", "new", "accepted", "flawed"]
FILTERS: tuple[Filter, ...] = ("all", "new", "accepted", "flawed")
STEM_LIMIT = 300
TYPE_CELLS = 11
"""So that stems stand below each other in a list of one line a question."""


def hard_flaw(entry: Entry) -> bool:
    """Whether a check failed that keeps an item out of a made quiz."""
    return any(verdict.hard and not verdict.passed for verdict in entry.verdicts)


def flawed(entry: Entry) -> bool:
    """Whether any check failed."""
    return any(not verdict.passed for verdict in entry.verdicts)


def passes(entry: Entry, chosen: Filter) -> bool:
    """Whether a filter lets an entry through; deleted ones never."""
    if entry.state is ItemState.DELETED:
        return False
    match chosen:
        case "all":
            return True
        case "flawed":
            return flawed(entry)
        case _:
            return entry.state.value == chosen


def filter_bar(entries: Sequence[Entry], chosen: Filter, t: Translate) -> Content:
    """Each filter with how many questions it lets through; the one in force stands out; a click chooses."""
    parts = []
    for name in FILTERS:
        count = sum(passes(entry, name) for entry in entries)
        style = "bold $accent" if name == chosen else "$text-muted"
        click = Style.from_meta({"@click": f"screen.filter('{name}')"})
        parts.append(plain_line(f"{t(FILTER_NAMES[name])} {count}", style=style).stylize(click))
    return Content("   ").join(parts)


def mark(entry: Entry) -> Content:
    """What was decided (✓ accepted, · not yet), and what the checks say (! hard, ? soft)."""
    state = ("✓", "$success bold") if entry.state is ItemState.ACCEPTED else ("·", "$text-muted")
    flaw = ("!", "$error bold") if hard_flaw(entry) else ("?", "$warning bold") if flawed(entry) else " "
    lock = ("◆", "$accent") if entry.locked else " "
    return Content.assemble(state, flaw, lock)


def row_lines(entry: Entry, number: int, t: Translate, cells: int, *, lines: int) -> list[Content]:
    """An entry as one or two rows of at most `cells`.

    Args:
        entry: What to show.
        number: Its place in the quiz, from 1.
        t: The catalogue in use.
        cells: The width.
        lines: 1: number, marks, type and stem beside each other; 2: the stem below.
    """
    kind = worded(TYPES, entry.item.type.value, t)
    head = Content.assemble((f"{number:>3} ", "$text-muted"), mark(entry), " ", plain(kind, "$primary"))
    stem = plain_line(entry.item.stem, STEM_LIMIT).plain
    if lines == 2:
        return [head, plain("    " + shorten(stem, max(cells - 4, 1)))]
    gap = " " * max(1, TYPE_CELLS - width(kind))
    used = head.cell_length + len(gap)
    return [Content.assemble(head, gap, plain(shorten(stem, max(cells - used, 1))))]
