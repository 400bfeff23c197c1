"""BERT folders in and out: transformers' BertForPreTraining, BertForMaskedLM, BertForSequenceClassification.

Our modules are named for what they do, so a table translates to the names in the files. The rest is as
strict as for causal models: files are a stranger's, every name, shape and value is checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from aigc_tui.files import write_bytes
from aigc_tui.transformer.bert import initialise_bert
from aigc_tui.transformer.bert_config import BertConfig, bert_from_hf, bert_unsupported_reason
from aigc_tui.transformer.checkpoint import CheckpointError, _weight_files, read_json, write_json
from aigc_tui.transformer.classifier import BertClassifier
from aigc_tui.transformer.config import ConfigError
from aigc_tui.transformer.masked_lm import MaskedLM

_ENCODER = (
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
_PRETRAINING = (
    (r"^head\.dense\.", "cls.predictions.transform.dense."),
    (r"^head\.norm\.", "cls.predictions.transform.LayerNorm."),
    (r"^head\.bias$", "cls.predictions.bias"),
    (r"^classifier\.", "cls.seq_relationship."),
)
_NEXT = "cls.seq_relationship.weight"
_OLD_NORM = {"LayerNorm.gamma": "LayerNorm.weight", "LayerNorm.beta": "LayerNorm.bias"}

Weights = dict[str, Tensor]


def is_bert(folder: Path) -> bool:
    """Say whether ``folder`` holds a BERT that this code runs (weights are not looked at)."""
    try:
        raw = read_json(folder / "config.json")
        return bert_unsupported_reason(raw) is None and bool(bert_from_hf(raw))
    except (CheckpointError, ConfigError):
        return False


def load_masked_lm(folder: Path) -> MaskedLM:
    """Load a model with its word head, and with the next-sentence head where the files have one.

    Raises:
        CheckpointError: Config or weights are missing, damaged, or of another model.
    """
    config, weights = _config(folder), _read(folder)
    model = MaskedLM(config, next_sentence=_NEXT in weights)
    _fill(model, weights, _ENCODER + _PRETRAINING, folder)
    return model.eval()


def load_bert_classifier(folder: Path) -> BertClassifier:
    """Load a trained classifier.

    Raises:
        CheckpointError: As above, or the config names no labels.
    """
    config, weights = _config(folder), _read(folder)
    if not config.labels:
        raise CheckpointError(f"{folder / 'config.json'} names no labels (id2label): is it a classifier?")
    model = BertClassifier(config)
    _fill(model, weights, _ENCODER, folder)
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
    model = BertClassifier(_with_labels(_config(folder), labels))
    initialise_bert(model, seed)
    weights = _read(folder)
    fresh = ("classifier.",) if "bert.pooler.dense.weight" in weights else ("classifier.", "pooler.")
    _fill(model, weights, _ENCODER, folder, fresh)
    return model


def save_bert(model: MaskedLM | BertClassifier, folder: Path) -> None:
    """Write config.json and weights (float32), as transformers loads them."""
    if isinstance(model, BertClassifier):
        architecture, table = "BertForSequenceClassification", _ENCODER
    else:
        architecture = "BertForMaskedLM" if model.pooler is None else "BertForPreTraining"
        table = _ENCODER + _PRETRAINING
    weights = {their_name(name, table): weight for name, weight in model.state_dict().items()}
    write_model(folder, model.config.to_hf(architecture), weights)


def write_model(folder: Path, config: dict[str, Any], weights: Mapping[str, Tensor]) -> None:
    """Write a small model as one file of weights beside its config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    stored = {name: weight.detach().cpu().contiguous() for name, weight in weights.items()}
    write_bytes(folder / "model.safetensors", save(stored, {"format": "pt"}), 0o644)
    write_json(folder / "config.json", config)


def their_name(name: str, table: tuple[tuple[str, str], ...]) -> str:
    """Translate one of our names to transformers'."""
    for pattern, theirs in table:
        name = re.sub(pattern, theirs, name)
    return name


def _config(folder: Path) -> BertConfig:
    try:
        config = bert_from_hf(read_json(folder / "config.json"))
    except ConfigError as error:
        raise CheckpointError(f"{folder / 'config.json'}: {error}") from None
    held = sum(path.stat().st_size for path in _weight_files(folder))
    if config.parameters > held:  # before memory is taken for them
        raise CheckpointError(
            f"{folder}: config.json asks for {config.parameters} weights, more than the files hold"
        )
    return config


def _with_labels(config: BertConfig, labels: tuple[str, ...]) -> BertConfig:
    return replace(config, labels=labels)


def _read(folder: Path) -> Weights:
    """Read all weights by today's names; files from TensorFlow's days call a norm's two vectors otherwise."""
    found: Weights = {}
    for path in _weight_files(folder):
        try:
            with safe_open(str(path), framework="pt") as shard:
                for name in shard.keys():  # noqa: SIM118 - it is a file handle, not a mapping
                    found[_modern(name)] = shard.get_tensor(name)
        except (SafetensorError, OSError) as error:
            raise CheckpointError(f"{path} is damaged: {error}") from None
    return found


def _modern(name: str) -> str:
    for old, new in _OLD_NORM.items():
        name = name.removesuffix(old) + new if name.endswith(old) else name
    return name


@torch.no_grad()
def _fill(
    model: nn.Module,
    weights: Mapping[str, Tensor],
    table: tuple[tuple[str, str], ...],
    folder: Path,
    fresh: tuple[str, ...] = (),
) -> None:
    """Copy every weight of the model but the ``fresh`` ones; other heads in the files are left alone."""
    for name, target in _wanted(model, fresh):
        stored = weights.get(their_name(name, table))
        if stored is None:
            raise CheckpointError(f"{folder} lacks the weight {their_name(name, table)!r}")
        if stored.shape != target.shape:
            raise CheckpointError(
                f"{folder}: {their_name(name, table)} has shape {tuple(stored.shape)}, "
                f"config.json says {tuple(target.shape)}"
            )
        if not stored.is_floating_point() or not bool(torch.isfinite(stored).all()):
            raise CheckpointError(
                f"{folder}: {their_name(name, table)} holds values that are no finite numbers"
            )
        target.copy_(stored)


def _wanted(model: nn.Module, fresh: tuple[str, ...]) -> Iterator[tuple[str, Tensor]]:
    return ((n, w) for n, w in model.state_dict().items() if not n.startswith(fresh or ("\0",)))
