"""One optimizer step: a batch in small parts, their gradients added up, clipped, applied."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from aigc_tui.training.learner import Batch
from aigc_tui.training.optim import Optimizers
from aigc_tui.training.team import Team


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
