"""One optimizer step for every objective: what a batch and a loss are, and how a model learns from one batch.

Language modelling, masked words and classification differ only in what a row holds and which loss is taken.
To train something else, write

    def loss(model, ids, labels):                      # a sum over the rows, not a mean
        return functional.cross_entropy(model(ids), labels, reduction="sum")

    run = Run(LossModule(model, loss), adamw(model, 1e-3))
    train_stage(run, Stage("classify", {}, steps=200, rows=16, micro_rows=16), loader)

where ``loader.batch(16)`` returns objects with ``tensors == (ids, labels)`` and ``counted == 16``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from aigc_tui.training.distributed import ProcessGroup
from aigc_tui.training.optim import Optimizers

BFLOAT16, FLOAT32 = "bf16", "float32"
PRECISIONS = (BFLOAT16, FLOAT32)

Loss = Callable[..., Tensor]
"""``loss(model, *batch.tensors)``: summed over all targets that count, in nats (0-d)."""


class Batch(Protocol):
    """Some rows."""

    @property
    def tensors(self) -> tuple[Tensor | None, ...]:
        """What the loss takes after the model; axis 0 of each is the row."""

    @property
    def counted(self) -> int:
        """Targets in these rows, by which the summed loss is divided."""


class DataLoader(Protocol):
    """A stream of batches whose position a checkpoint can keep."""

    def batch(self, rows: int, mine: slice = ...) -> Batch:
        """Draw the next ``rows`` rows and return those of ``mine`` (all, unless several processes share)."""

    def state(self) -> dict[str, Any]:
        """Return the position in the stream as plain JSON values."""

    def restore(self, state: dict[str, Any]) -> None:
        """Go to the position that :meth:`state` returned."""


class LossModule(nn.Module):
    """A model together with its loss: one call goes from rows to a number.

    They form one module because torch.compile and DDP wrap one module.
    """

    def __init__(self, model: nn.Module, loss: Loss, precision: str = BFLOAT16) -> None:
        """Bring both together.

        Args:
            model: What learns.
            loss: See :data:`Loss`.
            precision: ``bf16`` multiplies matrices in bfloat16 (weights stay float32); ``float32`` does not.
        """
        super().__init__()
        self.model, self.loss, self.precision = model, loss, precision

    def forward(self, *tensors: Tensor | None) -> Tensor:
        """Return the summed loss of some rows (0-d)."""
        device = next(t.device.type for t in tensors if t is not None)
        with torch.autocast(device, torch.bfloat16, enabled=self.precision == BFLOAT16):
            return self.loss(self.model, *tensors)


class NotFiniteError(ArithmeticError):
    """The loss or its gradient is not a number any more; the weights are still those before the step."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """Mean loss in nats per counted target, norm of the gradient before clipping, targets counted."""

    loss: float
    norm: float
    counted: float


def train_step(
    loss_module: nn.Module,
    optimizers: Optimizers,
    group: ProcessGroup,
    batch: Batch,
    micro_rows: int,
    clip: float,
) -> StepResult:
    """Learn from one batch: forward and backward by micro-batches, clip, update.

    Args:
        loss_module: Rows to summed loss.
        optimizers: Applied once; their learning rates are set already.
        group: The processes that share this batch.
        batch: This process's rows.
        micro_rows: Rows in one forward pass.
        clip: Largest norm of the gradient; 0 for no limit.

    Raises:
        NotFiniteError: Nothing was changed then.
    """
    # Micro-batches and processes have different numbers of targets. Each loss is a sum divided by the targets
    # of the whole batch, so gradients add up to exactly the gradient of the batch.
    counted = max(1.0, group.all_reduce(float(batch.counted)))
    losses = []
    parts = micro_batches(batch, micro_rows)
    for number, part in enumerate(parts, 1):
        with group.sync_gradients(loss_module, last=number == len(parts)):
            # DDP averages gradients over processes where a sum is wanted: hence the factor.
            loss = loss_module(*(_moved(t, group.device) for t in part)) * (group.world_size / counted)
            loss.backward()
        losses.append(loss.detach())  # still on the device: reading each would make it wait
    norm = group.clip_grad_norm(loss_module.parameters(), clip or math.inf)
    mean = group.all_reduce(math.fsum(float(loss) for loss in losses)) / group.world_size
    if not math.isfinite(mean) or not math.isfinite(norm):
        raise NotFiniteError(f"loss is {mean}, gradient norm is {norm}")
    optimizers.step()
    return StepResult(mean, norm, counted)


def micro_batches(batch: Batch, micro_rows: int) -> list[tuple[Tensor | None, ...]]:
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
