"""Filters that cut the unlikely tail of the distribution, each with another idea of where the tail begins.

Why cutting helps: a language model spreads a little probability over tens of thousands of wrong tokens, and
a long text draws from that tail sooner or later (Holtzman et al., arXiv:1904.09751). Filters that go by the
entropy are in `entropy`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from aigc_tui.transformer.sampling.support import NEVER, cut


def top_k(scores: Tensor, count: int) -> Tensor:
    """Keep the best `count` tokens (and ties with the last of them); 0 keeps all.

    Fan et al., "Hierarchical neural story generation", arXiv:1805.04833, section 5.4.
    """
    if count <= 0 or count >= scores.shape[-1]:
        return scores
    worst = torch.topk(scores, count).values[..., -1:]
    return scores.masked_fill(scores < worst, NEVER)


def top_p(scores: Tensor, mass: float) -> Tensor:
    """Keep the fewest best tokens that hold so much probability together; 1 keeps all.

    Nucleus sampling: Holtzman et al., "The curious case of neural text degeneration", arXiv:1904.09751.
    """
    if mass >= 1.0:
        return scores
    ascending, order = torch.sort(scores)
    drop = ascending.softmax(-1).cumsum(-1) <= 1 - mass
    drop[..., -1] = False
    return scores.masked_fill(torch.zeros_like(drop).scatter(-1, order, drop), NEVER)


def min_p(scores: Tensor, share: float) -> Tensor:
    """Keep tokens at least so likely as a share of the likeliest one; 0 keeps all.

    Nguyen et al., "Turning up the heat: min-p sampling", arXiv:2407.01082.
    """
    if share <= 0.0:
        return scores
    chances = scores.softmax(-1)
    return cut(scores, chances < share * chances.max(-1, keepdim=True).values)


def epsilon(scores: Tensor, least: float) -> Tensor:
    """Cut every token that is less likely than an absolute probability; 0 keeps all.

    Hewitt, Manning and Liang, "Truncation sampling as language model desmoothing", arXiv:2210.15191.
    """
    if least <= 0.0:
        return scores
    return cut(scores, scores.softmax(-1) < least)


def top_n_sigma(scores: Tensor, sigmas: float) -> Tensor:
    """Keep tokens whose score is within so many standard deviations of the best one; 0 keeps all.

    Most scores are noise around a normal distribution, and the few that mean something stand out of it.
    Dividing by a temperature scales both sides alike, so this cut does not depend on it. Tang et al.,
    "Top-n-sigma: eliminating noise in logit space", arXiv:2411.07641.
    """
    if sigmas <= 0.0:
        return scores
    alive = scores > NEVER
    count = alive.sum(-1, keepdim=True)
    mean = scores.masked_fill(~alive, 0.0).sum(-1, keepdim=True) / count
    spread = (scores - mean).masked_fill(~alive, 0.0).square().sum(-1, keepdim=True) / count
    return cut(scores, scores < scores.max(-1, keepdim=True).values - sigmas * spread.sqrt())
