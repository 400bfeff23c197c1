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
        self._keys: list[Tensor | None] = [None] * layers
        self._values: list[Tensor | None] = [None] * layers

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
        end = self.length + keys.shape[2]
        all_keys = _grown(self._keys[layer], keys, self.length, end)
        all_values = _grown(self._values[layer], values, self.length, end)
        all_keys[:, :, self.length : end] = keys
        all_values[:, :, self.length : end] = values
        self._keys[layer], self._values[layer] = all_keys, all_values
        return all_keys[:, :, :end], all_values[:, :, :end]

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
        rows = rows.to(self._keys[0].device) if self._keys and self._keys[0] is not None else rows
        self._keys = [None if k is None else k.index_select(0, rows) for k in self._keys]
        self._values = [None if v is None else v.index_select(0, rows) for v in self._values]

    @property
    def nbytes(self) -> int:
        held = [t for t in (*self._keys, *self._values) if t is not None]
        return sum(t.numel() * t.element_size() for t in held)

    def prefix(self, length: int) -> Self:
        """Copy the first ``length`` tokens, without spare room."""
        copy = type(self)(len(self._keys))
        copy.length = length
        copy._keys = [None if k is None else k[:, :, :length].clone() for k in self._keys]
        copy._values = [None if v is None else v[:, :, :length].clone() for v in self._values]
        return copy


def _grown(old: Tensor | None, new: Tensor, used: int, needed: int) -> Tensor:
    if old is not None and old.shape[2] >= needed:
        return old
    batch, heads, _, width = new.shape
    capacity = max(_FIRST_CAPACITY, 2 * used, needed)
    grown = torch.empty(batch, heads, capacity, width, dtype=new.dtype, device=new.device)
    if old is not None:
        grown[:, :, :used] = old[:, :, :used]
    return grown
