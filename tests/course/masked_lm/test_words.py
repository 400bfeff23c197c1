"""Words of two languages out of tokens of two kinds of tokenizer."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.corpora.records import CorpusError
from aigc_tui.course.masked_lm.data import group_words, word_starts


def test_english_words_keep_their_apostrophe_and_marks_stand_alone() -> None:
    text = "Don't walk, please!"
    assert sorted(word_starts(text)) == [0, 6, 10, 12, 18]


def test_chinese_words_are_those_of_jieba() -> None:
    text = "我来到北京清华大学"
    starts = sorted(word_starts(text))
    words = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    assert words == ["我", "来到", "北京", "清华大学"]


def test_mixed_text_is_cut_where_the_script_changes() -> None:
    assert {0, 1, 7} <= word_starts("用Python写代码")


def test_pieces_of_a_word_stay_together() -> None:
    text = "unbelievable story"
    assert group_words(text, [(0, 2), (2, 8), (8, 12), (13, 18)]) == ((0, 1, 2), (3,))


def test_a_space_in_front_of_a_token_does_not_hide_its_word() -> None:
    assert group_words("one two", [(0, 3), (3, 7)]) == ((0,), (1,))


def test_a_token_over_two_words_joins_them() -> None:
    assert group_words("one two three", [(0, 5), (5, 7), (8, 13)]) == ((0, 1), (2,))


def test_byte_tokens_of_one_character_stay_together() -> None:
    assert group_words("好 a", [(0, 1), (0, 1), (0, 1), (2, 3)]) == ((0, 1, 2), (3,))


@given(st.text(max_size=40), st.lists(st.integers(1, 5), max_size=40))
def test_each_token_is_in_exactly_one_word_whatever_the_text(text: str, lengths: list[int]) -> None:
    spans, at = [], 0
    for length in lengths:
        spans.append((min(at, len(text)), min(at + length, len(text))))
        at += length
    groups = group_words(text, spans)
    assert [token for group in groups for token in group] == list(range(len(spans)))


def test_without_jieba_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jieba", None)
    with pytest.raises(CorpusError, match="pip install jieba"):
        word_starts("北京大学")
    assert word_starts("English needs no jieba")
