"""The chain of sampling: equal to transformers' where it has the link, and in the order that is shown."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from transformers import (
    MinPLogitsWarper,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
    TypicalLogitsWarper,
)

from aigc_tui.engine.protocol import Sampling
from aigc_tui.engine.worker import sampling
from aigc_tui.engine.worker.sampling import History, ScoresError, draw, filtered

NEUTRAL = Sampling(temperature=1.0, top_p=1.0, repetition_penalty=1.0)
EMPTY = History((), ())
SCORES = st.lists(st.floats(-20, 20, width=32), min_size=2, max_size=40).map(torch.tensor)


def same(ours: Tensor, theirs: Tensor) -> None:
    torch.testing.assert_close(ours, theirs[0])


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda x: sampling.temperature(x, 0.6), TemperatureLogitsWarper(0.6)),
        (lambda x: sampling.top_k(x, 5), TopKLogitsWarper(5)),
        (lambda x: sampling.top_p(x, 0.8), TopPLogitsWarper(0.8)),
        (lambda x: sampling.min_p(x, 0.1), MinPLogitsWarper(0.1)),
        (lambda x: sampling.typical(x, 0.7), TypicalLogitsWarper(0.7)),
    ],
)
def test_each_filter_equals_that_of_transformers(
    seed: int, ours: Callable[[Tensor], Tensor], theirs: Callable[[Tensor, Tensor], Tensor]
) -> None:
    scores = torch.randn(200, generator=torch.Generator().manual_seed(seed)) * 4
    same(ours(scores), theirs(torch.zeros(1, 1, dtype=torch.long), scores[None].clone()))


@pytest.mark.parametrize("seed", range(5))
def test_the_whole_chain_equals_transformers_warpers_in_their_order(seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(300, generator=generator) * 4
    ids = torch.randint(300, (1, 40), generator=generator)
    theirs = scores[None].clone()
    for warper in (
        RepetitionPenaltyLogitsProcessor(1.3),
        TemperatureLogitsWarper(0.8),
        TopKLogitsWarper(50),
        TopPLogitsWarper(0.9),
        MinPLogitsWarper(0.02),
        TypicalLogitsWarper(0.9),
    ):
        theirs = warper(ids, theirs)
    settings = Sampling(
        temperature=0.8, top_k=50, top_p=0.9, min_p=0.02, typical_p=0.9, repetition_penalty=1.3
    )
    same(filtered(scores, settings, History(ids[0].tolist(), ())), theirs)


@given(SCORES, st.floats(0.01, 1), st.floats(0.01, 1), st.floats(0.01, 1), st.integers(1, 50))
def test_one_of_the_best_tokens_survives_every_setting(
    scores: Tensor, mass: float, share: float, typical: float, count: int
) -> None:
    settings = Sampling(
        temperature=0.7, top_k=count, top_p=mass, min_p=share, typical_p=1.0, repetition_penalty=1.0
    )
    kept = filtered(scores, settings, EMPTY)
    assert bool((kept[scores == scores.max()] > sampling.NEVER).any())
    assert bool((sampling.typical(scores, typical) > sampling.NEVER).any())


@given(SCORES)
def test_neutral_settings_change_nothing(scores: Tensor) -> None:
    history = History([0, 1], [1])
    assert torch.equal(filtered(scores, NEUTRAL, history), scores)


def test_presence_counts_once_and_frequency_every_time() -> None:
    scores = torch.zeros(4)
    assert sampling.presence(scores, [1, 1, 2], 0.5).tolist() == [0, -0.5, -0.5, 0]
    assert sampling.frequency(scores, [1, 1, 2], 0.5).tolist() == [0, -1, -0.5, 0]


def test_repetition_lowers_scores_of_either_sign() -> None:
    scores = torch.tensor([2.0, -2.0, 1.0])
    assert sampling.repetition(scores, [0, 1], 2.0).tolist() == [1, -4, 1]


def test_the_order_that_is_shown_is_the_order_that_runs() -> None:
    assert [name for name, _ in sampling.ORDER] == [
        "repetition_penalty",
        "presence_penalty",
        "frequency_penalty",
        "temperature",
        "top_k",
        "top_p",
        "min_p",
        "typical_p",
    ]


def test_temperature_zero_takes_the_best_token_after_the_penalties() -> None:
    scores = torch.tensor([5.0, 4.9, 0.0])
    greedy = Sampling(temperature=0.0, repetition_penalty=2.0)
    assert draw(scores, greedy, EMPTY, torch.Generator()) == 0
    assert draw(scores, greedy, History([0], [0]), torch.Generator()) == 1


def test_one_seed_draws_one_sequence_and_another_another() -> None:
    scores = torch.zeros(1000)

    def sequence(seed: int) -> list[int]:
        generator = torch.Generator().manual_seed(seed)
        return [draw(scores, NEUTRAL, EMPTY, generator) for _ in range(20)]

    assert sequence(3) == sequence(3)
    assert sequence(3) != sequence(4)


@pytest.mark.parametrize("cold", [1e-40, 1e-6, 5e-324])
def test_a_temperature_next_to_nothing_is_none(cold: float) -> None:
    scores = torch.tensor([5.0, 4.9, 0.0])
    settings = Sampling(temperature=cold, repetition_penalty=1.0)
    assert draw(scores, settings, EMPTY, torch.Generator()) == 0
    assert torch.equal(filtered(scores, settings, EMPTY), scores)


def test_the_coldest_temperature_that_counts_still_draws() -> None:
    settings = Sampling(temperature=sampling.COLDEST, repetition_penalty=1.0)
    assert draw(torch.tensor([-3e4, 3e4, 0.0]), settings, EMPTY, torch.Generator()) == 1


@pytest.mark.parametrize("temperature", [0.0, 0.7])
@pytest.mark.parametrize("bad", [[math.nan, 1.0], [math.inf, 1.0], [-math.inf, -math.inf]])
def test_scores_that_are_no_numbers_are_refused(bad: list[float], temperature: float) -> None:
    with pytest.raises(ScoresError, match="no finite numbers"):
        draw(torch.tensor(bad), Sampling(temperature=temperature), EMPTY, torch.Generator())


def test_a_token_that_the_model_rules_out_is_no_fault() -> None:
    assert draw(torch.tensor([-math.inf, 1.0]), NEUTRAL, EMPTY, torch.Generator()) == 1
