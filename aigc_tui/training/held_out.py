"""Held-out loss by source: what the model makes of text that it does not learn from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from aigc_tui.training.mixing import TokenBatch
from aigc_tui.training.packing import IGNORED
from aigc_tui.training.step import split

_ROWS = 4


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Rows by source, and the bytes of text that each token stands for (V,)."""

    batches: Mapping[str, TokenBatch]
    bytes_of_token: Tensor

    @torch.no_grad()
    def measure(self, loss: Callable[..., Tensor], device: torch.device) -> dict[str, float]:
        """Measure with a function from a batch's tensors to its summed loss.

        Returns:
            Per source ``NAME`` in nats per token and ``NAME.bpb`` in bits per byte.
        """
        found: dict[str, float] = {}
        for name, batch in self.batches.items():
            counted = batch.targets[batch.targets != IGNORED]
            size = int(self.bytes_of_token[counted].sum())
            if not size:
                continue
            parts = ((None if t is None else t.to(device) for t in part) for part in split(batch, _ROWS))
            nats = sum(float(loss(*part)) for part in parts)
            found[name] = round(nats / len(counted), 4)
            found[f"{name}.bpb"] = round(nats / math.log(2) / size, 4)
        return found
