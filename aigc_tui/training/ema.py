"""A running mean of the weights: smoother than any one step, often a better model at a constant rate.

mean = decay * mean + (1 - decay) * weights after every step (Polyak and Juditsky 1992, as used by
arXiv:1706.03762 and most since). While few steps were taken the decay is smaller, (1 + n) / (10 + n), so that
the random weights of the start are soon forgotten.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class RunningMean:
    """The mean of one model's weights, by their names."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        """Start at the present weights."""
        self.decay = decay
        self._model = model
        self.tensors: dict[str, Tensor] = {n: w.detach().clone() for n, w in model.named_parameters()}

    @torch.no_grad()
    def update(self, steps: int) -> None:
        """Take in the weights after ``steps`` steps of the run."""
        decay = min(self.decay, (1 + steps) / (10 + steps))
        for name, weight in self._model.named_parameters():
            self.tensors[name].mul_(decay).add_(weight, alpha=1 - decay)
