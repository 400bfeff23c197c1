"""F1 of answers against values computed by hand, by SQuAD's custom and by CMRC's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.evaluation.passage_qa import answer_f1, chinese_f1, english_f1


@pytest.mark.parametrize(
    ("said", "right", "f1"),
    [
        ("The red fox.", "a red fox", 1.0),  # articles, case and points do not count
        ("red", "red fox", 2 / 3),  # P = 1, R = 1/2
        ("fox fox", "fox", 2 / 3),  # a word is shared as often as both have it: P = 1/2, R = 1
        ("a big red fox ran", "red fox", 2 / 3),  # P = 2/4, R = 1
        ("dog", "red fox", 0.0),
        ("", "fox", 0.0),
    ],
)
def test_english_counts_shared_words(said: str, right: str, f1: float) -> None:
    assert english_f1(said, right) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("said", "right", "f1"),
    [
        ("北京。", "北京", 1.0),
        ("在北京", "北京", 4 / 5),  # run of 2, of 3 and 2 characters
        ("京北", "北京", 1 / 2),  # order counts: the longest run is one character
        ("1998年", "1998年", 1.0),
        ("1998", "1998年", 2 / 3),  # a number is one unit
        ("上海", "北京", 0.0),
    ],
)
def test_chinese_counts_the_longest_common_run(said: str, right: str, f1: float) -> None:
    assert chinese_f1(said, right) == pytest.approx(f1)


def test_the_language_decides_of_the_custom() -> None:
    assert answer_f1("京北", "北京", "zh") == pytest.approx(0.5)
    assert answer_f1("fox red", "red fox", "en") == 1.0


@given(st.text(max_size=30), st.text(max_size=30))
def test_f1_is_a_share_and_does_not_care_who_is_right(a: str, b: str) -> None:
    for language in ("en", "zh"):
        assert 0.0 <= answer_f1(a, b, language) <= 1.0
        assert answer_f1(a, b, language) == pytest.approx(answer_f1(b, a, language))
        assert answer_f1(a, a, language) == 1.0
