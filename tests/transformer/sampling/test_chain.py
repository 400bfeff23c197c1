"""The chain: its order is data, what is shown is what runs, and nothing that is set goes without effect."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from aigc_tui.transformer import sampling
from aigc_tui.transformer.sampling import (
    LINKS,
    ORDERS,
    TEMPERATURE_FIRST,
    TEMPERATURE_LAST,
    Context,
    SamplingError,
    SamplingSettings,
    order_of,
)
from aigc_tui.transformer.sampling.filters import NEVER

EVERYTHING = SamplingSettings(
    guidance_scale=1.5,
    sequence_bias=(((1,), -0.5),),
    encoder_repetition_penalty=1.1,
    repetition_penalty=1.2,
    presence_penalty=0.1,
    frequency_penalty=0.1,
    no_repeat_ngram=4,
    dry_multiplier=0.8,
    temperature=0.8,
    top_n_sigma=4.0,
    top_h=0.99,
    top_k=50,
    top_p=0.99,
    min_p=0.001,
    typical_p=0.99,
    epsilon=0.0001,
    eta=0.0002,
    xtc_probability=0.5,
    mirostat=2,
)


def context(scores: Tensor) -> Context:
    ids = torch.tensor([1, 2, 3, 1, 2])
    return Context(
        ids, ids, ids, ids, unconditional=scores.flip(-1), generator=torch.Generator().manual_seed(0)
    )


def test_every_order_names_every_filter_once() -> None:
    for order in ORDERS.values():
        assert sorted(order) == sorted(LINKS)
    assert TEMPERATURE_FIRST.index("temperature") < TEMPERATURE_FIRST.index("top_k")
    assert TEMPERATURE_LAST.index("temperature") > TEMPERATURE_LAST.index("xtc")


@pytest.mark.parametrize("order", [*ORDERS.values(), tuple(reversed(TEMPERATURE_FIRST))])
def test_the_order_that_is_set_is_the_order_that_runs(order: tuple[str, ...]) -> None:
    scores = torch.randn(60, generator=torch.Generator().manual_seed(3))
    ran = sampling.steps(scores, replace(EVERYTHING, order=order), context(scores))
    assert tuple(link.name for link, _ in ran) == order


def test_neutral_settings_run_nothing() -> None:
    scores = torch.tensor([1.0, 2.0])
    assert sampling.links(SamplingSettings()) == ()
    assert torch.equal(sampling.filtered(scores, SamplingSettings(), Context()), scores)


@pytest.mark.parametrize("name", TEMPERATURE_FIRST)
def test_a_filter_that_is_set_but_missing_in_the_order_is_refused(name: str) -> None:
    order = tuple(other for other in TEMPERATURE_FIRST if other != name)
    with pytest.raises(SamplingError, match=f"{name} is set but the order does not name it"):
        sampling.links(replace(EVERYTHING, order=order))


def test_temperature_first_lets_more_tokens_through_top_p_than_temperature_last() -> None:
    scores = torch.tensor([0.6, 0.25, 0.1, 0.05]).log()
    hot = SamplingSettings(temperature=3.0, top_p=0.8)
    first = sampling.filtered(scores, hot, Context())
    last = sampling.filtered(scores, replace(hot, order=TEMPERATURE_LAST), Context())
    assert int((first > NEVER).sum()) == 3
    assert int((last > NEVER).sum()) == 2


def test_at_temperature_zero_only_penalties_count() -> None:
    scores = torch.tensor([5.0, 4.9, 0.0])
    greedy = replace(EVERYTHING, temperature=0.0, guidance_scale=1.0, repetition_penalty=2.0)
    kinds = {link.kind for link in sampling.links(greedy)}
    assert kinds == {sampling.Kind.PENALTY}
    said = Context(recent=torch.tensor([0]))
    assert sampling.choose(scores, SamplingSettings(temperature=0.0, repetition_penalty=2.0), said) == 1


def test_an_order_is_read_by_name_or_as_a_list() -> None:
    assert order_of("temperature-last") == TEMPERATURE_LAST
    assert order_of("top-p, temperature") == ("top_p", "temperature")


@pytest.mark.parametrize("wrong", ["hottest", "top_k,top_k", "top_k;top_p"])
def test_an_order_that_makes_no_sense_is_refused_with_what_would(wrong: str) -> None:
    with pytest.raises(SamplingError):
        order_of(wrong)


def test_guidance_without_the_other_scores_is_refused() -> None:
    with pytest.raises(SamplingError, match="guided decoding"):
        sampling.filtered(torch.zeros(3), SamplingSettings(guidance_scale=2.0), Context())


@settings(max_examples=30)
@given(st.integers(0, 1000), st.permutations(TEMPERATURE_FIRST))
def test_in_any_order_a_token_is_left(seed: int, order: list[str]) -> None:
    scores = torch.randn(60, generator=torch.Generator().manual_seed(seed)) * 3
    kept = sampling.filtered(scores, replace(EVERYTHING, order=tuple(order)), context(scores))
    assert bool((kept > NEVER).any())
    assert not bool(kept.isnan().any())


def test_a_batch_passes_the_chain_as_its_rows_do_alone() -> None:
    scores = torch.randn(3, 60, generator=torch.Generator().manual_seed(4)) * 3
    ids = torch.tensor([[1, 2, 3, 1, 2], [-1, -1, 4, 4, 4], [5, 6, 5, 6, 5]])
    settings = replace(EVERYTHING, guidance_scale=1.0, xtc_probability=0.0)
    together = sampling.filtered(scores, settings, Context(ids, ids, ids, ids))
    alone = [
        sampling.filtered(row, settings, Context(*[text[text >= 0]] * 4))
        for row, text in zip(scores, ids, strict=True)
    ]
    torch.testing.assert_close(together, torch.stack(alone))


def test_mirostat_carries_its_state_from_token_to_token() -> None:
    scores = -torch.arange(1, 101, dtype=torch.float32).log()
    carried = Context(generator=torch.Generator().manual_seed(1))
    states = []
    for _ in range(5):
        sampling.choose(scores, SamplingSettings(mirostat=2, mirostat_tau=3.0), carried)
        states.append(carried.mu)
    assert len(set(states)) > 1
    assert carried.mu is not None
