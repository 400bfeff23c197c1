"""The help's columns are wrapped by terminal cells, in both languages, and name the user's own keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.locale import LANGUAGES, Catalogue, Language
from aigc_tui.text import width
from aigc_tui.tui.action_list import ACTIONS
from aigc_tui.tui.help.screen import KEY_CELLS, entry, key_section, scopes, slash_section, wrapped
from aigc_tui.tui.keys import COMMANDS, key_name


@given(st.text(alphabet="ab ，。字词 é", max_size=200), st.integers(10, 80))
def test_no_line_is_wider_than_asked_unless_it_is_one_word(text: str, cells: int) -> None:
    for line in wrapped(text, cells):
        assert width(line.rstrip()) <= cells or " " not in line.strip()


@given(st.text(alphabet="ab 字，", max_size=200), st.integers(10, 80))
def test_wrapping_loses_no_word(text: str, cells: int) -> None:
    assert "".join("".join(wrapped(text, cells)).split()) == "".join(text.split())


def test_chinese_is_broken_between_characters_but_not_before_a_full_stop() -> None:
    assert wrapped("一二三四五六。七八", 12) == ["一二三四五", "六。七八"]


def test_the_second_column_hangs_under_itself() -> None:
    lines = entry("ctrl+p", "word " * 20, 60).plain.split("\n")
    assert lines[0].startswith("ctrl+p" + " " * (KEY_CELLS - 6) + "word")
    assert all(line.startswith(" " * KEY_CELLS + "word") for line in lines[1:])


def test_a_key_is_named_as_the_keyboard_prints_it() -> None:
    assert [key_name(key) for key in ("ctrl+p", "left_square_bracket", "escape", "plus", "ctrl+slash")] == [
        "ctrl+p", "[", "esc", "+", "ctrl+/"]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_binding_and_every_command_is_in_the_help(language: Language) -> None:
    t = Catalogue.load(language).text
    text = "\n".join(key_section(scope, t, {}, 100).plain for scope, _title in scopes())
    unwrapped = "".join(text.split())
    assert all("".join(t(action.help).split()) in unwrapped for action in ACTIONS if action.keys)
    assert not any(action.id in text for action in ACTIONS)
    assert "1–9" in text
    commands = slash_section(t, 100).plain
    assert all(f"/{command.slash}" in commands for command in COMMANDS)


def test_a_re_bound_key_is_shown_instead_of_the_default() -> None:
    text = key_section("chat", Catalogue.load("en").text, {"chat.new": "ctrl+t"}, 100).plain
    assert "ctrl+t" in text
    assert "ctrl+n" not in text
