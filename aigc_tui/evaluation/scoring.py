"""Score texts with a model: every token once, each with as much left context as the window allows.

Long texts are read in windows that overlap by half: only the second half of each window counts, so no
token (but the first of a text) is judged without context.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

Logits = Callable[[Tensor], Tensor]


@dataclass(frozen=True, slots=True)
class Scored:
    """Sums over scored tokens: ``nats`` of -log p, ``tokens`` of them, and the ``bytes`` they stand for."""

    nats: float = 0.0
    tokens: int = 0
    bytes: int = 0

    def __add__(self, other: Scored) -> Scored:
        return Scored(self.nats + other.nats, self.tokens + other.tokens, self.bytes + other.bytes)

    @property
    def loss(self) -> float:
        """Mean nats per token."""
        return self.nats / self.tokens if self.tokens else 0.0

    @property
    def bits_per_byte(self) -> float:
        """Comparable between tokenizers, unlike the loss per token (arXiv:2101.00027, section 3.1)."""
        return self.nats / math.log(2) / self.bytes if self.bytes else 0.0


@dataclass(frozen=True, slots=True)
class Text:
    """Token ids, which of them are to be scored, and the bytes that those stand for."""

    ids: Sequence[int]
    counted: Sequence[bool]
    bytes: int


@torch.no_grad()
def score(logits: Logits, text: Text, window: int, start_id: int | None, vocab_size: int) -> Scored:
    """Score one text.

    Args:
        logits: Maps ids (1, T) to logits (1, T, V), T at most ``window``.
        text: What to score.
        window: Most tokens in one forward pass, at least 2.
        start_id: Put before the first token; None if the model has no such token, and then the first
            token costs what a uniform guess does.
        vocab_size: V, for that guess.
    """
    losses = _losses(logits, text.ids, window, start_id, vocab_size)
    nats = sum(loss for loss, counts in zip(losses, text.counted, strict=True) if counts)
    return Scored(nats, sum(text.counted), text.bytes)


def windows(length: int, window: int) -> list[tuple[int, int, int]]:
    """Cut a row of ``length`` predictions into (begin, first scored, end), each scored exactly once."""
    found, scored = [], 0
    stride = max(1, window // 2)
    while scored < length:
        end = min(length, window if scored == 0 else scored + stride)
        found.append((max(0, end - window), scored, end))
        scored = end
    return found


def _losses(
    logits: Logits, ids: Sequence[int], window: int, start_id: int | None, vocab_size: int
) -> list[float]:
    row = list(ids) if start_id is None else [start_id, *ids]
    losses = [math.log(vocab_size)] if start_id is None and ids else []
    for begin, first, end in windows(len(row) - 1, window):
        inputs = torch.tensor([row[begin:end]])
        targets = torch.tensor(row[first + 1 : end + 1])
        scores = logits(inputs)[0, first - begin :].float()
        losses += functional.cross_entropy(scores, targets, reduction="none").tolist()
    return losses
