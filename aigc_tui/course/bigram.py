"""The baseline of the course: a bigram model, which knows only the character before.

What a Transformer learns beyond this is what attention brings. A baseline must be a good one of its kind, or
beating it says nothing: counts are smoothed by Witten and Bell's method (1991), which has nothing to tune.
"""

from __future__ import annotations

import torch
from torch import Tensor


def bigram_table(ids: Tensor, size: int) -> Tensor:
    """Return log p(next | previous) (V, V) from counts in a text.

    A character that was followed by T different ones in N occurrences keeps N / (N + T) for what was seen
    after it; the rest goes to the plain frequencies, where every character is counted once more than it
    occurred, so that nothing is impossible.

    Args:
        ids: The training text (M,).
        size: V.
    """
    pairs = torch.zeros(size, size, dtype=torch.float64)
    pairs.index_put_((ids[:-1], ids[1:]), torch.ones(len(ids) - 1, dtype=torch.float64), accumulate=True)
    single = torch.bincount(ids, minlength=size).double() + 1
    seen = pairs.sum(dim=1, keepdim=True)
    different = (pairs > 0).sum(dim=1, keepdim=True)
    new = (different / (seen + different).clamp_min(1)).where(seen > 0, torch.ones(size, 1).double())
    mixed = (1 - new) * pairs / seen.clamp_min(1) + new * single / single.sum()
    return mixed.log()


def bigram_loss(train: Tensor, inputs: Tensor, targets: Tensor, size: int) -> float:
    """Return the mean of -log p(target | input) in nats, on the very pairs that the Transformer is judged by.

    Args:
        train: The training text (M,).
        inputs: Characters before, of any shape.
        targets: Characters to be predicted, of the same shape.
        size: V.
    """
    return float(-bigram_table(train, size)[inputs, targets].mean())
