"""Filters that reshape or truncate the distribution over the next token.

All agree: they take and return logits of shape (V,) or (B, V) in float32, never change their argument in
place, and rule a token out by giving it `NEVER`, so that its probability is exactly 0. Truncation helps since
a model spreads a little probability over tens of thousands of wrong tokens, and a long text samples from that
tail sooner or later (Holtzman et al., arXiv:1904.09751). Mirostat is Basu et al., arXiv:2007.14966: it steers
the surprise of the text towards a target, by a state `mu` that moves after each token. Its surprise is in
bits, of the distribution before the cut, as in the paper; llama.cpp takes it after the cut.
"""

from __future__ import annotations

import math

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


def temperature(logits: Tensor, value: float) -> Tensor:
    """Flatten (above 1) or sharpen (below 1) the distribution: softmax(logits / T).

    Ackley, Hinton and Sejnowski, "A learning algorithm for Boltzmann machines", Cognitive Science 9, 1985.

    Args:
        logits: Shape (V,) or (B, V).
        value: The temperature T, above 0; 1 is neutral. Taking the best token (T = 0) is the caller's case.
    """
    return logits if value == 1.0 else logits / max(value, COLDEST)


def dynamic_temperature(logits: Tensor, low: float, high: float, exponent: float = 1.0) -> Tensor:
    """Choose the temperature by the entropy: cold where the model is sure, warm where many tokens would do.

    T = low + (high - low) * (H / H_max) ^ exponent, where H_max = log(number of tokens not yet cut). After
    llama.cpp's `dynatemp` (pull request 4972); the idea of entropy-based temperature is Zhang et al.'s EDT,
    arXiv:2403.14541.

    Args:
        logits: Shape (V,) or (B, V).
        low: The temperature of a distribution that knows its token.
        high: The temperature of a flat distribution; equal to `low`: a fixed temperature.
        exponent: How fast the one goes over into the other.
    """
    if low == high:
        return temperature(logits, low)
    most = (logits > NEVER).sum(-1).clamp(min=2).log()
    share = (entropy(logits) / most).clamp(0.0, 1.0)
    value = low + (high - low) * share**exponent
    return logits / value.clamp(min=COLDEST).unsqueeze(-1)


def guidance(logits: Tensor, unconditional: Tensor, scale: float) -> Tensor:
    """Move the distribution away from what the model would say without the prompt.

    log p' = log p_without + scale * (log p_with - log p_without). Sanchez et al., "Stay on topic with
    classifier-free guidance", arXiv:2306.17806, equation 7.

    Args:
        logits: With the prompt, (V,) or (B, V).
        unconditional: Without it (or with a negative prompt), of the same shape.
        scale: 1 is neutral, above 1 follows the prompt more closely.
    """
    if scale == 1.0:
        return logits
    without = unconditional.log_softmax(-1)
    return without + scale * (logits.log_softmax(-1) - without)


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
    ascending, order = torch.sort(logits, stable=True)
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
