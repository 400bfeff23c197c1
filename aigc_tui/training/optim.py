"""Optimizers: Muon for the matrices inside the blocks, AdamW for everything else.

Muon (K. Jordan, 2024; arXiv:2502.16982 for the scaling used here) makes the update of a matrix
orthogonal, so that rare directions move as far as common ones; it needs about half the tokens of
AdamW at this size. Embeddings and norms are not maps between hidden spaces and stay with AdamW.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from aigc_tui.training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Optimizers:
    """The optimizers of one run, with the peak learning rate of each."""

    parts: tuple[torch.optim.Optimizer, ...]
    peaks: tuple[float, ...]

    def set_factor(self, factor: float) -> None:
        """Set every learning rate to its peak times ``factor``."""
        for part, peak in zip(self.parts, self.peaks, strict=True):
            for group in part.param_groups:
                group["lr"] = peak * factor

    def step(self) -> None:
        """Apply and drop the gradients."""
        for part in self.parts:
            part.step()
            part.zero_grad(set_to_none=True)


def make_optimizers(model: nn.Module, recipe: Recipe) -> Optimizers:
    """Sort the parameters between Muon and AdamW as the recipe asks."""
    use_muon = recipe.matrix_learning_rate > 0
    matrices: list[Tensor] = []
    decayed: list[Tensor] = []
    plain: list[Tensor] = []
    for name, weight in model.named_parameters():
        inner = weight.ndim == 2 and ".layers." in name
        (matrices if inner and use_muon else decayed if inner else plain).append(weight)
    groups = [
        {"params": g, "weight_decay": d} for g, d in ((decayed, recipe.weight_decay), (plain, 0.0)) if g
    ]
    adam = torch.optim.AdamW(groups, lr=recipe.learning_rate, betas=(0.9, 0.95), eps=1e-10)
    if not matrices:
        return Optimizers((adam,), (recipe.learning_rate,))
    muon = torch.optim.Muon(
        matrices,
        lr=recipe.matrix_learning_rate,
        weight_decay=recipe.weight_decay,
        momentum=0.95,
        adjust_lr_fn="match_rms_adamw",
    )
    return Optimizers((adam, muon), (recipe.learning_rate, recipe.matrix_learning_rate))
