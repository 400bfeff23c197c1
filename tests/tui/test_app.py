"""The application around the panes: language, theme, keys, problems at the start, the palette, the focus."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import pytest
from textual import events
from textual.dom import DOMNode
from textual.pilot import Pilot

from aigc_tui.config import Paths, load_settings, save_setting
from aigc_tui.store import Store
from aigc_tui.tui.app import AigcApp
from aigc_tui.tui.help.screen import HelpScreen
from aigc_tui.tui.palette import Palette
from aigc_tui.tui.settings.screen import SettingsScreen
from aigc_tui.tui.widgets.dialogs import ConfirmDialog
from tests.support.frames import check_frame, frame, wait_until
from tests.support.hostile import EVERYTHING, MARKUP
from tests.tui.chat.desk import Desk, play


def start(home: Path, look: object, *, settings: str = "") -> None:
    """Start the application with its own opener on a settings file, and look at it."""
    home.mkdir(exist_ok=True)
    (home / "settings.yaml").write_text(f"language: en\nfirst_run_done: true\n{settings}", encoding="utf-8")

    async def run() -> None:
        app = AigcApp(Paths.find(home), environ={})
        async with app.run_test(size=(100, 30)) as pilot:
            await pilot.pause()
            await look(app, pilot)  # type: ignore[operator]

    asyncio.run(run())


def notes(app: AigcApp) -> str:
    return "\n".join(notification.message for notification in app._notifications)


# Language and theme


def test_a_change_of_language_words_every_visible_text_anew_and_is_kept(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        assert "Commands" in frame(desk.app)
        assert desk.app.change("language", "zh") == ""
        await desk.settle()
        shown = frame(desk.app)
        assert "命令" in shown
        for word in ("Commands", "Help", "Quit", "Send", "Message ", "Conversations", "model"):
            assert word not in shown, shown

    play(tmp_path, scene)
    assert load_settings(Paths.find(tmp_path)).language == "zh"


def test_a_change_of_theme_is_worn_at_once_and_kept(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        assert desk.app.theme == "ink"
        assert desk.app.change("theme", "paper") == ""
        assert desk.app.theme == "paper"

    play(tmp_path, scene)
    assert load_settings(Paths.find(tmp_path)).theme == "paper"


def test_a_theme_that_does_not_exist_falls_back_to_the_house_s(tmp_path: Path) -> None:
    async def look(app: AigcApp, pilot: Pilot[int]) -> None:
        assert app.theme == "ink"

    start(tmp_path, look, settings="theme: no-such-theme\n")


def test_a_refused_setting_changes_nothing_and_says_why(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        assert "between 0 and 2" in desk.app.change("temperature", 9.0)
        assert desk.app.settings.temperature is None

    play(tmp_path, scene)


# Keys


def test_the_user_s_own_keys_work_instead_of_the_default_ones(tmp_path: Path) -> None:
    save_setting(Paths.find(tmp_path), "keys", {"app.help": "f9"})

    async def scene(desk: Desk) -> None:
        await desk.pilot.press("f1")
        assert not isinstance(desk.app.screen, HelpScreen)
        await desk.pilot.press("f9")
        assert isinstance(desk.app.screen, HelpScreen)

    play(tmp_path, scene)


def test_keys_that_clash_or_name_nothing_are_told_at_the_start(tmp_path: Path) -> None:
    async def look(app: AigcApp, pilot: Pilot[int]) -> None:
        await wait_until(pilot, lambda: "chat.nwe" in notes(app), "the warning")
        assert "ctrl+p is assigned to two actions: Commands and New" in notes(app)

    start(tmp_path, look, settings="keys: {chat.new: ctrl+p, chat.nwe: ctrl+t}\n")


def test_ctrl_c_does_not_quit_but_tells_how(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        desk.screen.transcript.focus()
        await desk.pilot.press("ctrl+c")
        assert "Press ctrl+q to quit" in notes(desk.app)

    play(tmp_path, scene)


def test_quitting_asks_first_if_the_user_wants_that(tmp_path: Path) -> None:
    save_setting(Paths.find(tmp_path), "confirm_quit", True)

    async def scene(desk: Desk) -> None:
        await desk.pilot.press("ctrl+q")
        assert isinstance(desk.app.screen, ConfirmDialog)
        await desk.pilot.press("escape")
        assert not desk.app.leaving.is_set()
        await desk.pilot.press("ctrl+q")
        await desk.pilot.click("#yes")
        assert desk.app.leaving.is_set()

    play(tmp_path, scene)


# What is wrong at the start is one line on the screen


def test_a_broken_settings_file_is_one_line_and_the_rest_of_it_counts(tmp_path: Path) -> None:
    async def look(app: AigcApp, pilot: Pilot[int]) -> None:
        await wait_until(pilot, lambda: "settings.yaml:4" in frame(app), "the problem")
        assert app.theme == "paper"

    start(tmp_path, look, settings="theme: paper\ntemperature: 9\n")


def test_a_settings_file_that_does_not_parse_opens_the_chat_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "settings.yaml").write_text("language: en\ntheme: [paper\n", encoding="utf-8")

    async def run() -> None:
        app = AigcApp(Paths.find(tmp_path), environ={})
        async with app.run_test(size=(100, 30)) as pilot:
            await wait_until(pilot, lambda: bool(app.chat.conversation.id), "the first conversation")
            assert app.screen is app.chat
            assert "settings.yaml:2" in frame(app)

    asyncio.run(run())


def test_a_store_of_a_newer_program_is_one_line_and_nothing_is_touched(tmp_path: Path) -> None:
    path = tmp_path / "aigc-tui.db"
    with Store.open(path, backups=None):
        pass
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 9999")
    connection.close()
    before = path.read_bytes()

    async def look(app: AigcApp, pilot: Pilot[int]) -> None:
        await wait_until(pilot, lambda: "newer" in frame(app), "the problem")
        await pilot.press("ctrl+n", "h", "i", "enter")
        assert "newer" in frame(app)

    start(tmp_path, look)
    assert path.read_bytes() == before


def test_a_store_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "aigc-tui.db").write_bytes(b"not a database at all, and long enough to be looked at" * 100)

    async def look(app: AigcApp, pilot: Pilot[int]) -> None:
        await wait_until(pilot, lambda: bool(app.chat.query(".problem")), "the problem")
        assert "Traceback" not in frame(app)

    start(tmp_path, look)


# The palette


async def choose(desk: Desk, words: str) -> None:
    """Open the palette, type, and take the first row that is left."""
    await desk.pilot.press("ctrl+p")
    await desk.until(lambda: isinstance(desk.app.screen, Palette), "the palette")
    await desk.pilot.press(*words)
    await desk.pilot.press("enter")
    await desk.settle()


def test_the_palette_finds_actions_themes_and_languages_by_name(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await choose(desk, "paper")
        assert desk.app.theme == "paper"
        await choose(desk, "settings")
        assert isinstance(desk.app.screen, SettingsScreen)
        await desk.pilot.press("escape")
        await choose(desk, "language.zh")
        assert desk.app.language == "zh"

    play(tmp_path, scene)


def test_the_palette_begins_with_a_persona_and_opens_a_conversation(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        first = desk.screen.conversation.id
        await desk.say("about whales")
        await choose(desk, "persona.tutor")
        await desk.until(lambda: desk.screen.conversation.id != first, "the new conversation")
        assert desk.store.conversations.get(desk.screen.conversation.id).persona == "tutor"
        await choose(desk, "whales")
        await desk.until(lambda: desk.screen.conversation.id == first, "the old conversation")

    play(tmp_path, scene)


def test_a_command_that_takes_words_is_left_in_the_prompt(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await choose(desk, "slash.rename")
        assert desk.screen.prompt.text == "/rename "

    play(tmp_path, scene)


@pytest.mark.parametrize("title", [EVERYTHING, MARKUP])
def test_a_hostile_title_is_only_text_in_the_palette(tmp_path: Path, title: str) -> None:
    def prepare(store: Store) -> None:
        conversation = store.conversations.create(persona="assistant", model="starter", title=title)
        assert conversation.id

    async def scene(desk: Desk) -> None:
        await desk.pilot.press("ctrl+p")
        await desk.until(lambda: isinstance(desk.app.screen, Palette), "the palette")
        await desk.pilot.press("end", "pageup")
        assert "\x1b" not in frame(desk.app)

    play(tmp_path, scene, prepare=prepare)


def test_over_the_settings_the_palette_offers_nothing_of_the_chat(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await desk.pilot.press("f2")
        await desk.settle()
        await desk.pilot.press("ctrl+p")
        await desk.until(lambda: isinstance(desk.app.screen, Palette), "the palette")
        await desk.settle()
        assert "conversation" not in frame(desk.app)
        check_frame("palette_over_settings_en_100x30", frame(desk.app))

    play(tmp_path, scene, size=(100, 30))


# The command line's language


@pytest.mark.parametrize("setting", ["auto", "en"])
def test_the_language_of_the_command_line_goes_before_the_setting(tmp_path: Path, setting: str) -> None:
    (tmp_path / "settings.yaml").write_text(f"language: {setting}\n", encoding="utf-8")
    assert AigcApp(Paths(tmp_path), environ={"LANG": "C"}, language="zh").language == "zh"
    assert AigcApp(Paths(tmp_path), environ={"LANG": "C"}).language == "en"


# The terminal's focus


def test_losing_and_regaining_the_terminal_s_focus_restyles_nothing_but_the_prompt(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        restyled: list[object] = []
        desk.screen.prompt.focus()
        await desk.settle()
        update = desk.app.stylesheet.update_nodes

        def note(nodes: Iterable[DOMNode], animate: bool = False) -> None:
            kept = list(nodes)
            restyled.extend(kept)
            update(kept, animate)

        desk.app.stylesheet.update_nodes = note  # type: ignore[method-assign]
        desk.app.post_message(events.AppBlur())
        await desk.until(lambda: desk.screen.focused is None, "the loss of focus")
        desk.app.post_message(events.AppFocus())
        await desk.until(lambda: desk.screen.focused is desk.screen.prompt, "the prompt's focus")
        await desk.settle()
        assert desk.screen.transcript not in restyled

    play(tmp_path, scene)
