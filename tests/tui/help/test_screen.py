"""The help screen: opens anywhere, names every key, scrolls, and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from aigc_tui.config import Paths, save_setting
from aigc_tui.tui.help.screen import HelpScreen
from tests.support.frames import check_frame, frame
from tests.tui.chat.desk import Desk, play


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_help_looks_right(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("f1")
        await desk.settle()
        check_frame(f"help_{language}_{size[0]}x{size[1]}", frame(desk.app))

    play(tmp_path, scene, language=language, size=size)


def test_it_scrolls_to_its_end_and_closes(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("f1")
        await desk.settle()
        await desk.pilot.press("end")
        await desk.settle()
        assert "docs/keys.md" in frame(desk.app)
        await desk.pilot.press("escape")
        assert desk.app.screen is desk.screen

    play(tmp_path, scene)


def test_it_shows_the_user_s_own_key(tmp_path: Path) -> None:
    save_setting(Paths.find(tmp_path), "keys", {"app.settings": "f12"})

    async def scene(desk: Desk) -> None:
        await desk.pilot.press("f1")
        await desk.settle()
        assert "f12                   Open the settings" in frame(desk.app)

    play(tmp_path, scene)


def test_it_is_wrapped_anew_when_the_window_changes_or_the_language(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("f1")
        await desk.settle()
        await desk.pilot.resize_terminal(60, 30)
        await desk.settle()
        assert all(len(line) <= 60 for line in frame(desk.app).splitlines())
        desk.app.change("language", "zh")
        await desk.settle()
        assert "帮助" in frame(desk.app)

    play(tmp_path, scene)


def test_pressing_its_key_again_opens_no_second_one(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("f1", "f1", "f1")
        assert sum(isinstance(screen, HelpScreen) for screen in desk.app.screen_stack) == 1

    play(tmp_path, scene)
