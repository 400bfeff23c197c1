"""A question as lines of text, and back: nothing changes that nobody changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aigc_tui.locale import Catalogue
from aigc_tui.quiz.records import Item, ItemType, Origin
from aigc_tui.tui.quiz.item_dialog import WrongFormError, answers_text, edited

CHOICE = Item("1", ItemType.MC, "Where?", 1, ("here", "there", "nowhere"), feedback=("no", "yes", "never"))
ITEMS = (
    CHOICE,
    Item("2", ItemType.CLOZE, "A ____ flies.", "bee", accepted=("wasp",)),
    Item("3", ItemType.TF, "Bees fly.", True),
    Item("4", ItemType.SHORT, "What flies?", "bee"),
    Item("5", ItemType.MATCH, "Match.", (("a", "1"), ("b", "2")), ("2", "1")),
    Item("6", ItemType.ORDER, "Order.", ("x", "y", "z"), ("z", "x", "y")),
)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.type.value)
def test_an_untouched_form_gives_the_same_item(item: Item, language: str) -> None:
    t = Catalogue.load("zh" if language == "zh" else "en").text
    assert edited(item, item.stem, answers_text(item, t), item.explanation, t) == item


def test_a_changed_item_is_a_person_s_and_feedback_stays_with_its_option() -> None:
    t = Catalogue.load("en").text
    new = edited(CHOICE, "Where to?", "there\n* here\nelsewhere\n", "Because.", t)
    assert new == replace(
        CHOICE, stem="Where to?", answer=1, options=("there", "here", "elsewhere"),
        feedback=("yes", "no", ""), explanation="Because.", origin=Origin.HUMAN,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("item", "lines", "key"),
    [
        (CHOICE, "a\nb", "quiz.form_one_key"),
        (CHOICE, "* a\n* b", "quiz.form_one_key"),
        (ITEMS[1], "  \n", "quiz.form_no_answer"),
        (ITEMS[2], "perhaps", "quiz.form_true_false"),
        (ITEMS[4], "a 1", "quiz.form_pairs"),
    ],
)
def test_what_cannot_be_read_is_said(item: Item, lines: str, key: str) -> None:
    t = Catalogue.load("en").text
    with pytest.raises(WrongFormError, match=key):
        edited(item, item.stem, lines, "", t)


def test_steps_are_never_shown_in_their_right_order() -> None:
    t = Catalogue.load("en").text
    new = edited(ITEMS[5], "Order.", "a\nb\nc", "", t)
    assert new.answer == ("a", "b", "c")
    assert new.options != new.answer
    assert sorted(new.options) == ["a", "b", "c"]
