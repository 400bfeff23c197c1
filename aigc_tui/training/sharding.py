"""Tensors that are spread over processes: make them whole to write them, spread them again to load them.

A model sharded by torch's ``fully_shard`` holds DTensors. Everything else of training treats a tensor as a
tensor; only what reads and writes files has to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from torch import Tensor

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
