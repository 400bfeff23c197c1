"""Which cards are practised, in what order, and the four ratings of a card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content
from textual.style import Style
from textual.widgets import Static

from aigc_tui.locale import Translate
from aigc_tui.quiz.practice.clock import span
from aigc_tui.quiz.practice.records import DueCard, Rating, Scheduled
from aigc_tui.quiz.records import Item
from aigc_tui.tui.widgets.text import plain

if TYPE_CHECKING:
    from aigc_tui.quiz.service import QuizService


@dataclass(frozen=True, slots=True)
class Card:
    """What is practised next. `intervals` are empty where they are not known before the rating."""

    item: Item
    intervals: tuple[float, ...] = ()


class DueQueue:
    """The cards that are due, asked anew after every review: one may come again within minutes.

    Args:
        service: The quiz bench.
        lesson_id: Of which lesson; None: all.
    """

    def __init__(self, service: QuizService, lesson_id: str | None) -> None:
        self._service = service
        self._lesson = lesson_id
        self._due: Sequence[DueCard] = ()

    @property
    def left(self) -> int:
        """How many wait, the one on show included."""
        return len(self._due)

    def next(self, now: datetime) -> Card | None:
        """The next card; None: nothing is due."""
        self._due = self._service.reviews.due(now, self._lesson)
        return Card(self._due[0].item, self._due[0].intervals) if self._due else None

    def review(self, item: Item, rating: Rating, now: datetime) -> Scheduled:
        """Schedule the card anew."""
        return self._service.reviews.review(item.id, int(rating), now)


class MistakeQueue:
    """The mistakes bank, each once.

    Args:
        service: The quiz bench.
        lesson_id: Of which lesson; None: all.
    """

    def __init__(self, service: QuizService, lesson_id: str | None) -> None:
        self._service = service
        self._lesson = lesson_id
        self._waiting: list[Item] | None = None

    @property
    def left(self) -> int:
        return len(self._waiting or ())

    def next(self, now: datetime) -> Card | None:
        """The next mistake; None: all were gone through."""
        if self._waiting is None:
            self._waiting = [mistake.item for mistake in self._service.reviews.mistakes(self._lesson)]
        return Card(self._waiting[0]) if self._waiting else None

    def review(self, item: Item, rating: Rating, now: datetime) -> Scheduled:
        """Schedule the card; it is not asked again in this round."""
        scheduled = self._service.reviews.review(item.id, int(rating), now)
        self._waiting = [each for each in self._waiting or () if each.id != item.id]
        return scheduled


Queue = DueQueue | MistakeQueue


class Ratings(Static):
    """One line of four; the suggested one stands out. A click is the screen's `rate` action."""

    def __init__(self) -> None:
        super().__init__(id="ratings", markup=False)
        self.display = False

    def offer(self, intervals: Sequence[float], suggested: Rating, t: Translate) -> None:
        """Show them.

        Args:
            intervals: Seconds by rating, or empty where unknown.
            suggested: What enter does.
            t: The catalogue.
        """
        names = (t("practice.again"), t("practice.hard"), t("practice.good"), t("practice.easy"))
        parts = []
        for rating, name in zip(Rating, names, strict=True):
            when = f" {span(intervals[rating - 1], t)}" if intervals else ""
            style = "$accent bold reverse" if rating is suggested else "$text"
            words = plain(f" {int(rating)} {name}{when} ", style)
            parts.append(words.stylize(Style.from_meta({"@click": f"screen.rate({int(rating)})"})))
        self.update(Content("  ").join(parts))
        self.display = True

    def hide(self) -> None:
        """Offer nothing."""
        self.display = False
