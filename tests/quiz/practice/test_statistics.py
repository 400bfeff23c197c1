"""Item statistics: by hand for small cases, by simulation for large ones, silent while attempts are few."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence

import pytest

from aigc_tui.quiz.checks.measures import wilson
from aigc_tui.quiz.practice.statistics import Sheet, discrimination, kr20, point_biserial
from aigc_tui.quiz.service import QuizService
from aigc_tui.store import Store
from tests.quiz.shelf import MORNING, stocked


def sheets(rows: Sequence[str]) -> list[Sheet]:
    """One attempt a row: `101` is right, wrong, right."""
    return [Sheet({f"i{n}": mark == "1" for n, mark in enumerate(row)}, {}) for row in rows]


@pytest.mark.parametrize(
    ("right", "asked", "low", "high"),
    [(0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_wilsons_interval_is_that_of_the_tables(right: int, asked: int, low: float, high: float) -> None:
    assert wilson(right, asked) == pytest.approx((low, high), abs=2e-4)


def test_discrimination_compares_the_best_with_the_worst() -> None:
    rows = sheets(["111"] * 10 + ["110"] * 10 + ["000"] * 10)
    assert discrimination("i0", rows) == 1.0
    assert discrimination("i2", rows) == 1.0
    assert discrimination("i0", sheets(["10"] * 20 + ["01"] * 20)) in (-1.0, 1.0, 0.0)


def test_point_biserial_leaves_the_item_itself_out() -> None:
    rows = sheets(["111", "110", "100", "000", "011", "001"])
    here = [1.0, 1.0, 1.0, 0.0, 0.0, 0.0]
    rest = [2.0, 1.0, 0.0, 0.0, 2.0, 1.0]
    assert point_biserial("i0", rows) == pytest.approx(statistics.correlation(here, rest))
    assert point_biserial("i0", sheets(["10", "11"])) is None


def test_kr20_is_one_for_answers_that_all_agree_and_near_none_for_chance() -> None:
    names = [f"i{n}" for n in range(8)]
    agreeing = sheets(["1" * 8, "0" * 8] * 20)
    assert kr20(names, agreeing) == pytest.approx(1.0)
    chance = random.Random(1)
    rows = sheets(["".join(chance.choice("01") for _ in names) for _ in range(2000)])
    found = kr20(names, rows)
    assert found is not None
    assert abs(found) < 0.1
    assert kr20(names, agreeing[:29]) is None
    assert kr20(names, sheets(["1" * 8] * 40)) is None


def attempt(bench: QuizService, quiz: str, answers: dict[str, object]) -> None:
    run = bench.attempts.begin(quiz, MORNING)
    for name, answer in answers.items():
        bench.attempts.answer(run.id, name, answer, MORNING)  # type: ignore[arg-type]
    bench.attempts.finish(run.id, MORNING)


def test_below_thirty_attempts_only_ones_own_history_is_shown(store: Store) -> None:
    bench, quiz = QuizService(store, fuzz=False), stocked(store)
    assert [each.facility for each in bench.attempts.statistics(quiz).items] == [None] * 4
    for _ in range(29):
        attempt(bench, quiz, {"mc": 0, "tf": True})
    bench.reviews.review("mc", 1, MORNING)
    told = bench.attempts.statistics(quiz)
    mc, tf, cloze, _ = told.items
    assert (told.attempts, told.kr20, mc.attempts, mc.enough) == (29, None, 29, False)
    assert (mc.discrimination, mc.point_biserial, mc.picks) == (None, None, ())
    assert (mc.facility, tf.facility, cloze.facility) == (0.0, 1.0, 0.0)
    assert mc.difficulty is not None
    assert (mc.reviews, mc.wrong, tf.wrong, tf.difficulty) == (1, 30, 0, None)


def test_from_thirty_attempts_on_the_group_is_described(store: Store) -> None:
    bench, quiz = QuizService(store), stocked(store)
    good: dict[str, object] = {"mc": 1, "tf": True, "cloze": "1665", "short": "light"}
    weak: dict[str, object] = {"mc": 2, "tf": False, "cloze": "1700", "short": "light"}
    for number in range(30):
        attempt(bench, quiz, good if number % 2 else weak)
    open_one = bench.attempts.begin(quiz, MORNING)
    bench.attempts.answer(open_one.id, "mc", 3, MORNING)
    told = bench.attempts.statistics(quiz)
    mc, _, _, short = told.items
    assert (told.attempts, mc.attempts, mc.facility, mc.discrimination) == (30, 30, 0.5, 1.0)
    assert mc.point_biserial == pytest.approx(1.0)
    assert [(pick.option, pick.count, pick.rate, pick.key) for pick in mc.picks] == [
        ("The membrane", 0, 0.0, False),
        ("The nucleus", 15, 0.5, True),
        ("The wall", 15, 0.5, False),
        ("The sap", 0, 0.0, False),
    ]
    assert (short.facility, short.discrimination, short.point_biserial) == (1.0, 0.0, None)
    assert told.mean == pytest.approx((1.0 + 0.25) / 2)
    assert told.kr20 == pytest.approx(4 / 3 * (1 - 0.75 / 2.25))
