"""Options whose words are wrapped to the width there is, behind a hanging indent, in any script.

Why it exists: Textual breaks at spaces only, so that a long Chinese option would begin below its own letter.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import ClassVar

from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from aigc_tui.tui.markdown.wrap import row_starts
from aigc_tui.tui.plain import plain

_UNKNOWN = 400
"""Cells to wrap to before the first layout."""


class FittedOptions(OptionList):
    """A list whose rows are wrapped anew when its width changes.

    Args:
        options: What `options_now` gives; there from the first layout on, since options that come after it
            may be laid out with no height at all.
    """

    INDENT: ClassVar[int] = 5
    """Cells before every line of an option but its first: a sign, a letter or number, a dot."""
    _cells = _UNKNOWN

    def __init__(self, options: Iterable[Option]) -> None:
        super().__init__(*options, markup=False, classes="answering")

    @abstractmethod
    def options_now(self) -> list[Option]:
        """The options as they stand, at the present width."""

    def fitted(self, row: Content) -> Content:
        """A row in as many lines as it needs."""
        return fit(row, self._cells, self.INDENT)

    def show_row(self, index: int) -> None:
        """Scroll to a row, also in a list where none can be pointed at any more."""
        above = [str(option.prompt) for option in self.options_now()[:index]]
        line = sum(text.count("\n") + 1 for text in above)
        self.call_after_refresh(self.scroll_to_region, Region(0, line, 1, 1), animate=False)

    def on_key(self, event: events.Key) -> None:
        """Whoever chooses wants to see the list, also below a long question."""
        if event.key not in ("pageup", "pagedown"):
            self.scroll_visible(animate=False)

    def on_resize(self, _event: events.Resize) -> None:
        """Wrap anew."""
        # Room is always left for the scroll bar, which comes and goes without a word.
        self._cells = self.outer_size.width - self.styles.scrollbar_size_vertical
        self.retranslate()

    def retranslate(self) -> None:
        """Word every row anew."""
        for index, option in enumerate(self.options_now()):
            self.replace_option_prompt_at_index(index, option.prompt)
        self.refresh(layout=True)


def fit(row: Content, cells: int, indent: int) -> Content:
    """Break a row into lines.

    Args:
        row: On one line.
        cells: The width there is; too little for the indent: the row as it is.
        indent: Cells before every line but the first.
    """
    if cells <= 2 * indent:
        return row
    starts = row_starts(row.plain, cells, cells - indent)
    lines = [row[start:end] for start, end in zip(starts, [*starts[1:], len(row.plain)], strict=True)]
    hanging = [Content.assemble(plain(" " * indent), line) for line in lines[1:]]
    return Content("\n").join([line.rstrip() for line in [lines[0], *hanging]])
