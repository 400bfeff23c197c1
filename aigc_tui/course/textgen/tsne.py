"""t-SNE: a map of vectors that keeps neighbours together (van der Maaten and Hinton, JMLR 2008).

The exact method, O(N^2) a step: right for the few hundred texts that a person can look at.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from aigc_tui.course.textgen.texts import TextsError

MOST = 2_000
_STEPS, _EARLY = 500, 100
_EXAGGERATION = 12.0
_TINY = 1e-12
_LEAST_RATE = 5.0


def tsne(vectors: Tensor, dimensions: int = 2, perplexity: float = 30.0, seed: int = 0) -> Tensor:
    """Map vectors (N, C) to (N, dimensions).

    Args:
        vectors: At most 2000.
        dimensions: Of the map.
        perplexity: Effective number of neighbours; lowered where there are fewer texts.
        seed: Of the first positions.

    Raises:
        TextsError: There are too many.
    """
    count = len(vectors)
    if count > MOST:
        raise TextsError(f"{count} texts are too many for t-SNE; at most {MOST}, or use PCA")
    if count < 3:
        return torch.zeros(count, dimensions)
    wanted = affinities(vectors.double(), min(perplexity, (count - 1) / 3))
    generator = torch.Generator().manual_seed(seed)
    at = 1e-4 * torch.randn(count, dimensions, generator=generator, dtype=torch.float64)
    moving = torch.zeros_like(at)
    rate = max(count / _EXAGGERATION / 4, _LEAST_RATE)
    for step in range(_STEPS):
        early = step < _EARLY
        slope = _gradient(at, wanted * (_EXAGGERATION if early else 1.0))
        moving = (0.5 if early else 0.8) * moving - rate * slope
        at = at + moving
    return (at - at.mean(dim=0)).float()


def affinities(vectors: Tensor, perplexity: float) -> Tensor:
    """Return the joint probabilities p_ij (N, N): Gaussians as wide as ``perplexity`` neighbours demand."""
    squared = torch.cdist(vectors, vectors).square()
    squared = squared / squared.max().clamp_min(_TINY)
    low = torch.full((len(vectors), 1), 1e-3, dtype=vectors.dtype)
    high = torch.full_like(low, 1e9)
    target = math.log(perplexity)
    for _ in range(60):  # halving the logarithm of the precision: 60 steps exhaust a double
        beta = (low * high).sqrt()
        shares = _conditional(squared, beta)
        entropy = -(shares * shares.clamp_min(_TINY).log()).sum(dim=1, keepdim=True)
        low = torch.where(entropy > target, beta, low)
        high = torch.where(entropy > target, high, beta)
    joint = _conditional(squared, (low * high).sqrt())
    return ((joint + joint.T) / (2 * len(vectors))).clamp_min(_TINY)


def _conditional(squared: Tensor, beta: Tensor) -> Tensor:
    """Return p_j|i, without a point being its own neighbour."""
    return (-squared * beta).fill_diagonal_(float("-inf")).softmax(dim=1)


def _gradient(at: Tensor, wanted: Tensor) -> Tensor:
    """Return the slope of the Kullback-Leibler divergence (section 3 of the paper).

    It is 4 sum_j (p_ij - q_ij) (y_i - y_j) / (1 + |y_i - y_j|^2).
    """
    near = 1 / (1 + torch.cdist(at, at).square())
    near = near.fill_diagonal_(0)
    pull = (wanted - near / near.sum()) * near
    return 4 * (pull.sum(dim=1, keepdim=True) * at - pull @ at)
