"""Texts as rows of equal length: what the training loop reads.

The packing is the project's own (`training/packing.py`): documents share rows but do not see each other. A
document is ``START text END``; with a label it is ``START label START text END``, and the label's tokens are
read but never a target, since it is the user who says the label. Blocks of one large text have no END.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from aigc_tui.course.textgen.model import TextModel
from aigc_tui.course.textgen.texts import Sample, Texts
from aigc_tui.training.packing import Row, TokenFile, pack, read_row

_STEPS_OF_AN_EPOCH = 8


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows as tensors of shape (B, T); ``segments`` tells which document a token belongs to."""

    tokens: Tensor
    targets: Tensor
    segments: Tensor


def encode_sample(made: TextModel, sample: Sample, single: bool) -> tuple[list[int], int]:
    """Return the ids of a document, and how many of them at its beginning are no targets."""
    head = opening(made, sample.label)
    body = made.encode(sample.text)
    return [*head, *body, *([] if single else [made.end])], len(head)


def opening(made: TextModel, label: str) -> list[int]:
    """Return what stands before a text: START, or START label START."""
    return [made.start, *made.encode(label), made.start] if label else [made.start]


def encode_all(made: TextModel, texts: Texts) -> TokenFile:
    """Lay all documents into one stream in memory."""
    ids: list[int] = []
    counted: list[bool] = []
    starts = [0]
    for sample in texts.samples:
        document, head = encode_sample(made, sample, texts.single)
        ids += document
        counted += [False] * head + [True] * (len(document) - head)
        starts.append(len(ids))
    small = made.model.config.vocab_size <= 2**16
    stream = np.array(ids, np.uint16) if small else np.array(ids, np.uint32)
    return TokenFile(stream, np.array(counted, np.bool_), np.array(starts, np.int64))


def row_length(stream: TokenFile, context: int) -> int:
    """Return T: the model's context, or less where all documents together do not fill it."""
    return int(min(context, max(2, stream.starts[-1])))


def batches(stream: TokenFile, length: int, rows: int, pad: int, seed: int | None) -> Iterator[Batch]:
    """Yield one epoch.

    Args:
        stream: The documents.
        length: Tokens of a row (T).
        rows: Most rows of a batch (B); fewer where an epoch would have too few steps to learn in.
        pad: Fills what is left of a row.
        seed: Of the documents' order; None keeps the order.
    """
    count = len(stream.starts) - 1
    order = range(count) if seed is None else np.random.default_rng(seed).permutation(count).tolist()
    spans = pack(stream.starts, order, length, whole=False)
    rows = max(1, min(rows, len(spans) // _STEPS_OF_AN_EPOCH))
    for begin in range(0, len(spans), rows):
        yield _batch(
            [read_row(stream, s, length, pad, spoken_only=True) for s in spans[begin : begin + rows]]
        )


def _batch(rows: list[Row]) -> Batch:
    tokens, targets, segments = (
        torch.from_numpy(np.stack([getattr(row, name) for row in rows]))
        for name in ("tokens", "targets", "segments")
    )
    return Batch(tokens, targets, segments)


def label_shares(texts: Texts) -> dict[str, float]:
    """Return the share of the texts under each label, the most frequent first."""
    counts = Counter(sample.label for sample in texts.samples if sample.label)
    return {label: count / counts.total() for label, count in counts.most_common()}


def hidden_tokens(tokens: Tensor, share: float, keep: int, instead: int) -> Tensor:
    """Hide a share of the tokens that are read, so that the model leans on the rest (arXiv:1511.06349).

    Args:
        tokens: Ids (B, T).
        share: How many of them to hide, 0 to 1.
        keep: The start token, which stays.
        instead: What stands in their place.
    """
    hide = (torch.rand(tokens.shape) < share) & (tokens != keep)
    return tokens.masked_fill(hide, instead)
