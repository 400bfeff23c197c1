"""Answers of several steps: putting steps in order, matching pairs.

Dragging does not work in every terminal: each row is chosen in turn by enter, a click or a letter, shows
at once what it was given, and a last row submits the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from textual import events, on
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from aigc_tui.locale import Translate
from aigc_tui.quiz.records import Item, letter, offered, pairs, steps
from aigc_tui.tui.practice.answers import FittedOptions, Given
from aigc_tui.tui.widgets.text import plain

Arranged = tuple[tuple[str, str], ...] | tuple[str, ...]


class Arrangement(Protocol):
    """An answer under way, row by row."""

    @property
    def count(self) -> int:
        """How many rows there are."""
        ...

    def row(self, index: int) -> tuple[str, str]:
        """A row's own words, and what it was given (may be empty)."""
        ...

    def take(self, index: int) -> int:
        """Do with a row what choosing it means; returns the row to point at next, or `count`."""
        ...

    def letter(self, index: int, sign: str) -> int | None:
        """Do with a row what a typed letter means; None: it means nothing here."""
        ...

    def response(self) -> Arranged | None:
        """The answer; None while rows are missing."""
        ...


class InOrder:
    """Steps, chosen one after the other in their right order.

    Args:
        item: An order item.
    """

    def __init__(self, item: Item) -> None:
        self._shown: Sequence[str] = offered(item)
        self._wanted = len(steps(item))
        self._picked: list[int] = []

    @property
    def count(self) -> int:
        return len(self._shown)

    def row(self, index: int) -> tuple[str, str]:
        place = f"{self._picked.index(index) + 1}" if index in self._picked else ""
        return f"{letter(index)}. {self._shown[index]}", place

    def take(self, index: int) -> int:
        """Give the step the next place; chosen again, it and all after it give theirs back."""
        if index in self._picked:
            del self._picked[self._picked.index(index) :]
            return index
        self._picked.append(index)
        return next((row for row in range(self.count) if row not in self._picked), self.count)

    def letter(self, index: int, sign: str) -> int | None:
        """A step's own letter chooses it."""
        rows = [row for row in range(self.count) if letter(row) == sign]
        return self.take(rows[0]) if rows else None

    def response(self) -> tuple[str, ...] | None:
        whole = len(self._picked) == self._wanted
        return tuple(self._shown[index] for index in self._picked) if whole else None


class InPairs:
    """Left sides, each of which is given a right side.

    Args:
        item: A match item.
    """

    def __init__(self, item: Item) -> None:
        self._lefts = [left for left, _ in pairs(item)]
        self._rights: Sequence[str] = offered(item)
        self._given: list[int | None] = [None] * len(self._lefts)

    @property
    def count(self) -> int:
        return len(self._lefts)

    def row(self, index: int) -> tuple[str, str]:
        right = self._given[index]
        words = "" if right is None else f"{letter(right)}. {self._rights[right]}"
        return f"{index + 1}. {self._lefts[index]}", words

    def take(self, index: int) -> int:
        """Give the row the next right side."""
        right = self._given[index]
        self._given[index] = 0 if right is None else (right + 1) % len(self._rights)
        return index

    def letter(self, index: int, sign: str) -> int | None:
        """The letter of a right side gives it to the row; the next empty row follows."""
        rights = [right for right in range(len(self._rights)) if letter(right) == sign]
        if not rights or not 0 <= index < self.count:
            return None
        self._given[index] = rights[0]
        return next((row for row, right in enumerate(self._given) if right is None), self.count)

    def response(self) -> tuple[tuple[str, str], ...] | None:
        chosen = [right for right in self._given if right is not None]
        if len(chosen) < len(self._lefts):
            return None
        return tuple((left, self._rights[right]) for left, right in zip(self._lefts, chosen, strict=True))


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
        self.highlighted = 0

    def reveal(self, _response: object) -> None:
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
