"""Steps get places and left sides get right sides, one choice at a time, and can be taken back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.tui.practice.arrangement import InOrder, InPairs
from tests.support.quizzes import tiny_quiz

MATCH, ORDER = tiny_quiz().items[4:6]


def test_steps_get_the_next_place_each_and_the_answer_is_whole_only_at_the_end() -> None:
    under_way = InOrder(ORDER)
    assert [under_way.row(index) for index in range(3)] == [
        ("A. measure", ""), ("B. write", ""), ("C. look", "")]  # fmt: skip
    assert under_way.take(2) == 0
    assert under_way.take(0) == 1
    assert under_way.response() is None
    assert under_way.take(1) == under_way.count
    assert under_way.response() == ORDER.answer
    assert under_way.row(2) == ("C. look", "1")


def test_a_step_chosen_again_gives_back_its_place_and_all_after_it() -> None:
    under_way = InOrder(ORDER)
    for index in (2, 0, 1):
        under_way.take(index)
    assert under_way.take(0) == 0
    assert [under_way.row(index)[1] for index in range(3)] == ["", "", "1"]


def test_a_letter_gives_the_row_its_right_side_and_goes_on() -> None:
    under_way = InPairs(MATCH)
    assert under_way.letter(0, "B") == 1
    assert under_way.letter(1, "A") == under_way.count
    assert under_way.response() == MATCH.answer
    assert under_way.letter(0, "Z") is None
    assert under_way.letter(under_way.count, "A") is None


def test_choosing_a_row_goes_through_the_right_sides() -> None:
    under_way = InPairs(MATCH)
    shown = [(under_way.take(0), under_way.row(0)[1])[1] for _ in range(3)]
    assert shown == ["A. curved glass", "B. the return of light", "A. curved glass"]


@given(st.lists(st.integers(0, 2), max_size=12))
def test_whatever_is_chosen_places_stay_distinct_and_in_order(choices: list[int]) -> None:
    under_way = InOrder(ORDER)
    for index in choices:
        assert 0 <= under_way.take(index) <= under_way.count
    places = sorted(place for index in range(3) if (place := under_way.row(index)[1]))
    assert places == [str(number + 1) for number in range(len(places))]
