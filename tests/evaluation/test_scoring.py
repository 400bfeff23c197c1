"""Bits per byte against a computation by hand, and windows that score every token once."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from aigc_tui.evaluation.scoring import Scored, Text, score, windows

CHANCES = torch.tensor([0.5, 0.25, 0.25])


def unigram(ids: Tensor) -> Tensor:
    """A model that gives id 0 a half and the others a quarter each, whatever came before."""
    return CHANCES.log().expand(1, ids.shape[1], 3)


def test_bits_per_byte_is_what_one_computes_by_hand() -> None:
    # ids 0, 1, 0, 2 cost 1 + 2 + 1 + 2 = 6 bits; they stand for 12 bytes.
    found = score(unigram, Text([0, 1, 0, 2], [True] * 4, 12), window=8, start_id=0, vocab_size=3)
    assert (found.tokens, found.bytes) == (4, 12)
    assert found.bits_per_byte == pytest.approx(0.5)
    assert found.loss == pytest.approx(6 * math.log(2) / 4)


def test_tokens_that_do_not_count_cost_nothing() -> None:
    found = score(unigram, Text([0, 1, 0, 2], [True, False, False, True], 4), 8, 0, 3)
    assert found.nats == pytest.approx(3 * math.log(2))
    assert found.tokens == 2


def test_without_a_start_token_the_first_costs_a_uniform_guess() -> None:
    found = score(unigram, Text([1, 0], [True, True], 2), 8, None, 3)
    assert found.nats == pytest.approx(math.log(3) + math.log(2))


@given(st.integers(0, 300), st.integers(2, 40))
def test_windows_score_every_prediction_once_with_enough_context(length: int, window: int) -> None:
    found = windows(length, window)
    assert [i for _, first, end in found for i in range(first, end)] == list(range(length))
    for begin, first, end in found:
        assert end - begin <= window
        assert begin == 0 or first - begin >= window // 2 - 1


def test_a_long_text_scores_the_same_in_many_windows_for_a_model_without_memory() -> None:
    ids = [i % 3 for i in range(50)]
    one = score(unigram, Text(ids, [True] * 50, 50), 100, 0, 3)
    many = score(unigram, Text(ids, [True] * 50, 50), 6, 0, 3)
    assert one.nats == pytest.approx(many.nats, rel=1e-5)


def test_sums_of_nothing_are_zero_and_not_an_error() -> None:
    assert (Scored().loss, Scored().bits_per_byte) == (0.0, 0.0)
    assert Scored(1.0, 2, 3) + Scored(1.0, 1, 1) == Scored(2.0, 3, 4)
