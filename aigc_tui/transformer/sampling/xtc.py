"""XTC: now and then leave out the obvious, so that the text takes a turn that is still good."""

from __future__ import annotations

import torch
from torch import Tensor

from aigc_tui.transformer.sampling.support import NEVER


def xtc(scores: Tensor, probability: float, threshold: float, generator: torch.Generator) -> Tensor:
    """Cut, by chance, all tokens above a threshold except the least likely of them ("exclude top choices").

    Every kept token is still one that the model finds likely, so the text stays sensible while clichés go.
    p-e-w, text-generation-webui pull request 6335, 2024.

    Args:
        scores: Shape (V,) or (B, V).
        probability: How often it happens; 0 is neutral.
        threshold: From which probability on a token is an obvious choice; above 0.5 there is at most one.
        generator: The source of chance.
    """
    if probability <= 0.0 or threshold > 0.5:
        return scores
    luck = torch.rand(scores.shape[:-1], generator=generator, device=generator.device)
    happens = luck.to(scores.device) < probability
    chances = scores.softmax(-1)
    obvious = chances >= threshold
    least = chances.masked_fill(~obvious, 2.0).argmin(-1, keepdim=True)
    drop = obvious.scatter(-1, least, False) & happens.unsqueeze(-1)
    return scores.masked_fill(drop, NEVER)
