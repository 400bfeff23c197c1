"""Switching between the panes: lazily made, kept as they were left, worded anew in another language."""

from __future__ import annotations

from pathlib import Path

from tests.tui.quiz.bench import Bench, play
from tests.tui.quiz.samples import with_quiz


def test_panes_keep_what_is_on_them_while_another_is_on_show(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        screen = bench.screen
        await bench.press("ctrl+f", *"leaf")
        await bench.press("f3")
        assert bench.app.current_mode == "chat"
        await bench.press(*"half a question")
        await bench.press("f4")
        assert bench.app.screen is screen
        assert screen.sidebar.query_text == "leaf"
        await bench.press("f3")
        assert bench.app.chat.prompt.text == "half a question"

    play(tmp_path, scene)


def test_a_change_of_language_words_the_panes_that_are_not_on_show_too(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        await bench.press("f3")
        assert bench.app.change("language", "zh") == ""
        await bench.settle()
        await bench.press("f4")
        assert "课文" in bench.shown
        for word in ("Lessons", "Import", "Press", "Search"):
            assert word not in bench.shown, bench.shown

    play(tmp_path, scene)


def test_a_change_of_language_words_the_quiz_on_show_anew(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        bench.screen.work(bench.screen.library.open(bench.screen.sidebar.rows[1]))
        await bench.until(lambda: bench.screen.review.quiz is not None, "the quiz")
        await bench.settle()
        assert bench.app.change("language", "zh") == ""
        await bench.settle()
        assert "检查" in bench.shown
        for word in ("Checks", "choice", "dropped", "Accepted", "due", "Explanation"):
            assert word not in bench.shown, bench.shown

    play(tmp_path, scene, prepare=with_quiz("en"))
