"""Options to choose one from: multiple choice, and true or false.

Why it exists: a letter, a digit, the arrow keys or a click must all do; and afterwards the same rows show
which was right and which was chosen.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual import events, on
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from aigc_tui.locale import Translate
from aigc_tui.quiz.parts import letter
from aigc_tui.quiz.records import Item, ItemType
from aigc_tui.tui.plain import plain
from aigc_tui.tui.practice.answering import Given
from aigc_tui.tui.practice.fitted import FittedOptions


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
        """The options; after the answer with their signs."""
        places = range(len(self._texts()))
        if not self._revealed_now:
            return [Option(self._row(index, "  ", "")) for index in places]
        key, mine = self._index_of(self._item.answer), self._index_of(self._chosen_one)
        return [Option(self._revealed(index, key, mine), disabled=True) for index in places]

    def on_mount(self) -> None:
        """The first is pointed at."""
        self.highlighted = 0

    def reveal(self, chosen: object) -> None:
        """Mark the key and what was chosen; nothing can be chosen any more."""
        self._chosen_one, self._revealed_now = chosen, True
        self.set_options(self.options_now())
        self.show_row(self._index_of(self._item.answer))

    def on_key(self, event: events.Key) -> None:
        """A letter or a digit chooses at once."""
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
        words = plain(f"{sign}{self._mark(index)}. {self._texts()[index]}")
        return self.fitted(words.stylize(style) if style else words)

    def _revealed(self, index: int, key: int, mine: int) -> Content:
        if index == key:
            return self._row(index, "✓ ", "$text-success bold")
        return (
            self._row(index, "✗ ", "$text-error") if index == mine else self._row(index, "  ", "$text-muted")
        )
