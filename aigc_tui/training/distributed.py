"""Tensors that are spread over processes: make them whole to write them, spread them again to load them.

A model sharded by torch's ``fully_shard`` holds DTensors. Everything else of training treats a tensor as a
tensor; only what reads and writes files has to know.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from torch.distributed.tensor import DTensor


def whole(tensor: Tensor) -> Tensor:
    """Return all of a tensor on the processor; every process has to call it for a spread one."""
    full = cast("DTensor", tensor).full_tensor() if is_spread(tensor) else tensor
    return full.detach().cpu().contiguous()


def like(target: Tensor, full: Tensor) -> Tensor:
    """Return ``full`` spread as ``target`` is."""
    if not is_spread(target):
        return full
    from torch.distributed.tensor import distribute_tensor

    spread = cast("DTensor", target)
    return distribute_tensor(full.to(target.device), spread.device_mesh, spread.placements)


def is_spread(tensor: Tensor) -> bool:
    """Say whether a tensor is spread over processes, without importing torch's machinery for it."""
    return hasattr(tensor, "full_tensor")


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
