"""Classifiers on causal models, in and out: transformers' LlamaForSequenceClassification and its kin.

How the text's vector is made (the last token, or the mean) is kept in config.json under a name of our own;
transformers knows the last token only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from aigc_tui.course.bert.config import labels_of
from aigc_tui.course.classifier import LAST, MEAN, CausalClassifier
from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.checkpoint import made_for_loading
from aigc_tui.transformer.config import ConfigError, ModelConfig
from aigc_tui.transformer.hf_config import from_hf, to_hf
from aigc_tui.transformer.model_files import CheckpointError, read_json, require_room, write_folder
from aigc_tui.transformer.weights import GPT2, PLAIN, Layout, Place, collect, fill

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
    except ConfigError as error:
        raise CheckpointError(f"{folder / 'config.json'}: {error}") from None
    if not labels or pooling not in (LAST, MEAN):
        raise CheckpointError(
            f"{folder / 'config.json'} is not that of a classifier: no labels, or no pooling"
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
