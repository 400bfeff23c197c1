"""Pairs: half follow, half do not; each says the truth about itself."""

from __future__ import annotations

from random import Random

import pytest

from aigc_tui.corpora.records import DialogueMessage, Record
from aigc_tui.course.masked_lm.data import (
    IS_NEXT,
    IS_RANDOM,
    Encoded,
    make_pairs,
    split_sentences,
)


def documents(count: int, sentences: int = 12) -> list[list[Encoded]]:
    """Documents in which a token tells document and sentence: 1000 * document + sentence."""
    return [
        [Encoded((1000 * d + s,) * 3, ((0, 1), (2,))) for s in range(sentences)] for d in range(1, count + 1)
    ]


def test_half_of_the_pairs_follow_and_half_do_not() -> None:
    labels = [pair.label for seed in range(8) for pair in make_pairs(documents(60), 24, Random(seed))]
    assert len(labels) > 1000
    assert labels.count(IS_NEXT) / len(labels) == pytest.approx(0.5, abs=0.04)


def test_a_pair_is_what_its_label_says() -> None:
    for pair in make_pairs(documents(30), 24, Random(0)):
        last, first = pair.first.ids[-1], pair.second.ids[0]
        if pair.label == IS_NEXT:
            assert first == last + 1
        else:
            assert pair.label == IS_RANDOM
            assert first // 1000 != last // 1000


def test_pairs_fit_into_their_room_and_words_point_into_them() -> None:
    long = [[Encoded(tuple(range(50)), tuple((i,) for i in range(50)))] * 5 for _ in range(3)]
    for pair in make_pairs(long, 20, Random(0)):
        assert 0 < len(pair.first.ids) + len(pair.second.ids) <= 20
        for side in (pair.first, pair.second):
            assert side.ids
            assert all(0 <= position < len(side.ids) for word in side.words for position in word)


def test_a_document_of_one_sentence_only_lends_it() -> None:
    lonely = [[Encoded((7000,) * 3, ((0, 1, 2),))]]
    for pair in make_pairs(documents(5) + lonely, 24, Random(2)):
        assert 7000 not in pair.first.ids


def test_one_document_is_too_few() -> None:
    with pytest.raises(ValueError, match="two documents"):
        list(make_pairs(documents(1), 24, Random(0)))


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two? Three!", ["One.", "Two?", "Three!"]),
        ("It costs 3.50 today. Buy it", ["It costs 3.50 today.", "Buy it"]),
        ("你好。“真的吗？”他问。", ["你好。", "“真的吗？”", "他问。"]),
        ("Title\n\nA line\nAnother", ["Title", "A line", "Another"]),
        ("   \n ", []),
    ],
)
def test_texts_are_cut_into_sentences(text: str, sentences: list[str]) -> None:
    assert split_sentences(Record(text=text)) == sentences


def test_the_sentences_of_a_dialogue_are_its_messages() -> None:
    turns = (
        DialogueMessage("system", "Be kind."),
        DialogueMessage("user", "Hi. You?"),
        DialogueMessage("assistant", "Well!"),
    )
    assert split_sentences(Record(messages=turns)) == ["Hi. You?", "Well!"]
