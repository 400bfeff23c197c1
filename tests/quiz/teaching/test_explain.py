"""An explanation names the key as it is shown, cites the sentence, and says why each other option fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aigc_tui.quiz.records import Item, ItemType, offered
from aigc_tui.quiz.teaching.explain import explain, key_line, words
from tests.support.quizzes import tiny_lesson, tiny_quiz


@pytest.mark.parametrize(
    ("number", "english", "chinese"),
    [
        (0, "B. Reflection", "B. 反射"),
        (1, "1704", "1704"),
        (2, "False", "错"),
        (4, "1-B, 2-A", "1-B, 2-A"),
        (5, "C, A, B", "C, A, B"),
    ],
)
def test_the_key_is_worded_as_the_sheet_shows_it(number: int, english: str, chinese: str) -> None:
    assert key_line(tiny_quiz().items[number], words("en")) == english
    assert key_line(tiny_quiz("zh").items[number], words("zh")) == chinese


def test_an_explanation_says_why_and_cites_the_lesson() -> None:
    explained = explain(tiny_quiz().items[0], words("en"))
    assert explained.because == "The lesson says so."
    assert explained.quote in tiny_lesson().text
    assert explained.section == "Light"


def test_an_imported_item_without_an_order_of_its_own_offers_its_parts_sorted() -> None:
    item = replace(tiny_quiz().items[5], options=())
    assert offered(item) == ("look", "measure", "write")


def test_a_step_that_occurs_twice_is_placed_twice() -> None:
    item = Item("o", ItemType.ORDER, "Order", ("stir", "wait", "stir"), ("stir", "stir", "wait"))
    assert key_line(item, words("en")) == "A, C, B"
