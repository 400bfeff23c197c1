"""What a grade notes is told in the user's language, and kept in one."""

from __future__ import annotations

import pytest

from aigc_tui.locale import Catalogue
from aigc_tui.quiz.grading.grade import grade
from aigc_tui.quiz.grading.records import worded
from aigc_tui.quiz.records import Item, ItemType

ZH, EN = Catalogue.load("zh").text, Catalogue.load("en").text


@pytest.mark.parametrize(
    ("key", "answer", "english", "chinese"),
    [
        ("the speed of light", "speed of light is not", "a negation too many or too few", "否定词"),
        ("photosynthesis", "photosyntesis", "the spelling is: photosynthesis", "正确写法：photosynthesis"),
        ("1687", "", "nothing was answered", "没有作答"),
    ],
)
def test_a_note_is_worded_in_both_languages(key: str, answer: str, english: str, chinese: str) -> None:
    note = grade(Item("s", ItemType.SHORT, "What?", key), answer).note
    assert worded(note, EN) == note == english
    assert chinese in worded(note, ZH)


def test_a_note_of_somebody_else_stays_as_it_is() -> None:
    assert worded("2 / 3", ZH) == "2 / 3"
