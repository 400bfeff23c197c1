"""The sections of a lesson, each with a box to tick.

Why it exists: Textual's own list of boxes shows what is ticked by colour alone (see `tick`), and a widget a
section is too many for a book.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import on
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from aigc_tui.tui.plain import plain_line


class SectionList(OptionList):
    """Titles of which some are chosen.

    Args:
        titles: All of them, in order.
        chosen: Those ticked at first.
        id: The widget's id.
    """

    def __init__(self, titles: Sequence[str], chosen: Iterable[str], *, id: str) -> None:  # noqa: A002
        self._titles = tuple(titles)
        self._ticked = {place for place, title in enumerate(self._titles) if title in set(chosen)}
        super().__init__(
            *[Option(self._row(place)) for place in range(len(self._titles))], id=id, markup=False
        )

    @property
    def chosen(self) -> tuple[str, ...]:
        """The titles that are ticked, in order."""
        return tuple(self._titles[place] for place in sorted(self._ticked))

    def _row(self, place: int) -> Content:
        mark = ("✓", "$success bold") if place in self._ticked else " "
        return Content.assemble("[", mark, "] ", plain_line(self._titles[place], 100))

    @on(OptionList.OptionSelected)
    def _toggle(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._ticked ^= {event.option_index}
        self.replace_option_prompt_at_index(event.option_index, self._row(event.option_index))
