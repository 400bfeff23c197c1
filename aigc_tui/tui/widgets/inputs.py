"""Inputs: a line without control codes, and boxes to tick that do not rely on colour.

Textual draws an X in every checkbox and dims it in empty ones; in a terminal of few colours the two look
the same. Here an empty box is blank.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual import on
from textual.content import Content
from textual.widgets import Checkbox, Input, OptionList
from textual.widgets.option_list import Option

from aigc_tui.text import clean
from aigc_tui.tui.widgets.text import plain_line


class LineInput(Input):
    """Textual's input draws what is pasted into it as it is; this one lets only visible text in."""

    def validate_value(self, value: str) -> str:
        """Replace what a terminal would act on; a line break becomes a space."""
        return clean(value.replace("\r\n", "\n").replace("\r", "\n")).replace("\n", " ")


class Tick(Checkbox):
    """A checkbox whose inside is blank while it is off."""

    @property
    def BUTTON_INNER(self) -> str:  # type: ignore[override]  # noqa: N802 - Textual's name
        """The sign inside."""
        return "✓" if self.value else " "


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
