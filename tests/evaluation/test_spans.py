"""Candidate answers: spans of whole words or characters, within a sentence, and short."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.evaluation.passage_qa import LONGEST_CHARACTERS, LONGEST_WORDS, starts


def spans(passage: str) -> list[str]:
    return [start.text[:end] for start in starts(passage) for end in sorted(start.ends)]


def test_english_spans_are_words_of_one_sentence() -> None:
    assert spans("Anna, 9, ran. Ben sat") == [
        "Anna", "Anna, 9", "Anna, 9, ran", "9", "9, ran", "ran", "Ben", "Ben sat", "sat",
    ]  # fmt: skip


def test_chinese_spans_are_characters_of_one_sentence() -> None:
    assert spans("他1998年去。好") == [
        "他", "他1998", "他1998年", "他1998年去", "1998", "1998年", "1998年去", "年", "年去", "去", "好",
    ]  # fmt: skip


def test_a_point_within_a_number_ends_no_sentence() -> None:
    assert "3.5 metres" in spans("It was 3.5 metres long.")


def test_spans_are_short() -> None:
    assert max(len(s.split()) for s in spans("word " * 40)) == LONGEST_WORDS
    assert max(map(len, spans("字" * 60))) == LONGEST_CHARACTERS


@given(st.text(max_size=80))
def test_every_span_is_a_part_of_the_passage(passage: str) -> None:
    assert all(span and span in passage for span in spans(passage))
