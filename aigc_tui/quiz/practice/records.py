"""What practice passes on: attempts, results, due cards, mistakes, statistics; and answers as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, StrEnum
from typing import Any, cast

from aigc_tui.quiz.grading.records import Response
from aigc_tui.quiz.records import Item
from aigc_tui.text import clean

ALL = "*"
"""The key of the due counts under which all lessons are counted together."""
ENOUGH_ATTEMPTS = 30
"""Below this many attempts a discrimination index is noise (reference quiz.md 3.5)."""


class Rating(IntEnum):
    """How well a card was remembered, by FSRS's numbers."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


SUGGESTED = {"correct": Rating.GOOD, "partial": Rating.HARD, "incorrect": Rating.AGAIN}
"""The rating that is offered for a verdict; the learner may choose another."""


class CardState(StrEnum):
    """Where a card stands. `learning` holds those relearned after a lapse too."""

    NEW = "new"
    LEARNING = "learning"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run through a quiz. `items` are those of its beginning, in order; `answered` were answered."""

    id: str
    quiz: str
    started: datetime
    items: tuple[Item, ...]
    answered: tuple[str, ...] = ()
    """Ids of the items answered so far: an attempt that was broken off goes on after them."""
    finished: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One item of an attempt.

    Args:
        verdict: `correct`, `partial`, `incorrect`; empty: not answered.
        by: Who said so: `exact`, `accepted`, `overlap`, `model`, `user`; empty: not answered.
        suggested: The verdict is a guess that one key overrides.
        note: One English line of the grader's.
    """

    item: Item
    response: Response
    verdict: str
    by: str
    suggested: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Reread:
    """A stretch of the lesson to read again, with the ids of the items that went wrong on it."""

    section: str
    page: int | None
    start: int
    end: int
    quote: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """How an attempt went. `score` counts partial answers half; unanswered ones count as wrong."""

    attempt: str
    quiz: str
    outcomes: tuple[Outcome, ...]
    correct: int
    partial: int
    incorrect: int
    unanswered: int
    seconds: float
    reread: tuple[Reread, ...] = ()

    @property
    def score(self) -> float:
        """The share of right answers, 0 to 1."""
        return (self.correct + self.partial / 2) / len(self.outcomes) if self.outcomes else 0.0


@dataclass(frozen=True, slots=True)
class DueCard:
    """A card to practise now. `intervals` say when it would come again, by rating 1 to 4, in seconds."""

    item: Item
    quiz: str
    lesson: str
    state: CardState
    due: datetime
    reviews: int = 0
    lapses: int = 0
    intervals: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class DueCounts:
    """How many cards wait, by state; `new` is already cut to what is left of the day's new cards."""

    new: int = 0
    learning: int = 0
    review: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.new + self.learning + self.review


@dataclass(frozen=True, slots=True)
class Scheduled:
    """When a card comes again, and what FSRS now believes of it.

    Args:
        stability: Days until the chance to remember it falls to nine in ten.
        difficulty: 1 (easy) to 10.
    """

    item: str
    due: datetime
    stability: float
    difficulty: float
    state: CardState


@dataclass(frozen=True, slots=True)
class Undone:
    """The review that was taken back; its card stands as before."""

    item: str
    rating: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """An item to come back to: answered wrong, and not yet right on two different days since."""

    item: Item
    quiz: str
    lesson: str
    wrong: int
    """How often it went wrong in all."""
    right_days: int
    """On how many days it was right since: 0 or 1."""


@dataclass(frozen=True, slots=True)
class DayRetention:
    """One day's reviews of cards that were no longer in learning, and how many were remembered."""

    day: date
    reviews: int
    remembered: int

    @property
    def rate(self) -> float:
        """The share remembered, 0 to 1."""
        return self.remembered / self.reviews if self.reviews else 0.0


@dataclass(frozen=True, slots=True)
class DayLoad:
    """What waits on one day: cards that fall due then, and new ones under the daily limit."""

    day: date
    due: int
    new: int = 0


@dataclass(frozen=True, slots=True)
class PickRate:
    """How often an option of a multiple-choice item was chosen."""

    option: str
    count: int
    rate: float
    key: bool


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """What the attempts say of one item; the fields of a group study are None while attempts are too few.

    Args:
        attempts: Finished attempts in which it was asked.
        facility: The share answered right (p); None: never asked.
        interval: Wilson's 95 % interval of it.
        discrimination: p of the best 27 % less p of the worst 27 %.
        point_biserial: Correlation of being right here with the score on the rest.
        picks: mc: how often each option was chosen.
        difficulty: FSRS's, 1 to 10; None: never practised.
        wrong: How often it went wrong, attempts and reviews together.
    """

    item: Item
    attempts: int
    facility: float | None = None
    interval: tuple[float, float] | None = None
    discrimination: float | None = None
    point_biserial: float | None = None
    picks: tuple[PickRate, ...] = ()
    difficulty: float | None = None
    reviews: int = 0
    wrong: int = 0

    @property
    def enough(self) -> bool:
        """Whether there are attempts enough for the figures of a group."""
        return self.attempts >= ENOUGH_ATTEMPTS


@dataclass(frozen=True, slots=True)
class QuizStatistics:
    """The quiz as a test. `kr20` (Kuder-Richardson 20) is None while attempts are too few."""

    attempts: int
    mean: float | None
    """The mean score, 0 to 1."""
    kr20: float | None
    items: tuple[ItemStatistics, ...]


def response_to_json(response: Response) -> str:
    """The answer as the store keeps it."""
    return json.dumps(response, ensure_ascii=False)


def response_from_json(text: str) -> Response:
    """The answer that was kept."""
    value: Any = json.loads(text)
    if isinstance(value, list):
        value = tuple(part if isinstance(part, str) else (part[0], part[1]) for part in value)
    return cast("Response", value)


def cleaned(response: Response) -> Response:
    """The answer without anything that a terminal would obey: somebody typed it."""
    if isinstance(response, str):
        return clean(response)
    if isinstance(response, tuple):
        parts = [clean(p) if isinstance(p, str) else (clean(p[0]), clean(p[1])) for p in response]
        return cast("Response", tuple(parts))
    return response
