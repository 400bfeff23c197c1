"""Spaced repetition: which cards are due, what a rating makes of them, which mistakes remain.

The scheduler is py-fsrs's (MIT; the algorithm of Ye et al., "A Stochastic Shortest Path Algorithm for
Optimizing Spaced Repetition Scheduling", KDD 2022, in its sixth version).
"""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cached_property
from typing import TYPE_CHECKING

from aigc_tui.quiz.practice.clock import day_begin, day_of, moment, stamp
from aigc_tui.quiz.practice.records import (
    ALL,
    CardState,
    DayLoad,
    DayRetention,
    DueCard,
    DueCounts,
    Mistake,
    Rating,
    Scheduled,
    Undone,
)
from aigc_tui.quiz.records import QuizError
from aigc_tui.quiz.rows import item_of
from aigc_tui.store.records import CardRow, ReviewRow
from aigc_tui.store.store import Store

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
    """FSRS with its default parameters: nine in ten are to be remembered; steps of one and ten minutes."""

    def __init__(self, *, fuzz: bool) -> None:
        from fsrs import Scheduler

        self._scheduler = Scheduler(enable_fuzzing=False)
        self._fuzz = fuzz

    def review(self, item_id: str, card: CardRow | None, rating: Rating, now: datetime) -> ReviewRow:
        """What a rating makes of a card; `card` None: never seen."""
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


LEARN_AHEAD = timedelta(minutes=20)
RIGHT_DAYS = 2
"""On so many different days an item must be right before it leaves the mistakes bank."""


class Reviews:
    """The cards of everything that is kept and not deleted.

    Args:
        fuzz: Whether FSRS's days are spread a little.
    """

    def __init__(self, store: Store, *, fuzz: bool, new_a_day: int) -> None:
        self._store = store
        self._practice = store.practice
        self._fuzz = fuzz
        self._new_a_day = new_a_day

    @cached_property
    def _schedule(self) -> Schedule:
        return Schedule(fuzz=self._fuzz)

    def due(self, now: datetime, lesson: str | None = None, limit: int | None = None) -> list[DueCard]:
        """What waits, or its first few: learning, reviews, the day's new ones, learning nearly due."""
        cards = self._waiting(now, lesson)
        fresh = self._practice.new_items(lesson)[: self._new_left(now)]
        learning = [each for each in cards if each[0].state != REVIEW]
        ahead = [each for each in learning if moment(each[0].due) > now]
        order: list[tuple[str, CardRow | None, str]] = [
            *((card.item, card, of) for card, of in learning if moment(card.due) <= now),
            *((card.item, card, of) for card, of in cards if card.state == REVIEW),
            *((name, None, of) for name, of in fresh),
            *((card.item, card, of) for card, of in ahead),
        ]
        return [self._due_card(name, card, of, now) for name, card, of in order[:limit]]

    def counts(self, now: datetime) -> dict[str, DueCounts]:
        """How many wait, by lesson, and of all under `ALL`."""
        left = self._new_left(now)
        new = Counter(of for _, of in self._practice.new_items())
        waiting = self._waiting(now, None)
        learning = Counter(of for card, of in waiting if card.state != REVIEW)
        review = Counter(of for card, of in waiting if card.state == REVIEW)
        found = {
            of: DueCounts(min(new[of], left), learning[of], review[of]) for of in {*new, *learning, *review}
        }
        return {**found, ALL: DueCounts(min(new.total(), left), learning.total(), review.total())}

    def review(self, item_id: str, rating: int, now: datetime) -> Scheduled:
        """Rate a card."""
        if rating not in list(Rating):
            raise QuizError("a rating must be 1 (again), 2 (hard), 3 (good) or 4 (easy)")
        self._store.quizzes.item(item_id)
        row = self._schedule.review(item_id, self._practice.card(item_id), Rating(rating), now)
        self._practice.add_review(row)
        return Scheduled(item_id, moment(row.due), row.stability, row.difficulty, state_of(row.state))

    def undo(self) -> Undone | None:
        """Take the last review back."""
        undone = self._practice.undo_review()
        return None if undone is None else Undone(*undone)

    def mistakes(self, lesson: str | None = None, zone: tzinfo | None = None) -> list[Mistake]:
        """What went wrong, and was not right on two days since. Days are those of the zone; None: here."""
        wrong: Counter[str] = Counter()
        last: dict[str, str] = {}
        right: dict[str, set[date]] = {}
        for item, at, was_right in self._practice.marks(lesson):
            if was_right:
                right.setdefault(item, set()).add(day_of(at, zone))
            else:
                wrong[item] += 1
                last[item] = at
                right[item] = set()
        open_ = [name for name in last if len(right[name]) < RIGHT_DAYS]
        open_.sort(key=lambda name: last[name], reverse=True)
        return [self._mistake(name, wrong[name], len(right[name])) for name in open_]

    def retention(self, now: datetime) -> list[DayRetention]:
        """Day by day, reviews of cards that had left learning."""
        reviews: Counter[date] = Counter()
        remembered: Counter[date] = Counter()
        until = stamp(now)
        for row in self._practice.reviews():
            if row.was == REVIEW and row.reviewed <= until:
                day = day_of(row.reviewed, now.tzinfo)
                reviews[day] += 1
                remembered[day] += row.rating > Rating.AGAIN
        return [DayRetention(day, reviews[day], remembered[day]) for day in sorted(reviews)]

    def forecast(self, now: datetime, days: int) -> list[DayLoad]:
        """What falls due today and on each day after, if every new card allowed is begun."""
        today = now.date()
        due: Counter[date] = Counter()
        for card, _ in self._practice.cards(until=stamp(day_begin(now, days))):
            due[max(today, day_of(card.due, now.tzinfo))] += 1
        waiting, allowed = len(self._practice.new_items()), self._new_left(now)
        loads: list[DayLoad] = []
        for number in range(days):
            day = today + timedelta(days=number)
            new = min(waiting, allowed)
            loads.append(DayLoad(day, due[day], new))
            waiting, allowed = waiting - new, self._new_a_day
        return loads

    def _waiting(self, now: datetime, lesson: str | None) -> list[tuple[CardRow, str]]:
        """Review cards due today or before, and learning cards due by now or soon."""
        tomorrow, soon = day_begin(now, 1), now + LEARN_AHEAD
        cards = self._practice.cards(lesson, until=stamp(max(tomorrow, soon)))
        return [
            each
            for each in cards
            if (moment(each[0].due) < tomorrow if each[0].state == REVIEW else moment(each[0].due) <= soon)
        ]

    def _new_left(self, now: datetime) -> int:
        """How many new cards this day may still bring."""
        begun = sum(row.was == NEW for row in self._practice.reviews(since=stamp(day_begin(now))))
        return max(0, self._new_a_day - begun)

    def _due_card(self, name: str, card: CardRow | None, lesson: str, now: datetime) -> DueCard:
        row = self._store.quizzes.item(name)
        return DueCard(
            item=item_of(row.payload, name),
            quiz=row.quiz,
            lesson=lesson,
            state=state_of(card.state) if card else CardState.NEW,
            due=moment(card.due) if card else now,
            reviews=card.reviews if card else 0,
            lapses=card.lapses if card else 0,
            intervals=self._schedule.intervals(name, card, now),
        )

    def _mistake(self, name: str, wrong: int, right_days: int) -> Mistake:
        row = self._store.quizzes.item(name)
        lesson = self._store.quizzes.get(row.quiz).lesson
        return Mistake(item_of(row.payload, name), row.quiz, lesson, wrong, right_days)
