"""Mirostat: keep the text's surprise at a set level, by feedback from each token that was drawn.

Basu et al., "Mirostat: a neural text decoding algorithm that directly controls perplexity", arXiv:2007.14966.
With a fixed top-k or top-p, texts fall into boredom (small values) or incoherence (large ones) as they grow.
Mirostat measures the surprise of each drawn token and moves the cut `mu` so that the mean stays near the
target `tau`. The functions are pure: the state `mu` goes in and comes out. Surprise is in bits, and of the
distribution before the cut, as in the paper; llama.cpp takes it after the cut.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from aigc_tui.transformer.sampling.support import NEVER, cut

_ESTIMATED_FROM = 100
"""The `m` of the paper: so many of the best tokens tell the exponent of Zipf's law."""
_FLATTEST = 1e-3
"""An exponent at or below 0 means no law at all; the estimate is kept above."""


def start(target: float) -> float:
    """Return the `mu` that a text begins with: twice the target (algorithm 1, line 1)."""
    return 2.0 * target


def mirostat_1(logits: Tensor, mu: float) -> Tensor:
    """Cut to the k best tokens, with the k whose surprise is `mu` if probabilities follow Zipf's law.

    Algorithm 1 of arXiv:2007.14966.

    Args:
        logits: Shape (V,) or (B, V).
        mu: The state, in bits.
    """
    ranked, order = torch.sort(logits, descending=True)
    exponent = zipf_exponent(ranked.log_softmax(-1))
    size = logits.shape[-1]
    slack = exponent - 1
    # As the exponent nears 1, slack / (1 - N^-slack) nears 1 / ln N, which the clamp away from 0 gives too.
    slack = torch.where(slack.abs() < 1e-4, torch.full_like(slack, 1e-4), slack)
    log_count = (mu * math.log(2) + (slack / -torch.expm1(-slack * math.log(size))).log()) / exponent
    count = log_count.clamp(0.0, math.log(size)).exp().round()
    drop = torch.arange(size, device=logits.device) >= count.unsqueeze(-1)
    return logits.masked_fill(torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, drop), NEVER)


def mirostat_2(logits: Tensor, mu: float) -> Tensor:
    """Cut every token whose surprise is above `mu`, in bits; the best one stays. Algorithm 2 of the paper.

    Args:
        logits: Shape (V,) or (B, V).
        mu: The state, in bits.
    """
    return cut(logits, -logits.log_softmax(-1) / math.log(2) > mu)


def updated(logits: Tensor, token: int, mu: float, target: float, rate: float) -> float:
    """Return the next `mu`: lower after a token that surprised more than the target, higher after a dull one.

    Args:
        logits: The logits (V,) that went into the cut.
        token: What was drawn.
        mu: The state so far.
        target: The surprise to keep, `tau`, in bits.
        rate: How fast to follow, `eta`.
    """
    surprise = -float(logits.log_softmax(-1)[token]) / math.log(2)
    return mu - rate * (surprise - target)


def zipf_exponent(ranked: Tensor) -> Tensor:
    """Estimate s in p(rank) ~ 1 / rank^s by least squares over neighbouring ranks (equation 3 of the paper).

    Args:
        ranked: Log-probabilities (V,) or (B, V), best first.
    """
    best = ranked[..., :_ESTIMATED_FROM]
    ranks = torch.arange(1, best.shape[-1], dtype=ranked.dtype, device=ranked.device)
    steps = torch.log((ranks + 1) / ranks)
    falls = (best[..., :-1] - best[..., 1:]).nan_to_num(0.0, posinf=0.0)
    return ((steps * falls).sum(-1) / steps.square().sum()).clamp(min=_FLATTEST)
