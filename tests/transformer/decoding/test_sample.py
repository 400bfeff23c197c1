"""The decode loop over a model of ours: ends, guidance and mirostat."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from aigc_tui.transformer.decoding import Limits
from aigc_tui.transformer.sampling import SamplingError, SamplingSettings
from tests.transformer.decoding.models import Table, cached, greedy, sample, tiny

PROMPT = torch.tensor([[0, 9, 12], [0, 20, 3], [0, 30, 31]])


def test_a_text_ends_before_its_end_token_and_at_the_limit() -> None:
    table = torch.full((4, 4), -9.0)
    table[0, 1] = table[1, 2] = table[2, 3] = table[3, 0] = 9.0
    start = torch.tensor([[0], [1]])
    assert greedy(Table(table), start, Limits(9, frozenset({3}))) == [[1, 2], [2]]
    assert greedy(Table(table), start, Limits(5)) == [[1, 2, 3, 0, 1], [2, 3, 0, 1, 2]]
    assert greedy(Table(table), start, Limits(0)) == [[], []]


def test_guidance_needs_a_guide_and_moves_the_text() -> None:
    model, limits = tiny(), Limits(10)
    guided = SamplingSettings(temperature=0.0, guidance_scale=4.0)
    with pytest.raises(SamplingError, match="without the prompt"):
        sample(cached(model), PROMPT, guided, limits, torch.Generator())
    guide = (cached(model), PROMPT[:, :1])
    moved = sample(cached(model), PROMPT, guided, limits, torch.Generator(), guide=guide)
    assert moved != greedy(cached(model), PROMPT, limits)


def test_guidance_by_the_same_prompt_changes_nothing() -> None:
    model, limits = tiny(), Limits(10)
    guide = (cached(model), PROMPT)
    settings = SamplingSettings(temperature=0.0, guidance_scale=4.0)
    same = sample(cached(model), PROMPT, settings, limits, torch.Generator(), guide=guide)
    assert same == greedy(cached(model), PROMPT, limits)


def test_mirostat_writes_to_the_limit() -> None:
    model, settings = tiny(), SamplingSettings(mirostat=2, mirostat_tau=2.0)
    written = sample(cached(model), PROMPT[:1], settings, Limits(6), torch.Generator().manual_seed(0))
    assert len(written[0]) == 6


def test_no_bigram_comes_twice_when_that_is_asked() -> None:
    settings = SamplingSettings(temperature=0.0, no_repeat_ngram=2)
    written = sample(cached(tiny()), PROMPT, settings, Limits(40), torch.Generator())
    for row in written:
        bigrams = list(pairwise(row))
        assert len(bigrams) == len(set(bigrams))
