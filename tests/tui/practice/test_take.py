"""A quiz is taken from the keyboard: each answer is judged and kept, and what was broken off goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.content import Content

from aigc_tui.quiz.records import Item, ItemType
from aigc_tui.quiz.repository import QuizRepository
from aigc_tui.store import Store
from aigc_tui.tui.practice.answers import fit
from aigc_tui.tui.practice.results import ResultsScreen
from aigc_tui.tui.practice.take import TakeScreen
from tests.support.frames import check_frame, frame
from tests.support.quizzes import tiny_quiz
from tests.tui.chat.desk import Desk, play
from tests.tui.practice.desk import Clock, press, quiz_in_store


async def begin(desk: Desk, clock: Clock | None = None) -> TakeScreen:
    """Open the quiz that is in the store."""
    services = desk.app.services
    assert services is not None
    screen = TakeScreen(services.quiz.repository.quizzes()[0].id)
    screen.now = clock or Clock()
    await desk.app.push_screen(screen)
    await desk.settle()
    return screen


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_question_and_what_is_said_after_a_wrong_answer(
    tmp_path: Path, language: str, size: tuple[int, int]
) -> None:
    async def scene(desk: Desk) -> None:
        await begin(desk)
        third = "C. 透镜" if language == "zh" else "C. A lens"
        await desk.until(lambda: third in frame(desk.app), "the options")
        check_frame(f"take_question_{language}_{size[0]}x{size[1]}", frame(desk.app))
        await press(desk, "a")
        check_frame(f"take_wrong_{language}_{size[0]}x{size[1]}", frame(desk.app))

    play(tmp_path, scene, language=language, size=size, prepare=quiz_in_store(language))


def test_every_type_is_answered_from_the_keyboard_and_the_results_say_what_to_reread(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await begin(desk)
        await press(desk, "b", "enter")
        await press(desk, *"1704", "enter", "enter")
        await press(desk, "t", "enter")
        await press(desk, *"lens", "enter", "enter")
        await press(desk, "b", "a", "enter", "enter")
        await press(desk, "c", "a", "b", "enter", "enter")
        await desk.until(lambda: isinstance(desk.app.screen, ResultsScreen), "the results")
        await desk.settle()
        text = frame(desk.app)
        assert "83%  (5 of 6 correct)" in text
        assert "Reread" in text
        assert "A lens is a piece of glass with a curved face." in text
        check_frame("results_en_120x40", text)

    play(tmp_path, scene, prepare=quiz_in_store())


def test_an_answer_is_kept_before_the_next_question_and_the_attempt_goes_on_there(tmp_path: Path) -> None:
    async def first(desk: Desk) -> None:
        await begin(desk)
        await press(desk, "b", "enter")

    async def second(desk: Desk) -> None:
        await begin(desk)
        text = frame(desk.app)
        assert "Question 2" in text
        assert "1 of 6 answered" in text

    play(tmp_path, first, prepare=quiz_in_store())
    play(tmp_path, second)


def test_a_verdict_can_be_overruled_and_a_question_passed_over(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await begin(desk)
        await press(desk, "a")
        assert "Incorrect" in frame(desk.app)
        await press(desk, "o")
        assert "your own verdict" in frame(desk.app)
        await press(desk, "enter", "ctrl+s", "ctrl+s", "ctrl+s", "ctrl+s", "ctrl+s")
        await desk.until(lambda: isinstance(desk.app.screen, ResultsScreen), "the results")
        await desk.settle()
        assert "1 correct" in frame(desk.app)
        assert "5 skipped" in frame(desk.app)

    play(tmp_path, scene, prepare=quiz_in_store())


def test_a_click_chooses_and_the_tutor_is_asked_with_the_sentence(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        screen = await begin(desk)
        await desk.pilot.click(screen.query_one(".answering"), offset=(6, 1))
        await desk.settle()
        assert "✓ Correct" in frame(desk.app)
        await press(desk, "question_mark")
        await desk.until(lambda: "return of light" in desk.screen.prompt.text, "the tutor's prompt")
        assert "The lesson says: “Reflection is the return of light" in desk.screen.prompt.text
        assert desk.screen.conversation.record is not None
        assert desk.screen.conversation.record.persona == "tutor"

    play(tmp_path, scene, prepare=quiz_in_store())


LONG = "光在不同介质中的传播速度各不相同而在真空中最快约为每秒三十万公里这一数值由多位科学家测得"


@pytest.mark.parametrize("cells", [30, 74, 114])
def test_a_long_chinese_option_begins_beside_its_letter_and_hangs_below_it(cells: int) -> None:
    lines = fit(Content(f"  A. {LONG}"), cells, 5).plain.split("\n")
    assert lines[0].startswith("  A. 光在")
    assert all(line.startswith("     ") for line in lines[1:])
    assert max(cell_len(line) for line in lines) <= cells
    assert "".join(line.strip() for line in lines) == f"A. {LONG}"


def test_the_key_among_thirty_options_is_on_show_after_the_answer(tmp_path: Path) -> None:
    many = Item("many", ItemType.MC, "Pick it.", 29, tuple(f"option {place}" for place in range(30)))

    def prepare(store: Store) -> None:
        QuizRepository(store).keep(replace(tiny_quiz(), items=(many,)))

    async def scene(desk: Desk) -> None:
        await begin(desk)
        await desk.until(lambda: "A. option 0" in frame(desk.app), "the options")
        await press(desk, "a")
        await desk.until(lambda: "✓ 30. option 29" in frame(desk.app), "the key")

    play(tmp_path, scene, size=(80, 24), prepare=prepare)


def rows(desk: Desk) -> list[str]:
    """What stands on each line of the screen, without frames."""
    return [line.strip("│ ") for line in frame(desk.app).split("\n")]


def test_another_language_reaches_the_question_on_show_and_what_was_said(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await begin(desk)
        await press(desk, "ctrl+s", "ctrl+s")
        assert "False" in rows(desk)
        desk.app.change("language", "zh")
        await desk.until(lambda: "错" in rows(desk), "the options in Chinese")
        assert "第 3 题" in frame(desk.app)
        assert "判断题" in frame(desk.app)
        await press(desk, "t")
        assert "错误" in frame(desk.app)
        desk.app.change("language", "en")
        await desk.until(lambda: "Incorrect" in frame(desk.app), "the verdict in English")
        assert "Correct answer: " in frame(desk.app)

    play(tmp_path, scene, prepare=quiz_in_store())


def test_away_from_its_options_a_key_is_written_out_in_words(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await begin(desk)
        await press(desk, *["ctrl+s"] * 6)
        await desk.until(lambda: isinstance(desk.app.screen, ResultsScreen), "the results")
        await press(desk, *["down"] * 5)
        await desk.until(lambda: "1. Reflection = the return of light" in frame(desk.app), "the pairs")
        await press(desk, "down")
        await desk.until(lambda: "3. write" in frame(desk.app), "the steps")

    play(tmp_path, scene, prepare=quiz_in_store())


def test_the_results_lead_to_what_all_attempts_say_of_the_items(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await begin(desk)
        await press(desk, "a", "enter")
        await press(desk, "ctrl+s", "ctrl+s", "ctrl+s", "ctrl+s", "ctrl+s")
        await desk.until(lambda: isinstance(desk.app.screen, ResultsScreen), "the results")
        await press(desk, "s")
        await desk.until(lambda: "1 finished attempt" in frame(desk.app), "the statistics")
        text = frame(desk.app)
        assert "Item statistics need 30 attempts; there are 1 so far." in text
        assert "0% correct (95% interval 0–79%)" in text
        await press(desk, "escape")
        assert isinstance(desk.app.screen, ResultsScreen)

    play(tmp_path, scene, prepare=quiz_in_store())
