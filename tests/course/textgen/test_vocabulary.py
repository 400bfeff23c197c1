"""Both levels: nothing is unknown, decoding gives back the text, a known word is one token."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigc_tui.course.textgen.vocabulary import LEVELS, VocabularyError, byte_ids, cut_words, learn
from aigc_tui.text import clean

TEXTS = ("A leaf in the house.", "in the house, a leaf", "研究生命的起源。研究生命")


@pytest.mark.parametrize("level", LEVELS)
@settings(max_examples=60)
@given(text=st.text(max_size=40))
def test_any_text_comes_back_as_it_was(level: str, text: str) -> None:
    tokenizer = learn(TEXTS, level, 100)
    ids = tokenizer.encode(clean(text), add_special_tokens=False).ids
    assert tokenizer.decode(ids) == clean(text)


def test_the_name_of_a_special_token_in_a_text_is_text() -> None:
    tokenizer = learn(TEXTS, "char", 100)
    tokens = tokenizer.encode("<|endoftext|><0x41>", add_special_tokens=False).tokens
    assert "".join(tokens) == "<|endoftext|><0x41>"
    assert len(tokens) == 19


def test_a_known_word_is_one_token_and_a_new_one_is_spelt() -> None:
    tokenizer = learn(TEXTS, "word", 100)
    assert tokenizer.encode("in the house", add_special_tokens=False).tokens == ["in", " the", " house"]
    assert tokenizer.encode(" mouse", add_special_tokens=False).tokens == [" ", "m", "o", "u", "s", "e"]
    assert set(tokenizer.encode("鲸", add_special_tokens=False).ids) <= set(byte_ids(tokenizer))


def test_chinese_words_are_those_that_jieba_cuts() -> None:
    assert list(cut_words("研究生命")) == ["研究", "生命"]
    assert list(cut_words("用Python写")) == ["用", "Python", "写"]
    tokenizer = learn(TEXTS, "word", 100)
    assert tokenizer.encode("研究生命", add_special_tokens=False).tokens == ["研究", "生命"]


def test_the_rarest_entries_give_way_to_the_size() -> None:
    tokenizer = learn(["a a a b b c"], "word", 2)
    assert {" a", " b"} & set(tokenizer.get_vocab()) == {" a", " b"}
    assert " c" not in tokenizer.get_vocab()


@pytest.mark.parametrize(("level", "size"), [("byte", 10), ("char", 0)])
def test_a_wrong_level_or_size_is_one_clear_line(level: str, size: int) -> None:
    with pytest.raises(VocabularyError):
        learn(TEXTS, level, size)
