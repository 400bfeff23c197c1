"""Ways to answer by choosing or typing: options, true or false, a line of text.

Textual breaks at spaces only, so that a long Chinese option would begin below its own letter; the options
here wrap with a hanging indent in any script.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from aigc_tui.locale import Translate
from aigc_tui.quiz.grading.records import Response
from aigc_tui.quiz.records import Item, ItemType, letter
from aigc_tui.tui.markdown.wrap import row_starts
from aigc_tui.tui.shell import shell
from aigc_tui.tui.widgets.inputs import LineInput
from aigc_tui.tui.widgets.text import plain


@dataclass
class Given(Message):
    """An answer was given, in the shape of the item's own."""

    response: Response


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
        # Room is always left for the scroll bar, which comes and goes without a word.
        self._cells = self.outer_size.width - self.styles.scrollbar_size_vertical
        self.retranslate()

    def retranslate(self) -> None:
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


class Typed(LineInput):
    """A field; enter answers. An empty field does not: passing over has a key of its own."""

    def __init__(self) -> None:
        super().__init__(classes="answering")

    def on_mount(self) -> None:
        self.retranslate()

    def retranslate(self) -> None:
        self.placeholder = shell(self).t("practice.type_here")

    def reveal(self, _response: object) -> None:
        """The words stay, and cannot be changed any more."""
        self.disabled = True

    @on(Input.Submitted)
    def _given(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip():
            self.post_message(Given(event.value.strip()))


class Choices(FittedOptions):
    """The options of one item.

    Args:
        item: A multiple-choice or true/false item.
        t: The catalogue.
    """

    def __init__(self, item: Item, t: Translate) -> None:
        self._item, self._t = item, t
        self._chosen_one: object = None
        self._revealed_now = False
        super().__init__(self.options_now())

    def options_now(self) -> list[Option]:
        places = range(len(self._texts()))
        if not self._revealed_now:
            return [Option(self._row(index, "  ", "")) for index in places]
        key, mine = self._index_of(self._item.answer), self._index_of(self._chosen_one)
        return [Option(self._revealed(index, key, mine), disabled=True) for index in places]

    def on_mount(self) -> None:
        self.highlighted = 0

    def reveal(self, chosen: object) -> None:
        """Mark the key and what was chosen; nothing can be chosen any more."""
        self._chosen_one, self._revealed_now = chosen, True
        self.set_options(self.options_now())
        self.show_row(self._index_of(self._item.answer))

    def on_key(self, event: events.Key) -> None:
        sign = (event.character or "").upper()
        marks = [self._mark(index) for index in range(len(self._texts()))]
        places = [marks.index(sign)] if sign in marks else [int(sign) - 1] if sign.isdecimal() else []
        if places and 0 <= places[0] < len(marks):
            event.stop()
            self._give(places[0])

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._give(event.option_index)

    def _give(self, index: int) -> None:
        self.post_message(Given(index == 0 if self._item.type is ItemType.TF else index))

    def _texts(self) -> Sequence[str]:
        if self._item.type is ItemType.TF:
            return (self._t("practice.true"), self._t("practice.false"))
        return self._item.options

    def _mark(self, index: int) -> str:
        """A letter; true and false answer to the letters that their words begin with."""
        return "TF"[index] if self._item.type is ItemType.TF else letter(index)

    def _index_of(self, answer: object) -> int:
        if isinstance(answer, bool):
            return 0 if answer else 1
        return answer if isinstance(answer, int) else -1

    def _row(self, index: int, sign: str, style: str) -> Content:
        # True and false have no letter on show: their own words name the keys, or a digit does.
        letter_of = "" if self._item.type is ItemType.TF else f"{letter(index)}. "
        words = plain(f"{sign}{letter_of}{self._texts()[index]}")
        return self.fitted(words.stylize(style) if style else words)

    def _revealed(self, index: int, key: int, mine: int) -> Content:
        if index == key:
            return self._row(index, "✓ ", "$text-success bold")
        return (
            self._row(index, "✗ ", "$text-error") if index == mine else self._row(index, "  ", "$text-muted")
        )
