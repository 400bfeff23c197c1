"""Making through the service: a real child process, everything kept at the end, locked items left alone."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.engine.protocol import FailureCode, ModelSpec
from aigc_tui.quiz.planning.records import Finished, GenerationStep, Made, MakingEvent
from aigc_tui.quiz.records import ItemType, Origin, Quiz, QuizError, QuizRequest
from aigc_tui.quiz.repository import QuizRepository
from aigc_tui.quiz.rows import ItemState
from aigc_tui.quiz.service import QuizService
from aigc_tui.store import Store
from tests.quiz.llm_items.scripted import LOCAL, Scripted
from tests.quiz.shelf import items, quiz_of

LESSON = Path(__file__).parents[2] / "data" / "lessons" / "en-photosynthesis.md"
SIX = QuizRequest(6, seed=3)


@pytest.fixture
def lesson(bench: QuizService) -> str:
    return bench.repository.import_lesson(LESSON).id


def follow(events: AsyncIterator[MakingEvent]) -> list[MakingEvent]:
    async def run() -> list[MakingEvent]:
        return [event async for event in events]

    return asyncio.run(run())


def made(bench: QuizService, lesson: str, request: QuizRequest = SIX) -> Quiz:
    last = follow(bench.workshop.make(lesson, request))[-1]
    assert isinstance(last, Finished)
    return last.quiz


def test_a_made_quiz_is_kept_as_it_was_told(bench: QuizService, lesson: str) -> None:
    events = follow(bench.workshop.make(lesson, SIX))
    last = events[-1]
    assert isinstance(last, Finished)
    assert bench.repository.quiz(last.quiz.id) == last.quiz
    assert len(last.quiz.items) == sum(isinstance(event, Made) for event in events) == 6
    assert any(isinstance(event, GenerationStep) for event in events)
    text = bench.repository.lesson(lesson).text
    for entry in bench.repository.entries(last.quiz.id):
        source = entry.item.source
        assert source is not None
        assert text[source.start : source.end] == source.quote
        assert not [verdict for verdict in entry.verdicts if verdict.hard and not verdict.passed]
    assert [row.lesson for row in bench.repository.quizzes(lesson)] == [lesson]


def test_the_same_request_makes_the_same_items_under_other_ids(bench: QuizService, lesson: str) -> None:
    first, second = made(bench, lesson), made(bench, lesson)
    assert [item.stem for item in first.items] == [item.stem for item in second.items]
    assert first.id != second.id
    assert len(bench.repository.quizzes()) == 2


def children() -> set[str]:
    """The processes that this one has started and that still run."""
    lists = Path("/proc/self/task").glob("*/children")
    return {name for each in lists for name in each.read_text().split()}


def test_closing_the_making_ends_the_child_at_once_and_keeps_nothing(bench: QuizService, lesson: str) -> None:
    async def leave() -> None:
        async with aclosing(bench.workshop.make(lesson, SIX)) as events:
            async for event in events:
                if isinstance(event, Made):
                    break
        assert children() == before

    before = children()
    asyncio.run(leave())
    assert bench.repository.quizzes() == []


def test_a_quiz_that_is_being_stored_is_whole_whoever_stops_it(
    bench: QuizService, lesson: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    storing, keep = threading.Event(), bench.repository.keep

    def slowly(*args: Any, **others: Any) -> Quiz:
        storing.set()
        time.sleep(0.2)
        return keep(*args, **others)

    async def stop() -> Quiz:
        making = asyncio.ensure_future(last())
        await asyncio.to_thread(storing.wait)
        making.cancel()
        return await making

    async def last() -> Quiz:
        found = [event async for event in bench.workshop.make(lesson, SIX)][-1]
        assert isinstance(found, Finished)
        return found.quiz

    monkeypatch.setattr(bench.repository, "keep", slowly)
    kept = asyncio.run(stop())
    assert [row.id for row in bench.repository.quizzes()] == [kept.id]
    assert len(kept.items) == 6


def test_a_remake_leaves_locked_items_in_their_places_and_is_one_step(
    bench: QuizService, lesson: str
) -> None:
    quiz = made(bench, lesson)
    kept = quiz.items[2]
    bench.editor.set_locked(quiz.id, kept.id, True)
    last = follow(bench.workshop.remake(quiz.id, replace(SIX, seed=9)))[-1]
    assert isinstance(last, Finished)
    again = bench.repository.quiz(quiz.id)
    assert again == last.quiz
    assert len(again.items) == 6
    assert again.items[2] == kept
    assert not {item.id for item in again.items} & ({item.id for item in quiz.items} - {kept.id})
    assert len({item.stem for item in again.items}) == 6
    assert bench.editor.undo(quiz.id) == "remake"
    assert bench.repository.quiz(quiz.id).items == quiz.items
    assert bench.editor.redo(quiz.id) == "remake"
    assert bench.repository.quiz(quiz.id).items == again.items


def test_a_remake_that_would_make_nothing_is_refused(bench: QuizService, lesson: str) -> None:
    quiz = made(bench, lesson)
    for item in quiz.items:
        bench.editor.set_locked(quiz.id, item.id, True)
    with pytest.raises(QuizError, match="6 items are locked"):
        follow(bench.workshop.remake(quiz.id, SIX))


def test_regenerating_puts_another_item_in_the_same_place(bench: QuizService, lesson: str) -> None:
    quiz = made(bench, lesson)
    old = quiz.items[1]
    new = asyncio.run(bench.workshop.regenerate(quiz.id, old.id))
    assert new is not None
    assert new.id != old.id
    assert new.stem not in {item.stem for item in quiz.items}
    assert bench.repository.quiz(quiz.id).items == (quiz.items[0], new, *quiz.items[2:])
    assert bench.editor.undo(quiz.id) == "regenerate"
    assert bench.repository.quiz(quiz.id).items == quiz.items


def test_a_locked_item_is_neither_regenerated_nor_swapped(bench: QuizService, lesson: str) -> None:
    quiz = made(bench, lesson, QuizRequest(3, (ItemType.MC,)))
    name = quiz.items[0].id
    bench.editor.set_locked(quiz.id, name, True)
    with pytest.raises(QuizError, match="locked"):
        asyncio.run(bench.workshop.regenerate(quiz.id, name))
    with pytest.raises(QuizError, match="locked"):
        bench.workshop.swap_distractor(quiz.id, name, 0)


def test_a_distractor_is_swapped_for_one_left_over_and_never_the_key(
    bench: QuizService, store: Store
) -> None:
    item = items()[0]
    quiz = (
        QuizRepository(store)
        .keep(quiz_of([item]), spares={"mc": ("The nucleus", "The vacuole", "The root")})
        .id
    )
    seen = [bench.workshop.swap_distractor(quiz, "mc", 0) for _ in range(3)]
    assert [each.options[0] for each in seen if each] == ["The vacuole", "The root", "The membrane"]
    assert all(each and each.options[1:] == item.options[1:] and each.answer == 1 for each in seen)
    for wrong in (1, -1, 4):
        with pytest.raises(QuizError, match="choose a distractor"):
            bench.workshop.swap_distractor(quiz, "mc", wrong)
    assert [bench.editor.undo(quiz) for _ in range(4)] == ["swap", "swap", "swap", None]
    assert bench.repository.quiz(quiz).items[0].options == item.options


def test_without_anything_left_over_the_lesson_is_asked_for_another_distractor(
    bench: QuizService, store: Store, lesson: str
) -> None:
    quiz = made(bench, lesson, QuizRequest(8, (ItemType.MC,)))
    kept = QuizRepository(store).keep(replace(quiz, id=""))
    swapped = (
        (item, new)
        for item in kept.items
        if (new := bench.workshop.swap_distractor(kept.id, item.id, 0 if item.answer != 0 else 1)) is not None
    )
    old, new = next(swapped)
    assert len(set(new.options) - set(old.options)) == 1
    assert new.key == old.key


def test_what_no_lesson_backs_cannot_be_made_anew(bench: QuizService, store: Store) -> None:
    quiz = QuizRepository(store).keep(quiz_of(items())).id
    with pytest.raises(QuizError, match="has no lesson"):
        asyncio.run(bench.workshop.regenerate(quiz, "mc"))
    assert bench.workshop.swap_distractor(quiz, "mc", 0) is None
    with pytest.raises(QuizError, match="only multiple-choice"):
        bench.workshop.swap_distractor(quiz, "tf", 0)


def test_a_model_without_an_engine_is_refused(bench: QuizService, lesson: str) -> None:
    with pytest.raises(QuizError, match="no model can be asked"):
        follow(bench.workshop.make(lesson, SIX, ModelSpec("starter")))
    assert bench.repository.quizzes() == []


def test_a_model_that_fails_leaves_a_rule_made_quiz_that_is_kept(store: Store, lesson: str) -> None:
    engine = Scripted(lambda request: FailureCode.REMOTE_ERROR)
    bench = QuizService(store, engine)
    last = follow(bench.workshop.make(lesson, SIX, LOCAL))[-1]
    assert isinstance(last, Finished)
    assert engine.asked
    assert bench.repository.quiz(last.quiz.id) == last.quiz
    assert {item.origin for item in last.quiz.items} == {Origin.RULE}
    new = asyncio.run(bench.workshop.regenerate(last.quiz.id, last.quiz.items[0].id, LOCAL))
    assert new is not None


def test_an_item_thrown_out_does_not_come_back(bench: QuizService, lesson: str) -> None:
    quiz = made(bench, lesson, QuizRequest(2, (ItemType.TF,)))
    seen = {item.stem for item in quiz.items}
    name = quiz.items[0].id
    for _ in range(2):
        new = asyncio.run(bench.workshop.regenerate(quiz.id, name))
        assert new is not None
        assert new.stem not in seen
        seen.add(new.stem)
        name = new.id
    gone = [entry for entry in bench.repository.entries(quiz.id) if entry.state is ItemState.DELETED]
    assert len(gone) == 2
