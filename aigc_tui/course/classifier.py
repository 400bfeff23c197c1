"""Classifiers: a linear layer on one vector that stands for a text; softmax makes its scores chances.

The vector is BERT's pooled first token, or, of a causal LM, the last token's state: that one has seen all
others. Trained by cross-entropy, L = -sum_i y_i log p_i (article, section 4.3).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from aigc_tui.course.bert.config import BertConfig
from aigc_tui.course.bert.model import Bert, Pooler

if TYPE_CHECKING:
    from aigc_tui.transformer.causal_lm import CausalLM

LAST, MEAN = "last", "mean"


class BertClassifier(nn.Module):
    """Encoder, pooler, dropout, linear: BERT's section 4.1."""

    def __init__(self, config: BertConfig) -> None:
        """Make the model for ``config.labels``."""
        super().__init__()
        self.config = config
        self.bert, self.pooler = Bert(config), Pooler(config)
        drop = config.dropout if config.classifier_dropout is None else config.classifier_dropout
        self.dropout = nn.Dropout(drop)
        self.classifier = nn.Linear(config.hidden_size, len(config.labels))

    def forward(self, tokens: Tensor, real: Tensor, types: Tensor | None = None) -> Tensor:
        """(B, T) tokens, with ``real`` False for padding -> logits (B, labels)."""
        return self.classifier(self.dropout(self.pooler(self.bert(tokens, types, real))))  # type: ignore[no-any-return]


class CausalClassifier(nn.Module):
    """A causal LM whose hidden state is scored for labels instead of words.

    With ``last`` it is what transformers calls ForSequenceClassification: one matrix, no bias. ``mean``
    averages all real tokens, which is steadier for long texts.
    """

    def __init__(self, base: CausalLM, labels: tuple[str, ...], pooling: str = LAST) -> None:
        """Put a head that starts at zero (all labels equally likely) on a language model."""
        super().__init__()
        self.base, self.labels, self.pooling = base, labels, pooling
        self.classifier = nn.Linear(base.config.hidden_size, len(labels), bias=False)
        nn.init.zeros_(self.classifier.weight)

    def forward(self, tokens: Tensor, real: Tensor) -> Tensor:
        """(B, T) tokens padded on the right, with ``real`` False for padding -> logits (B, labels)."""
        return self.classifier(pool(self.base.hidden(tokens), real, self.pooling))  # type: ignore[no-any-return]


def pool(hidden: Tensor, real: Tensor, pooling: str) -> Tensor:
    """Make one vector of each row's real tokens: (B, T, C) -> (B, C).

    Padding stands on the right, where a causal model's real tokens never see it.
    """
    lengths = real.sum(dim=1)
    if pooling == LAST:
        rows = torch.arange(len(hidden), device=hidden.device)
        return hidden[rows, lengths - 1]
    return (hidden * real[..., None]).sum(dim=1) / lengths[:, None]
