"""Filters that reshape the whole distribution: temperature, dynamic temperature, classifier-free guidance."""

from __future__ import annotations

from torch import Tensor

from aigc_tui.transformer.sampling.support import COLDEST, NEVER, entropy


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
