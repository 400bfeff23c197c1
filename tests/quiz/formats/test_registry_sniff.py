"""A question file's format is in its first bytes, and in its suffix where they do not say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.quiz.formats.registry import sniff


@pytest.mark.parametrize(
    ("text", "suffix", "name"),
    [
        ("Sky?{T}\n", ".txt", "gift"),
        ("// a comment\n\n::Q::What? {\n=a\n~b\n}\n", "", "gift"),
        ("Tell me. {}", ".txt", "gift"),
        ("Which?\nA) a\nB) b\nANSWER: A\n", ".txt", "aiken"),
        ("哪个？\nA、甲\nB、乙\nANSWER：A\n", "", "aiken"),
        ("\ufeff<?xml version='1.0'?><quiz/>", ".txt", "moodle-xml"),
        ('{"version": 1, "items": []}', ".txt", "json"),
        ("question,answer\nWhat?,x\n", ".txt", "csv"),
        ("# Quiz\n1. What?\n", ".md", "markdown"),
        ("no question at all", ".txt", ""),
        ("", "", ""),
    ],
)
def test_a_text_is_told_by_its_marks(text: str, suffix: str, name: str) -> None:
    assert sniff(text.encode(), suffix) == name


@given(st.binary(max_size=200), st.sampled_from(["", ".txt", ".csv", ".zip"]))
def test_any_bytes_get_a_name_or_none(data: bytes, suffix: str) -> None:
    assert isinstance(sniff(data, suffix), str)
    assert isinstance(sniff(b"PK\x03\x04" + data, suffix), str)


@pytest.mark.parametrize("piece", ["\n", " ", "{", "{a", "\n ", "ANSWER "])
def test_the_marks_are_looked_for_in_one_pass(piece: str) -> None:
    sniff(piece.encode() * 64_000, ".txt")
