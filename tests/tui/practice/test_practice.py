"""Cards that are due are answered, rated and come again when FSRS says so; mistakes wait in their bank."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_tui.tui.practice.mistakes import MistakesScreen
from aigc_tui.tui.practice.progress import ProgressScreen
from aigc_tui.tui.practice.screen import PracticeScreen
from tests.support.frames import check_frame, frame
from tests.tui.chat.desk import Desk, play
from tests.tui.practice.desk import Clock, press, quiz_in_store


async def begin(desk: Desk, clock: Clock) -> PracticeScreen:
    screen = PracticeScreen()
    screen.now = clock
    await desk.app.push_screen(screen)
    await desk.settle()
    return screen


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_answered_card_offers_its_four_ratings_with_their_times(
    tmp_path: Path, language: str, size: tuple[int, int]
) -> None:
    async def scene(desk: Desk) -> None:
        await begin(desk, Clock())
        await press(desk, "b")
        check_frame(f"practice_{language}_{size[0]}x{size[1]}", frame(desk.app))

    play(tmp_path, scene, language=language, size=size, prepare=quiz_in_store(language))


def test_the_day_goes_by_and_cards_come_back(tmp_path: Path) -> None:
    clock = Clock()

    async def today(desk: Desk) -> None:
        screen = await begin(desk, clock)
        for _ in range(6):
            await press(desk, "ctrl+s", "4")
        assert screen.item is None
        assert "No more cards are due." in frame(desk.app)
        assert "Next: " in frame(desk.app)

    async def later(desk: Desk) -> None:
        clock.pass_days(60)
        screen = await begin(desk, clock)
        assert screen.item is not None
        assert "review 6" in frame(desk.app)

    play(tmp_path, today, prepare=quiz_in_store())
    play(tmp_path, later)


def test_a_wrong_answer_suggests_again_and_lands_in_the_mistakes_bank(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        screen = await begin(desk, Clock())
        wrong = screen.item
        await press(desk, "a", "enter")
        assert "Due again in" in frame(desk.app)
        await press(desk, "f6")
        await desk.until(lambda: isinstance(desk.app.screen, MistakesScreen), "the bank")
        await desk.settle()
        text = frame(desk.app)
        assert wrong is not None
        assert wrong.stem in text
        assert "incorrect 1 time" in text
        check_frame("mistakes_en_120x40", text)

    play(tmp_path, scene, prepare=quiz_in_store())


def test_the_last_rating_can_be_taken_back(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        screen = await begin(desk, Clock())
        first = screen.item
        await press(desk, "b", "4")
        assert screen.item != first
        await press(desk, "ctrl+z")
        assert screen.item == first
        assert "Rating undone" in frame(desk.app)

    play(tmp_path, scene, prepare=quiz_in_store())


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_days_ahead_and_what_was_remembered_are_drawn(tmp_path: Path, language: str) -> None:
    clock = Clock()

    async def scene(desk: Desk) -> None:
        await begin(desk, clock)
        for _ in range(6):
            await press(desk, "ctrl+s", "4")
        clock.pass_days(40)
        await press(desk, "f5", "escape")
        page = ProgressScreen()
        page.now = clock
        await desk.app.push_screen(page)
        await desk.settle()
        check_frame(f"progress_{language}_120x40", frame(desk.app))

    play(tmp_path, scene, language=language, prepare=quiz_in_store(language))


def test_practice_is_a_pane_of_its_own_that_closes_to_the_quiz_pane(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await press(desk, "f5")
        await desk.until(lambda: isinstance(desk.app.screen, PracticeScreen), "the pane")
        await press(desk, "escape")
        await desk.until(lambda: desk.app.current_mode == "quiz", "the quiz pane")

    play(tmp_path, scene, prepare=quiz_in_store())
