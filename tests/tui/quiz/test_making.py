"""From the empty shelf to a quiz: the sample lesson, making with a live yield, stopping."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_tui.tui.quiz.make_dialog import MakeDialog
from tests.tui.quiz.bench import Bench, play


async def sample_quiz(bench: Bench) -> None:
    """Import the sample lesson and make the usual quiz from it."""
    await bench.screen.run_action("screen.sample")
    await bench.until(lambda: bench.screen.librarian.lesson is not None, "the lesson")
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
        assert ("asked 10, made 10" if language == "en" else "要 10 题，出了 10 题") in shown

    play(tmp_path, scene, language=language)
