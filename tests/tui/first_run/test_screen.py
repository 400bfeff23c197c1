"""The welcome: once, in three steps, in the user's language, with the model's true size."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from aigc_tui.chat import ChatService
from aigc_tui.config import Paths, Settings, load_settings
from aigc_tui.personas import PersonaLibrary
from aigc_tui.quiz.service import QuizService
from aigc_tui.store import Store
from aigc_tui.tui.app import AigcApp
from aigc_tui.tui.first_run import screen
from aigc_tui.tui.first_run.screen import FirstRunScreen
from aigc_tui.tui.services import Services
from tests.support.fake_engine import FakeEngine
from tests.support.frames import check_frame, frame, wait_until
from tests.support.hub_server import Hub
from tests.support.model_fixtures import tiny
from tests.tui.chat.desk import TwoModels
from tests.tui.models.hub import ENTRY, hub

__all__ = ["hub", "tiny"]

Scene = Callable[[AigcApp, Pilot[int]], Awaitable[None]]


def opener(paths: Paths, settings: Settings, language: str) -> Services:
    store, engine = Store.open(paths.store, backups=paths.backups), FakeEngine()
    models, personas = TwoModels(), PersonaLibrary(paths)
    chat = ChatService(store, engine, personas, models, settings, language)
    quiz = QuizService(store, engine)
    return Services(paths, store, engine, personas, models, chat, quiz, 0)  # type: ignore[arg-type]


def start(home: Path, scene: Scene, size: tuple[int, int] = (80, 24), locale: str = "en_US.UTF-8") -> None:
    """Start the application as a new user does, without a settings file."""

    async def run() -> None:
        app = AigcApp(Paths.find(home), opener=opener, environ={"LANG": locale})
        async with app.run_test(size=size) as pilot:
            await wait_until(pilot, lambda: isinstance(app.screen, FirstRunScreen), "the welcome")
            await pilot.pause()
            await scene(app, pilot)

    asyncio.run(run())


async def shows(app: AigcApp, pilot: Pilot[int], words: str) -> None:
    await wait_until(pilot, lambda: words in frame(app), words)
    await pilot.pause()


async def skip(pilot: Pilot[int]) -> None:
    """Leave the offered model for later."""
    await pilot.press("right", "enter")


@pytest.fixture(autouse=True)
def _enough_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is offered must not depend on the machine."""
    monkeypatch.setattr(screen, "available_bytes", lambda: 8 * 10**9)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize(("language", "key"), [("en", "home"), ("zh", "end")])
def test_the_three_steps_look_right(tmp_path: Path, language: str, key: str, size: tuple[int, int]) -> None:
    name = f"{language}_{size[0]}x{size[1]}"

    async def scene(app: AigcApp, pilot: Pilot[int]) -> None:
        check_frame(f"first_run_1_{name}", frame(app))
        await pilot.press(key, "enter")
        await shows(app, pilot, "2 / 3")
        check_frame(f"first_run_2_{name}", frame(app))
        await skip(pilot)
        await shows(app, pilot, "3 / 3")
        check_frame(f"first_run_3_{name}", frame(app))

    start(tmp_path, scene, size, locale="zh_CN.UTF-8" if language == "zh" else "en_US.UTF-8")


def test_it_ends_with_the_chosen_persona_s_greeting_and_the_cursor_in_the_prompt(tmp_path: Path) -> None:
    async def scene(app: AigcApp, pilot: Pilot[int]) -> None:
        await pilot.press("end", "enter")
        await shows(app, pilot, "2 / 3")
        await skip(pilot)
        await shows(app, pilot, "3 / 3")
        await pilot.press("down", "enter")
        await wait_until(pilot, lambda: bool(app.chat.conversation.id), "the first conversation")
        await wait_until(pilot, lambda: app.focused is app.chat.prompt, "the prompt's focus")

    start(tmp_path, scene)
    settings = load_settings(Paths.find(tmp_path))
    assert (settings.language, settings.first_run_done) == ("zh", True)
    persona = PersonaLibrary(Paths.find(tmp_path)).all()[1]
    assert settings.persona == persona.id
    with Store.open(Paths.find(tmp_path).store, backups=None) as store:
        (conversation,) = store.conversations.page(kind="chat")
        assert conversation.persona == settings.persona
        (greeting,) = store.messages.path(conversation.id)
        assert greeting.content == persona.text("greeting", "zh")


def test_after_that_it_is_never_shown_again(tmp_path: Path) -> None:
    Paths.find(tmp_path).settings.write_text("first_run_done: true\n", encoding="utf-8")

    async def run() -> None:
        app = AigcApp(Paths.find(tmp_path), opener=opener, environ={})
        async with app.run_test() as pilot:
            await wait_until(pilot, lambda: bool(app.chat.conversation.id), "the conversation")
            assert app.screen is app.chat

    asyncio.run(run())


def entry(name: str, repository: str) -> dict[str, object]:
    return {**ENTRY, "id": name, "name": name, "repository": repository}


