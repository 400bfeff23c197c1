"""Practice through simulated days: as FSRS itself has it, and by days of the learner's own zone."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from fsrs import Card, Scheduler
from fsrs import Rating as Rated

from aigc_tui.quiz.practice.records import CardState, DayLoad, DueCounts, Undone
from aigc_tui.quiz.practice.reviews import spread
from aigc_tui.quiz.records import Item, ItemType, QuizError
from aigc_tui.quiz.repository import QuizRepository
from aigc_tui.quiz.rows import ItemState
from aigc_tui.quiz.service import QuizService
from aigc_tui.store import Store, StoreError
from aigc_tui.store.checks import check_store
from tests.quiz.shelf import MORNING, quiz_of, stocked

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def bench(store: Store) -> QuizService:
    return QuizService(store, fuzz=False)


def many(store: Store, count: int) -> str:
    made = [Item(f"n{n}", ItemType.SHORT, f"Question {n}?", f"answer {n}") for n in range(count)]
    return QuizRepository(store).keep(quiz_of(made)).id


def due(bench: QuizService, now: datetime) -> list[str]:
    return [card.item.id for card in bench.reviews.due(now)]


def test_two_hundred_days_of_practice_are_scheduled_as_fsrs_itself_does(
    store: Store, bench: QuizService
) -> None:
    stocked(store)
    chance = random.Random(3)
    scheduler = Scheduler(enable_fuzzing=False)
    cards = {name: Card(card_id=n, due=MORNING) for n, name in enumerate(("mc", "tf", "cloze", "short"))}
    reviews = 0
    for number in range(200):
        now = MORNING + number * DAY + timedelta(microseconds=chance.randrange(10**6))
        while waiting := due(bench, now):
            name, rating = waiting[0], chance.choice([1, 2, 3, 3, 3, 4])
            told = bench.reviews.review(name, rating, now)
            cards[name], _ = scheduler.review_card(cards[name], Rated(rating), review_datetime=now)
            assert (told.due, told.stability, told.difficulty) == (
                cards[name].due,
                cards[name].stability,
                cards[name].difficulty,
            )
            reviews += 1
            now += 11 * MINUTE
    assert reviews > 40
    assert all(check.ok for check in check_store(store) if check.name != "store-disk")


def test_learning_comes_first_then_reviews_then_new_then_what_is_nearly_due(
    store: Store, bench: QuizService
) -> None:
    stocked(store)
    bench.reviews.review("tf", 4, MORNING - 20 * DAY)
    bench.reviews.review("mc", 1, MORNING - 5 * MINUTE)
    bench.reviews.review("short", 3, MORNING)
    states = [(card.item.id, card.state) for card in bench.reviews.due(MORNING)]
    assert states == [
        ("mc", CardState.LEARNING),
        ("tf", CardState.REVIEW),
        ("cloze", CardState.NEW),
        ("short", CardState.LEARNING),
    ]
    lesson = bench.repository.lessons()[0].id
    assert bench.reviews.counts(MORNING) == {lesson: DueCounts(1, 2, 1), "*": DueCounts(1, 2, 1)}
    assert len(bench.reviews.due(MORNING, lesson)) == 4
    assert bench.reviews.due(MORNING, "") == []


def test_a_review_is_due_all_day_in_the_learners_zone(store: Store, bench: QuizService) -> None:
    stocked(store)
    shanghai = timezone(timedelta(hours=8))
    evening = datetime(2026, 3, 1, 21, tzinfo=shanghai)
    told = bench.reviews.review("mc", 4, evening)
    assert told.state == CardState.REVIEW
    last = told.due.astimezone(shanghai).date()
    early = datetime(last.year, last.month, last.day, 0, 30, tzinfo=shanghai)
    assert "mc" in due(bench, early)
    assert "mc" not in due(bench, early - 31 * MINUTE)


def test_a_day_brings_so_many_new_cards_and_no_more(store: Store) -> None:
    many(store, 50)
    bench = QuizService(store, fuzz=False, new_a_day=8)
    assert len(bench.reviews.due(MORNING)) == bench.reviews.counts(MORNING)["*"].new == 8
    for name in due(bench, MORNING)[:3]:
        bench.reviews.review(name, 4, MORNING)
    assert len(bench.reviews.due(MORNING + MINUTE)) == 5
    assert len(bench.reviews.due(MORNING + DAY)) == 8


def test_what_is_offered_is_what_comes(store: Store) -> None:
    stocked(store)
    bench = QuizService(store, fuzz=True)
    now = MORNING
    for rating in (3, 3, 3, 4, 1, 3, 3):
        (card,) = [each for each in bench.reviews.due(now) if each.item.id == "mc"]
        told = bench.reviews.review("mc", rating, now)
        assert (told.due - now).total_seconds() == card.intervals[rating - 1]
        now = told.due


def test_the_last_review_is_taken_back_whole(store: Store, bench: QuizService) -> None:
    stocked(store)
    bench.reviews.review("mc", 3, MORNING)
    before = bench.reviews.due(MORNING + DAY)
    bench.reviews.review("mc", 1, MORNING + DAY)
    assert bench.reviews.undo() == Undone("mc", 1)
    assert bench.reviews.due(MORNING + DAY) == before
    assert bench.reviews.undo() == Undone("mc", 3)
    assert [card.state for card in bench.reviews.due(MORNING)] == [CardState.NEW] * 4
    assert bench.reviews.undo() is None


def test_a_wrong_rating_an_unknown_item_and_a_time_without_zone_are_refused(
    store: Store, bench: QuizService
) -> None:
    stocked(store)
    for rating in (0, 5, -1):
        with pytest.raises(QuizError, match="a rating must be 1"):
            bench.reviews.review("mc", rating, MORNING)
    with pytest.raises(StoreError, match="no item"):
        bench.reviews.review("nothing", 3, MORNING)
    with pytest.raises(QuizError, match="has no zone"):
        bench.reviews.due(datetime(2026, 1, 1))
    assert bench.reviews.undo() is None


def test_a_mistake_stays_until_it_was_right_on_two_days(store: Store, bench: QuizService) -> None:
    name = stocked(store)
    attempt = bench.attempts.begin(name, MORNING)
    bench.attempts.answer(attempt.id, "mc", 0, MORNING)
    bench.attempts.answer(attempt.id, "tf", True, MORNING)
    bench.reviews.review("cloze", 1, MORNING + MINUTE)
    assert [(each.item.id, each.wrong, each.right_days) for each in bench.reviews.mistakes()] == [
        ("cloze", 1, 0),
        ("mc", 1, 0),
    ]
    for time in (MORNING + DAY, MORNING + DAY + MINUTE):
        bench.reviews.review("mc", 3, time)
    assert [each.right_days for each in bench.reviews.mistakes() if each.item.id == "mc"] == [1]
    bench.reviews.review("mc", 3, MORNING + 3 * DAY)
    assert [each.item.id for each in bench.reviews.mistakes()] == ["cloze"]
    bench.reviews.review("mc", 1, MORNING + 4 * DAY)
    assert [(each.item.id, each.wrong) for each in bench.reviews.mistakes()] == [("mc", 2), ("cloze", 1)]
    assert bench.reviews.mistakes(bench.repository.lessons()[0].id) == bench.reviews.mistakes()
    bench.editor.set_state(name, "mc", ItemState.DELETED)
    assert [each.item.id for each in bench.reviews.mistakes()] == ["cloze"]


def test_retention_counts_reviews_of_known_cards_by_day(store: Store, bench: QuizService) -> None:
    many(store, 4)
    for number in range(4):
        bench.reviews.review(f"n{number}", 4, MORNING)
    for number, rating in enumerate((3, 1, 3, 4)):
        bench.reviews.review(f"n{number}", rating, MORNING + 8 * DAY)
    bench.reviews.review("n0", 3, MORNING + 9 * DAY)
    told = bench.reviews.retention(MORNING + 9 * DAY)
    assert [(each.day, each.reviews, each.remembered) for each in told] == [
        (date(2026, 3, 10), 4, 3),
        (date(2026, 3, 11), 1, 1),
    ]
    assert told[0].rate == 0.75
    assert bench.reviews.retention(MORNING + DAY) == []


def test_the_forecast_counts_what_falls_due_and_the_new_ones_allowed(store: Store) -> None:
    many(store, 12)
    bench = QuizService(store, fuzz=False, new_a_day=5)
    told = bench.reviews.review("n0", 4, MORNING)
    days = (told.due.date() - MORNING.date()).days
    loads = bench.reviews.forecast(MORNING, days + 1)
    assert [load.new for load in loads[:4]] == [4, 5, 2, 0]
    assert [load.due for load in loads] == [0] * days + [1]
    late = bench.reviews.forecast(MORNING + 40 * DAY, 1)
    assert late == [DayLoad((MORNING + 40 * DAY).date(), 1, 5)]


def test_days_are_spread_as_far_as_fsrs_spreads_them_and_always_alike() -> None:
    for days in range(1, 400, 3):
        interval = timedelta(days=days)
        found = {spread(interval, str(seed)) for seed in range(60)}
        assert found == {spread(interval, str(seed)) for seed in range(60)}
        assert all(each >= min(interval, 2 * DAY) for each in found)
        reach = 0 if days < 3 else 2 + 0.15 * min(days, 7) + 0.1 * min(days, 20) + 0.05 * days
        assert all(abs((each - interval).days) <= reach for each in found)
    assert len({spread(30 * DAY, str(seed)) for seed in range(60)}) > 3


def test_utc_and_any_other_zone_schedule_alike(store: Store, bench: QuizService) -> None:
    stocked(store)
    elsewhere = MORNING.astimezone(timezone(timedelta(hours=-7)))
    first = bench.reviews.review("mc", 3, MORNING)
    bench.reviews.undo()
    assert bench.reviews.review("mc", 3, elsewhere) == first
    assert first.due.tzinfo == UTC
