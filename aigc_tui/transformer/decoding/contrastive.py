"""Contrastive search: the likeliest token that does not say again what the text has said.

Su et al., "A contrastive framework for neural text generation", arXiv:2202.06417, section 4.2. Among the k
likeliest tokens it takes the one with the best (1 - a) * p(token) - a * (greatest cosine similarity of the
token's hidden state with that of any token before). It needs no chance at all, and yet does not loop.
"""

from __future__ import annotations

import torch
from torch import Tensor

from aigc_tui.transformer.decoding.model import HiddenStateModel, Limits, before_end


def contrastive_search(
    model: HiddenStateModel, prompt: Tensor, limits: Limits, candidates: int = 4, weight: float = 0.6
) -> list[list[int]]:
    """Continue each prompt by contrastive search.

    Args:
        model: The model; it has read nothing yet.
        prompt: Tokens (B, T), equally long.
        limits: When to end.
        candidates: How many of the likeliest tokens are tried, `k`; 1 is greedy search.
        weight: How much repeating counts, `a`, from 0 (greedy search) to 1.

    Returns:
        The new tokens of each row.
    """
    batch, made = len(prompt), prompt[:, :0]
    states, logits = model.forward_hidden(prompt)
    over = torch.zeros(batch, dtype=torch.bool)
    while made.shape[1] < limits.new and not bool(over.all()):
        chances, tokens = torch.topk(logits.softmax(-1), candidates)
        model.select(torch.arange(batch).repeat_interleave(candidates))
        tried, next_logits = model.forward_hidden(tokens.view(-1, 1))
        chosen = contrast(chances, tried.view(batch, candidates, -1), states, weight)
        rows = torch.arange(batch) * candidates + chosen
        model.select(rows)
        states, logits = torch.cat([states, tried[rows]], 1), next_logits[rows]
        new = tokens.gather(1, chosen.unsqueeze(1))
        made = torch.cat([made, new], 1)
        over |= torch.tensor([int(token) in limits.ends for token in new])
    return [before_end(row, limits.ends) for row in made.tolist()]


def contrast(chances: Tensor, tried: Tensor, states: Tensor, weight: float) -> Tensor:
    """Choose among candidates (equation 5 of the paper).

    Args:
        chances: The candidates' probabilities (B, K).
        tried: Their hidden states (B, K, C).
        states: Those of the text before (B, T, C).
        weight: How much likeness counts.

    Returns:
        The place of the chosen candidate (B,).
    """
    unit_tried = torch.nn.functional.normalize(tried.float(), dim=-1)
    unit_states = torch.nn.functional.normalize(states.float(), dim=-1)
    likeness = (unit_tried @ unit_states.transpose(1, 2)).max(-1).values
    return ((1 - weight) * chances - weight * likeness).argmax(-1)
