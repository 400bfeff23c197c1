"""Rows that are put in order, or paired.

Why it exists: dragging does not work in every terminal. Here each row is chosen in turn (enter, a click, a
letter), shows at once what it was given, and a last row hands the answer in.
"""

from __future__ import annotations

from textual import events, on
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from aigc_tui.locale import Translate
from aigc_tui.tui.plain import plain
from aigc_tui.tui.practice.answering import Given
from aigc_tui.tui.practice.arrangement import Arrangement
from aigc_tui.tui.practice.fitted import FittedOptions


class Rows(FittedOptions):
    """An arrangement under the hand.

    Args:
        arrangement: What choosing a row means.
        t: The catalogue.
    """

    INDENT = 3

    def __init__(self, arrangement: Arrangement, t: Translate) -> None:
        self._arrangement, self._t = arrangement, t
        self._revealed = False
        super().__init__(self.options_now())

    def on_mount(self) -> None:
        """The first is pointed at."""
        self.highlighted = 0

    def reveal(self, _response: object) -> None:
        """The rows stay as they are, and cannot be changed any more."""
        self._revealed = True
        self.set_options(self.options_now())

    def on_key(self, event: events.Key) -> None:
        """A letter may mean something to the row that is pointed at."""
        row = self.highlighted if self.highlighted is not None else self._arrangement.count
        following = self._arrangement.letter(row, (event.character or "").upper())
        if following is not None:
            event.stop()
            self._draw(following)

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_index < self._arrangement.count:
            self._draw(self._arrangement.take(event.option_index))
        elif (response := self._arrangement.response()) is not None:
            self.post_message(Given(response))

    def _draw(self, point_at: int) -> None:
        self.set_options(self.options_now())
        done = self._arrangement.response() is not None
        self.highlighted = point_at if done or point_at < self._arrangement.count else 0

    def options_now(self) -> list[Option]:
        """The rows, and below them what hands the answer in, while it is not."""
        if self._revealed:
            return [Option(self._row(index), disabled=True) for index in range(self._arrangement.count)]
        done = self._arrangement.response() is not None
        hand_in = plain("→ " + self._t("practice.hand_in"), "$accent bold" if done else "$text-disabled")
        rows = [Option(self._row(index)) for index in range(self._arrangement.count)]
        return [*rows, Option(hand_in, disabled=not done)]

    def _row(self, index: int) -> Content:
        words, given = self._arrangement.row(index)
        shown = plain(f" → {given}", "$accent bold") if given else plain(" …", "$text-muted")
        return self.fitted(Content.assemble(plain(words), shown))
