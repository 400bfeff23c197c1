"""A page of lines that wraps them by cells: a lesson in short, a question in full.

Why it exists: Textual breaks at spaces only, which leaves Chinese text ragged; and one widget a page keeps a
change of the question that is pointed at cheap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import events
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from aigc_tui.tui.markdown.document import EMPTY, Line
from aigc_tui.tui.markdown.flow import Flow

MOST_CELLS = 100


class LinesPage(VerticalScroll):
    """A page of lines that are wrapped to the width there is, by cells."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(Static(markup=False), id=id)
        self._lines: Sequence[Line] = ()

    def show(self, lines: Iterable[Line]) -> None:
        """Show these lines from the first one on."""
        self._lines = tuple(lines)
        self._write()
        self.scroll_home(animate=False)

    def on_resize(self, _event: events.Resize) -> None:
        """Wrap to the new width; a layout asked for inside a resize would be lost."""
        self.call_after_refresh(self._write)

    def _write(self) -> None:
        cells = min(MOST_CELLS, self.scrollable_content_region.width)
        self.query_one(Static).update(wrapped(self._lines, cells))


def wrapped(lines: Sequence[Line], cells: int) -> Content:
    """Lines as one text, broken to a width; a line that goes on hangs under its beginning."""
    flow = Flow(max(cells, 8), lines)
    return Content("\n").join([_row(flow, index) for index in range(len(flow))])


def _row(flow: Flow, index: int) -> Content:
    row = flow.row(index)
    return Content.assemble(row.prefix, row.text) if row.prefix is not EMPTY else row.text
