"""From the empty shelf to a quiz: the sample lesson, making with a live yield, stopping, review."""

from __future__ import annotations

from pathlib import Path

from tests.tui.quiz.bench import Bench, play


def test_the_sample_lesson_becomes_a_quiz(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        await bench.screen.run_action("screen.sample")
        await bench.until_shown("Contents")
        await bench.press("ctrl+n")
        await bench.until(lambda: bench.screen.review.quiz is not None, "the quiz")
        await bench.settle()
        print(bench.shown)
        assert bench.screen.items.entries

    play(tmp_path, scene)
