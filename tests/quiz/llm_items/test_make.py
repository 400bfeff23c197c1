"""A quiz with a model: live, honest about its share, and whole whatever the model does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import aclosing

from aigc_tui.engine.protocol import FailureCode, GenerateRequest, ModelSpec
from aigc_tui.message import message
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.llm_items import make as notes
from aigc_tui.quiz.llm_items.make import PATIENCE, make_with_model
from aigc_tui.quiz.llm_items.reading import FEW_TRIED, Proof
from aigc_tui.quiz.planning.records import (
    Filled,
    Finished,
    GenerationNote,
    GenerationStep,
    Made,
    MakingEvent,
    Refused,
)
from aigc_tui.quiz.records import Item, ItemType, Origin, QuizRequest
from tests.quiz.llm_items.scripted import (
    ENGLISH,
    LOCAL,
    SERVER,
    Answer,
    Rules,
    Scripted,
    moon,
    newton,
    prompt_of,
    tsunami,
    wants_stem,
)

STEMS = {
    "gravity of the Moon": "What are the tides mainly caused by?",
    "tsunami": "What is a very long wave raised by an earthquake called?",
    "1687": "When did Isaac Newton explain the tides?",
}


def able(request: GenerateRequest) -> Answer:
    """A model that does as it is told."""
    if not wants_stem(request):
        return {"why": ""}
    return {"stem": next(stem for key, stem in STEMS.items() if f"Answer: {key}" in prompt_of(request))}


def events_of(
    engine: Scripted, rules: Rules, model: ModelSpec = LOCAL, lesson: Lesson = ENGLISH, stop_at: int = 99
) -> list[MakingEvent]:
    async def work() -> list[MakingEvent]:
        stop, found = asyncio.Event(), []
        making = make_with_model(lesson, QuizRequest(3, seed=7), engine, model, stop=stop, run=rules)
        async for event in making:
            found.append(event)
            if sum(isinstance(each, Made) for each in found) >= stop_at:
                stop.set()
        return found

    return asyncio.run(work())


def finished(events: list[MakingEvent]) -> Finished:
    ends = [event for event in events if isinstance(event, Finished)]
    assert ends == [events[-1]]
    return ends[0]


def made(events: list[MakingEvent]) -> list[Filled]:
    return [event.filled for event in events if isinstance(event, Made)]


def test_every_slot_is_made_once_and_the_quiz_holds_what_was_told() -> None:
    events = events_of(Scripted(able), Rules(moon(0), tsunami(1), newton(2)))
    assert [each.item.stem for each in made(events)] == list(STEMS.values())
    end = finished(events)
    assert end.quiz.items == tuple(each.item for each in made(events))
    assert {item.origin for item in end.quiz.items} == {Origin.MODEL}
    assert end.quiz.id != "quiz"
    assert end.notes[0] == notes.share_note(3, 3, 3, "small")
    steps = [event for event in events if isinstance(event, GenerationStep) and event.stage == "propose"]
    assert [step.done for step in steps] == [0, 1, 2, 3]


def test_what_a_model_cannot_do_stays_rule_made_and_is_counted() -> None:
    events = events_of(Scripted(lambda request: {"stem": "What is it?"}), Rules(moon(0), tsunami(1)))
    end = finished(events)
    assert [item.origin for item in end.quiz.items] == [Origin.RULE] * 2
    assert end.quiz.id == "quiz"
    assert end.notes[0] == notes.share_note(0, 2, 2, "small")
    rejected = {each.reason: each.count for each in end.quiz.rejected}
    assert rejected == {"duplicate": 1, "too_short": 6}
    refused = [event.reason for event in events if isinstance(event, Refused)]
    assert refused == ["duplicate", *["too_short"] * 6]


def test_no_two_items_of_a_quiz_ask_the_same() -> None:
    """A model with one idea for everything fills one slot."""
    same = "What are the tides mainly caused by?"
    events = events_of(Scripted(lambda request: {"stem": same}), Rules(moon(0), moon(1), tsunami(2)))
    stems = [item.stem for item in finished(events).quiz.items]
    assert stems.count(same) == 1


def test_stopping_keeps_what_the_model_made_and_fills_up_by_rule() -> None:
    engine = Scripted(able)
    events = events_of(engine, Rules(moon(0), tsunami(1), newton(2)), stop_at=1)
    origins = [item.origin for item in finished(events).quiz.items]
    assert origins == [Origin.MODEL, Origin.RULE, Origin.RULE]
    assert len(made(events)) == 3
    assert notes.STOPPED in finished(events).notes


def test_leaving_early_asks_nothing_more() -> None:
    engine = Scripted(able)

    async def work() -> None:
        rules = Rules(moon(0), tsunami(1))
        async with aclosing(make_with_model(ENGLISH, QuizRequest(), engine, LOCAL, run=rules)) as events:
            async for event in events:
                if isinstance(event, Made):
                    return

    asyncio.run(work())
    assert len(engine.asked) == 2


def test_an_engine_that_dies_costs_the_rest_and_nothing_else() -> None:
    def dies(request: GenerateRequest) -> Answer:
        return FailureCode.CRASHED if "Answer: tsunami" in prompt_of(request) else able(request)

    end = finished(events_of(Scripted(dies), Rules(moon(0), tsunami(1), newton(2))))
    assert [item.origin for item in end.quiz.items] == [Origin.MODEL, Origin.RULE, Origin.RULE]
    assert notes.failed_note(message("it says no")) in end.notes


def test_a_reader_is_believed_only_after_it_beat_chance_on_known_items() -> None:
    known = [moon(number) for number in range(5)]
    reads = Scripted(able, lambda prompt, answer: -1.0 if answer == "gravity of the Moon" else -2.0)
    assert notes.reading_note(Proof(True, 5, 5, 1.25)) in (finished(events_of(reads, Rules(*known))).notes)
    guesses = Scripted(able, lambda prompt, answer: -1.0 if answer == "heat of the Sun" else -2.0)
    end = finished(events_of(guesses, Rules(*known)))
    assert notes.reading_note(Proof(True, 0, 5, 1.25)) in end.notes
    assert end.quiz.items[0].origin is Origin.MODEL, "an item is not refused by a reader that cannot read"


def test_too_few_items_to_prove_a_reader_on_are_filled_up_by_another_quiz() -> None:
    rules = Rules(moon(0), tsunami(1))
    end = finished(events_of(Scripted(able, lambda prompt, answer: -1.0), rules))
    assert [request.count for request in rules.asked] == [3, FEW_TRIED]
    assert rules.asked[1].types == (ItemType.MC,)
    assert GenerationNote("quiz_models.reader_few") in end.notes


def test_a_server_is_not_asked_to_read() -> None:
    rules = Rules(moon(0))
    end = finished(events_of(Scripted(able), rules, SERVER))
    assert GenerationNote("quiz_models.reader_none") in end.notes
    assert len(rules.asked) == 1


def test_a_local_model_whose_readings_never_fit_is_not_trusted() -> None:
    """No score came of any known item: it is unproved, and chooses no distractors."""
    wrong = ("gravity of the stars",)

    def says(request: GenerateRequest) -> Answer:
        return able(request) if wants_stem(request) else {"wrong": list(wrong), "why": ""}

    end = finished(events_of(Scripted(says), Rules(moon(0))))
    assert end.quiz.items[0].origin is Origin.MODEL
    assert end.quiz.items[0].options == moon(0).item.options


def test_leaving_while_the_rules_work_closes_them_at_once() -> None:
    closed = asyncio.Event()

    async def rules(
        lesson: Lesson, request: QuizRequest, exclude: Collection[Item] = ()
    ) -> AsyncIterator[MakingEvent]:
        try:
            yield GenerationStep("analyse", 0, 1)
            yield GenerationStep("analyse", 1, 1)
        finally:
            closed.set()

    async def work() -> bool:
        making = make_with_model(ENGLISH, QuizRequest(), Scripted(able), LOCAL, run=rules)
        async with aclosing(making) as events:
            async for _ in events:
                break
        return closed.is_set()

    assert asyncio.run(work())


def test_a_model_that_fails_at_slot_after_slot_is_not_asked_for_ever() -> None:
    engine = Scripted(lambda request: {"stem": "What is it?"})
    end = finished(events_of(engine, Rules(*(moon(number) for number in range(PATIENCE + 3)))))
    assert len(engine.asked) == PATIENCE * 3
    assert end.notes[0] == notes.share_note(0, PATIENCE + 3, PATIENCE, "small")
    assert end.notes[-1] == notes.GAVE_UP


def test_one_success_is_reason_enough_to_go_on() -> None:
    def late(request: GenerateRequest) -> Answer:
        return able(request) if "tsunami" in prompt_of(request) else {"stem": "What is it?"}

    slots = [*(moon(number) for number in range(PATIENCE - 1)), tsunami(20), moon(21), tsunami(22)]
    end = finished(events_of(Scripted(late), Rules(*slots)))
    assert notes.GAVE_UP not in end.notes
    assert end.notes[0] == notes.share_note(1, PATIENCE + 2, PATIENCE + 2, "small")
