"""Classifier-free guidance: follow the prompt more closely than the model would of its own accord."""

from __future__ import annotations

from torch import Tensor


def guidance(scores: Tensor, unconditional: Tensor, scale: float) -> Tensor:
    """Move the distribution away from what the model would say without the prompt.

    log p' = log p_without + scale * (log p_with - log p_without). Sanchez et al., "Stay on topic with
    classifier-free guidance", arXiv:2306.17806, equation 7.

    Args:
        scores: With the prompt, (V,) or (B, V).
        unconditional: Without it (or with a negative prompt), of the same shape.
        scale: 1 is neutral, above 1 follows the prompt more closely.
    """
    if scale == 1.0:
        return scores
    without = unconditional.log_softmax(-1)
    return without + scale * (scores.log_softmax(-1) - without)