def test_whoever_agrees_types_at_once_and_gets_the_first_model_that_can_be_reached(
    tmp_path: Path, hub: Hub
) -> None:
    first, second = screen.OFFERED
    own = {"models": [entry(first, "owner/gone"), entry(second, "owner/tiny")]}
    (tmp_path / "catalogue.yaml").write_text(json.dumps(own), encoding="utf-8")
    hub.hold_after = 500_000

    async def scene(app: AigcApp, pilot: Pilot[int]) -> None:
        await pilot.press("home", "enter")
        await shows(app, pilot, "2 / 3")
        assert hub.requests == []
        await pilot.press("enter")
        await shows(app, pilot, "3 / 3")
        await pilot.press("enter")
        await wait_until(pilot, lambda: app.focused is app.chat.prompt, "the prompt's focus")
        assert app.pulls.running is not None
        hub.released.set()
        await wait_until(pilot, lambda: app.pulls.running is None, "the model")
        assert app.pulls.current is not None
        assert app.pulls.current.error is None
        assert app.settings.model == second
        assert any("f9" in note.message for note in app._notifications)

    start(tmp_path, scene)


def test_skipping_asks_the_network_nothing(tmp_path: Path, hub: Hub) -> None:
    async def scene(app: AigcApp, pilot: Pilot[int]) -> None:
        await pilot.press("home", "enter")
        await shows(app, pilot, "2 / 3")
        await skip(pilot)
        await shows(app, pilot, "3 / 3")
        assert app.pulls.current is None

    start(tmp_path, scene)
    assert hub.requests == []


def test_leaving_in_the_middle_shows_it_again_next_time(tmp_path: Path) -> None:
    async def scene(app: AigcApp, pilot: Pilot[int]) -> None:
        await pilot.press("enter")
        await shows(app, pilot, "2 / 3")

    start(tmp_path, scene)
    assert not load_settings(Paths.find(tmp_path)).first_run_done


def test_escape_goes_one_step_back(tmp_path: Path) -> None:
    async def scene(app: AigcApp, pilot: Pilot[int]) -> None:
        await pilot.press("enter")
        await shows(app, pilot, "2 / 3")
        await pilot.press("escape")
        await shows(app, pilot, "1 / 3")

    start(tmp_path, scene)


def test_it_can_be_done_with_the_mouse(tmp_path: Path) -> None:
    async def scene(app: AigcApp, pilot: Pilot[int]) -> None:
        await pilot.click("#language", offset=(2, 1))
        await shows(app, pilot, "2 / 3")
        assert app.language == "zh"
        await pilot.click("#go-on")
        await shows(app, pilot, "3 / 3")
        await pilot.click("#persona", offset=(4, 0))
        await wait_until(pilot, lambda: bool(app.chat.conversation.id), "the conversation")

    start(tmp_path, scene)


def test_the_model_s_size_comes_from_its_files(tmp_path: Path) -> None:
    async def scene(app: AigcApp, pilot: Pilot[int]) -> None:
        await pilot.press("home", "enter")
        await shows(app, pilot, "6.0M parameters")
        assert "1,024 tokens" in frame(app)

    start(tmp_path, scene)


def test_the_first_step_offers_no_way_back(tmp_path: Path) -> None:
    async def scene(app: AigcApp, pilot: Pilot[int]) -> None:
        assert "esc" not in frame(app)
        await pilot.press("enter")
        await shows(app, pilot, "2 / 3")
        await shows(app, pilot, "esc Back")

    start(tmp_path, scene)


def test_what_cannot_be_saved_is_told_and_holds_nobody_up(tmp_path: Path) -> None:
    async def scene(app: AigcApp, pilot: Pilot[int]) -> None:
        app.paths.settings.mkdir()
        await pilot.press("home", "enter")
        await shows(app, pilot, "2 / 3")
        assert "settings.yaml" in "".join(note.message for note in app._notifications)
        await skip(pilot)
        await shows(app, pilot, "3 / 3")
        await pilot.press("home", "down", "enter")
        await wait_until(pilot, lambda: bool(app.chat.conversation.id), "the conversation")
        assert app.chat.conversation.record is not None
        assert app.chat.conversation.record.persona == "tutor"

    start(tmp_path, scene)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_in_a_small_terminal_the_way_on_is_in_sight_and_no_row_is_broken_twice(
    tmp_path: Path, language: str
) -> None:
    async def scene(app: AigcApp, pilot: Pilot[int]) -> None:
        await pilot.press("home" if language == "en" else "end", "enter")
        await shows(app, pilot, "2 / 3")
        await shows(app, pilot, "Get it" if language == "en" else "下载")
        check_frame(f"first_run_2_{language}_40x16", frame(app))
        before = frame(app)
        await pilot.press("down", "down", "down")
        await wait_until(pilot, lambda: frame(app) != before, "the text to scroll")
        await skip(pilot)
        await shows(app, pilot, "3 / 3")
        check_frame(f"first_run_3_{language}_40x16", frame(app))

    start(tmp_path, scene, (40, 16), locale="zh_CN.UTF-8" if language == "zh" else "en_US.UTF-8")
