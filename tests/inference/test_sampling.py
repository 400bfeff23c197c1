"""Sampling for a reply: the request's settings become the chain's, and what must go on between tokens does.

The filters themselves are tested in tests/transformer/sampling.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from aigc_tui.config import SCHEMA
from aigc_tui.engine.protocol import Sampling
from aigc_tui.engine.worker_service import chain_of
from aigc_tui.inference.sampling import LogitsError, PenaltyWindows, Sampler
from aigc_tui.transformer.sampling import (
    TEMPERATURE_FIRST,
    TEMPERATURE_LAST,
    SamplingError,
    SamplingSettings,
    links,
)
from aigc_tui.transformer.sampling.filters import COLDEST

NEUTRAL = Sampling(temperature=1.0, top_p=1.0, repetition_penalty=1.0, seed=0)
SCORES = st.lists(st.floats(-20, 20, width=32), min_size=2, max_size=40).map(torch.tensor)
_BEYOND_THE_CHAIN = {"seed", "max_tokens", "stop", "sampling_order"}


def test_every_setting_of_a_request_reaches_the_chain() -> None:
    known = {item.name for item in fields(SamplingSettings)}
    assert {item.name for item in fields(Sampling)} - _BEYOND_THE_CHAIN <= known
    found = chain_of(replace(NEUTRAL, top_k=7, dry_multiplier=0.8, mirostat=2, xtc_probability=0.25))
    assert (found.top_k, found.dry_multiplier, found.mirostat, found.xtc_probability) == (7, 0.8, 2, 0.25)
    assert [link.name for link in links(found)] == ["dry", "top_k", "xtc", "mirostat"]


def test_every_sampling_setting_of_the_user_is_one_of_a_request() -> None:
    sections = ("sampling", "sampling_advanced")
    keys = {setting.key for setting in SCHEMA if setting.section in sections}
    assert keys == {item.name for item in fields(Sampling)} - {"stop"}


def test_the_order_is_transformers_unless_the_user_says_otherwise() -> None:
    assert chain_of(Sampling()).order == TEMPERATURE_FIRST
    assert chain_of(Sampling(sampling_order="temperature-last")).order == TEMPERATURE_LAST
    with pytest.raises(SamplingError, match="known: temperature-first, temperature-last"):
        chain_of(Sampling(sampling_order="random"))


def sampler(sampling: Sampling, breakers: Sequence[int] = (), prompt: Sequence[int] = ()) -> Sampler:
    generator = torch.Generator()
    if sampling.seed is None:
        generator.seed()
    else:
        generator.manual_seed(sampling.seed)
    made = Sampler(chain_of(sampling), generator, breakers)
    made.begin(prompt)
    return made


@given(SCORES, st.integers(0, 9))
def test_what_is_sampled_is_one_of_the_tokens(scores: Tensor, seed: int) -> None:
    assert 0 <= sampler(replace(NEUTRAL, seed=seed)).sample(scores, []) < len(scores)


def test_temperature_zero_takes_the_best_token_after_the_penalties() -> None:
    scores = torch.tensor([5.0, 4.9, 0.0])
    greedy = sampler(Sampling(temperature=0.0, repetition_penalty=2.0))
    assert greedy.sample(scores, []) == 0
    assert greedy.sample(scores, [0]) == 1


def test_one_seed_draws_one_sequence_and_another_another() -> None:
    scores = torch.zeros(1000)

    def sequence(seed: int | None) -> list[int]:
        chain = sampler(replace(NEUTRAL, seed=seed))
        return [chain.sample(scores, []) for _ in range(20)]

    assert sequence(3) == sequence(3)
    assert sequence(3) != sequence(4)
    assert sequence(None) != sequence(None)


def test_a_phrase_is_not_repeated_within_a_reply_but_may_come_from_the_prompt() -> None:
    scores = torch.tensor([0.0, 0.0, 0.0, 9.0])
    never_twice = replace(NEUTRAL, temperature=0.0, no_repeat_ngram=2)
    assert sampler(never_twice).sample(scores, [1, 3, 1]) != 3
    assert sampler(never_twice, prompt=[1, 3]).sample(scores, [1]) == 3


def test_dry_looks_at_prompt_and_reply_up_to_a_breaker() -> None:
    scores = torch.tensor([0.0, 0.0, 0.0, 1.0])
    text = [1, 2, 3, 0, 1, 2]
    keen = replace(NEUTRAL, temperature=0.0, dry_multiplier=2.0)
    assert sampler(keen, prompt=text).sample(scores, []) != 3
    assert sampler(keen, breakers=[2], prompt=text).sample(scores, []) == 3


def test_a_reply_that_grows_is_seen_as_one_that_is_new() -> None:
    draws = torch.Generator().manual_seed(5)
    scores = torch.randn(200, 30, generator=draws)
    asked = replace(
        NEUTRAL, repetition_penalty=1.3, presence_penalty=0.5, dry_multiplier=0.8, no_repeat_ngram=3, seed=2
    )

    def sequence(copied: bool) -> list[int]:
        chain = Sampler(
            chain_of(asked), torch.Generator().manual_seed(2), windows=PenaltyWindows(20, 40, frozenset({4}))
        )
        chain.begin([4, *range(25), 4])
        reply: list[int] = []
        for place, row in enumerate(scores):
            reply.append(chain.sample(row, list(reply) if copied else reply))
            if place % 9 == 0:
                reply.extend([7, 8])
        return reply

    assert sequence(copied=False) == sequence(copied=True)


def test_mirostat_follows_what_is_drawn_from_token_to_token() -> None:
    scores = -1.05 * torch.arange(1, 501, dtype=torch.float32).log()
    surprises = -scores.log_softmax(-1) / math.log(2)
    chain = sampler(replace(NEUTRAL, mirostat=2, mirostat_tau=4.5, mirostat_eta=0.3))
    drawn = [chain.sample(scores, []) for _ in range(300)]
    mean = float(surprises[drawn][50:].mean())
    assert mean == pytest.approx(4.5, abs=0.15)


@pytest.mark.parametrize("cold", [1e-40, 1e-6, 5e-324])
def test_a_temperature_next_to_nothing_is_none(cold: float) -> None:
    assert sampler(replace(NEUTRAL, temperature=cold)).sample(torch.tensor([5.0, 4.9, 0.0]), []) == 0


def test_the_coldest_temperature_that_counts_still_draws() -> None:
    cold = sampler(replace(NEUTRAL, temperature=COLDEST))
    assert cold.sample(torch.tensor([-3e4, 3e4, 0.0]), []) == 1


@pytest.mark.parametrize("temperature", [0.0, 0.7])
@pytest.mark.parametrize("bad", [[math.nan, 1.0], [math.inf, 1.0], [-math.inf, -math.inf]])
def test_scores_that_are_no_numbers_are_refused(bad: list[float], temperature: float) -> None:
    with pytest.raises(LogitsError, match="not finite"):
        sampler(replace(NEUTRAL, temperature=temperature)).sample(torch.tensor(bad), [])


def test_a_token_that_the_model_rules_out_is_no_fault() -> None:
    assert sampler(NEUTRAL).sample(torch.tensor([-math.inf, 1.0]), []) == 1
