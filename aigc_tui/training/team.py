"""One process or several: who reads which rows, and what they have to agree on.

The loop is written for a team. A team of one does nothing special, and a team of many computes the same
numbers: each process takes its own rows of the one batch, and sums go over all of them. Several processes
are started by ``accelerate launch``; see docs/training.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn


class Team:
    """A team of one process."""

    rank = 0
    size = 1
    sharded = False

    def __init__(self, device: torch.device | str = "cpu") -> None:
        """Work on ``device``."""
        self.device = torch.device(device)

    @property
    def leads(self) -> bool:
        """Whether this process is the one that writes files and speaks."""
        return self.rank == 0

    def share(self, rows: int) -> slice:
        """Which of a batch's rows are this process's own; every row is somebody's, and nobody else's."""
        return slice(self.rank * rows // self.size, (self.rank + 1) * rows // self.size)

    def wrap(self, learner: nn.Module) -> nn.Module:
        """Make gradients of all processes flow together; call it before the optimizers are made."""
        return learner

    def gathering(self, learner: nn.Module, last: bool) -> AbstractContextManager[object]:
        """Hold gradients back until the ``last`` small batch of a step, then exchange them once."""
        return nullcontext()

    def sum(self, value: float) -> float:
        """Add a number over all processes."""
        return value

    def of_leader(self, *values: float) -> list[float]:
        """Return the leader's numbers, so that clocks and signals are the same for everyone."""
        return list(values)

    def wait(self) -> None:
        """Go on when everyone is here."""

    def clip(self, weights: Iterable[Tensor], limit: float) -> float:
        """Shorten the gradient to length ``limit`` and return the length that it had."""
        return float(nn.utils.clip_grad_norm_(weights, limit))
