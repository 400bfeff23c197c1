"""The KV cache: keys and values of the tokens already read.

It grows by doubling, because appending by concatenation would copy the whole history every token.
"""

from __future__ import annotations

from typing import Protocol, Self

import torch
from torch import Tensor

from aigc_tui.transformer.config import ModelConfig

_FIRST_CAPACITY = 64


class Cache(Protocol):
    """Keys and values of a batch of token sequences, as decoding handles them."""

    @property
    def length(self) -> int:
        """How many tokens of each sequence are in it."""
        ...

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        ...

    @property
    def can_crop(self) -> bool:
        """Whether tokens can be taken off its end (recurrent states cannot go back)."""
        ...

    def crop(self, length: int) -> None:
        """Forget everything from position ``length`` on."""
        ...

    def select(self, rows: Tensor) -> None:
        """Go on with these rows of the batch (N,), in this order; a row may come more than once."""
        ...

    def prefix(self, length: int) -> Self:
        """Copy its first ``length`` tokens; the copy can grow while this one stays."""
        ...


class KVCache:
    """Per-layer keys and values, each of shape (B, H_kv, T, D).

    ``length`` counts the tokens that *all* layers hold; the model advances it once per forward pass, so an
    interrupted pass leaves the old length and stays valid.
    """

    can_crop = True

    def __init__(self, layers: int) -> None:
        self.length = 0
        # Per layer (2, B, H_kv, capacity, D): its keys, and its values.
        self._held: list[Tensor | None] = [None] * layers

    @classmethod
    def for_model(cls, config: ModelConfig) -> KVCache:
        return cls(config.layers)

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Store new keys and values behind the old ones and return all of them.

        Args:
            layer: Index of the block.
            keys: Shape (B, H_kv, T_new, D).
            values: Shape (B, H_kv, T_new, D).

        Returns:
            Keys and values of shape (B, H_kv, length + T_new, D).
        """
        batch, heads, new, width = keys.shape
        end = self.length + new
        held = self._with_room(layer, end, (batch, heads, width), keys)
        held[0, :, :, self.length : end] = keys
        held[1, :, :, self.length : end] = values
        return held[0, :, :, :end], held[1, :, :, :end]

    def append_one(
        self, layer: int, rows: Tensor, dtype: torch.dtype, window: int | None
    ) -> tuple[Tensor, Tensor]:
        """Store one token of one sequence; `append` with fewer operators.

        Args:
            layer: Index of the block.
            rows: Its keys and then its values, (2 H_kv, D) of any float type.
            dtype: In which they are stored.
            window: How many tokens can be attended to; None: all.

        Returns:
            Keys and values (1, H_kv, S, D) of the tokens that it may attend to.
        """
        end, heads, width = self.length + 1, rows.shape[0] // 2, rows.shape[1]
        held = self._held[layer]
        if held is None or held.shape[3] < end:
            held = self._with_room(layer, end, (1, heads, width), rows.to(dtype))
        held.select(3, self.length).copy_(rows.view(2, 1, heads, width))
        first = 0 if window is None else max(0, end - window)
        keys, values = held.narrow(3, first, end - first).unbind(0)
        return keys, values

    def _with_room(self, layer: int, needed: int, shape: tuple[int, int, int], like: Tensor) -> Tensor:
        """Return a layer's tensor with room for so many tokens, of the shape (B, H_kv, D)."""
        old, (batch, heads, width) = self._held[layer], shape
        if old is not None and old.shape[3] >= needed:
            return old
        capacity = max(_FIRST_CAPACITY, 2 * self.length, needed)
        grown = like.new_empty(2, batch, heads, capacity, width)
        if old is not None:
            grown[:, :, :, : self.length] = old[:, :, :, : self.length]
        self._held[layer] = grown
        return grown

    def advance(self, tokens: int) -> None:
        """Count tokens that every layer has stored."""
        self.length += tokens

    def crop(self, length: int) -> None:
        """Forget everything from position ``length`` on.

        Raises:
            ValueError: ``length`` is negative or beyond what is stored.
        """
        if not 0 <= length <= self.length:
            raise ValueError(f"cannot crop a cache of {self.length} tokens to {length}")
        self.length = length

    def select(self, rows: Tensor) -> None:
        """Reorder the batch to these rows (N,), as beam search does; a row may come more than once."""
        self._held = [None if h is None else h.index_select(1, rows.to(h.device)) for h in self._held]

    @property
    def nbytes(self) -> int:
        return sum(held.nbytes for held in self._held if held is not None)

    def prefix(self, length: int) -> Self:
        """Copy the first ``length`` tokens, without spare room."""
        copy = type(self)(len(self._held))
        copy.length = length
        copy._held = [None if h is None else h[:, :, :, :length].clone() for h in self._held]
        return copy
