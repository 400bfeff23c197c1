"""One process or several: which rows each reads, and what they exchange.

Several are started by ``accelerate launch`` (docs/training.md). Each holds the whole model and gradients are
summed (DDP); or, with ``shard``, each holds a part of every weight, gradient and optimizer state, gathered
block by block while it is needed (FSDP, arXiv:2304.11277). Both compute what one process would.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, cast

import torch
from torch import Tensor, nn

from aigc_tui.message import AppError

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


class ProcessGroup:
    """A group of one process."""

    rank = 0
    world_size = 1
    sharded = False

    def __init__(self, device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)

    @property
    def is_main(self) -> bool:
        """Whether this process writes files and reports progress."""
        return self.rank == 0

    def rows_of_rank(self, rows: int) -> slice:
        """Return this process's share of a batch's rows; every row belongs to exactly one process."""
        return slice(self.rank * rows // self.world_size, (self.rank + 1) * rows // self.world_size)

    def wrap(self, loss_module: nn.Module) -> nn.Module:
        """Sum gradients over processes from now on; call it before the optimizers are made."""
        return loss_module

    def sync_gradients(self, loss_module: nn.Module, last: bool) -> AbstractContextManager[object]:
        """Exchange gradients only with the ``last`` micro-batch of a step."""
        return nullcontext()

    def all_reduce(self, value: float) -> float:
        """Add a number over all processes."""
        return value

    def broadcast(self, *values: float) -> list[float]:
        """Return the main process's numbers, so that clocks and signals are the same for all."""
        return list(values)

    def barrier(self) -> None:
        """Wait until all processes are here."""

    def clip_grad_norm(self, weights: Iterable[Tensor], limit: float) -> float:
        """Clip the gradient to norm ``limit`` and return the norm that it had."""
        return float(nn.utils.clip_grad_norm_(weights, limit))


class DistributedError(AppError, RuntimeError):
    """The processes cannot work together; the message says what is missing."""


def find_process_group(device: torch.device, shard: bool) -> ProcessGroup:
    """Return the group that this process was started in: of several under ``accelerate launch``, else of one.

    Args:
        device: Of a process that is alone.
        shard: Whether the recipe asks for sharding; ``accelerate launch --use_fsdp`` asks for it, too.

    Raises:
        DistributedError: Accelerate is not installed.
    """
    if int(os.environ.get("WORLD_SIZE", "1")) <= 1:
        return ProcessGroup(device)
    try:
        import accelerate
    except ImportError:
        raise DistributedError(
            "several processes need the package accelerate: pip install accelerate"
        ) from None
    asked = os.environ.get("ACCELERATE_USE_FSDP", "").lower() in {"1", "true"}
    return DistributedGroup(accelerate.PartialState(cpu=device.type == "cpu"), shard or asked)


def is_main_process() -> bool:
    """Whether this process is the first of those that were started together."""
    return os.environ.get("RANK", "0") == "0"


class DistributedGroup(ProcessGroup):
    """One process of several."""

    def __init__(self, state: Any, shard: bool) -> None:
        super().__init__(state.device)
        self.rank, self.world_size, self.sharded = state.process_index, state.num_processes, shard
        self._state = state

    def wrap(self, loss_module: nn.Module) -> nn.Module:
        if self.sharded:
            return _sharded(loss_module)
        return nn.parallel.DistributedDataParallel(
            loss_module, device_ids=[self.device] if self.device.type == "cuda" else None
        )

    @contextmanager
    def sync_gradients(self, loss_module: nn.Module, last: bool) -> Iterator[None]:
        if isinstance(loss_module, nn.parallel.DistributedDataParallel) and not last:
            with loss_module.no_sync():
                yield
            return
        if self.sharded:
            loss_module.set_requires_gradient_sync(last)  # type: ignore[operator]
        yield

    def all_reduce(self, value: float) -> float:
        return float(self._reduced([value])[0])

    def broadcast(self, *values: float) -> list[float]:
        return self._reduced([v if self.is_main else 0.0 for v in values])

    def barrier(self) -> None:
        self._state.wait_for_everyone()

    def clip_grad_norm(self, weights: Iterable[Tensor], limit: float) -> float:
        norm = nn.utils.clip_grad_norm_(weights, limit)
        return float(whole(norm))

    def _reduced(self, values: list[float]) -> list[float]:
        numbers = torch.tensor(values, dtype=torch.float64, device=self.device)
        torch.distributed.all_reduce(numbers)
        return [float(v) for v in numbers]


def _sharded(loss_module: nn.Module) -> nn.Module:
    # Accelerate has a wrapper for fully_shard, but it leaves FSDP out on CPUs (accelerate 1.15, state.py) and
    # refuses models whose output matrix is their embedding.
    from torch.distributed.fsdp import fully_shard

    for module in list(loss_module.modules()):
        if isinstance(module, nn.ModuleList):
            for block in module:
                fully_shard(block)
    # Also what is left is sharded again after use: EMA and checkpoints need it as the optimizer has it.
    fully_shard(loss_module, reshard_after_forward=True)
    return loss_module
