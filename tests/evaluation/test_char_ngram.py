"""The character n-gram: Witten-Bell by hand, sums of one, and what is counted of a record."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigc_tui.corpora.records import DialogueMessage, Record
from aigc_tui.evaluation.baselines import CharNgram, utterances


def test_witten_bell_by_hand() -> None:
    model = CharNgram(["abab"], order=2)
    # Symbols: a, b, unknown, so the uniform guess is 1/3. Empty context: N = 4, T = 2.
    a0, b0 = (2 + 2 / 3) / 6, (2 + 2 / 3) / 6
    # Context b was followed by a once: N = 1, T = 1. Context a by b twice: N = 2, T = 1. Start: by a once.
    assert model.probabilities("ab") == pytest.approx([(1 + a0) / 2, (2 + b0) / 3])
    assert model.probabilities("ba") == pytest.approx([b0 / 2, (1 + a0) / 2])


def test_an_unknown_character_costs_its_bytes_too() -> None:
    model = CharNgram(["ab"], order=1)
    unknown = (2 / 3) / 4  # N = 2, T = 2, no count
    assert model.probabilities("é") == pytest.approx([unknown / 2**16])


def test_after_an_unseen_context_the_shorter_one_decides() -> None:
    model = CharNgram(["abcabc"], order=3)
    assert model.probabilities("éa")[1] == pytest.approx(model.probabilities("ca")[1], rel=1.0)
    assert model.probabilities("éa")[1] == pytest.approx(CharNgram(["abcabc"], order=1).probabilities("a")[0])


@given(st.text(alphabet="abc 好", min_size=1, max_size=60), st.text(alphabet="abcx 好吗", max_size=12))
def test_chances_of_all_next_characters_sum_to_one(training: str, context: str) -> None:
    model = CharNgram([training])
    known = sorted(set(training))
    unknown = model.probabilities(context + "\U0001f600")[-1] * 2.0**32
    assert sum(model.probabilities(context + c)[-1] for c in known) + unknown == pytest.approx(1.0)


def test_texts_do_not_see_each_other() -> None:
    apart, joined = CharNgram(["ab", "cd"]), CharNgram(["abcd"])
    assert joined.probabilities("abc")[2] > apart.probabilities("abc")[2]


def test_it_learns_and_scores_bytes() -> None:
    model = CharNgram(["the cat sat on the mat. " * 50])
    scored = model.score(Record(text="the cat sat on the mat."))
    assert scored.bytes == scored.tokens == 23
    assert scored.bits_per_byte < 0.3
    assert model.score(Record(text="zebra")).bits_per_byte > 8


def test_of_a_dialogue_the_words_are_scored_and_not_the_line_ends() -> None:
    record = Record(messages=(DialogueMessage("user", " 你好 "), DialogueMessage("assistant", "Hi")))
    assert utterances(record).text == "你好\nHi"
    model = CharNgram(["你好\nHi"])
    scored = model.score(record)
    assert (scored.bytes, scored.tokens) == (8, 4)
    costs = -np.log(model.probabilities("你好\nHi"))
    assert scored.nats == pytest.approx(float(costs[[0, 1, 3, 4]].sum()))


def test_a_model_of_nothing_guesses() -> None:
    model = CharNgram([])
    assert model.score(Record(text="a")).nats == pytest.approx(8 * math.log(2))
    assert model.score(Record(text="")).bytes == 0
