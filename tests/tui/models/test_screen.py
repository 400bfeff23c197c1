"""The models screen over a hub on the loopback: get, stop, use, remove, and chatting meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_tui.config import Paths, load_settings, save_setting
from aigc_tui.engine import preparing
from aigc_tui.engine.models import ModelCatalogue
from aigc_tui.inference.source import ModelError
from aigc_tui.tui.models import rows
from aigc_tui.tui.models.screen import ModelsScreen
from tests.support.frames import check_frame, frame
from tests.support.hub_server import Hub
from tests.support.known_model import install_known
from tests.support.model_fixtures import ModelMaker, tiny
from tests.tui.chat.desk import Desk, play
from tests.tui.models.hub import hub

__all__ = ["hub", "tiny"]


async def open_models(desk: Desk, name: str = "") -> ModelsScreen:
    """Open the screen, and point at a model if one is named."""
    await desk.pilot.press("f8")
    await desk.until(lambda: isinstance(desk.app.screen, ModelsScreen), "the models screen")
    screen = desk.app.screen
    assert isinstance(screen, ModelsScreen)
    await desk.until(lambda: screen.row is not None, "the rows")
    await desk.settle()
    if name:
        await desk.pilot.press("home")
        while screen.row is not None and screen.row.name != name:
            before = screen.row
            await desk.pilot.press("down")
            assert screen.row is not before, f"no row {name}"
    return screen


async def shows(desk: Desk, words: str) -> None:
    await desk.until(lambda: words in frame(desk.app), words)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_list_looks_right(
    tmp_path: Path, language: str, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "available_bytes", lambda: 3 * 10**9)

    async def scene(desk: Desk) -> None:
        await open_models(desk, "qwen2.5-0.5b-instruct")
        check_frame(f"models_{language}_{size[0]}x{size[1]}", frame(desk.app))

    play(tmp_path, scene, language=language, size=size, models=ModelCatalogue)


def test_a_model_arrives_while_one_chats_and_one_key_switches_to_it(tmp_path: Path, hub: Hub) -> None:
    hub.hold_after = 500_000

    async def scene(desk: Desk) -> None:
        await open_models(desk, "tiny-chat")
        await desk.pilot.press("g")
        await shows(desk, "↓ ")
        await desk.pilot.press("escape")
        await desk.say("Hello")
        assert len(desk.said) >= 2
        assert desk.app.pulls.running is not None
        assert "↓ model" in desk.screen.status.words
        assert desk.app.check_action("switch_model", ()) is False
        hub.released.set()
        await desk.until(lambda: desk.app.pulls.running is None, "the model")
        told = "Tiny Chat is ready. f9"
        await desk.until(lambda: any(told in n.message for n in desk.app._notifications), "the notice")
        assert desk.screen.conversation.record is not None
        assert desk.screen.conversation.record.model != "tiny-chat"
        await desk.pilot.press("f9")
        await desk.until(lambda: desk.screen.status.status.model == "tiny-chat", "the switch")
        await desk.settle()
        assert desk.screen.status.status.limit == desk.app.services.models.info("tiny-chat").context  # type: ignore[union-attr]
        assert "↓" not in desk.screen.status.words

    play(tmp_path, scene, models=ModelCatalogue)
    assert load_settings(Paths.find(tmp_path)).model == "tiny-chat"


def test_a_choice_of_the_user_s_is_not_overruled_by_a_new_model(tmp_path: Path, hub: Hub) -> None:
    save_setting(Paths.find(tmp_path), "model", "starter")

    async def scene(desk: Desk) -> None:
        screen = await open_models(desk, "tiny-chat")
        await desk.pilot.press("enter")
        await desk.until(lambda: screen.row is not None and screen.row.is_here, "the model")

    play(tmp_path, scene, models=ModelCatalogue)
    assert load_settings(Paths.find(tmp_path)).model == "starter"


def test_without_a_choice_new_chats_go_to_the_best_installed_model(tmp_path: Path, tiny: ModelMaker) -> None:
    install_known(tmp_path, tiny("llama"), "good")

    async def scene(desk: Desk) -> None:
        assert desk.app.settings.model == "good"
        assert desk.screen.status.status.model == "good"
        assert desk.app.change("sidebar", False) == ""
        assert desk.app.settings.model == "good"
        assert desk.app.change("model", "starter") == ""
        assert desk.app.settings.model == "starter"
        assert desk.app.change("model", None) == ""
        assert desk.app.settings.model == "good"

    play(tmp_path, scene, models=ModelCatalogue)
    assert load_settings(Paths.find(tmp_path)).model == "starter"


def test_stopping_keeps_what_came_and_says_how_to_go_on(tmp_path: Path, hub: Hub) -> None:
    hub.hold_after = 500_000

    async def scene(desk: Desk) -> None:
        screen = await open_models(desk, "tiny-chat")
        await desk.pilot.press("g")
        await desk.until(lambda: hub.sent >= 500_000, "the first bytes")
        await desk.pilot.press("s")
        hub.released.set()
        await shows(desk, "g continues")
        assert list((tmp_path / "models").glob(".tiny-chat.*"))
        hub.hold_after = None
        await desk.settle()
        await desk.pilot.press("g")
        await desk.until(lambda: screen.row is not None and screen.row.is_here, "the model")

    play(tmp_path, scene, models=ModelCatalogue)
    assert any(span.startswith("bytes=") for _path, span in hub.requests)


def test_a_download_that_fails_is_one_line_and_the_model_stays_as_it_was(tmp_path: Path, hub: Hub) -> None:
    hub.files.clear()

    async def scene(desk: Desk) -> None:
        await open_models(desk, "tiny-chat")
        await desk.pilot.press("g")
        await shows(desk, "answered 404")
        assert desk.app.settings.model == "starter"
        assert desk.app.check_action("switch_model", ()) is False

    play(tmp_path, scene, models=ModelCatalogue)


def test_a_model_is_used_and_removed_with_a_question_and_the_starter_never(tmp_path: Path, hub: Hub) -> None:
    async def scene(desk: Desk) -> None:
        screen = await open_models(desk, "tiny-chat")
        await desk.pilot.press("g")
        await desk.until(lambda: screen.row is not None and screen.row.is_here, "the model")
        await desk.settle()
        desk.app.change("model", "starter")
        await desk.pilot.press("u")
        await desk.until(lambda: desk.app.settings.model == "tiny-chat", "the choice")
        await desk.settle()
        await desk.pilot.press("d")
        await shows(desk, "Remove the model tiny-chat")
        await desk.pilot.press("escape")
        await desk.settle()
        assert (tmp_path / "models" / "tiny-chat").exists()
        await desk.pilot.press("d")
        await shows(desk, "Remove the model tiny-chat")
        await desk.pilot.click("#yes")
        await desk.until(lambda: not (tmp_path / "models" / "tiny-chat").exists(), "the removal")
        await desk.settle()
        assert desk.app.settings.model == "starter"
        record = desk.store.conversations.get(desk.screen.conversation.id)
        assert record.model == "starter"
        await desk.pilot.press("home")
        assert screen.row is not None
        assert screen.row.name == "starter"
        assert screen.check_action("remove", ()) is False

    play(tmp_path, scene, models=ModelCatalogue)


def test_a_click_points_at_a_model_and_downloads_nothing(tmp_path: Path, hub: Hub) -> None:
    async def scene(desk: Desk) -> None:
        screen = await open_models(desk)
        await desk.pilot.click("#models", offset=(10, 3))
        await desk.settle()
        assert screen.row is not None
        assert not screen.row.is_here
        assert desk.app.pulls.current is None
        assert hub.requests == []

    play(tmp_path, scene, models=ModelCatalogue)


def test_leaving_stops_a_download(tmp_path: Path, hub: Hub) -> None:
    hub.hold_after = 500_000

    async def scene(desk: Desk) -> None:
        await open_models(desk, "tiny-chat")
        await desk.pilot.press("g")
        await desk.until(lambda: hub.sent >= 500_000, "the first bytes")

    play(tmp_path, scene, models=ModelCatalogue)
    assert list((tmp_path / "models").glob(".tiny-chat.*"))


def test_a_trial_that_fails_leaves_no_model(
    tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*more: object, **how: object) -> None:
        raise ModelError("the weights do not fit the configuration")

    monkeypatch.setattr(preparing, "try_model", broken)

    async def scene(desk: Desk) -> None:
        screen = await open_models(desk, "tiny-chat")
        await desk.pilot.press("g")
        await shows(desk, "the weights do not fit")
        await desk.settle()
        assert screen.row is not None
        assert not screen.row.is_here

    play(tmp_path, scene, models=ModelCatalogue)


def test_a_screen_that_is_open_under_others_is_not_opened_again(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        for first, second in (("f8", "f1"), ("f8", "f2"), ("f2", "f8"), ("f1", "f8")):
            await desk.pilot.press(first)
            await desk.settle()
            lower = desk.app.screen
            await desk.pilot.press(second)
            await desk.settle()
            depth = len(desk.app.screen_stack)
            await desk.pilot.press(first)
            await desk.settle()
            assert len(desk.app.screen_stack) == depth
            await desk.pilot.press("escape")
            await desk.settle()
            assert desk.app.screen is lower
            await desk.pilot.press("escape")
            await desk.settle()
        # Each pane has screens of its own.
        for key in ("f8", "f4", "f8"):
            await desk.pilot.press(key)
            await desk.settle()
        assert isinstance(desk.app.screen, ModelsScreen)

    play(tmp_path, scene, models=ModelCatalogue)
