"""The shelf: what is on it, searching it, deleting with a way back, the mouse, renaming, practising."""

from __future__ import annotations

from pathlib import Path

from textual.widgets import Input

from aigc_tui.tui.practice.screen import PracticeScreen
from aigc_tui.tui.practice.take import TakeScreen
from aigc_tui.tui.quiz.library_list import LibraryList
from aigc_tui.tui.widgets.dialogs import LineDialog
from tests.tui.quiz.bench import Bench, play
from tests.tui.quiz.samples import with_quiz


def kinds(bench: Bench) -> list[str]:
    return [row.kind for row in bench.screen.sidebar.rows]


def test_a_deleted_lesson_takes_its_quizzes_along_and_comes_back_with_them(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        bench.screen.query_one(LibraryList).focus()
        assert kinds(bench) == ["lesson", "quiz"]
        await bench.press("home", "d")
        assert kinds(bench) == []
        assert "Press u to undo" in bench.shown
        await bench.press("u")
        assert kinds(bench) == ["lesson", "quiz"]

    play(tmp_path, scene, prepare=with_quiz("en"))


def test_words_of_a_text_find_its_lesson_and_escape_ends_the_search(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        await bench.press("ctrl+f", *"zzz")
        assert kinds(bench) == []
        assert "No results" in bench.shown
        await bench.press("escape")
        assert kinds(bench) == ["lesson", "quiz"]
        await bench.press("ctrl+f", *"ingenhousz")
        await bench.until(lambda: "lesson" in kinds(bench), "the lesson that holds the word")

    play(tmp_path, scene, prepare=with_quiz("en"))


def test_a_quiz_is_renamed(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        bench.screen.query_one(LibraryList).focus()
        await bench.press("end")
        await bench.pilot.press("r")
        await bench.until(lambda: isinstance(bench.app.screen, LineDialog) and bench.app.screen.is_mounted)
        bench.app.screen.query_one("#line", Input).value = "Monday's test"
        await bench.pilot.press("enter")
        await bench.until_shown("Monday's test")

    play(tmp_path, scene, prepare=with_quiz("en"))


def test_clicks_open_a_quiz_point_at_a_question_and_choose_a_filter(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        await bench.pilot.click(LibraryList, offset=(6, 2))
        await bench.until(lambda: bench.screen.review.quiz is not None, "the quiz")
        await bench.settle()
        await bench.pilot.click("#items", offset=(8, 5))
        await bench.settle()
        assert bench.screen.items.pointed == 2
        assert "Photosynthesis needs light." in bench.shown
        await bench.pilot.click("#filters", offset=(8, 0))
        await bench.settle()
        assert bench.screen.review.filter == "new"

    play(tmp_path, scene, prepare=with_quiz("en"))


def test_a_quiz_is_taken_and_a_lesson_practised_from_the_shelf(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        bench.screen.query_one(LibraryList).focus()
        await bench.pilot.press("end", "t")
        await bench.until(lambda: isinstance(bench.app.screen, TakeScreen), "the quiz to take")
        await bench.pilot.press("escape")
        await bench.until(lambda: bench.app.screen is bench.screen, "the quiz pane")
        await bench.pilot.press("home", "p")
        await bench.until(lambda: isinstance(bench.app.screen, PracticeScreen), "the cards")

    play(tmp_path, scene, prepare=with_quiz("en"))


def test_in_a_narrow_window_the_shelf_is_an_overlay(tmp_path: Path) -> None:
    async def scene(bench: Bench) -> None:
        assert "Search lessons" not in bench.shown
        await bench.press("ctrl+b")
        assert "Search lessons" in bench.shown
        await bench.press("end", "enter")
        await bench.until(lambda: bench.screen.review.quiz is not None, "the quiz")
        await bench.settle()
        assert "Search lessons" not in bench.shown

    play(tmp_path, scene, size=(80, 24), prepare=with_quiz("en"))
