"""What the training loop asks of a task: rows as tensors, and an objective that scores them.

Reading on, filling in masked words and sorting texts into classes differ in two things only: what a row
holds, and which loss is taken of the model's answer. Both are given here as small protocols, so that one
loop trains them all. To train something else, write

    def loss(model, ids, labels):                      # a sum over the rows, not a mean
        return functional.cross_entropy(model(ids), labels, reduction="sum")

    run = Run(Learner(model, loss), adamw(model, 1e-3))
    train_stage(run, Stage("classify", {}, steps=200, rows=16, micro_rows=16), source)

where ``source.batch(16)`` gives objects with ``tensors == (ids, labels)`` and ``counted == 16``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor, nn

BFLOAT16, FLOAT32 = "bf16", "float32"
PRECISIONS = (BFLOAT16, FLOAT32)

Objective = Callable[..., Tensor]
"""``objective(model, *batch.tensors)``: the loss summed over all targets that count, in nats (0-d)."""


class Batch(Protocol):
    """Some rows of a task."""

    @property
    def tensors(self) -> tuple[Tensor | None, ...]:
        """What the objective takes after the model; axis 0 of each is the row."""

    @property
    def counted(self) -> int:
        """Targets in these rows, by which the summed loss is divided."""


class Source(Protocol):
    """An endless stream of rows, whose place a checkpoint can keep."""

    def batch(self, rows: int, mine: slice = ...) -> Batch:
        """Draw the next ``rows`` rows and return those of ``mine`` (all, unless several processes share)."""

    def state(self) -> dict[str, Any]:
        """Where the stream stands, as plain JSON values."""

    def restore(self, state: dict[str, Any]) -> None:
        """Go to where :meth:`state` was taken."""


class Learner(nn.Module):
    """A model together with its objective, so that one call goes from rows to a loss.

    The two are wrapped as one module because that is what compilers and gradient sharing wrap, too.
    """

    def __init__(self, model: nn.Module, objective: Objective, precision: str = BFLOAT16) -> None:
        """Bring both together.

        Args:
            model: What learns.
            objective: See :data:`Objective`.
            precision: ``bf16`` multiplies matrices in bfloat16 (weights stay float32); ``float32`` does not.
        """
        super().__init__()
        self.model, self.objective, self.precision = model, objective, precision

    def forward(self, *tensors: Tensor | None) -> Tensor:
        """Return the summed loss of some rows."""
        device = next(t.device.type for t in tensors if t is not None)
        with torch.autocast(device, torch.bfloat16, enabled=self.precision == BFLOAT16):
            return self.objective(self.model, *tensors)
