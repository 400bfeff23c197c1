"""Classifiers: a linear layer on one vector that stands for a text; softmax makes its scores chances.

The vector is BERT's pooled first token, or, of a causal LM, the last token's state: that one has seen all
others. Trained by cross-entropy, L = -sum_i y_i log p_i (article, section 4.3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from aigc_tui.course.masked_lm.bert import Bert, BertConfig, Pooler, labels_of
from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.checkpoint import made_for_loading
from aigc_tui.transformer.config import ModelConfig, ModelConfigError
from aigc_tui.transformer.hf_config import from_hf, to_hf
from aigc_tui.transformer.weights import (
    GPT2,
    PLAIN,
    CheckpointError,
    Layout,
    Place,
    collect,
    fill,
    read_json,
    require_room,
    write_folder,
)

if TYPE_CHECKING:
    from aigc_tui.transformer.causal_lm import CausalLM

LAST, MEAN = "last", "mean"


class BertClassifier(nn.Module):
    """Encoder, pooler, dropout, linear: BERT's section 4.1."""

    def __init__(self, config: BertConfig) -> None:
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


_KIND = "ForSequenceClassification"
_POOLING = "aigc_tui_pooling"
_SCORE = "score.weight"


def is_classifier(folder: Path) -> bool:
    """Say whether config.json names a classifier of any architecture."""
    try:
        named = read_json(folder / "config.json").get("architectures")
    except CheckpointError:
        return False
    return isinstance(named, list) and any(str(name).endswith(_KIND) for name in named)


def load_causal_classifier(folder: Path) -> CausalClassifier:
    """Load a trained classifier, in evaluation mode.

    Raises:
        CheckpointError: Config or weights are missing, damaged, or of another kind of model.
    """
    raw = read_json(folder / "config.json")
    try:
        config, labels, pooling = from_hf(raw), labels_of(raw), raw.get(_POOLING, LAST)
    except ModelConfigError as error:
        raise CheckpointError("{path}: {problem}", path=folder / "config.json", problem=error) from None
    if not labels or pooling not in (LAST, MEAN):
        raise CheckpointError(
            "{path} is not that of a classifier: no labels, or no pooling", path=folder / "config.json"
        )
    require_room(folder, config.parameters - config.vocab_size * config.hidden_size * (not config.tied))
    with made_for_loading(torch.float32, "cpu"):
        model = CausalClassifier(CausalLM(config), labels, pooling)
    fill(_stored(model), folder, _layout(config), spare=["lm_head.weight"])
    return model.eval()


def save_causal_classifier(model: CausalClassifier, folder: Path) -> None:
    """Write config.json and weights (float32) as transformers loads them."""
    config = model.base.config
    weights = collect(_stored(model), _layout(config), torch.float32)
    write_folder(folder, _raw(to_hf(config, "float32"), model), weights)


def _raw(raw: Mapping[str, Any], model: CausalClassifier) -> dict[str, Any]:
    [architecture] = raw["architectures"]
    return {
        **raw,
        "architectures": [re.sub(r"(ForCausalLM|LMHeadModel)$", _KIND, architecture)],
        "id2label": {str(number): label for number, label in enumerate(model.labels)},
        "label2id": {label: number for number, label in enumerate(model.labels)},
        _POOLING: model.pooling,
    }


def _layout(config: ModelConfig) -> Layout:
    family = GPT2 if config.family == "gpt2" else PLAIN

    def place(name: str) -> Place:
        return Place(name) if name == _SCORE else family.place(name)

    return Layout(place, family.renamed, family.ignored)


def _stored(model: CausalClassifier) -> dict[str, Tensor]:
    """The decoder and the classifier's matrix; the word head is not needed any more."""
    decoder = {f"model.{name}": weight for name, weight in model.base.model.state_dict().items()}
    return {**decoder, _SCORE: model.classifier.weight}
