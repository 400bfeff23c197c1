"""Texts as vectors: the mean of the model's last hidden states; maps of them, and which texts are alike.

The mean over positions is the simplest reading of a language model as an encoder. Its vectors all lean one
way, so similarity is measured after the mean of the texts at hand is taken off (arXiv:1702.01417).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from aigc_tui.course.textgen.model import TextModel
from aigc_tui.course.textgen.texts import TextsError
from aigc_tui.text import clean

_ENOUGH_FOR_A_MEAN = 8
"""Fewer texts than this have no common direction to speak of: of two, the mean would make opposites."""


@dataclass(frozen=True, slots=True)
class Similar:
    """A text and the cosine of the angle between its vector and the asked one, from -1 to 1."""

    text: str
    cosine: float


@torch.no_grad()
def text_vectors(made: TextModel, texts: Sequence[str]) -> Tensor:
    """Return one vector a text (N, C): the mean of the last hidden states over its tokens.

    Args:
        made: Whose reading.
        texts: At least one; of a text longer than the context the beginning is read.

    Raises:
        TextsError: There is no text.
    """
    if not texts:
        raise TextsError("there is no text to make a vector of")
    return torch.stack([_vector(made, clean(text)) for text in texts])


def project(vectors: Tensor, dimensions: int = 2) -> Tensor:
    """Map vectors (N, C) to (N, dimensions) by principal components, the widest spread first.

    Where there are fewer components than asked for, the rest are zeros. Signs are fixed, so that a second
    run draws the same map: in each component the largest weight is positive.
    """
    centred = vectors - vectors.mean(dim=0)
    _, _, components = torch.linalg.svd(centred, full_matrices=False)
    kept = components[:dimensions]
    largest = kept.gather(1, kept.abs().argmax(dim=1, keepdim=True))
    mapped = centred @ (kept * largest.sign()).T
    return torch.nn.functional.pad(mapped, (0, dimensions - mapped.shape[1]))


def similarity(made: TextModel, text: str, texts: Sequence[str]) -> list[Similar]:
    """Rank texts by how alike they are to ``text``, the most alike first.

    Raises:
        TextsError: There is no text to compare with.
    """
    if not texts:
        raise TextsError("there is no text to compare with")
    vectors = text_vectors(made, [text, *texts])
    if len(texts) >= _ENOUGH_FOR_A_MEAN:
        vectors = vectors - vectors.mean(dim=0)
    centred = torch.nn.functional.normalize(vectors, dim=1)
    cosines = (centred[1:] @ centred[0]).clamp(-1, 1).tolist()
    found = [Similar(clean(other), cosine) for other, cosine in zip(texts, cosines, strict=True)]
    return sorted(found, key=lambda one: -one.cosine)


def _vector(made: TextModel, text: str) -> Tensor:
    ids = [made.start, *made.encode(text)][: made.model.config.max_positions]
    hidden = made.model.hidden(torch.tensor([ids], device=made.device))
    return hidden[0].mean(dim=0).float().cpu()


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
        raise TextsError(
            "{count} texts are too many for t-SNE; at most {most}, or use PCA", count=count, most=MOST
        )
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
    return (-squared * beta).fill_diagonal_(float("-inf")).softmax(dim=1)


def _gradient(at: Tensor, wanted: Tensor) -> Tensor:
    """Return the slope of the Kullback-Leibler divergence (section 3 of the paper).

    It is 4 sum_j (p_ij - q_ij) (y_i - y_j) / (1 + |y_i - y_j|^2).
    """
    near = 1 / (1 + torch.cdist(at, at).square())
    near = near.fill_diagonal_(0)
    pull = (wanted - near / near.sum()) * near
    return 4 * (pull.sum(dim=1, keepdim=True) * at - pull @ at)
