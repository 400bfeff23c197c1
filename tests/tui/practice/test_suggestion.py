"""A model may be asked about a typed answer; its verdict is a suggestion until the learner takes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_tui.config import Paths, save_setting
from aigc_tui.quiz.practice.records import Rating
from aigc_tui.quiz.records import ItemType
from aigc_tui.tui.practice.screen import PracticeScreen
from aigc_tui.tui.practice.take import TakeScreen
from tests.support.fake_engine import FakeEngine
from tests.support.frames import frame
from tests.tui.chat.desk import Desk, play
from tests.tui.practice.desk import Clock, press, quiz_in_store
from tests.tui.practice.test_practice import begin as begin_practice
from tests.tui.practice.test_take import begin as begin_taking

CORRECT = ('{"verdict": ', '"correct"}')


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose settings name a model."""
    save_setting(Paths.find(tmp_path), "model", "starter")
    return tmp_path


async def answer_wrongly(desk: Desk) -> TakeScreen:
    """Take the quiz up to its short answer, and give one that the rules do not know."""
    screen = await begin_taking(desk)
    await press(desk, "ctrl+s", "ctrl+s", "ctrl+s")
    await press(desk, *"glass", "enter")
    assert "Incorrect" in frame(desk.app) or "Partly right" in frame(desk.app)
    return screen


def test_a_suggestion_counts_only_when_the_learner_takes_it(home: Path) -> None:
    async def scene(desk: Desk) -> None:
        await answer_wrongly(desk)
        await desk.pilot.press("m")
        await desk.until(lambda: "The model suggests: Correct. Press o" in frame(desk.app), "the suggestion")
        assert "✓ Correct" not in frame(desk.app)
        assert desk.engine.requests[0].grammar is not None
        await press(desk, "o")
        assert "✓ Correct  suggested by the model, accepted by you" in frame(desk.app)
        await press(desk, "enter", "ctrl+s", "ctrl+s")
        assert "1 correct" in frame(desk.app)

    play(home, scene, prepare=quiz_in_store(), engine=FakeEngine(CORRECT))


def test_a_suggestion_that_is_not_taken_changes_nothing(home: Path) -> None:
    async def scene(desk: Desk) -> None:
        await answer_wrongly(desk)
        await desk.pilot.press("m")
        await desk.until(lambda: "The model suggests" in frame(desk.app), "the suggestion")
        await press(desk, "enter", "ctrl+s", "ctrl+s")
        assert "0 correct" in frame(desk.app)

    play(home, scene, prepare=quiz_in_store(), engine=FakeEngine(CORRECT))


def test_esc_gives_up_waiting_and_stays_and_the_wait_is_told(home: Path) -> None:
    async def scene(desk: Desk) -> None:
        screen = await answer_wrongly(desk)
        await desk.pilot.press("m")
        await desk.until(lambda: bool(desk.engine.requests), "the question to the model")
        assert "esc cancel" in frame(desk.app)
        await press(desk, "escape")
        assert desk.app.screen is screen
        assert "was cancelled" in frame(desk.app)
        await press(desk, "escape")
        await desk.until(lambda: desk.app.screen is not screen, "leaving")

    play(home, scene, prepare=quiz_in_store(), engine=FakeEngine(CORRECT, hold=True))


def test_without_a_model_one_line_says_so(home: Path) -> None:
    save_setting(Paths.find(home), "model", "gone")

    async def scene(desk: Desk) -> None:
        await answer_wrongly(desk)
        await desk.pilot.press("m")
        await desk.until(lambda: "there is no model 'gone'" in frame(desk.app), "the line")
        assert desk.engine.requests == []

    play(home, scene, prepare=quiz_in_store())


@pytest.mark.parametrize(
    ("reply", "words"),
    [(("no idea",), "gave no verdict"), (('{"verdict": "incorrect"}',), "The model agrees")],
)
def test_a_reply_that_changes_nothing_is_told_and_offers_nothing(
    home: Path, reply: tuple[str, ...], words: str
) -> None:
    async def scene(desk: Desk) -> None:
        screen = await begin_taking(desk)
        await press(desk, "ctrl+s", "ctrl+s", "ctrl+s", *"stone", "enter")
        await desk.pilot.press("m")
        await desk.until(lambda: words in frame(desk.app), "the line")
        assert screen.check_action("suggest", ()) is True

    play(home, scene, prepare=quiz_in_store(), engine=FakeEngine(reply))


def test_an_answer_that_rules_settle_is_not_asked_about(home: Path) -> None:
    async def scene(desk: Desk) -> None:
        screen = await begin_taking(desk)
        await press(desk, "a")
        assert screen.check_action("suggest", ()) is False
        await press(desk, "enter", *"1704", "enter")
        assert screen.check_action("suggest", ()) is False
        await press(desk, "m")
        assert desk.engine.requests == []

    play(home, scene, prepare=quiz_in_store(), engine=FakeEngine(CORRECT))


async def card_to_type(desk: Desk) -> PracticeScreen:
    """Practise up to the short answer."""
    screen = await begin_practice(desk, Clock())
    while screen.item is not None and screen.item.type is not ItemType.SHORT:
        await press(desk, "ctrl+s", "4")
    return screen


def offered(screen: PracticeScreen) -> Rating:
    """The rating that enter gives now."""
    return screen.suggested


@pytest.mark.parametrize("language", ["en", "zh"])
def test_in_practice_a_taken_suggestion_changes_the_suggested_rating(home: Path, language: str) -> None:
    async def scene(desk: Desk) -> None:
        screen = await card_to_type(desk)
        await press(desk, *"glass", "enter")
        assert offered(screen) is not Rating.GOOD
        assert screen.check_action("take_suggestion", ()) is False
        await desk.pilot.press("m")
        await desk.until(lambda: screen.check_action("take_suggestion", ()) is True, "the suggestion")
        assert offered(screen) is not Rating.GOOD
        await press(desk, "o")
        assert offered(screen) is Rating.GOOD
        taken = "模型建议，由你采纳" if language == "zh" else "suggested by the model, accepted by you"
        assert taken in frame(desk.app)

    play(home, scene, language=language, prepare=quiz_in_store(language), engine=FakeEngine(CORRECT))
