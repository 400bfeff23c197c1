"""Several processes as one team, started by ``accelerate launch``.

Accelerate starts the processes, tells each its rank and device and connects them. Each holds the whole model
and gradients are summed (DDP); or, with ``shard``, each holds a part of every weight, gradient and optimizer
state, and weights are gathered block by block while they are needed (FSDP, arXiv:2304.11277).

Sharding calls torch's own ``fully_shard`` although Accelerate has a wrapper for it: that leaves FSDP out on
processors (accelerate 1.15, state.py: only the back ends of GPUs and the like reach it) and refuses models
whose output matrix is their embedding.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from aigc_tui.training.sharding import whole
from aigc_tui.training.team import Team


class TeamError(RuntimeError):
    """The processes cannot work together; the message says what is missing."""


def find_team(device: torch.device, shard: bool) -> Team:
    """Return the team that this process was started in: of many under ``accelerate launch``, else of one.

    Args:
        device: For a team of one.
        shard: Whether the recipe asks for sharding; ``accelerate launch --use_fsdp`` asks for it, too.

    Raises:
        TeamError: Accelerate is not installed.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) <= 1:
        return Team(device)
    try:
        import accelerate
    except ImportError:
        raise TeamError("several processes need the package accelerate: pip install accelerate") from None
    asked = os.environ.get("ACCELERATE_USE_FSDP", "").lower() in {"1", "true"}
    return AcceleratedTeam(accelerate.PartialState(cpu=device.type == "cpu"), shard or asked)


def leads() -> bool:
    """Whether this process is the first of those that were started together."""
    return os.environ.get("RANK", "0") == "0"


class AcceleratedTeam(Team):
    """This process's seat in a team of many."""

    def __init__(self, state: Any, shard: bool) -> None:
        """Take the seat that Accelerate's ``PartialState`` names."""
        super().__init__(state.device)
        self.rank, self.size, self.sharded = state.process_index, state.num_processes, shard
        self._state = state

    def wrap(self, learner: nn.Module) -> nn.Module:
        """Connect the gradients; with sharding, spread the weights block by block."""
        if self.sharded:
            return _sharded(learner)
        return nn.parallel.DistributedDataParallel(
            learner, device_ids=[self.device] if self.device.type == "cuda" else None
        )

    @contextmanager
    def gathering(self, learner: nn.Module, last: bool) -> Iterator[None]:
        """Exchange gradients with the last small batch only."""
        if isinstance(learner, nn.parallel.DistributedDataParallel) and not last:
            with learner.no_sync():
                yield
            return
        if self.sharded:
            learner.set_requires_gradient_sync(last)  # type: ignore[operator]
        yield

    def sum(self, value: float) -> float:
        """Add a number over all processes, in float64."""
        return float(self._reduced([value])[0])

    def of_leader(self, *values: float) -> list[float]:
        """Return the leader's numbers."""
        return self._reduced([v if self.leads else 0.0 for v in values])

    def wait(self) -> None:
        """Wait for all."""
        self._state.wait_for_everyone()

    def clip(self, weights: Iterable[Tensor], limit: float) -> float:
        """Clip; the length of a spread gradient is taken over all its parts."""
        norm = nn.utils.clip_grad_norm_(weights, limit)
        return float(whole(norm))

    def _reduced(self, values: list[float]) -> list[float]:
        numbers = torch.tensor(values, dtype=torch.float64, device=self.device)
        torch.distributed.all_reduce(numbers)
        return [float(v) for v in numbers]


def _sharded(learner: nn.Module) -> nn.Module:
    """Spread every block, and what is left, over the processes."""
    from torch.distributed.fsdp import fully_shard

    for module in list(learner.modules()):
        if isinstance(module, nn.ModuleList):
            for block in module:
                fully_shard(block)
    # Also what is left is spread again after use: averages and checkpoints need it as the optimizer has it.
    fully_shard(learner, reshard_after_forward=True)
    return learner
