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

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from aigc_tui.training.distributed import Team
from aigc_tui.training.optim import Optimizers

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


class NotFiniteError(ArithmeticError):
    """The loss or its gradient is not a number any more; the weights are still those before the step."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """Mean loss in nats per counted target, and the length of the gradient before clipping."""

    loss: float
    norm: float


def take_step(
    learner: nn.Module, optimizers: Optimizers, team: Team, batch: Batch, micro_rows: int, clip: float
) -> StepResult:
    """Learn from one batch.

    The loss of a part is a sum, divided by what the whole batch counts: so the gradients of parts, and of
    processes, add up to exactly the gradient of the batch, however few targets one of them has.

    Args:
        learner: Rows to summed loss.
        optimizers: Applied once.
        team: Who else learns from rows of this batch.
        batch: This process's rows.
        micro_rows: Rows in one forward pass.
        clip: Longest gradient; 0 for no limit.

    Raises:
        NotFiniteError: Nothing was changed then.
    """
    counted = max(1.0, team.sum(float(batch.counted)))
    losses = []
    parts = split(batch, micro_rows)
    for number, part in enumerate(parts, 1):
        with team.gathering(learner, last=number == len(parts)):
            # Teams average gradients over processes where a sum is wanted: hence the factor.
            loss = learner(*(_moved(t, team.device) for t in part)) * (team.size / counted)
            loss.backward()
        losses.append(loss.detach())  # still on the device: reading each would make it wait
    norm = team.clip(learner.parameters(), clip or math.inf)
    mean = team.sum(math.fsum(float(loss) for loss in losses)) / team.size
    if not math.isfinite(mean) or not math.isfinite(norm):
        raise NotFiniteError(f"loss is {mean}, gradient norm is {norm}")
    optimizers.step()
    return StepResult(mean, norm)


def split(batch: Batch, micro_rows: int) -> list[tuple[Tensor | None, ...]]:
    """Cut a batch into parts of at most ``micro_rows`` rows."""
    rows = next(len(t) for t in batch.tensors if t is not None)
    cuts = [slice(begin, begin + micro_rows) for begin in range(0, rows, micro_rows)]
    return [tuple(None if t is None else t[cut] for t in batch.tensors) for cut in cuts]


def _moved(tensor: Tensor | None, device: torch.device) -> Tensor | None:
    if tensor is None or tensor.device == device:
        return tensor
    if device.type == "cuda":
        return tensor.pin_memory().to(device, non_blocking=True)
    return tensor.to(device)
