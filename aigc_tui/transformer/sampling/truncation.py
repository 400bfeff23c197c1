"""Filters that cut tokens out of the distribution, each with another idea of which.

Why cutting helps: a language model spreads a little probability over tens of thousands of wrong tokens, and a
long text samples from that tail sooner or later (Holtzman et al., arXiv:1904.09751). First come filters that
go by probability, then those that go by information (how surprising a token is, and how much surprise is
normal here), and last XTC, which cuts the obvious instead of the unlikely.
"""

from __future__ import annotations

import torch
from torch import Tensor

from aigc_tui.transformer.sampling.support import NEVER, cut, entropy


def top_k(logits: Tensor, count: int) -> Tensor:
    """Keep the best `count` tokens (and ties with the last of them); 0 keeps all.

    Fan et al., "Hierarchical neural story generation", arXiv:1805.04833, section 5.4.
    """
    if count <= 0 or count >= logits.shape[-1]:
        return logits
    worst = torch.topk(logits, count).values[..., -1:]
    return logits.masked_fill(logits < worst, NEVER)


def top_p(logits: Tensor, mass: float) -> Tensor:
    """Keep the fewest best tokens that hold so much probability together; 1 keeps all.

    Nucleus sampling: Holtzman et al., "The curious case of neural text degeneration", arXiv:1904.09751.
    """
    if mass >= 1.0:
        return logits
    ascending, order = torch.sort(logits)
    drop = ascending.softmax(-1).cumsum(-1) <= 1 - mass
    drop[..., -1] = False
    return logits.masked_fill(torch.zeros_like(drop).scatter(-1, order, drop), NEVER)


def min_p(logits: Tensor, share: float) -> Tensor:
    """Keep tokens at least so likely as a share of the likeliest one; 0 keeps all.

    Nguyen et al., "Turning up the heat: min-p sampling", arXiv:2407.01082.
    """
    if share <= 0.0:
        return logits
    chances = logits.softmax(-1)
    return cut(logits, chances < share * chances.max(-1, keepdim=True).values)


def epsilon(logits: Tensor, least: float) -> Tensor:
    """Cut every token that is less likely than an absolute probability; 0 keeps all.

    Hewitt, Manning and Liang, "Truncation sampling as language model desmoothing", arXiv:2210.15191.
    """
    if least <= 0.0:
        return logits
    return cut(logits, logits.softmax(-1) < least)


def top_n_sigma(logits: Tensor, sigmas: float) -> Tensor:
    """Keep tokens whose score is within so many standard deviations of the best one; 0 keeps all.

    Most logits are noise around a normal distribution, and the few that mean something stand out of it.
    Dividing by a temperature scales both sides alike, so this cut does not depend on it. Tang et al.,
    "Top-n-sigma: eliminating noise in logit space", arXiv:2411.07641.
    """
    if sigmas <= 0.0:
        return logits
    alive = logits > NEVER
    count = alive.sum(-1, keepdim=True)
    mean = logits.masked_fill(~alive, 0.0).sum(-1, keepdim=True) / count
    spread = (logits - mean).masked_fill(~alive, 0.0).square().sum(-1, keepdim=True) / count
    return cut(logits, logits < logits.max(-1, keepdim=True).values - sigmas * spread.sqrt())


_TOP_H_SEES = 100
"""Top-h looks at so many of the best tokens, as transformers' does; the rest hold next to nothing."""


def typical(logits: Tensor, mass: float) -> Tensor:
    """Keep the tokens whose surprise is nearest the expected one, until they hold so much probability.

    People avoid both the empty and the outlandish word; so the likeliest token may be cut too.
    Meister et al., "Locally typical sampling", arXiv:2202.00666.

    Args:
        logits: Shape (V,) or (B, V).
        mass: The probability to keep; 1 keeps all.
    """
    if mass >= 1.0:
        return logits
    surprise = -torch.log_softmax(logits, -1)
    expected = (surprise * (-surprise).exp()).nan_to_num(0.0).sum(-1, keepdim=True)
    distance = (surprise - expected).abs()
    nearest, order = torch.sort(distance)
    held = logits.gather(-1, order).softmax(-1).cumsum(-1)
    last = (held < mass).sum(-1, keepdim=True).clamp(max=logits.shape[-1] - 1)
    return logits.masked_fill(distance > nearest.gather(-1, last), NEVER)


def eta(logits: Tensor, least: float) -> Tensor:
    """Cut below an absolute probability, but below a smaller one where the distribution is flat; 0 keeps all.

    The threshold is min(e, sqrt(e) * exp(-H)). Hewitt, Manning and Liang, "Truncation sampling as language
    model desmoothing", arXiv:2210.15191, section 4.
    """
    if least <= 0.0:
        return logits
    threshold = (least**0.5 * torch.exp(-entropy(logits))).clamp(max=least)
    return cut(logits, logits.softmax(-1) < threshold.unsqueeze(-1))


def top_h(logits: Tensor, share: float) -> Tensor:
    """Keep the best tokens while their part of the entropy stays within a share of all of it; 1 keeps all.

    Baghaei Potraghloo et al., "Top-H decoding", arXiv:2509.02510, algorithm 1.

    Args:
        logits: Shape (V,) or (B, V).
        share: The share of the entropy, above 0.
    """
    if share >= 1.0:
        return logits
    best, order = torch.topk(logits, min(_TOP_H_SEES, logits.shape[-1]))
    parts = torch.special.entr(best.softmax(-1))
    keep = parts.cumsum(-1) <= share * parts.sum(-1, keepdim=True)
    keep[..., 0] = True
    kept = torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, keep)
    return logits.masked_fill(~kept, NEVER)


def xtc(logits: Tensor, probability: float, threshold: float, generator: torch.Generator) -> Tensor:
    """Cut, by chance, all tokens above a threshold except the least likely of them ("exclude top choices").

    Every kept token is still one that the model finds likely, so the text stays sensible while clichés go.
    p-e-w, text-generation-webui pull request 6335, 2024.

    Args:
        logits: Shape (V,) or (B, V).
        probability: How often it happens; 0 is neutral.
        threshold: From which probability on a token is an obvious choice; above 0.5 there is at most one.
        generator: The source of chance.
    """
    if probability <= 0.0 or threshold > 0.5:
        return logits
    luck = torch.rand(logits.shape[:-1], generator=generator, device=generator.device)
    happens = luck.to(logits.device) < probability
    chances = logits.softmax(-1)
    obvious = chances >= threshold
    least = chances.masked_fill(~obvious, 2.0).argmin(-1, keepdim=True)
    drop = obvious.scatter(-1, least, False) & happens.unsqueeze(-1)
    return logits.masked_fill(drop, NEVER)
