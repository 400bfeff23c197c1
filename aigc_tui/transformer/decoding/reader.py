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

    def read(self, tokens: Tensor, last: int = 1) -> Tensor:
        """Read further tokens and score what follows the last of them.

        Args:
            tokens: Shape (B, T).
            last: Behind how many of the last tokens to score; scores of a whole prompt would take T * V
                numbers, of which nobody needs but one row.

        Returns:
            Scores (B, last, V).
        """
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
        """Read further tokens (B, T); returns their hidden states (B, T, C) and the last's scores (B, V)."""
        ...


class ModelReader:
    """Reads with our Transformer and its cache of keys and values.

    Tokens and scores stay on the CPU, wherever the model computes: choosing a token is little work, and a
    seed then draws the same tokens on every machine.

    Args:
        model: The model, in evaluation mode.
    """

    def __init__(self, model: CausalLM) -> None:
        self._model = model
        self._device = model.lm_head.weight.device
        self._cache = KVCache.for_model(model.config)

    @property
    def length(self) -> int:
        """How many tokens of each text have been read."""
        return self._cache.length

    @torch.no_grad()
    def read(self, tokens: Tensor, last: int = 1) -> Tensor:
        """Read further tokens (B, T) and return the scores (B, last, V) behind the last of them."""
        states = self._model.hidden(tokens.to(self._device), self._cache)
        scores: Tensor = self._model.lm_head(states[:, -last:])
        return scores.float().cpu()

    @torch.no_grad()
    def read_states(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Read further tokens (B, T); returns their hidden states (B, T, C) and the last's scores (B, V)."""
        states = self._model.hidden(tokens.to(self._device), self._cache)
        return states.cpu(), self._model.lm_head(states[:, -1]).float().cpu()

    def crop(self, length: int) -> None:
        """Forget all but the first tokens of each text."""
        self._cache.crop(length)

    def select(self, rows: Tensor) -> None:
        """Go on with these texts (N,) of the batch; one may come more than once."""
        self._cache.select(rows.to(self._device))


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
