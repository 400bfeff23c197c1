"""What stops an item at the door of every format, and what a written file says it lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aigc_tui.quiz.formats.holding import EVERY_PART, UnfitError, fault, gather, written
from aigc_tui.quiz.formats.records import Options
from aigc_tui.quiz.formats.registry import FORMATS
from aigc_tui.quiz.records import BLANK, Item, ItemType
from tests.support.any_quiz import one_of_each, quiz_of

_BROKEN = (
    (Item("i", ItemType.MC, "Which?", 5, ("one", "two")), "its answer is not one of its options"),
    (Item("i", ItemType.MC, "Which?", -1, ("one", "two")), "its answer is not one of its options"),
    (Item("i", ItemType.MC, "Which?", True, ("one", "two")), "its answer is not an option's number"),
    (Item("i", ItemType.MC, "Which?", 0, ("one",)), "it has fewer than two options"),
    (Item("i", ItemType.MC, "Which?", 0, ("one", " ")), "one of its options is empty"),
    (
        Item("i", ItemType.MC, "Which?", 0, ("a", "b"), feedback=("x",)),
        "its feedback does not match its options one to one",
    ),
    (Item("i", ItemType.CLOZE, "No gap.", "x"), "its stem has not exactly one gap"),
    (Item("i", ItemType.CLOZE, f"{BLANK} and {BLANK}", "x"), "its stem has not exactly one gap"),
    (Item("i", ItemType.CLOZE, f"{BLANK}.", " "), "its answer is empty"),
    (Item("i", ItemType.TF, " ", True), "it has no stem"),
    (Item("i", ItemType.TF, "Sky?", 1), "its answer is neither true nor false"),
    (Item("i", ItemType.SHORT, "What?", ""), "its answer is empty"),
    (Item("i", ItemType.MATCH, "Match", (("a", "b"),)), "it has fewer than two pairs"),
    (Item("i", ItemType.MATCH, "Match", (("a", "b"), ("", "c"))), "a side of one of its pairs is empty"),
    (Item("i", ItemType.MATCH, "Match", (("a", "b"), ("c", "d")), ("b",)), "its options lack a right side"),
    (Item("i", ItemType.ORDER, "Order", ("a",)), "it has fewer than two steps"),
    (Item("i", ItemType.ORDER, "Order", ("a", "")), "one of its steps is empty"),
    (Item("i", ItemType.ORDER, "Order", ("a", "b"), ("a", "c")), "its options are not its steps"),
)


@pytest.mark.parametrize(("item", "reason"), _BROKEN)
def test_what_is_no_question_is_told_why(item: Item, reason: str) -> None:
    assert str(fault(item)) == reason


@pytest.mark.parametrize(
    "name", [name for name in FORMATS if name not in {"json", "markdown", "docx", "html"}]
)
def test_no_exchange_format_lets_a_broken_item_through(name: str) -> None:
    broken = [replace(item, id=f"i{number}") for number, (item, _) in enumerate(_BROKEN)]
    out = FORMATS[name].write(quiz_of(*broken), Options())
    assert [each.id for each in out.left_out] == [item.id for item in broken]


def test_items_keep_their_order_and_each_refusal_its_reason() -> None:
    def form(item: Item) -> str:
        if item.type is ItemType.TF:
            raise UnfitError("no truths here")
        return item.id

    held, left = gather(one_of_each(), form)
    assert [text for _, text in held] == ["id-mc", "id-cloze", "id-short", "id-match", "id-order"]
    assert [(each.id, each.stem, str(each.reason)) for each in left] == [
        ("id-tf", "光合作用吸收氧气。", "no truths here")
    ]


def test_only_parts_that_an_item_had_are_named_as_lost() -> None:
    held, left = gather(one_of_each(), lambda item: item.id)
    everything = ("accepted", "explanation", "feedback", "source")
    assert written(b"", held, left, frozenset()).lost == everything
    assert written(b"", held, left, EVERY_PART).lost == ()
    plain, none = gather(quiz_of(Item("t", ItemType.TF, "Sky?", True)), lambda item: item.id)
    assert written(b"", plain, none, frozenset()).lost == ()
