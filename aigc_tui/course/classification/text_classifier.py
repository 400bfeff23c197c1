"""Train a classifier: softmax of a linear layer over a text's hidden state, by cross-entropy.

The same code for an encoder and for a decoder: both give one row of scores for a padded row of tokens.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from aigc_tui.course.classification.classifier import (
    MEAN,
    BertClassifier,
    CausalClassifier,
    load_causal_classifier,
    save_causal_classifier,
)
from aigc_tui.course.classification.labelled import Example
from aigc_tui.course.masked_lm.checkpoint import (
    classifier_from_bert,
    is_bert,
    load_bert_classifier,
    save_bert,
)
from aigc_tui.course.masked_lm.data import CLS, PAD, SEP, load_word_pieces
from aigc_tui.course.prompts.reader import load_tokenizer
from aigc_tui.inference.tokens import special_id
from aigc_tui.training.data_loader import EpochLoader, padded, real_tokens, shuffled
from aigc_tui.training.hardware import use_threads_for
from aigc_tui.training.loop import Intervals, Run, train_stage
from aigc_tui.training.metrics import MetricsWriter
from aigc_tui.training.optim import adamw
from aigc_tui.training.recipe import Stage
from aigc_tui.training.step import FLOAT32, LossModule
from aigc_tui.transformer.checkpoint import load_model

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
        return self.tokens, self.real, self.labels

    @property
    def counted(self) -> int:
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


def source(rows: Sequence[LabelledRow], pad: int, seed: int) -> EpochLoader[LabelledRow, LabelledBatch]:
    """Stream batches without end, each pass in a new order."""
    return EpochLoader(shuffled(rows), lambda some, _: collate(some, pad), seed)


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


LONGEST = 96
"""Tokens of a text that are read; what a text is about shows early."""
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


@dataclass(frozen=True, slots=True)
class Tuning:
    """How to train a classifier.

    Args:
        steps: Optimizer steps.
        rows: Texts a step.
        learning_rate: At its peak.
        head_only: Whether the model below stays as it is: quicker, and less accurate.
        pooling: Of a causal LM: ``last`` or ``mean``.
        seed: Of the order and the fresh weights.
    """

    steps: int = 300
    rows: int = 16
    learning_rate: float = 5e-4
    head_only: bool = False
    pooling: str = MEAN
    seed: int = 0


@dataclass(frozen=True, slots=True)
class TextClassifier:
    """A model that sorts texts into ``labels``."""

    model: BertClassifier | CausalClassifier
    tokenizer: Tokenizer
    labels: tuple[str, ...]
    longest: int
    pad: int

    def encode(self, text: str) -> list[int]:
        """Encode a text as its model was trained to read it; the end of a long one is cut off."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False).ids
        if not isinstance(self.model, BertClassifier):
            return ids[: self.longest]
        cls, sep = special_id(self.tokenizer, CLS), special_id(self.tokenizer, SEP)
        return [cls, *ids[: self.longest - 2], sep]

    def rows(self, examples: Sequence[Example]) -> list[LabelledRow]:
        return label_rows(examples, self.labels, self.encode)

    def probabilities(self, text: str) -> list[float]:
        """Return how likely each label is, in order; they sum to one."""
        ids = self.encode(text) or [self.pad]
        return predict(self.model, [ids], self.pad)[0].tolist()

    def accuracy(self, examples: Sequence[Example]) -> float:
        return accuracy(self.model.eval(), self.rows(examples), self.pad)


def fresh_classifier(base: Path, labels: tuple[str, ...], tuning: Tuning) -> TextClassifier:
    """Put a new head on a model.

    Args:
        base: Folder of a BERT or of a causal LM.
        labels: Names of the classes.
        tuning: Its ``pooling`` and ``seed`` count here.

    Raises:
        CheckpointError: There is no usable model.
        CorpusError: There is no usable tokenizer.
    """
    if is_bert(base):
        return _on_bert(classifier_from_bert(base, labels, tuning.seed), base)
    model = CausalClassifier(load_model(base), labels, tuning.pooling)
    return _on_causal(model, base)


def load_text_classifier(folder: Path) -> TextClassifier:
    """Read what :func:`save_text_classifier` or transformers wrote.

    Raises:
        CheckpointError: There is no usable classifier.
        CorpusError: There is no usable tokenizer.
    """
    if is_bert(folder):
        return _on_bert(load_bert_classifier(folder), folder)
    return _on_causal(load_causal_classifier(folder), folder)


def save_text_classifier(classifier: TextClassifier, base: Path, folder: Path) -> None:
    """Write weights, config, and the tokenizer of the model that it was made from."""
    if isinstance(classifier.model, BertClassifier):
        save_bert(classifier.model, folder)
    else:
        save_causal_classifier(classifier.model, folder)
    for name in _TOKENIZER_FILES:
        if (base / name).is_file():
            shutil.copyfile(base / name, folder / name)


def tune(
    classifier: TextClassifier,
    examples: Sequence[Example],
    tuning: Tuning,
    writer: MetricsWriter,
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Train a classifier in place.

    Args:
        classifier: Fresh or trained.
        examples: What to learn from.
        tuning: How.
        writer: Where progress is told.
        stop: Asked before each step whether to end early.
    """
    model = classifier.model.train()
    use_threads_for(model)
    if tuning.head_only:
        model.requires_grad_(False)
        model.classifier.requires_grad_(True)
    run = Run(
        loss_module=LossModule(model, classification_loss, FLOAT32),
        optimizers=adamw(model, tuning.learning_rate, weight_decay=0.01),
        writer=writer,
        intervals=Intervals(log_steps=max(1, tuning.steps // 20)),
        warmup=max(1, tuning.steps // 10),
        stop=stop,
    )
    stage = Stage(
        "classifier", {}, steps=tuning.steps, seq_len=1, rows=tuning.rows, micro_rows=tuning.rows, end=0.02
    )
    train_stage(run, stage, source(classifier.rows(examples), classifier.pad, tuning.seed))
    model.requires_grad_(True).eval()


def _on_bert(model: BertClassifier, folder: Path) -> TextClassifier:
    tokenizer = load_word_pieces(folder)
    tokenizer.encode_special_tokens = True
    longest = min(LONGEST, model.config.max_positions)
    return TextClassifier(model, tokenizer, model.config.labels, longest, special_id(tokenizer, PAD))


def _on_causal(model: CausalClassifier, folder: Path) -> TextClassifier:
    config = model.base.config
    longest = min(LONGEST, config.max_positions)
    return TextClassifier(model, load_tokenizer(folder), model.labels, longest, config.pad_id or 0)
