"""One slot: what passes becomes the model's item, and everything else leaves the rule-made one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from aigc_tui.engine.protocol import FailureCode, GenerateRequest, GrammarKind, ModelSpec
from aigc_tui.quiz.checks.records import Context
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.llm_items.asking import Asker, Declined, ModelFailedError, Proposal, Proposed
from aigc_tui.quiz.llm_items.propose import propose
from aigc_tui.quiz.llm_items.reading import PassageReader
from aigc_tui.quiz.planning.records import Filled
from aigc_tui.quiz.records import Item, Origin
from tests.quiz.llm_items.scripted import (
    CHINESE,
    ENGLISH,
    LOCAL,
    SERVER,
    Answer,
    Scripted,
    moon,
    newton,
    prompt_of,
    tsunami,
    wants_stem,
    yueqiu,
)

GOOD = "What are the tides mainly caused by?"
WHY = "The gravity of the Moon is what mainly causes the tides."


def run(
    engine: Scripted,
    slot: Filled,
    lesson: Lesson = ENGLISH,
    model: ModelSpec = LOCAL,
    reads: bool = False,
    taken: tuple[str, ...] = (),
) -> Proposal:
    reader = PassageReader(Asker(engine, model), lesson) if reads else None
    work = propose(
        slot, lesson, engine, model, Context(lesson.language, lesson), reader=reader, taken=taken, seed=5
    )
    return asyncio.run(work)


def saying(*stems: str, why: str = WHY, wrong: tuple[str, ...] = ()) -> Callable[[GenerateRequest], Answer]:
    """Say one stem after the other, the last one for ever."""
    waiting: Iterator[str] = iter(stems)
    last = [stems[-1]]

    def say(request: GenerateRequest) -> Answer:
        if not wants_stem(request):
            return {"wrong": list(wrong), "why": why}
        return {"stem": next(waiting, last[0])}

    return say


def item_of(found: Proposal) -> Item:
    assert isinstance(found, Proposed)
    return found.filled.item


def test_a_good_stem_makes_an_item_whose_facts_are_the_application_s() -> None:
    slot = moon()
    item = item_of(run(Scripted(saying(GOOD)), slot))
    assert item.stem == GOOD
    assert (item.origin, item.model, item.seed) == (Origin.MODEL, "small", 5)
    assert (item.options, item.answer, item.source) == (
        slot.item.options,
        slot.item.answer,
        slot.item.source,
    )
    assert item.id != slot.item.id
    assert item.explanation == f"{WHY} {slot.item.explanation}"
    assert dict(item.checks)["grounded"]
    assert item == item_of(run(Scripted(saying(GOOD)), slot)), "the same seed, the same item"


def test_a_chinese_slot_is_worded_in_chinese() -> None:
    engine = Scripted(saying("潮汐主要由什么引起？", why="潮汐主要由月球的引力引起。"))
    item = item_of(run(engine, yueqiu(), CHINESE))
    assert item.stem == "潮汐主要由什么引起？"
    assert item.explanation.startswith("潮汐主要由月球的引力引起。 ")
    assert "请就这个句子提一个简短的问题" in prompt_of(engine.asked[0])


def test_the_model_is_asked_under_a_schema_with_the_sentence_and_the_key() -> None:
    engine = Scripted(saying(GOOD))
    run(engine, moon())
    assert all(
        request.grammar and request.grammar.kind is GrammarKind.JSON_SCHEMA for request in engine.asked
    )
    assert "Answer: gravity of the Moon" in prompt_of(engine.asked[0])
    assert moon().item.source is not None
    assert len(prompt_of(engine.asked[0])) < 1200


@pytest.mark.parametrize(
    ("stem", "reason"),
    [
        ("What does the gravity of the Moon mainly cause?", "stem_leak"),
        ("The tides are caused mainly by something.", "not_a_question"),
        ("Why are the tides mainly caused?", "wrong_kind"),
        ("Who mainly causes the tides?", "wrong_kind"),
        ("What is the favourite colour of the king?", "off_the_sentence"),
        ("Which tides are caused by three hundred angry elephants dancing?", "off_the_sentence"),
        ("What mainly caused the tides in 1999?", "invented"),
        ("What is the mean tides?", "off_the_sentence"),
        ("What are the tides tides mainly caused by?", "repeats"),
        ("潮汐主要由什么引起的呢，请回答一下？", "wrong_language"),
        ("What?", "too_short"),
        ("What are the tides mainly caused by? I am a small model?", "not_a_question"),
        ("What are not the tides mainly caused by?", "negative_stem"),
    ],
)
def test_a_bad_stem_is_refused_by_name_and_the_rule_made_item_stays(stem: str, reason: str) -> None:
    found = run(Scripted(saying(stem)), moon())
    assert found == Declined((reason,) * 3)


@pytest.mark.parametrize(
    ("stem", "reason"),
    [
        ("月球的引力主要引起什么？", "stem_leak"),
        ("潮汐主要由谁引起？", "wrong_kind"),
        ("你最喜欢的颜色是什么？", "off_the_sentence"),
        ("潮汐主要由什么引起", "not_a_question"),
        ("What are the tides mainly caused by？", "wrong_language"),
    ],
)
def test_bad_chinese_stems_are_refused_by_name(stem: str, reason: str) -> None:
    assert run(Scripted(saying(stem)), yueqiu(), CHINESE) == Declined((reason,) * 3)


def test_the_failed_rule_is_named_and_the_second_attempt_may_pass() -> None:
    engine = Scripted(saying("What does the gravity of the Moon mainly cause?", GOOD))
    found = run(engine, moon())
    assert item_of(found).stem == GOOD
    assert isinstance(found, Proposed)
    assert found.refused == ("stem_leak",)
    again = prompt_of(engine.asked[1])
    assert 'Your last question was: "What does the gravity of the Moon mainly cause?"' in again
    assert "it holds the answer." in again
    assert engine.asked[0].sampling.seed != engine.asked[1].sampling.seed


def test_the_model_is_asked_three_times_at_most() -> None:
    engine = Scripted(saying("Nonsense?"))
    run(engine, moon())
    assert len(engine.asked) == 3


@pytest.mark.parametrize("reply", ["", "no JSON", '{"stem": 3}', "[]", '{"stem": "What', "{" * 9999, "1e999"])
def test_a_reply_that_is_no_such_object_is_one_failed_attempt(reply: str) -> None:
    assert run(Scripted(lambda request: reply), moon()) == Declined(("unreadable",) * 3)


def test_hostile_marks_in_a_reply_do_not_reach_the_item() -> None:
    stem = "What are the \x1b[31mtides\u202e mainly caused by?"
    found = run(Scripted(saying(stem, why="\x1b]52;c;AAAA\x07")), moon())
    shown = item_of(found) if isinstance(found, Proposed) else moon().item
    assert not {"\x1b", "\u202e", "\x07"} & set(shown.stem + shown.explanation)


def test_a_stem_that_another_item_has_already_is_refused() -> None:
    assert run(Scripted(saying(GOOD)), moon(), taken=(GOOD,)) == Declined(("repeats",) * 3)


def test_an_explanation_that_invents_is_left_out_and_the_citation_stays() -> None:
    slot = moon()
    for why in ("The purple dragons of 1999 pull the sea up.", "因为月亮。", ""):
        assert item_of(run(Scripted(saying(GOOD, why=why)), slot)).explanation == slot.item.explanation


def test_a_model_nobody_proved_does_not_choose_the_distractors() -> None:
    engine = Scripted(saying(GOOD, wrong=("gravity of the Earth",)))
    assert item_of(run(engine, moon())).options == moon().item.options


def test_a_server_s_distractors_pass_the_same_checks() -> None:
    wrong = ("gravity of the stars", "gravity of the Moon", "Moon", "mainly", "all of the above", "x")
    item = item_of(run(Scripted(saying(GOOD, wrong=wrong)), moon(), model=SERVER))
    assert item.key == "gravity of the Moon"
    assert item.answer == 1
    assert "gravity of the stars" in item.options
    assert len(item.options) == len(set(item.options)) == 4
    assert not {"Moon", "mainly", "all of the above", "x"} & set(item.options)
    assert len(item.feedback) == len(item.options)


def test_numbers_are_never_varied_by_a_model() -> None:
    engine = Scripted(saying("When did Isaac Newton explain the tides?", wrong=("1688",)))
    item = item_of(run(engine, newton(), model=SERVER))
    assert item.options == newton().item.options


def reader_that(with_passage: dict[str, float], without: dict[str, float]) -> Callable[[str, str], float]:
    def like(prompt: str, answer: str) -> float:
        table = with_passage if prompt.startswith("The tides") else without
        return table.get(answer, -3.0)

    return like


def test_a_reader_that_finds_the_key_lets_the_item_through_and_says_so() -> None:
    like = reader_that({"gravity of the Moon": -1.0}, {})
    item = item_of(run(Scripted(saying(GOOD), like), moon(), reads=True))
    assert {"reader": True, "needs_lesson": True}.items() <= dict(item.checks).items()


def test_a_distractor_of_the_rules_as_likely_as_the_key_means_two_keys() -> None:
    like = reader_that({"gravity of the Moon": -1.0, "heat of the Sun": -0.5}, {})
    assert run(Scripted(saying(GOOD), like), moon(), reads=True) == Declined(("two_keys",) * 3)


def test_a_key_that_stands_out_without_the_passage_is_flagged_as_guessable() -> None:
    like = reader_that({"gravity of the Moon": -1.0}, {"gravity of the Moon": -1.0})
    item = item_of(run(Scripted(saying(GOOD), like), moon(), reads=True))
    assert dict(item.checks)["needs_lesson"] is False


def test_a_proved_reader_ranks_distractors_and_throws_out_second_keys() -> None:
    wrong = ("gravity of the stars", "gravity of the Earth")
    like = reader_that(
        {"gravity of the Moon": -1.0, "gravity of the Earth": -0.5},
        {"gravity of the stars": -1.0, "weight of the air": -1.5, "heat of the Sun": -2.0},
    )
    item = item_of(run(Scripted(saying(GOOD, wrong=wrong), like), moon(), reads=True))
    assert set(item.options) == {
        "gravity of the Moon",
        "gravity of the stars",
        "weight of the air",
        "heat of the Sun",
    }
    assert item.options[int(item.answer)] == "gravity of the Moon"  # type: ignore[arg-type]


def test_a_short_answer_is_read_against_its_spares() -> None:
    stem = "What is a very long wave raised by an earthquake called?"
    good = Scripted(saying(stem), lambda prompt, answer: -1.0 if answer == "tsunami" else -2.0)
    assert dict(item_of(run(good, tsunami(), reads=True)).checks)["reader"]
    bad = Scripted(saying(stem), lambda prompt, answer: -1.0 if answer == "tide" else -2.0)
    assert run(bad, tsunami(), reads=True) == Declined(("two_keys",) * 3)


def test_a_model_that_cannot_be_asked_is_told_at_once() -> None:
    with pytest.raises(ModelFailedError, match="it says no") as failure:
        run(Scripted(lambda request: FailureCode.MODEL_MISSING), moon())
    assert failure.value.code is FailureCode.MODEL_MISSING


def test_a_form_that_the_engine_refuses_is_a_failed_attempt() -> None:
    found = run(Scripted(lambda request: FailureCode.GRAMMAR_REFUSED), moon())
    assert found == Declined(("unreadable",) * 3)


def test_a_good_stem_does_not_fall_with_the_model_s_distractors() -> None:
    """Each passes alone; all three together leave the key the longest by far."""
    wrong = ("a big planet", "a star field", "an old ocean")
    item = item_of(run(Scripted(saying(GOOD, wrong=wrong)), moon(), model=SERVER))
    assert (item.stem, item.options) == (GOOD, moon().item.options)
    assert dict(item.checks)["longest_key"]


@pytest.mark.parametrize("stem", ["What is a long wave?", "What is the very long wave?"])
def test_a_stem_that_only_names_a_thing_of_the_sentence_asks_nothing_of_it(stem: str) -> None:
    assert run(Scripted(saying(stem)), tsunami()) == Declined(("off_the_sentence",) * 3)
