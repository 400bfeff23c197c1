"""A key/value cache that takes all of its memory at the start: nothing grows, nothing is copied to grow.

Good where the longest text is known: memory is counted before the first token, and shapes of buffers never
change. Blocks with a sliding window get a rolling buffer (Mistral 7B, arXiv:2310.06825, section 2), so that
what they hold does not depend on how long the text becomes; the price is that it cannot be cropped far.
"""

from __future__ import annotations

import torch
from torch import Tensor

from aigc_tui.transformer.config import ModelConfig


class StaticKVCache:
    """Keys and values of at most ``capacity`` tokens; used like :class:`cache.KVCache`."""

    def __init__(self, stores: list[_Store], capacity: int) -> None:
        """Take the layers' buffers; see :meth:`for_model`."""
        self.length = 0
        self.capacity = capacity
        self._stores = stores

    @classmethod
    def for_model(
        cls,
        config: ModelConfig,
        capacity: int,
        batch: int = 1,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> StaticKVCache:
        """Make an empty cache.

        Args:
            config: The model's shape.
            capacity: Most tokens that it will ever hold.
            batch: Rows (B).
            dtype: Type of the model's activations.
            device: Where the model is.
        """
        stores = []
        for layer in range(config.layers):
            window = config.window_of(layer)
            # Twice the window: the newest keys are moved to the front once a window, not each token.
            room = capacity if window is None else min(capacity, 2 * window)
            shape = (batch, config.kv_heads, room, config.head_dim)
            keys, values = (torch.zeros(shape, dtype=dtype, device=device) for _ in range(2))
            stores.append(_Store(keys, values, None if room == capacity else window))
        return cls(stores, capacity)

    def append(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Store new keys and values behind the old ones and return all that the block can see.

        Args:
            layer: Index of the block.
            keys: Shape (B, H_kv, T_new, D).
            values: Shape (B, H_kv, T_new, D).

        Returns:
            Keys and values (B, H_kv, S, D): all, or with a window at least those within its reach.

        Raises:
            ValueError: There is no room left, or the number of rows is another.
        """
        if self.length + keys.shape[2] > self.capacity:
            raise ValueError(
                f"this cache holds at most {self.capacity} tokens, not {self.length + keys.shape[2]}"
            )
        return self._stores[layer].append(self.length, keys, values)

    def advance(self, tokens: int) -> None:
        """Count tokens that every layer has stored now."""
        self.length += tokens

    def crop(self, length: int) -> None:
        """Forget everything from position ``length`` on.

        Raises:
            ValueError: ``length`` is negative, beyond what is stored, or a window has rolled past it.
        """
        if not 0 <= length <= self.length or not all(store.reaches(length) for store in self._stores):
            raise ValueError(f"cannot crop a cache of {self.length} tokens to {length}")
        self.length = length

    @property
    def nbytes(self) -> int:
        """Bytes held: the same from the first token to the last."""
        return sum(t.numel() * t.element_size() for store in self._stores for t in (store.keys, store.values))

    def clone(self) -> StaticKVCache:
        """Return an independent copy of the same capacity."""
        copy = StaticKVCache([store.clone() for store in self._stores], self.capacity)
        copy.length = self.length
        return copy


class _Store:
    """One block's buffers: place i holds position ``first`` + i."""

    def __init__(self, keys: Tensor, values: Tensor, window: int | None) -> None:
        self.keys, self.values = keys, values
        self.window, self.first = window, 0

    def append(self, start: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Write behind position ``start``; a pass that is broken off later can be done again."""
        if keys.shape[0] != self.keys.shape[0]:
            raise ValueError(f"this cache is for {self.keys.shape[0]} rows, not {keys.shape[0]}")
        if not self.reaches(start):
            raise ValueError("a pass was broken off after its window had rolled: make a new cache")
        used = start - self.first
        if used + keys.shape[2] > self.keys.shape[2]:
            used = self._roll(used)
        end = used + keys.shape[2]
        if end > self.keys.shape[2]:
            return self._flood(used, keys, values)
        self.keys[:, :, used:end], self.values[:, :, used:end] = keys, values
        return self.keys[:, :, :end], self.values[:, :, :end]

    def reaches(self, start: int) -> bool:
        """Say whether it still holds what a token at position ``start`` can see."""
        return self.window is None or self.first <= max(0, start - self.window + 1)

    def clone(self) -> _Store:
        """Return an independent copy."""
        copy = _Store(self.keys.clone(), self.values.clone(), self.window)
        copy.first = self.first
        return copy

    def _roll(self, used: int) -> int:
        """Move what the window still reaches to the front; returns how much that is."""
        assert self.window is not None  # buffers without a window have room for the whole capacity
        kept = min(used, self.window - 1)
        for buffer in (self.keys, self.values):
            buffer[:, :, :kept] = buffer[:, :, used - kept : used].clone()
        self.first += used - kept
        return kept

    def _flood(self, used: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return a text longer than the buffers whole, and keep its end."""
        room = self.keys.shape[2]
        all_keys = torch.cat((self.keys[:, :, :used], keys), dim=2)
        all_values = torch.cat((self.values[:, :, :used], values), dim=2)
        self.keys, self.values = all_keys[:, :, -room:].clone(), all_values[:, :, -room:].clone()
        self.first += all_keys.shape[2] - room
        return all_keys, all_values
