"""The yield of a generation, worded in both languages."""

from __future__ import annotations

import pytest

from aigc_tui.locale import Catalogue
from aigc_tui.quiz.generation.yields import UNFILLED, reason_text, yield_text
from aigc_tui.quiz.records import Rejection

REJECTED = (Rejection(UNFILLED, 2), Rejection("duplicate", 1), Rejection("too few distractors", 3))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "8 of 10 questions made. 2 could not be made: too little in the lesson. "
            "4 candidates dropped: 3 without good distractors, 1 asking the same as another question.",
        ),
        (
            "zh",
            "要求 10 题，已出 8 题。另有 2 题出不了：课文内容不够。"
            "淘汰 4 个候选题：缺少合适的干扰项 3 个、与其他题重复 1 个。",
        ),
    ],
)
def test_a_yield_says_what_was_made_and_why_the_rest_was_not(language: str, said: str) -> None:
    t = Catalogue.load("zh" if language == "zh" else "en").text
    assert yield_text(10, 8, REJECTED, t) == said


def test_what_was_asked_for_and_made_leaves_nothing_to_say() -> None:
    assert yield_text(2, 2, (), Catalogue.load("en").text) == "2 of 2 questions made."
    assert yield_text(0, 1, (), Catalogue.load("en").text) == "1 question made."


def test_a_reason_is_a_phrase_a_check_or_itself() -> None:
    t = Catalogue.load("en").text
    assert reason_text("odd one out", t) == "with an option that stands out"
    assert reason_text("stem_leak", t) == "failing the check “The stem does not give the answer away”"
    assert reason_text("of tomorrow", t) == "of tomorrow"
