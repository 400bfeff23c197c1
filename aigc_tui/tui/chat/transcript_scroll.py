"""Virtual scrolling over the rows of messages: keeps the reader's place and draws what is visible.

Heights outside the screen may be estimates; when one becomes exact, or a page is put on top, the scroll
position is corrected so that nothing visible moves. Long or highlighted bodies are rendered in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter

from textual.geometry import Offset, Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from aigc_tui.tui.chat.message_view import MessageView, Wording
from aigc_tui.tui.chat.transcript_rows import BAR, LINES_A_VIEW, Frame, Look, Painter, Window
from aigc_tui.tui.markdown import Document, Flow, MarkdownRenderer

COLUMN = 100
"""The widest that a message's column gets, in cells."""
REACH = 12
"""How many views around the screen are laid out ahead: some screens. The collector walks all that is kept."""
BUDGET = 0.006
"""Seconds of laying out ahead before the loop gets its turn again."""
_EIGHTHS = 8
"""Steps of the scrollbar's thumb within a cell."""
PAUSE = 0.02
"""Seconds between two such turns."""


class Roll(ScrollView):
    """Rows of messages. A subclass says what is loaded and what scrolling to an end means."""

    def __init__(self, wording: Wording, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._wording = wording
        self._renderer = MarkdownRenderer()
        self._window = Window()
        self._painter: Painter | None = None
        self._selected: str | None = None
        self._following = True
        self._holding = False
        self._drawing = 0.0
        self._stale = 0
        self._thumb = (0, 0, 0)
        self._ahead_due = False
        self._refining: list[MessageView] = []
        self._refinery = False

    def moved(self) -> None:
        """Learn that rows came into sight or went; for the subclass."""

    def followed(self, following: bool) -> None:
        """Learn that the end came into sight or was left; for the subclass."""

    def _view(self, message_id: str) -> MessageView | None:
        index = self._window.index_of(message_id)
        return None if index is None else self._window.views[index]

    # Places

    @property
    def _rows_in_sight(self) -> int:
        return max(self.scrollable_content_region.height, 1)

    @contextmanager
    def _keeping_place(self, only: MessageView | None = None) -> Iterator[None]:
        """Change anything; afterwards the end is in sight if it was followed, else the same row as before.

        Args:
            only: The one view that changes, so that no other has to be drawn again unless all have moved.
        """
        if self._holding:
            yield
            return
        self._holding = True
        try:
            place, top, rows = self._place(), self.scroll_y, self._window.rows
            yield
            self._lay_out_sight(place)
        finally:
            self._holding = False
        if only is None or top != self.scroll_y or rows != self._window.rows:
            self.refresh()
        else:
            self._refresh_view(only)
        self.moved()
        self._ahead_soon()

    def _refresh_view(self, view: MessageView) -> None:
        """Have the rows of one view drawn again, from the first that is not known any more."""
        index = self._window.views.index(view)
        first = self._window.top(index) + self._stale
        self.refresh_lines(first, self._window.bottom(index) - first)

    def _forget(self, view: MessageView, first: int, last: int) -> None:
        """Drop what is kept of a view's drawn rows from `first` up to `last`."""
        self._stale = first
        if self._painter is not None:
            self._painter.forget(view, first, last)

    def _place(self) -> tuple[MessageView, int] | None:
        """Remember the first message that begins in sight and where; None while following the end."""
        if self._following or not self._window.views:
            return None
        top = round(self.scroll_y)
        indices = self._window.between(top, top + self._rows_in_sight)
        index = next((i for i in indices if self._window.top(i) >= top), indices.start)
        index = min(index, len(self._window) - 1)
        return self._window.views[index], self._window.top(index) - top

    def _lay_out_sight(self, place: tuple[MessageView, int] | None) -> None:
        """Lay out what comes in sight, and move so that the place stays; heights may change on the way."""
        while True:
            self._window.measure()
            top = self._restore(place)
            indices = self._window.between(top, top + self._rows_in_sight)
            missing = [i for i in indices if not self._window.views[i].laid_out(self._window.width)]
            if not missing:
                break
            for index in missing:
                self._lay_out(self._window.views[index])
        self._move(top)

    def _move(self, top: int) -> None:
        """Take the new number of rows and scroll, with one drawing and without a layout of the screen.

        Setting `virtual_size` as usual would lay out every widget with each line that a reply grows, though
        the scrollbar is always there and nothing can change its size.
        """
        self.set_reactive(Widget.virtual_size, Size(self._window.width, self._window.rows))
        self.set_scroll(None, top)
        self.scroll_target_y = top
        self._show_thumb(top)

    def _show_thumb(self, top: int) -> None:
        """Move the scrollbar's thumb, unless it would look the same: drawing the bar is not cheap."""
        rows, height = max(self._window.rows, 1), self._rows_in_sight
        thumb = (height, _EIGHTHS * height * top // rows, _EIGHTHS * height * height // rows)
        bar = self.vertical_scrollbar
        if thumb != self._thumb:
            self._thumb = thumb
            bar.window_virtual_size, bar.window_size, bar.position = rows, height, top
        else:
            # Not drawn anew, but the mouse drags it from here.
            bar.set_reactive(ScrollBar.window_virtual_size, rows)
            bar.set_reactive(ScrollBar.position, float(top))

    def _restore(self, place: tuple[MessageView, int] | None) -> int:
        """Find the scroll position that keeps a place."""
        last = max(self._window.rows - self._rows_in_sight, 0)
        if self._following:
            return last
        top = round(self.scroll_y)
        if place is not None and place[0] in self._window.views:
            top = self._window.top(self._window.views.index(place[0])) - place[1]
        return min(max(top, 0), last)

    def _lay_out(self, view: MessageView) -> None:
        view.lay_out(self._window.width, self._renderer)
        if not view.rendered and view.stream is None:
            self._refine_soon([view])

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the end when the reader scrolls there, and let go of it when they leave."""
        super().watch_scroll_y(old_value, new_value)
        self._thumb = (0, 0, 0)
        if self._holding or not self._window.views:
            return
        self._follow(new_value >= self.max_scroll_y)
        if not self._sight_is_laid_out(round(new_value)):
            with self._keeping_place():
                return
        self.moved()
        self._ahead_soon()

    def _sight_is_laid_out(self, top: int) -> bool:
        views = self._window.between(top, top + self._rows_in_sight)
        return all(self._window.views[index].laid_out(self._window.width) for index in views)

    def _follow(self, following: bool) -> None:
        if following != self._following:
            self._following = following
            self.followed(following)

    # Laying out ahead

    def _ahead_soon(self) -> None:
        if not self._ahead_due and self.is_mounted:
            self._ahead_due = True
            self.set_timer(PAUSE, self._ahead)

    def _ahead(self) -> None:
        """Lay out some views near the screen, within a budget of time, and let go of far ones."""
        self._ahead_due = False
        centre = self._window.at_row(round(self.scroll_y))
        if centre is None:
            return
        width, until = self._window.width, perf_counter() + BUDGET
        near = self._window.nearest_first(centre, REACH)
        missing = [view for view in near if not view.laid_out(width)]
        if not missing:
            self._release_far(centre)
            return
        with self._keeping_place():
            for view in missing:
                self._lay_out(view)
                if perf_counter() > until:
                    break

    def _release_far(self, centre: int) -> None:
        views = self._window.views
        for view in (*views[: max(centre - 2 * REACH, 0)], *views[centre + 2 * REACH :]):
            view.release()

    # Rendering long or coloured bodies in a thread

    def _refine_soon(self, views: Sequence[MessageView] = ()) -> None:
        self._refining.extend(view for view in views if view not in self._refining)
        if self._refining and not self._refinery and self.is_mounted:
            self._refinery = True
            self.run_worker(self._refine())

    async def _refine(self) -> None:
        """Render what is queued, the latest first; again if the width or the words changed meanwhile."""
        try:
            while self._refining:
                view, width = self._refining[-1], self._window.width
                source = view.message.content
                document, flow = await asyncio.to_thread(_rendered, self._renderer, source, width)
                if view.stream is None and view.message.content != source:
                    continue
                if width != self._window.width:
                    continue
                self._refining.remove(view)
                if view.stream is None:
                    with self._keeping_place():
                        view.show(document, flow)
                        view.rendered = True
        finally:
            self._refinery = False

    def on_mount(self) -> None:
        """Begin what could not be done before; Textual calls the base classes' handlers itself."""
        self._refine_soon()
        self._ahead_soon()

    # Drawing

    def on_resize(self) -> None:
        self._redraw()

    def notify_style_update(self) -> None:
        """Draw with the new theme or focus."""
        super().notify_style_update()
        self._painter = None

    def _redraw(self) -> None:
        """Lay out and draw everything in sight again."""
        self._painter = None
        with self._keeping_place():
            self._window.width = self._frame().body

    def _frame(self) -> Frame:
        width = max(self.scrollable_content_region.width, 1)
        column = min(width, COLUMN)
        margin = (width - column) // 2
        return Frame(max(self.region.width, width), margin, max(column - BAR - 1, 4))

    def _look(self) -> Look:
        part = {
            name: self.get_visual_style(f"transcript--{name}", partial=True)
            for name in ("user", "assistant", "notice", "selected-bar", "selected")
        }
        bars = {name: Style(foreground=style.foreground) for name, style in part.items()}
        marked = Style.from_styles(self.screen.get_component_styles("screen--selection"))
        selected = Style(background=part["selected"].background)
        return Look(self.visual_style, selected, {**bars, "selected": bars["selected-bar"]}, marked)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw rows; the same strip for a row that only moved, so that all that Textual keeps on it counts.

        Textual makes every line of a changed widget anew to put borders, padding and tints on it. There are
        none here as a rule, and drawing a scrolled screen gets five times cheaper. With them, it is as usual.
        """
        if self._decorated:
            return super().render_lines(crop)
        filters, background = self.get_line_filters(), self.background_colors[1]
        strips = [self.render_line(y) for y in crop.line_range]
        for line_filter in filters:
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        if crop.column_span == (0, self.region.width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]

    @property
    def _decorated(self) -> bool:
        """Whether a stylesheet put anything around or over the rows."""
        styles = self.styles
        edges = any(kind for kind, _color in styles.outline)
        over = styles.has_rule("hatch") or styles.tint.a or self.opacity < 1
        return bool(styles.gutter or edges or over)

    def render_line(self, y: int) -> Strip:
        begun = perf_counter()
        if self._painter is None:
            self._painter = Painter(self._look(), self._frame(), self._wording)
        row = y + round(self.scroll_y)
        index = self._window.at_row(row)
        if index is None:
            return self._painter.blank()
        view = self._window.views[index]
        selected = self._selected == view.message.id
        marked = self.text_selection
        strip = self._painter.strip(view, row - self._window.top(index), selected=selected, marked=marked)
        self._drawing += perf_counter() - begun
        return strip

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the text that the mouse marked, in lines as they were written and not as they wrap."""
        kept: list[str] = []
        for view in self._window.views:
            first = view.number * LINES_A_VIEW
            if (selection.start is not None and first + LINES_A_VIEW <= selection.start.y) or (
                selection.end is not None and first > selection.end.y
            ):
                continue
            for offset, line in enumerate(view.lines(self._wording)):
                if (span := selection.get_span(first + offset)) is not None:
                    end = None if span[1] == -1 else max(span[1], 0)
                    kept.append(line[max(span[0], 0) : end])
        return "\n".join(kept), "\n"

    def text_select_all(self) -> None:
        """Mark one message, as a double click asks for; all of a long conversation is seldom meant."""
        view = self._view(self._selected) if self._selected is not None else None
        if view is None:
            super().text_select_all()
            return
        first = view.number * LINES_A_VIEW
        lines = view.lines(self._wording)
        words = Selection(Offset(0, first + 1), Offset(len(lines[-2]), first + len(lines) - 2))
        self.screen.selections = {self: words}

    def selection_updated(self, selection: Selection | None) -> None:
        """Draw the mark."""
        self.refresh()


def _rendered(renderer: MarkdownRenderer, source: str, width: int) -> tuple[Document, Flow]:
    """Render and wrap a body: what a thread does."""
    document = renderer.render(source)
    return document, Flow(width, document.lines(width))
