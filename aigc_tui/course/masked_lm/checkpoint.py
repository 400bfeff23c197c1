"""BERT folders in and out: transformers' BertForPreTraining, BertForMaskedLM, BertForSequenceClassification.

Our modules are named for what they do, so a table translates to the names in the files. The rest is as
strict as for causal models: files are a stranger's, every name, shape and value is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from aigc_tui.course.classification.classifier import BertClassifier
from aigc_tui.course.masked_lm.bert import (
    BertConfig,
    MaskedLM,
    bert_from_hf,
    bert_unsupported_reason,
    initialise_bert,
)
from aigc_tui.transformer.checkpoint import made_for_loading
from aigc_tui.transformer.config import ModelConfigError
from aigc_tui.transformer.weights import (
    CheckpointError,
    Layout,
    Place,
    collect,
    fill,
    read_json,
    require_room,
    weight_files,
    write_folder,
)

_Table = tuple[tuple[str, str], ...]
_ENCODER: _Table = (
    (r"^bert\.embed\.tokens\.", "bert.embeddings.word_embeddings."),
    (r"^bert\.embed\.positions\.", "bert.embeddings.position_embeddings."),
    (r"^bert\.embed\.types\.", "bert.embeddings.token_type_embeddings."),
    (r"^bert\.embed\.norm\.", "bert.embeddings.LayerNorm."),
    (r"^bert\.layers\.", "bert.encoder.layer."),
    (r"\.attention\.q_proj\.", ".attention.self.query."),
    (r"\.attention\.k_proj\.", ".attention.self.key."),
    (r"\.attention\.v_proj\.", ".attention.self.value."),
    (r"\.attention\.o_proj\.", ".attention.output.dense."),
    (r"\.attention_norm\.", ".attention.output.LayerNorm."),
    (r"\.mlp\.up_proj\.", ".intermediate.dense."),
    (r"\.mlp\.down_proj\.", ".output.dense."),
    (r"\.mlp_norm\.", ".output.LayerNorm."),
    (r"^pooler\.", "bert.pooler."),
)
_PRETRAINING: _Table = (
    *_ENCODER,
    (r"^head\.dense\.", "cls.predictions.transform.dense."),
    (r"^head\.norm\.", "cls.predictions.transform.LayerNorm."),
    (r"^head\.bias$", "cls.predictions.bias"),
    (r"^classifier\.", "cls.seq_relationship."),
)
_OTHERS = re.compile(r"cls\..*|classifier\..*|bert\.pooler\..*|bert\.embeddings\.position_ids")
"""What a file may hold beyond the kind of model that is asked for: other heads, and a table of places."""
_OLD_NORM = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}
_NEXT, _POOLER = "cls.seq_relationship.weight", "bert.pooler.dense.weight"


def is_bert(folder: Path) -> bool:
    """Say whether ``folder`` holds a BERT that this code runs (weights are not looked at)."""
    try:
        raw = read_json(folder / "config.json")
        return bert_unsupported_reason(raw) is None and bool(bert_from_hf(raw))
    except (CheckpointError, ModelConfigError):
        return False


def load_masked_lm(folder: Path) -> MaskedLM:
    """Load a model with its word head, and with the next-sentence head where the files have one.

    Raises:
        CheckpointError: Config or weights are missing, damaged, or of another model.
    """
    config = _config(folder)
    with made_for_loading(torch.float32, "cpu"):
        model = MaskedLM(config, next_sentence=_NEXT in _names(folder))
    _load(model, folder, _PRETRAINING)
    return model.eval()


def load_bert_classifier(folder: Path) -> BertClassifier:
    """Load a trained classifier.

    Raises:
        CheckpointError: As above, or the config names no labels.
    """
    config = _config(folder)
    if not config.labels:
        raise CheckpointError(
            "{path} names no labels (id2label): is it a classifier?", path=folder / "config.json"
        )
    with made_for_loading(torch.float32, "cpu"):
        model = BertClassifier(config)
    _load(model, folder, _ENCODER)
    return model.eval()


def classifier_from_bert(folder: Path, labels: tuple[str, ...], seed: int) -> BertClassifier:
    """Put a fresh classification head on a pretrained encoder.

    Args:
        folder: Any BERT folder; its pooler is used where it has one.
        labels: Names of the classes.
        seed: Of the fresh weights.

    Raises:
        CheckpointError: As above.
    """
    model = BertClassifier(replace(_config(folder), labels=labels))
    initialise_bert(model, seed)
    fresh = ("classifier.",) if _POOLER in _names(folder) else ("classifier.", "pooler.")
    _load(model, folder, _ENCODER, fresh)
    return model


def save_bert(model: MaskedLM | BertClassifier, folder: Path) -> None:
    """Write config.json and weights (float32), as transformers loads them."""
    if isinstance(model, BertClassifier):
        architecture, table = "BertForSequenceClassification", _ENCODER
    else:
        architecture = "BertForMaskedLM" if model.pooler is None else "BertForPreTraining"
        table = _PRETRAINING
    weights = collect(model.state_dict(), _layout(table), torch.float32)
    write_folder(folder, model.config.to_hf(architecture), weights)


def _layout(table: _Table) -> Layout:
    return Layout(lambda name: Place(_translated(name, table)), _modern, _OTHERS)


def _translated(name: str, table: Iterable[tuple[str, str]]) -> str:
    for pattern, theirs in table:
        name = re.sub(pattern, theirs, name)
    return name


def _modern(name: str) -> str:
    """Name a weight as of today: old files call a norm's vectors otherwise, bare encoders have no "bert."."""
    if name.startswith(("embeddings.", "encoder.", "pooler.")):
        name = f"bert.{name}"
    for old, new in _OLD_NORM.items():
        if name.endswith(old):
            return name.removesuffix(old) + new
    return name


def _config(folder: Path) -> BertConfig:
    try:
        config = bert_from_hf(read_json(folder / "config.json"))
    except ModelConfigError as error:
        raise CheckpointError("{path}: {problem}", path=folder / "config.json", problem=error) from None
    require_room(folder, config.parameters)
    return config


def _names(folder: Path) -> set[str]:
    found: set[str] = set()
    for path in weight_files(folder):
        try:
            with safe_open(str(path), framework="pt") as shard:
                found.update(map(_modern, shard.keys()))
        except (SafetensorError, OSError) as error:
            raise CheckpointError("{path} is damaged: {problem}", path=path, problem=error) from None
    return found


def _load(model: nn.Module, folder: Path, table: _Table, fresh: tuple[str, ...] = ()) -> None:
    """Fill all weights but the ``fresh`` ones."""
    targets = {n: w for n, w in model.state_dict().items() if not (fresh and n.startswith(fresh))}
    fill(targets, folder, _layout(table))
