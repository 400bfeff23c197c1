"""Texts as vectors: the mean of the model's last hidden states; maps of them, and which texts are alike.

The mean over positions is the simplest reading of a language model as an encoder. Its vectors all lean one
way, so similarity is measured after the mean of the texts at hand is taken off (arXiv:1702.01417).
"""

from __future__ import annotations

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
