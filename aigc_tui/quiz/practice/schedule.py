"""When a card comes again: FSRS-6, and a little spread of the days.

Why it exists: the scheduler is py-fsrs's (MIT; the algorithm of Ye et al., "A Stochastic Shortest Path
Algorithm for Optimizing Spaced Repetition Scheduling", KDD 2022, in its sixth version). Its own fuzz draws
from Python's global random numbers; here it is drawn from the card itself, as Anki does, so that the same
review always gives the same day.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from aigc_tui.quiz.practice.clock import moment, stamp
from aigc_tui.quiz.practice.records import CardState, Rating
from aigc_tui.store.records import CardRow, ReviewRow

if TYPE_CHECKING:
    from fsrs import Card

NEW = 0
REVIEW = 2
"""FSRS's number of a card that has left learning; 1 is learning, 3 relearning, 0 ours for never seen."""
_SPREAD = ((2.5, 7.0, 0.15), (7.0, 20.0, 0.1), (20.0, float("inf"), 0.05))
"""From so many days to so many, this share of them may be added or taken away."""


def state_of(number: int) -> CardState:
    """FSRS's number of a state in our words."""
    if number == NEW:
        return CardState.NEW
    return CardState.REVIEW if number == REVIEW else CardState.LEARNING


class Schedule:
    """FSRS with its default parameters: nine in ten are to be remembered; steps of one and ten minutes.

    Args:
        fuzz: Whether days are spread.
    """

    def __init__(self, *, fuzz: bool) -> None:
        from fsrs import Scheduler

        self._scheduler = Scheduler(enable_fuzzing=False)
        self._fuzz = fuzz

    def review(self, item_id: str, card: CardRow | None, rating: Rating, now: datetime) -> ReviewRow:
        """What a rating makes of a card.

        Args:
            item_id: The item.
            card: As it stands; None: never seen.
            rating: How well it was remembered.
            now: When, in any zone.
        """
        from fsrs import Rating as Rated

        at = now.astimezone(UTC)
        after, _ = self._scheduler.review_card(_card(card, at), Rated(int(rating)), review_datetime=at)
        due = after.due
        if self._fuzz and after.state.value == REVIEW:
            due = at + spread(due - at, f"{item_id}:{card.reviews if card else 0}")
        assert after.stability is not None
        assert after.difficulty is not None
        return ReviewRow(
            item=item_id,
            rating=int(rating),
            reviewed=stamp(at),
            was=card.state if card else NEW,
            state=after.state.value,
            step=after.step,
            stability=after.stability,
            difficulty=after.difficulty,
            due=stamp(due),
        )

    def intervals(
        self, item_id: str, card: CardRow | None, now: datetime
    ) -> tuple[float, float, float, float]:
        """In how many seconds the card would come again, by rating."""
        again, hard, good, easy = (
            (moment(self.review(item_id, card, rating, now).due) - now).total_seconds() for rating in Rating
        )
        return again, hard, good, easy


def spread(interval: timedelta, seed: str) -> timedelta:
    """Move an interval of days by a little: up to a day and some share of it, never to less than two days."""
    days = interval.days
    if days < _SPREAD[0][0]:
        return interval
    reach = 1.0 + sum(share * max(min(days, end) - start, 0.0) for start, end, share in _SPREAD)
    low, high = max(2, round(days - reach)), round(days + reach)
    return timedelta(days=random.Random(seed).randint(low, high))


def _card(row: CardRow | None, now: datetime) -> Card:
    from fsrs import Card, State

    if row is None:
        return Card(card_id=0, due=now)
    return Card(
        card_id=row.seq,
        state=State(row.state),
        step=row.step,
        stability=row.stability,
        difficulty=row.difficulty,
        due=moment(row.due),
        last_review=moment(row.reviewed),
    )
