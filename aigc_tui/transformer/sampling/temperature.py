"""Temperature: how strongly the model's preferences count, fixed or by how sure the model is."""

from __future__ import annotations

from torch import Tensor

from aigc_tui.transformer.sampling.support import COLDEST, NEVER, entropy


def temperature(scores: Tensor, value: float) -> Tensor:
    """Flatten (above 1) or sharpen (below 1) the distribution: softmax(scores / T).

    Ackley, Hinton and Sejnowski, "A learning algorithm for Boltzmann machines", Cognitive Science 9, 1985.

    Args:
        scores: Shape (V,) or (B, V).
        value: The temperature T, above 0; 1 is neutral. Taking the best token (T = 0) is the caller's case.
    """
    return scores if value == 1.0 else scores / max(value, COLDEST)


def dynamic_temperature(scores: Tensor, low: float, high: float, exponent: float = 1.0) -> Tensor:
    """Choose the temperature by the entropy: cold where the model is sure, warm where many tokens would do.

    T = low + (high - low) * (H / H_max) ^ exponent, where H_max = log(number of tokens not yet cut). After
    llama.cpp's `dynatemp` (pull request 4972); the idea of entropy-based temperature is Zhang et al.'s EDT,
    arXiv:2403.14541.

    Args:
        scores: Shape (V,) or (B, V).
        low: The temperature of a distribution that knows its token.
        high: The temperature of a flat distribution; equal to `low`: a fixed temperature.
        exponent: How fast the one goes over into the other.
    """
    if low == high:
        return temperature(scores, low)
    most = (scores > NEVER).sum(-1).clamp(min=2).log()
    share = (entropy(scores) / most).clamp(0.0, 1.0)
    value = low + (high - low) * share**exponent
    return scores / value.clamp(min=COLDEST).unsqueeze(-1)
