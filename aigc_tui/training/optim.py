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

_HEADS = ("lm_head", "classifier", "pooler", "cls", "head")
"""First or last parts of the names of output matrices: they map into another space than the hidden one."""


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


def make_optimizers(model: nn.Module, recipe: Recipe, muon: bool = True) -> Optimizers:
    """Sort the weights between Muon and AdamW as the recipe asks.

    Args:
        model: On the device where it will be trained.
        recipe: Rates and weight decay.
        muon: False gives the matrices to AdamW whatever the recipe says.
    """
    matrices, others = sort_weights(model)
    if not (muon and recipe.matrix_learning_rate > 0 and matrices):
        return adamw(model, recipe.learning_rate, recipe.weight_decay)
    adam = _adamw([{"params": others, "weight_decay": 0.0}], recipe.learning_rate)
    orthogonal = torch.optim.Muon(
        matrices,
        lr=recipe.matrix_learning_rate,
        weight_decay=recipe.weight_decay,
        momentum=0.95,
        adjust_lr_fn="match_rms_adamw",
    )
    return Optimizers((adam, orthogonal), (recipe.learning_rate, recipe.matrix_learning_rate))


def adamw(model: nn.Module, learning_rate: float, weight_decay: float = 0.1) -> Optimizers:
    """Give all weights that learn to AdamW; only matrices between hidden spaces decay."""
    decayed, plain = sort_weights(model)
    groups = [{"params": g, "weight_decay": d} for g, d in ((decayed, weight_decay), (plain, 0.0)) if g]
    return Optimizers((_adamw(groups, learning_rate),), (learning_rate,))


def sort_weights(model: nn.Module) -> tuple[list[Tensor], list[Tensor]]:
    """Part the weights that learn into matrices between hidden spaces, and all others."""
    tables = {id(m.weight) for m in model.modules() if isinstance(m, nn.Embedding)}
    matrices: list[Tensor] = []
    others: list[Tensor] = []
    for name, weight in model.named_parameters():
        if not weight.requires_grad:
            continue
        inner = weight.ndim == 2 and id(weight) not in tables and not set(name.split(".")) & set(_HEADS)
        (matrices if inner else others).append(weight)
    return matrices, others


def _adamw(groups: list[dict[str, object]], learning_rate: float) -> torch.optim.AdamW:
    """AdamW with its update in one pass over memory ("fused"), on the processor as on a GPU."""
    return torch.optim.AdamW(groups, lr=learning_rate, betas=(0.9, 0.95), eps=1e-10, fused=True)


class EMA:
    """The mean of one model's weights, by their names."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self._model = model
        self.tensors: dict[str, Tensor] = {n: w.detach().clone() for n, w in model.named_parameters()}

    @torch.no_grad()
    def update(self, steps: int) -> None:
        decay = min(self.decay, (1 + steps) / (10 + steps))
        for name, weight in self._model.named_parameters():
            self.tensors[name].mul_(decay).add_(weight, alpha=1 - decay)
