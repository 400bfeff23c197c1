"""The settings screen: every setting, by keyboard and mouse, saved at once, wrong values explained."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, Select, Switch

from aigc_tui.config import SCHEMA, Paths, SettingType, load_settings, save_setting
from aigc_tui.tui.settings.row import SettingRow
from aigc_tui.tui.settings.screen import SettingsScreen
from tests.support.frames import check_frame, frame
from tests.tui.chat.desk import Desk, play

SIZES = [(80, 24), (120, 40)]


async def open_settings(desk: Desk) -> SettingsScreen:
    await desk.pilot.press("f2")
    await desk.until(lambda: isinstance(desk.app.screen, SettingsScreen), "the settings")
    await desk.settle()
    assert isinstance(desk.app.screen, SettingsScreen)
    return desk.app.screen


async def find(desk: Desk, words: str) -> None:
    """Search, and go to the first field that is left."""
    await desk.pilot.press("ctrl+f")
    desk.app.screen.query_one("#find", Input).value = words
    await desk.settle()
    await desk.pilot.press("enter")


def row(desk: Desk, key: str) -> SettingRow:
    return desk.app.screen.query_one(f"#row-{key}", SettingRow)


def saved(home: Path, key: str) -> object:
    return getattr(load_settings(Paths.find(home)), key)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_form_looks_right(tmp_path: Path, language: str, size: tuple[int, int]) -> None:
    async def scene(desk: Desk) -> None:
        await open_settings(desk)
        check_frame(f"settings_{language}_{size[0]}x{size[1]}", frame(desk.app))

    play(tmp_path, scene, language=language, size=size)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_lists_show_models_and_own_keys_with_how_to_add_one(tmp_path: Path, language: str) -> None:
    save_setting(Paths.find(tmp_path), "keys", {"chat.new": "ctrl+p", "transcript.copy": "x"})

    async def scene(desk: Desk) -> None:
        screen = await open_settings(desk)
        screen.query_one("#form").scroll_end(animate=False)
        await desk.settle()
        path = str(tmp_path / "settings.yaml")
        # Padded, so that the scroll bar behind it keeps its column however long the temporary path is.
        shown = frame(desk.app).replace(path, "HOME/settings.yaml".ljust(len(path)))
        lines = "\n".join(line.rstrip() for line in shown.split("\n"))
        check_frame(f"settings_lists_{language}_120x40", lines)

    play(tmp_path, scene, language=language)


def test_every_setting_of_the_schema_has_its_row(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        screen = await open_settings(desk)
        kinds = {SettingType.BOOL: Switch, SettingType.CHOICE: Select}
        for setting in SCHEMA:
            found = screen.query_one(f"#row-{setting.key}")
            if setting.type in kinds:
                assert isinstance(found.query_one(".field"), kinds[setting.type])

    play(tmp_path, scene)


def test_a_number_is_saved_when_entered(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await open_settings(desk)
        await find(desk, "temperature")
        await desk.pilot.press("0", ".", "3", "enter")
        assert desk.app.settings.temperature == 0.3

    play(tmp_path, scene)
    assert saved(tmp_path, "temperature") == 0.3


def test_a_number_that_was_only_typed_counts_when_the_screen_is_left(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await open_settings(desk)
        await find(desk, "top_k")
        await desk.pilot.press("4", "0", "escape")
        await desk.settle()
        assert desk.app.screen is desk.screen

    play(tmp_path, scene)
    assert saved(tmp_path, "top_k") == 40


def test_a_wrong_number_is_explained_and_not_saved(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await open_settings(desk)
        await find(desk, "temperature")
        await desk.pilot.press("9", "enter")
        assert "from 0 to 2" in frame(desk.app)
        await desk.pilot.press("backspace", "1")
        assert "from 0 to 2" not in frame(desk.app)

    play(tmp_path, scene)
    assert saved(tmp_path, "temperature") is None or saved(tmp_path, "temperature") == 1.0


def test_a_switch_is_flipped_by_the_keyboard_and_by_the_mouse(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await open_settings(desk)
        await find(desk, "confirm_quit")
        await desk.pilot.press("space")
        assert desk.app.settings.confirm_quit
        await desk.pilot.click("#row-confirm_quit .field")
        assert not desk.app.settings.confirm_quit

    play(tmp_path, scene)


def test_the_reset_key_and_the_reset_button_take_a_setting_back(tmp_path: Path) -> None:
    paths = Paths.find(tmp_path)
    save_setting(paths, "temperature", 0.5)
    save_setting(paths, "max_tokens", 99)

    async def scene(desk: Desk) -> None:
        await open_settings(desk)
        await find(desk, "temperature")
        await desk.pilot.press("ctrl+r")
        assert desk.app.settings.temperature is None
        assert row(desk, "temperature").query_one(Input).value == ""
        await find(desk, "max_tokens")
        await desk.pilot.click("#row-max_tokens .reset")
        assert desk.app.settings.max_tokens is None

    play(tmp_path, scene)


def test_only_a_setting_that_was_changed_offers_the_way_back(tmp_path: Path) -> None:
    save_setting(Paths.find(tmp_path), "seed", 7)

    async def scene(desk: Desk) -> None:
        await open_settings(desk)
        assert row(desk, "seed").query(".reset")
        assert not row(desk, "top_p").query(".reset")
        await find(desk, "top_p")
        await desk.pilot.press(*"0.5", "enter")
        await desk.settle()
        assert row(desk, "top_p").query(".reset")
        await desk.pilot.press("ctrl+r")
        await desk.settle()
        assert not row(desk, "top_p").query(".reset")

    play(tmp_path, scene)


def test_a_language_chosen_here_words_the_form_anew_and_keeps_the_place(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await open_settings(desk)
        row(desk, "language").query_one(Select).value = "zh"
        row(desk, "language").query_one(Select).focus()
        await desk.until(lambda: "设置" in frame(desk.app), "the Chinese form")
        await desk.until(lambda: row(desk, "language").has_focus_within, "the focus")
        assert "Settings" not in frame(desk.app)
        await desk.pilot.press("escape")
        await desk.settle()
        assert "Message " not in frame(desk.app)

    play(tmp_path, scene)


def test_the_search_leaves_what_has_the_words_and_says_when_nothing_has(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await open_settings(desk)
        await find(desk, "penalty repetition")
        shown = [found.setting.key for found in desk.app.screen.query(SettingRow) if found.display]
        assert shown == ["repetition_penalty"]
        await find(desk, "qqqq")
        assert "No matching settings." in frame(desk.app)

    play(tmp_path, scene)


def test_a_file_that_cannot_be_written_is_told_under_the_field(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await open_settings(desk)
        (tmp_path / "settings.yaml").write_text("theme: [unclosed\n", encoding="utf-8")
        await find(desk, "confirm_quit")
        await desk.pilot.press("space")
        assert "settings.yaml" in frame(desk.app)

    play(tmp_path, scene)
    assert (tmp_path / "settings.yaml").read_text(encoding="utf-8") == "theme: [unclosed\n"


def test_in_a_narrow_terminal_a_choice_shows_its_arrow(tmp_path: Path) -> None:
    async def scene(desk: Desk) -> None:
        await open_settings(desk)
        lines = frame(desk.app).split("\n")
        place = next(index for index, line in enumerate(lines) if "Language" in line)
        assert "▼" in lines[place + 1]
        check_frame("settings_en_40x16", frame(desk.app))

    play(tmp_path, scene, size=(40, 16))


def hint(desk: Desk, key: str) -> str:
    return str(row(desk, key).query_one(Input).placeholder)


@pytest.mark.parametrize(
    ("language", "hints"),
    [
        (
            "en",
            (
                "0.3, from the persona",
                "64, from the model",
                "0.9, default",
                "random",
                "256, from the persona",
            ),
        ),
        ("zh", ("0.3（角色设定）", "64（模型推荐）", "0.9（默认值）", "随机", "256（角色设定）")),
    ],
)
def test_a_field_that_is_not_set_shows_what_is_in_force_and_whose_it_is(
    tmp_path: Path, language: str, hints: tuple[str, ...]
) -> None:
    paths = Paths.find(tmp_path)
    (paths.make(paths.personas) / "plain.yaml").write_text("name: Plain", encoding="utf-8")
    save_setting(paths, "persona", "plain")

    async def scene(desk: Desk) -> None:
        await open_settings(desk)
        persona, model, default, seed, replaced = hints
        # The desk's only model recommends a length.
        assert hint(desk, "max_tokens") == model
        assert (hint(desk, "top_p"), hint(desk, "seed")) == (default, seed)
        row(desk, "persona").query_one(Select).value = "editor"
        await desk.until(lambda: hint(desk, "temperature") == persona, "the new persona's temperature")
        row(desk, "persona").query_one(Select).value = "assistant"
        await desk.until(lambda: hint(desk, "max_tokens") == replaced, "the new persona's length")

    play(tmp_path, scene, language=language)
