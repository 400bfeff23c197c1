"""What is chosen among the few tokens that a cut leaves is what is chosen among all of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from aigc_tui.transformer.sampling import (
    TEMPERATURE_FIRST,
    TEMPERATURE_LAST,
    Context,
    SamplingSettings,
    choose,
)
from aigc_tui.transformer.sampling.filters import NEVER
from aigc_tui.transformer.sampling.narrowing import LEAST_VOCABULARY, NARROWING, race

SIZE = LEAST_VOCABULARY + 700
MIXED = SamplingSettings(temperature=0.8, top_p=0.9, repetition_penalty=1.1)
SETTINGS = {
    "temperature": SamplingSettings(temperature=0.7),
    "top_p": SamplingSettings(temperature=0.7, top_p=0.9),
    "top_k": SamplingSettings(top_k=40),
    "min_p": SamplingSettings(min_p=0.05),
    "penalised": MIXED,
    "all three": replace(MIXED, top_k=50, min_p=0.02, presence_penalty=0.3, frequency_penalty=0.1),
    "temperature last": replace(MIXED, top_k=50, min_p=0.02, order=TEMPERATURE_LAST),
    "rare ones": replace(MIXED, top_k=60, typical_p=0.9, xtc_probability=0.5, eta=0.001),
    "a penalty behind": replace(MIXED, order=tuple(reversed(TEMPERATURE_FIRST))),
    "top_h first": replace(MIXED, top_h=0.9, top_k=30),
}


class _Everything:
    """Whoever watches sees all logits, so nothing is left out for it."""

    def stage(self, name: str, logits: Tensor) -> None:
        assert logits.shape == (SIZE,)

    def chosen(self, token: int) -> None:
        pass


def scores(kind: str, seed: int) -> Tensor:
    made = torch.randn(SIZE, generator=torch.Generator().manual_seed(seed)) * 2.5
    if kind == "ties":
        return made.round()
    if kind == "peaked":
        made[seed::97] += 9.0
    if kind == "masked":
        return made.masked_fill(torch.arange(SIZE) % 501 > 0, NEVER)
    return made.bfloat16().float() if kind == "coarse" else made


@pytest.mark.parametrize("kind", ["flat", "peaked", "ties", "coarse", "masked"])
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_a_large_vocabulary_gives_the_tokens_that_the_whole_chain_gives(
    settings: SamplingSettings, kind: str
) -> None:
    said = torch.tensor([3, 5, 5, 97, 900])
    both = []
    for watcher in (None, _Everything()):
        context = Context(said, said, said, said, generator=torch.Generator().manual_seed(7))
        both.append([choose(scores(kind, seed), settings, context, watcher) for seed in range(12)])
    assert both[0] == both[1]


@pytest.mark.parametrize("name", NARROWING)
def test_a_clear_cut_is_narrowed(name: str) -> None:
    settings = SamplingSettings(top_k=40, top_p=0.9, min_p=0.05)
    few = NARROWING[name](scores("peaked", 0), settings)
    assert few is not None
    assert len(few.tokens) < 300
    assert bool((few.tokens.diff() > 0).all())


def test_the_race_has_the_chances_of_the_softmax() -> None:
    logits = torch.tensor([0.5, 0.3, 0.2, 0.0]).log()
    drawn = race(logits.expand(20_000, 4), torch.Generator().manual_seed(0))
    shares = drawn.bincount(minlength=4) / 20_000
    torch.testing.assert_close(shares, logits.exp(), atol=0.015, rtol=0.0)


def test_the_race_of_some_draws_as_the_race_of_all() -> None:
    logits = scores("flat", 1)
    tokens = torch.arange(0, SIZE, 7)
    rest = torch.full((SIZE,), NEVER).index_copy(0, tokens, logits[tokens])
    for seed in range(50):
        one, other = (torch.Generator().manual_seed(seed) for _ in range(2))
        assert int(tokens[race(logits[tokens], one, SIZE, tokens)]) == int(race(rest, other))
        assert torch.equal(one.get_state(), other.get_state())
