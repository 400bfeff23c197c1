"""From the empty shelf to a quiz: the sample lesson, making with a live yield, stopping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from textual.content import Content

from aigc_tui.quiz.planning.records import Filled, GenerationStep, Made, MakingEvent, Refused, Slot
from aigc_tui.quiz.records import Item, ItemType, QuizError
from aigc_tui.quiz.rows import Entry
from aigc_tui.tui.quiz.make_dialog import MakeDialog
from tests.tui.quiz.bench import Bench, play
from tests.tui.quiz.samples import with_quiz


async def sample_quiz(bench: Bench) -> None:
    """Import the sample lesson and make the usual quiz from it."""
    await bench.screen.run_action("screen.sample")
    await bench.until(lambda: bench.screen.library.lesson is not None, "the lesson")
    await bench.settle()
    await bench.pilot.press("ctrl+n")
    await bench.until(lambda: isinstance(bench.app.screen, MakeDialog) and bench.app.screen.is_mounted)
    await bench.pilot.press("enter")
    await bench.until(lambda: bench.screen.review.quiz is not None, "the quiz")
    await bench.settle()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_sample_lesson_becomes_a_quiz(tmp_path: Path, language: str) -> None:
    async def scene(bench: Bench) -> None:
        await sample_quiz(bench)
        assert len(bench.screen.items.entries) == 10
        shown = bench.shown
        assert ("10 of 10 questions made." if language == "en" else "要求 10 题，已出 10 题。") in shown

    play(tmp_path, scene, language=language)


def made(number: int) -> Made:
    """One item, as the maker tells of it."""
    slot = Slot(number, ItemType.SHORT, 0, 0)
    return Made(Filled(slot, Item(f"item {number}", ItemType.SHORT, f"Question {number}?", "answer")))


def test_the_yield_is_told_live_and_stopping_keeps_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(bench: Bench) -> None:
        closed = asyncio.Event()

        async def slowly(*_: object) -> AsyncGenerator[MakingEvent, None]:
            try:
                yield GenerationStep("make", 0, 10)
                yield made(1)
                yield Refused("duplicate")
                yield made(2)
                await asyncio.Event().wait()
            finally:
                closed.set()

        monkeypatch.setattr(bench.service.workshop, "make", slowly)
        await bench.screen.run_action("screen.sample")
        await bench.until(lambda: bench.screen.library.lesson is not None, "the lesson")
        await bench.settle()
        await bench.pilot.press("ctrl+n")
        await bench.until(lambda: isinstance(bench.app.screen, MakeDialog) and bench.app.screen.is_mounted)
        await bench.pilot.press("enter")
        await bench.until_shown("2 of 10 questions made. 1 candidate dropped: 1 asking the")
        assert "Question 2?" in bench.shown
        assert "esc Stop" in bench.shown
        await bench.pilot.press("escape")
        await bench.until_shown("2 questions were saved")
        assert closed.is_set()
        assert bench.screen.review.quiz is not None
        (row,) = bench.service.repository.quizzes()
        assert (row.items, row.requested) == (2, 10)
        assert "2 of 10 questions made. 1 candidate dropped" in bench.shown

    play(tmp_path, scene)


def test_a_making_that_fails_leaves_the_lesson_and_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scene(bench: Bench) -> None:
        async def broken(*_: object) -> AsyncGenerator[MakingEvent, None]:
            yield GenerationStep("make", 0, 10)
            raise QuizError("the maker ended unexpectedly")

        monkeypatch.setattr(bench.service.workshop, "make", broken)
        bench.screen.work(bench.screen.library.open(bench.screen.sidebar.rows[0]))
        await bench.settle()
        await bench.pilot.press("ctrl+n")
        await bench.until(lambda: isinstance(bench.app.screen, MakeDialog) and bench.app.screen.is_mounted)
        await bench.pilot.press("enter")
        await bench.until_shown("the maker ended unexpectedly")
        await bench.until_shown("What a leaf does")

    play(tmp_path, scene, prepare=with_quiz("en"))


def test_a_thousand_questions_cost_the_list_no_more_than_ten(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        items = bench.screen.items
        bench.screen.show_part("quiz")
        await bench.pilot.pause()
        drawn: list[int] = []
        plain_row = items._row

        def counted(place: int, cells: int) -> list[Content]:
            drawn.append(place)
            return plain_row(place, cells)

        items._row = counted  # type: ignore[method-assign]
        items.show([Entry(made(number).filled.item) for number in range(1000)], range(1, 1001))
        await bench.pilot.pause()
        items.focus()
        await bench.pilot.press("end")
        assert items.pointed == 999
        assert "Question 999?" in bench.shown
        assert len(drawn) < 400

    play(tmp_path, scene)
