"""The quote is the lesson's own words at its offsets; nothing else passes."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.quiz.checks.grounding import answer_in_source, false_in_source, grounded, parts_in_source
from aigc_tui.quiz.checks.records import Context
from aigc_tui.quiz.records import Item, Origin, Source
from tests.quiz.checks.items import CHINESE, ENGLISH, cite, lesson, match, order, short, tf

TEXTS = ((ENGLISH, "Joseph Priestley found oxygen in 1774."), (CHINESE, "普利斯特利于1774年发现了氧气。"))


def item_from(text: str, quote: str) -> tuple[Item, Context]:
    item = dataclasses.replace(short("When?", "1774"), source=cite(text, quote), origin=Origin.RULE)
    return item, Context("en", lesson(text))


@pytest.mark.parametrize(("text", "quote"), TEXTS)
def test_a_verbatim_quote_passes(text: str, quote: str) -> None:
    item, context = item_from(text, quote)
    found = grounded(item, context)
    assert found is not None
    assert found.passed


@pytest.mark.parametrize(("text", "quote"), TEXTS)
@given(shift=st.integers(-8, 8).filter(bool), letter=st.characters())
def test_moved_offsets_and_changed_letters_are_seen(text: str, quote: str, shift: int, letter: str) -> None:
    item, context = item_from(text, quote)
    source = item.source
    assert source is not None
    moved = Source("", source.start + shift, source.end + shift, quote)
    changed = Source("", source.start, source.end, letter + quote[1:])
    for wrong in (moved, *([changed] if letter != quote[0] else [])):
        found = grounded(dataclasses.replace(item, source=wrong), context)
        assert found is not None
        assert not found.passed


def test_a_made_item_without_a_source_fails_and_a_persons_question_is_left_alone() -> None:
    item = short("When?", "1774")
    assert grounded(item, Context("en")) is None
    made = grounded(dataclasses.replace(item, origin=Origin.MODEL), Context("en"))
    assert made is not None
    assert made.hard
    assert not made.passed


def test_without_the_lesson_the_length_of_the_quote_and_the_answer_are_still_held() -> None:
    item = dataclasses.replace(short("When?", "1774"), source=Source("", 0, 3, "in 1774"))
    found = grounded(item, Context("en"))
    assert found is not None
    assert not found.passed
    inside = answer_in_source(item, Context("en"))
    assert inside is not None
    assert inside.passed


def test_an_accepted_variant_in_the_quote_is_enough() -> None:
    item = short("When?", "seventeen seventy-four", "It was in 1774.", accepted=("1774",))
    found = answer_in_source(item, Context("en"))
    assert found is not None
    assert found.passed


def test_a_false_statement_is_held_against_the_whole_lesson_and_against_other_names() -> None:
    text = "Potatoes grow in the soil. Spuds are tubers."
    quote = "Potatoes grow in the soil."
    elsewhere = dataclasses.replace(tf("Spuds are tubers.", False), source=cite(text, quote))
    renamed = dataclasses.replace(tf("Spuds grow in the soil.", False), source=cite(text, quote))
    context = Context("en", lesson(text), (("potatoes", "Spuds"),))
    for item in (elsewhere, renamed):
        found = false_in_source(item, context)
        assert found is not None
        assert not found.passed
    alone = false_in_source(renamed, Context("en", lesson(text)))
    assert alone is not None
    assert alone.passed


def test_pairs_and_steps_are_looked_for_in_the_whole_lesson() -> None:
    context = Context("zh", lesson(CHINESE))
    for item, right in (
        (match(("光合作用", "在叶绿体中进行"), ("普利斯特利", "发现了氧气")), True),
        (match(("光合作用", "在细胞核中进行"), ("普利斯特利", "发现了氧气")), False),
        (order("光合作用", "普利斯特利", "氧气"), True),
    ):
        found = parts_in_source(dataclasses.replace(item, source=cite(CHINESE, "光合作用")), context)
        assert found is not None
        assert found.passed is right
