"""A model that remembers what it has read: the one view of a model that all decoding strategies share.

Why it exists: greedy search, beams, speculation and contrastive search differ in which tokens they read next
and which they take back, not in how a model computes. With reading, cropping and choosing rows behind one
small protocol, each strategy is a page of its own; and a test can put a table of probabilities in a model's
place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.causal_lm import CausalLM


class Reader(Protocol):
    """A batch of texts as far as a model has read them."""

    @property
    def length(self) -> int:
        """How many tokens of each text have been read."""
        ...

    def read(self, tokens: Tensor) -> Tensor:
        """Read further tokens (B, T) and return the scores (B, T, V) of the token behind each."""
        ...

    def crop(self, length: int) -> None:
        """Forget all but the first tokens of each text."""
        ...

    def select(self, rows: Tensor) -> None:
        """Go on with these texts (N,) of the batch; one may come more than once."""
        ...


class StateReader(Reader, Protocol):
    """A reader that also shows what the model thought."""

    def read_states(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Read further tokens (B, T); returns their last hidden states (B, T, C) and scores (B, T, V)."""
        ...


class ModelReader:
    """Reads with our Transformer and its cache of keys and values.

    Args:
        model: The model, in evaluation mode.
    """

    def __init__(self, model: CausalLM) -> None:
        self._model = model
        self._cache = KVCache.for_model(model.config)

    @property
    def length(self) -> int:
        """How many tokens of each text have been read."""
        return self._cache.length

    def read(self, tokens: Tensor) -> Tensor:
        """Read further tokens (B, T) and return the scores (B, T, V) of the token behind each."""
        return self.read_states(tokens)[1]

    @torch.inference_mode()
    def read_states(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Read further tokens (B, T); returns their last hidden states (B, T, C) and scores (B, T, V)."""
        states = self._model.hidden(tokens, self._cache)
        return states, self._model.lm_head(states).float()

    def crop(self, length: int) -> None:
        """Forget all but the first tokens of each text."""
        self._cache.crop(length)

    def select(self, rows: Tensor) -> None:
        """Go on with these texts (N,) of the batch; one may come more than once."""
        self._cache.select(rows)


@dataclass(frozen=True, slots=True)
class Limits:
    """When a text is over.

    Args:
        new: The most tokens to make.
        ends: Tokens that end a text; they are not part of it.
    """

    new: int
    ends: frozenset[int] = frozenset()


def before_end(tokens: Iterable[int], ends: frozenset[int]) -> list[int]:
    """Return the tokens in front of the first that ends the text."""
    kept: list[int] = []
    for token in tokens:
        if token in ends:
            break
        kept.append(token)
    return kept
