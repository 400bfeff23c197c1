"""clean() is the door for untrusted text: safe at every split, idempotent, and kind to real writing."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from aigc_tui.text import clean, guess_language, one_line, shorten, width

# Plain st.text() leaves lone surrogates out and seldom draws controls; both are what this is about.
HOSTILE = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cs"]),
        st.sampled_from("\x00\x07\x08\t\n\r\x1b\x7f\x85\x9b\x9d\u2028\u202e\u2066\ufeff\U000e0041[]0;mH"),
    )
)
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


@given(HOSTILE, HOSTILE)
def test_cleaning_chunks_equals_cleaning_the_whole(a: str, b: str) -> None:
    assert clean(a) + clean(b) == clean(a + b)


@given(HOSTILE)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(HOSTILE)
def test_nothing_that_a_terminal_obeys_comes_through(text: str) -> None:
    assert not FORBIDDEN.search(clean(text))


@given(HOSTILE)
def test_the_outcome_can_be_stored_and_sent(text: str) -> None:
    assert clean(text).encode("utf-8").decode("utf-8") == clean(text)


@given(HOSTILE)
def test_every_reader_agrees_where_lines_end(text: str) -> None:
    assert clean(text).splitlines() == clean(text).removesuffix("\n").split("\n") or not clean(text)


@pytest.mark.parametrize(
    "text",
    [
        "👩‍👩‍👧‍👦 family",
        "你好，世界",
        "cafe\u0301 naïve",
        "مرحبا",
        "हिन्दी",
        "👍🏽 🇨🇳 ❤️",
        "tab\tand\nline",
        "[/b] [bold]",
    ],
)
def test_real_writing_passes_unchanged(text: str) -> None:
    assert clean(text) is text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31m", "␛[31m"),
        ("\x1b]52;c;aGk=\x07", "␛]52;c;aGk=␇"),
        ("a\x00b", "a␀b"),
        ("\x9b2J", "\ufffd2J"),
        ("\x7f", "␡"),
        ("abc\u202egnp.exe", "abc\ufffdgnp.exe"),
        ("\ud83d", "\ufffd"),
        ("line\r\nline", "line\nline"),
        ("a\u2028b", "a\nb"),
        ("\U000e0041", "\ufffd"),
    ],
)
def test_hostile_code_points_become_visible_marks(raw: str, shown: str) -> None:
    assert clean(raw) == shown


@given(HOSTILE, st.integers(1, 50))
def test_one_line_is_one_clean_line_within_its_limit(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert "\n" not in line
    assert len(line) <= limit
    assert line == clean(line)


def test_one_line_marks_what_it_cut() -> None:
    assert one_line("one\n two\tthree", 9) == "one two…"


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("abc", 3),
        ("你好", 4),
        ("e\u0301", 1),
        ("👍", 2),
        ("👩‍👩‍👧", 2),
        ("🇨🇳", 2),
        ("❤️", 2),
        ("👍🏽", 2),
        ("", 0),
    ],
)
def test_width_counts_terminal_cells(text: str, cells: int) -> None:
    assert width(text) == cells


@given(
    st.text(
        st.characters(categories=["Lu", "Ll", "Nd", "Po"], max_codepoint=0x2FFF)
        | st.sampled_from("你好世界。，！")
    )
)
def test_width_of_letters_agrees_with_the_terminal_library(text: str) -> None:
    # Not for emoji sequences, which it counts by its own tables.
    assert width(text) == cell_len(text)


@given(st.text(), st.integers(0, 30))
def test_shortened_text_fits_its_cells(text: str, cells: int) -> None:
    assert width(shorten(text, cells)) <= cells or width(text) <= cells


def test_shortening_never_splits_a_character() -> None:
    assert shorten("👩‍👩‍👧👩‍👩‍👧", 3) == "👩‍👩‍👧…"
    assert shorten("你好世界", 6) == "你好…"
    assert shorten("fits", 4) == "fits"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello there", "en"),
        ("你好", "zh"),
        ("用 Python 写一个排序", "zh"),
        ("What does 你好 mean in English?", "en"),
        ("我想读 The Lord of the Rings", "en"),
        ("請問圖書館在哪裡", "zh"),
        ("Où est la gare ?", "en"),
    ],
)
def test_language_is_guessed_by_the_share_of_han_letters(text: str, language: str) -> None:
    assert guess_language(text) == language


def test_a_text_without_letters_takes_the_default_language() -> None:
    assert guess_language("123 !?", default="zh") == "zh"


def test_the_table_covers_every_control_character() -> None:
    controls = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cc"]
    assert {char for char in controls if clean(char) == char} == {"\t", "\n"}
