"""Fillers of a gap are ranked by a model, which changes what is believable and nothing that is true."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from aigc_tui.quiz.checks.records import Context
from aigc_tui.quiz.llm_items import make as notes
from aigc_tui.quiz.llm_items.asking import Asker
from aigc_tui.quiz.llm_items.reading import Ranker, can_rank, luck
from aigc_tui.quiz.planning.records import Filled
from aigc_tui.quiz.records import Item
from tests.quiz.llm_items.scripted import ENGLISH, LOCAL, Scripted, filled, moon, newton, tsunami

LIKED = ("pull of the planets", "heat of the Sun")
MANY = filled(
    ENGLISH,
    "The tides",
    "gravity of the Moon",
    wrong=("wind over the water", "heat of the Sun", "weight of the air"),
    spares=("pull of the planets", "salt of the rivers"),
)


def ranker(like: Callable[[str, str], float] | None) -> Ranker:
    return Ranker(Asker(Scripted(lambda _: "", like), LOCAL), ENGLISH, Context("en", ENGLISH))


def ranked(slot: Filled, like: Callable[[str, str], float] | None) -> Item:
    return asyncio.run(ranker(like).rank(slot)).item


def test_the_sentence_is_read_with_each_filler_in_its_gap() -> None:
    engine = Scripted(lambda _: "", lambda prompt, words: -1.0)
    asyncio.run(Ranker(Asker(engine, LOCAL), ENGLISH, Context("en", ENGLISH)).rank(MANY))
    (request,) = engine.read
    assert request.text == "The tides are caused mainly by the "
    assert request.continuations[0] == "gravity of the Moon."
    assert request.continuations[-1] == "salt of the rivers."
    assert not request.messages


def test_the_most_believable_distractors_are_taken_and_the_key_keeps_its_place() -> None:
    item = ranked(MANY, lambda _, words: -1.0 if words.startswith(LIKED) else -2.0)
    assert set(LIKED) < set(item.options)
    assert len(item.options) == 4
    assert item.key == "gravity of the Moon"
    assert item.answer == MANY.item.answer
    assert len(item.feedback) == 4
    assert dict(item.checks)["grounded"]


def test_what_is_not_taken_stays_at_hand() -> None:
    found = asyncio.run(ranker(lambda _, words: float(-len(words))).rank(MANY))
    wrong = {"wind over the water", "weight of the air", "salt of the rivers", *LIKED}
    assert set(found.spares) == wrong - set(found.item.options)


def test_a_blank_that_the_model_fills_at_once_is_easier_than_one_that_surprises_it() -> None:
    easy = ranked(tsunami(), lambda _, words: -0.1 if words.startswith("tsunami") else -9.0)
    hard = ranked(tsunami(), lambda _, words: -9.0 if words.startswith("tsunami") else -0.1)
    assert easy.difficulty < tsunami().item.difficulty < hard.difficulty


@pytest.mark.parametrize("slot", [newton(), moon()], ids=["numbers", "not offered"])
def test_numbers_and_engines_without_scores_leave_the_item_as_it_is(slot: Filled) -> None:
    assert ranked(slot, None) == slot.item
    assert not can_rank(newton())


def test_a_ranker_is_proved_on_the_right_fillers() -> None:
    known = [MANY, moon(), tsunami(), MANY, moon(), newton()]
    right = ("gravity", "tsunami")
    good = asyncio.run(ranker(lambda _, words: -1.0 if words.startswith(right) else -2.0).prove(known))
    assert (good.hits, good.tried, good.can_read) == (5, 5, True)
    bad = asyncio.run(ranker(lambda _, words: -2.0 if words.startswith(right) else -1.0).prove(known))
    assert (bad.hits, bad.tried, bad.can_read) == (0, 5, False)
    none = asyncio.run(ranker(None).prove(known))
    assert notes.ranking_note(none).key == "quiz_models.ranking_none"


def test_luck_is_the_tail_of_the_binomial_distribution() -> None:
    assert luck(0, 8, 0.25) == pytest.approx(1.0)
    assert luck(8, 8, 0.25) == pytest.approx(0.25**8)
    assert luck(5, 8, 0.25) == pytest.approx(0.02729797, abs=1e-7)
