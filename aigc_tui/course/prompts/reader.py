"""A causal language model with its tokenizer, for objectives that ask it instead of letting it write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from aigc_tui.corpora.records import CorpusError
from aigc_tui.inference.models import load_causal_model
from aigc_tui.inference.source import ModelError, inspect_source
from aigc_tui.text import one_line
from aigc_tui.training.data_loader import IGNORED
from aigc_tui.transformer.checkpoint import CheckpointError
from aigc_tui.transformer.decoding import CausalModel

_LARGEST_WINDOW = 1024


@dataclass(frozen=True, slots=True)
class Reader:
    """A model that is asked which words come next.

    Args:
        model: The model.
        tokenizer: Splits names of special tokens in texts, so that no text becomes a role.
        window: Most tokens in one pass.
    """

    model: CausalModel
    tokenizer: Tokenizer
    window: int

    @property
    def table(self) -> nn.Module:
        """The embedding table, in front of which soft prompts stand."""
        return self.model.embeddings

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


def load_reader(folder: Path) -> Reader:
    """Load the model and the tokenizer in a folder.

    Raises:
        CheckpointError: There is no usable model.
        CorpusError: There is no usable tokenizer.
    """
    tokenizer = load_tokenizer(folder)
    try:
        inspect_source(folder)
        model = load_causal_model(folder)
    except ModelError as error:
        raise CheckpointError(error.message) from None
    return Reader(model, tokenizer, min(_LARGEST_WINDOW, model.max_positions or _LARGEST_WINDOW))


def load_tokenizer(folder: Path) -> Tokenizer:
    """Load ``tokenizer.json`` of a folder.

    Raises:
        CorpusError: It is missing or damaged.
    """
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise CorpusError("{path} is missing: a model needs its tokenizer beside it", path=path)
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises a bare Exception for anything
        raise CorpusError(
            "{path} cannot be used: {problem}", path=path, problem=one_line(str(error))
        ) from None
    tokenizer.encode_special_tokens = True
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def log_probabilities(model: CausalModel, tokens: Tensor, targets: Tensor) -> Tensor:
    """Return log p of each row's targets, summed over the row.

    Args:
        model: A causal language model.
        tokens: Ids (B, T), padded on the right.
        targets: What stands at the next place (B, T), IGNORED where it does not count.

    Returns:
        Shape (B,), in nats (at most 0).
    """
    counts = targets != IGNORED
    logits = model.forward_at(tokens, counts)
    nats = functional.cross_entropy(logits.float(), targets[counts], reduction="none")
    return -torch.zeros(targets.shape, dtype=nats.dtype).masked_scatter(counts, nats).sum(dim=1)
