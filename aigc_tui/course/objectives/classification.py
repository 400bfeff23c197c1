"""Train a classifier: softmax of a linear layer over a text's hidden state, by cross-entropy.

The same code for an encoder and for a decoder: both give one row of scores for a padded row of tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from aigc_tui.course.objectives.labelled import Example
from aigc_tui.course.objectives.rows import Passes, padded, real_tokens, shuffled

Encode = Callable[[str], list[int]]


@dataclass(frozen=True, slots=True)
class LabelledRow:
    """Token ids of a text, and the number of its label."""

    ids: list[int]
    label: int


@dataclass(frozen=True, slots=True)
class LabelledBatch:
    """Padded rows (B, T), which places are real (B, T), and label numbers (B,)."""

    tokens: Tensor
    real: Tensor
    labels: Tensor

    @property
    def tensors(self) -> tuple[Tensor, ...]:
        """The arguments of :func:`classification_loss` after the model."""
        return self.tokens, self.real, self.labels

    @property
    def counted(self) -> int:
        """Rows."""
        return len(self.labels)


def label_rows(examples: Sequence[Example], labels: Sequence[str], encode: Encode) -> list[LabelledRow]:
    """Encode examples; those of unknown labels or without tokens are left out."""
    numbers = {label: number for number, label in enumerate(labels)}
    rows = ((encode(e.text), numbers[e.label]) for e in examples if e.label in numbers)
    return [LabelledRow(ids, label) for ids, label in rows if ids]


def collate(rows: Sequence[LabelledRow], pad: int) -> LabelledBatch:
    """Make a batch."""
    ids = [row.ids for row in rows]
    return LabelledBatch(padded(ids, pad), real_tokens(ids), torch.tensor([row.label for row in rows]))


def source(rows: Sequence[LabelledRow], pad: int, seed: int) -> Passes[LabelledRow, LabelledBatch]:
    """Stream batches without end, each pass in a new order."""
    return Passes(shuffled(rows), lambda some, _: collate(some, pad), seed)


def classification_loss(model: Any, tokens: Tensor, real: Tensor, labels: Tensor) -> Tensor:
    """Sum over rows of -log p(label), p being the softmax of the scores (article, section 4.3)."""
    return functional.cross_entropy(model(tokens, real).float(), labels, reduction="sum")


@torch.no_grad()
def predict(model: Any, rows: Sequence[Sequence[int]], pad: int, batch_rows: int = 32) -> Tensor:
    """Return the chances of each label for rows of ids, shape (N, labels)."""
    found = [torch.zeros(0, 0)]
    for begin in range(0, len(rows), batch_rows):
        some = rows[begin : begin + batch_rows]
        found.append(model(padded(some, pad), real_tokens(some)).float().softmax(dim=-1))
    return torch.cat(found[1:]) if len(found) > 1 else found[0]


def accuracy(model: Any, rows: Sequence[LabelledRow], pad: int) -> float:
    """Share of rows whose likeliest label is theirs; the model stands in evaluation mode."""
    told: list[int] = predict(model, [row.ids for row in rows], pad).argmax(dim=-1).tolist()
    return sum(label == row.label for label, row in zip(told, rows, strict=True)) / len(rows)
