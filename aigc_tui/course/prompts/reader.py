"""A causal language model with its tokenizer, for objectives that ask it instead of letting it write.

Our own Transformer runs the architectures that it knows; transformers runs the rest behind the same calls.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from aigc_tui.corpora.records import CorpusError
from aigc_tui.text import one_line
from aigc_tui.training.data_loader import IGNORED
from aigc_tui.transformer.checkpoint import CheckpointError, load_model, read_json, supports

_LARGEST_WINDOW = 1024


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads texts and scores words.

    Args:
        model: Maps ids (B, T) to logits (B, T, V).
        table: Its embedding table, in front of which soft prompts stand.
        tokenizer: Splits names of special tokens in texts, so that no text becomes a role.
        window: Most tokens in one pass.
    """

    model: nn.Module
    table: nn.Module
    tokenizer: Tokenizer
    window: int

    @property
    def width(self) -> int:
        """Width of an embedding."""
        weight = self.table.weight
        assert isinstance(weight, Tensor)
        return weight.shape[1]

    def encode(self, text: str, begins: bool) -> list[int]:
        """Encode text; with ``begins`` a token that the model wants in front of everything is put there."""
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=begins).ids
        return ids


class _Foreign(nn.Module):
    """A model of transformers, called like ours."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, tokens: Tensor) -> Tensor:
        """(B, T) -> (B, T, V)."""
        return self.model(input_ids=tokens, use_cache=False).logits  # type: ignore[no-any-return]


def load_reader(folder: Path) -> Reader:
    """Load the model and the tokenizer in a folder, for evaluation.

    Raises:
        CheckpointError: There is no usable model.
        CorpusError: There is no usable tokenizer.
    """
    read_json(folder / "config.json")
    tokenizer = load_tokenizer(folder)
    if supports(folder):
        own = load_model(folder)
        return Reader(own, own.model.embed_tokens, tokenizer, min(_LARGEST_WINDOW, own.config.max_positions))
    other = _from_transformers(folder)
    window = getattr(other.config, "max_position_embeddings", None) or _LARGEST_WINDOW
    return Reader(
        _Foreign(other).eval(), other.get_input_embeddings(), tokenizer, min(_LARGEST_WINDOW, int(window))
    )


def load_tokenizer(folder: Path) -> Tokenizer:
    """Load ``tokenizer.json`` of a folder.

    Raises:
        CorpusError: It is missing or damaged.
    """
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise CorpusError(f"{path} is missing: a model needs its tokenizer beside it")
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises a bare Exception for anything
        raise CorpusError(f"{path} cannot be used: {one_line(str(error))}") from None
    tokenizer.encode_special_tokens = True
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def log_chances(model: nn.Module, tokens: Tensor, targets: Tensor) -> Tensor:
    """Return log p of each row's targets, summed over the row.

    Args:
        model: A causal language model.
        tokens: Ids (B, T), padded on the right.
        targets: What stands at the next place (B, T), IGNORED where it does not count.

    Returns:
        Shape (B,), in nats (at most 0).
    """
    counts = targets != IGNORED
    scores = scores_at(model, tokens, counts)
    nats = functional.cross_entropy(scores.float(), targets[counts], reduction="none")
    return -torch.zeros(targets.shape, dtype=nats.dtype).masked_scatter(counts, nats).sum(dim=1)


def scores_at(model: Any, tokens: Tensor, counts: Tensor) -> Tensor:
    """Score the vocabulary at some places of rows (B, T) alone: (N, V), N being how many ``counts`` marks.

    A model that lets its head be used apart is not asked about the others, which is most of the work.
    """
    if hasattr(model, "hidden") and hasattr(model, "lm_head"):
        return model.lm_head(model.hidden(tokens)[counts])  # type: ignore[no-any-return]
    return model(tokens)[counts]  # type: ignore[no-any-return]


def _from_transformers(folder: Path) -> Any:
    from transformers import AutoModelForCausalLM

    try:
        found, report = AutoModelForCausalLM.from_pretrained(
            str(folder),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    except Exception as error:  # safetensors, transformers and torch each have their own
        raise CheckpointError(f"{folder}: no usable language model ({one_line(str(error))})") from None
    if report["missing_keys"]:
        raise CheckpointError(f"{folder} lacks the weight {min(report['missing_keys'])!r}")
    return found
