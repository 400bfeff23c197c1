"""Filters that go by information: how surprising a token is, and how much surprise is normal here."""

from __future__ import annotations

import torch
from torch import Tensor

from aigc_tui.transformer.sampling.support import NEVER, cut, entropy

_TOP_H_SEES = 100
"""Top-h looks at so many of the best tokens, as transformers' does; the rest hold next to nothing."""


def typical(scores: Tensor, mass: float) -> Tensor:
    """Keep the tokens whose surprise is nearest the expected one, until they hold so much probability.

    People avoid both the empty and the outlandish word; so the likeliest token may be cut too.
    Meister et al., "Locally typical sampling", arXiv:2202.00666.

    Args:
        scores: Shape (V,) or (B, V).
        mass: The probability to keep; 1 keeps all.
    """
    if mass >= 1.0:
        return scores
    surprise = -torch.log_softmax(scores, -1)
    expected = (surprise * (-surprise).exp()).nan_to_num(0.0).sum(-1, keepdim=True)
    distance = (surprise - expected).abs()
    nearest, order = torch.sort(distance)
    held = scores.gather(-1, order).softmax(-1).cumsum(-1)
    last = (held < mass).sum(-1, keepdim=True).clamp(max=scores.shape[-1] - 1)
    return scores.masked_fill(distance > nearest.gather(-1, last), NEVER)


def eta(scores: Tensor, least: float) -> Tensor:
    """Cut below an absolute probability, but below a smaller one where the distribution is flat; 0 keeps all.

    The threshold is min(e, sqrt(e) * exp(-H)). Hewitt, Manning and Liang, "Truncation sampling as language
    model desmoothing", arXiv:2210.15191, section 4.
    """
    if least <= 0.0:
        return scores
    threshold = (least**0.5 * torch.exp(-entropy(scores))).clamp(max=least)
    return cut(scores, scores.softmax(-1) < threshold.unsqueeze(-1))


def top_h(scores: Tensor, share: float) -> Tensor:
    """Keep the best tokens while their part of the entropy stays within a share of all of it; 1 keeps all.

    Baghaei Potraghloo et al., "Top-H decoding", arXiv:2509.02510, algorithm 1.

    Args:
        scores: Shape (V,) or (B, V).
        share: The share of the entropy, above 0.
    """
    if share >= 1.0:
        return scores
    best, order = torch.topk(scores, min(_TOP_H_SEES, scores.shape[-1]))
    parts = torch.special.entr(best.softmax(-1))
    keep = parts.cumsum(-1) <= share * parts.sum(-1, keepdim=True)
    keep[..., 0] = True
    kept = torch.zeros_like(scores, dtype=torch.bool).scatter(-1, order, keep)
    return scores.masked_fill(~kept, NEVER)
