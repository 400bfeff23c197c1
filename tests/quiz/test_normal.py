"""Texts that say the same to a reader are equal, and others are not; no text is too strange."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.quiz.normal import contains, normal, pieces, same, simplified


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("１２３ ＡＢＣ", "123 abc"),
        ("“Hamlet”", "hamlet."),
        ("1,000 km", "1000km"),
        ("《紅樓夢》", "红楼梦"),
        ("Newton's", "newton"),
        ("well-known", "well known"),
        ("光合 作用", "光合作用。"),
    ],
)
def test_the_same_to_a_reader(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5", "15"),
        ("-5", "5"),
        ("2³", "23"),
        ("50 %", "50"),
        ("C", "C++"),
        ("3:1", "31"),
        ("!", "?"),
        ("<", ">"),
    ],
)
def test_marks_that_change_what_is_said_stay(one: str, other: str) -> None:
    assert not same(one, other)


def test_words_are_found_whole_and_chinese_by_character() -> None:
    assert contains("The work of art.", "Art")
    assert not contains("The party", "art")
    assert contains("叶绿体的功能", "叶绿体")
    assert not contains("anything", "")


def test_simplified_leaves_other_scripts_alone() -> None:
    assert simplified("café 紅樓夢") == "café 红楼梦"


@given(st.text(max_size=60))
def test_any_text_is_normalised_and_stays_so(text: str) -> None:
    assert normal(text) == " ".join(pieces(text))
    assert same(text, text)
    assert not normal(text) or contains(f"x {text}", text) or not text.strip().isalnum()
