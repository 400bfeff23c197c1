"""What several filters need: the logit of a token that may not come, and the entropy of a distribution.

All filters agree: they take and return logits of shape (V,) or (B, V) in float32,
never change their argument in place, and rule a token out by giving it `NEVER`; its probability is then
exactly 0 after the softmax, and every later filter sees that it is gone.
"""

from __future__ import annotations

import torch
from torch import Tensor

NEVER = float("-inf")
"""The logit of a token that was cut."""
COLDEST = 1e-5
"""Temperatures below count as 0: logits divided by them could exceed what float32 holds."""


def cut(logits: Tensor, drop: Tensor) -> Tensor:
    """Rule out the tokens in a mask, but never the likeliest one.

    Args:
        logits: Shape (V,) or (B, V).
        drop: True for tokens to rule out; the shape of `logits`.
    """
    best = logits.max(-1, keepdim=True).values
    return logits.masked_fill(drop & (logits < best), NEVER)


def entropy(logits: Tensor) -> Tensor:
    """Return the entropy of the distribution in nats, shape () or (B,). Shannon, 1948."""
    parts: Tensor = torch.special.entr(logits.softmax(-1))
    return parts.sum(-1)


def counts(logits: Tensor, ids: Tensor) -> Tensor:
    """Count how often each token of the vocabulary occurs.

    Args:
        logits: Shape (V,) or (B, V); gives shape and type of the result.
        ids: Tokens (T,) or (B, T); negative ones are padding and count nothing.
    """
    present = (ids >= 0).to(logits.dtype)
    return torch.zeros_like(logits).scatter_add(-1, ids.clamp(min=0), present)
