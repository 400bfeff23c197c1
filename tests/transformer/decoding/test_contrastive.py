"""Contrastive search equals its definition computed anew at every step, without a cache."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.decoding import Limits, contrastive_search
from tests.transformer.decoding.models import END, cached, greedy, tiny

PROMPT = torch.tensor([[0, 9, 12], [0, 20, 3]])


@torch.no_grad()
def by_definition(model: CausalLM, text: Tensor, count: int, candidates: int, weight: float) -> list[int]:
    """Equation 5 of arXiv:2202.06417, read off."""
    made: list[int] = []
    for _ in range(count):
        chances = model(text[None])[0, -1].softmax(-1)
        best_score, best = -9.0, -1
        for token in torch.topk(chances, candidates).indices.tolist():
            states = model.hidden(torch.cat([text, torch.tensor([token])])[None])[0]
            likeness = torch.cosine_similarity(states[:-1], states[-1:], dim=-1).max()
            score = float((1 - weight) * chances[token] - weight * likeness)
            if score > best_score:
                best_score, best = score, token
        made.append(best)
        text = torch.cat([text, torch.tensor([best])])
    return made


@pytest.mark.parametrize(("candidates", "weight"), [(4, 0.6), (6, 0.3), (3, 1.0)])
def test_it_is_what_its_definition_says(candidates: int, weight: float) -> None:
    model = tiny(1)
    found = contrastive_search(cached(model), PROMPT, Limits(8), candidates, weight)
    assert found == [by_definition(model, row, 8, candidates, weight) for row in PROMPT]


@pytest.mark.parametrize(("candidates", "weight"), [(1, 0.6), (5, 0.0)])
def test_without_choice_or_weight_it_is_greedy_search(candidates: int, weight: float) -> None:
    model, limits = tiny(), Limits(10, frozenset({END}))
    found = contrastive_search(cached(model), PROMPT, limits, candidates, weight)
    assert found == greedy(cached(model), PROMPT, limits)
