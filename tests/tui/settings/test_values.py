"""Reading a field of the form: what fits is a value, what does not is said in the user's language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.config import SCHEMA, Setting, SettingType, setting
from aigc_tui.locale import Catalogue
from aigc_tui.tui.settings.row import WrongValueError, from_text, to_text

T = Catalogue.load("en").text
NUMBERS = [item for item in SCHEMA if item.type in (SettingType.INT, SettingType.FLOAT)]


def test_an_emptied_field_means_the_default() -> None:
    assert from_text(setting("temperature"), "  ", T) is None


def test_numbers_are_read_by_their_type() -> None:
    assert from_text(setting("temperature"), "0.5", T) == 0.5
    assert from_text(setting("top_k"), "40", T) == 40


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("temperature", "9", "from 0 to 2"),
        ("temperature", "warm", "Enter a number"),
        ("temperature", "nan", "from 0 to 2"),
        ("top_k", "1.5", "whole number"),
        ("max_tokens", "0", "from 1 to"),
    ],
)
def test_a_wrong_number_is_told_what_would_be_right(key: str, text: str, words: str) -> None:
    with pytest.raises(WrongValueError, match=words):
        from_text(setting(key), text, T)


@given(st.sampled_from(NUMBERS), st.text(max_size=20))
def test_whatever_is_typed_is_a_value_or_one_clear_line(item: Setting, text: str) -> None:
    problem = ""
    value: object = None
    try:
        value = from_text(item, text, T)
    except WrongValueError as wrong:
        problem = str(wrong)
    assert "\n" not in problem
    assert value is None or isinstance(value, int | float)


@given(st.floats(0, 2))
def test_a_number_comes_back_as_it_was_shown(value: float) -> None:
    shown = to_text(value)
    assert from_text(setting("temperature"), shown, T) == value
