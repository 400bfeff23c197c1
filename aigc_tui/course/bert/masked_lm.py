"""The two heads that BERT is trained with: which word is hidden here, and does B follow A?"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from aigc_tui.course.bert.config import BertConfig
from aigc_tui.course.bert.model import Bert, Pooler
from aigc_tui.transformer.feedforward import gelu
from aigc_tui.transformer.norms import LayerNorm


class WordHead(nn.Module):
    """Score the vocabulary for each position: logits = E gelu-norm(W h) + b, with E the embedding table.

    The table is shared with the input, so what a word means when read is what it scores when guessed.
    """

    def __init__(self, config: BertConfig) -> None:
        """Make the transform; the table belongs to the encoder."""
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.norm = LayerNorm(config.hidden_size, config.norm_eps)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def forward(self, hidden: Tensor, table: Tensor) -> Tensor:
        """(..., C) and the table (V, C) -> (..., V)."""
        return functional.linear(self.norm(gelu(self.dense(hidden))), table, self.bias)


class PairScores(NamedTuple):
    """Logits: ``words`` (B, T, V); ``next`` (B, 2), "follows" first, or None without that head."""

    words: Tensor
    next: Tensor | None


class MaskedLM(nn.Module):
    """BERT with its word head and, if wanted, the pooler and the next-sentence head."""

    def __init__(self, config: BertConfig, next_sentence: bool = True) -> None:
        """Make the model; see bert.initialise_bert for fresh weights, bert_checkpoint for old."""
        super().__init__()
        self.config = config
        self.bert = Bert(config)
        self.head = WordHead(config)
        self.pooler = Pooler(config) if next_sentence else None
        self.classifier = nn.Linear(config.hidden_size, 2) if next_sentence else None

    def forward(self, tokens: Tensor, types: Tensor | None = None, real: Tensor | None = None) -> PairScores:
        """Score every position and the pair; for the arguments see :meth:`Bert.forward`."""
        hidden = self.bert(tokens, types, real)
        return PairScores(self.score_words(hidden), self.score_next(hidden))

    def score_words(self, hidden: Tensor) -> Tensor:
        """Score the vocabulary for hidden states: (..., C) -> (..., V).

        Training calls it with the hidden positions alone (N, C): six in seven are not asked for, and
        scoring them, too, would cost most of the time.
        """
        return self.head(hidden, self.bert.embed.tokens.weight)  # type: ignore[no-any-return]

    def score_next(self, hidden: Tensor) -> Tensor | None:
        """(B, T, C) -> (B, 2): does the second sentence follow?"""
        if self.pooler is None or self.classifier is None:
            return None
        return self.classifier(self.pooler(hidden))  # type: ignore[no-any-return]
