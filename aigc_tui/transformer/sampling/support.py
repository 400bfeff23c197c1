"""What several filters need: the score of a token that may not come, and probabilities in order.

Why it exists: all filters speak one language. They take and return scores of shape (V,) or (B, V) in float32,
never change their argument in place, and rule a token out by giving it `NEVER`; its probability is then
exactly 0 after the softmax, and every later filter sees that it is gone.
"""

from __future__ import annotations

import torch
from torch import Tensor

NEVER = float("-inf")
"""The score of a token that was cut."""
COLDEST = 1e-5
"""Temperatures below count as 0: scores divided by them could exceed what float32 holds."""


def cut(scores: Tensor, drop: Tensor) -> Tensor:
    """Rule out the tokens in a mask, but never the likeliest one.

    Args:
        scores: Shape (V,) or (B, V).
        drop: True for tokens to rule out; the shape of `scores`.
    """
    best = scores.max(-1, keepdim=True).values
    return scores.masked_fill(drop & (scores < best), NEVER)


def entropy(scores: Tensor) -> Tensor:
    """Return the entropy of the distribution in nats, shape () or (B,). Shannon, 1948."""
    parts: Tensor = torch.special.entr(scores.softmax(-1))
    return parts.sum(-1)


def counts(scores: Tensor, ids: Tensor) -> Tensor:
    """Count how often each token of the vocabulary occurs.

    Args:
        scores: Shape (V,) or (B, V); gives shape and type of the result.
        ids: Tokens (T,) or (B, T); negative ones are padding and count nothing.
    """
    present = (ids >= 0).to(scores.dtype)
    return torch.zeros_like(scores).scatter_add(-1, ids.clamp(min=0), present)
