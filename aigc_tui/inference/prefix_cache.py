"""Keys and values of prompts already read, so that a turn reads only what is new.

The longest wait of a long chat is reading the whole of it again for each turn. What a cache
may be used for was measured (engine-safety A5): it is right only under the same weights, adapter and
quantisation, and only up to the common prefix of the token ids, at most all but the prompt's last token
(whose logits are needed anew). Anything else is silently wrong, so nothing else is offered. The scheme is
that of mlx-lm's LRUPromptCache: nearest entry, trimmed, copied if others may still want it, bounded in bytes.

Rounding is part of it. In bfloat16 a token that was read beside fifteen others gets other keys than the same
token read alone, by other kernels: half of the numbers differ in their last bit, and at temperature 0 a reply
of SmolLM2 went another way after 23 tokens. So a model that rounds reuses whole chunks of the prompt only, at
the places where a cold start reads them; what it wrote itself is read again with the next turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aigc_tui.transformer.cache import Cache


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What else, beside the tokens, keys and values depend on."""

    base: str
    """Fingerprint of the base model's files."""
    adapter: str
    """Content hash of the adapter; empty: none."""
    quantisation: str
    """The type of the weights, for example ``float32``."""
    step: int = 1
    """Only a multiple of so many tokens is kept and reused: the chunk of a model that rounds; 1: any."""


@dataclass(slots=True)
class _Entry:
    key: CacheKey
    tokens: tuple[int, ...]
    cache: Cache


class PrefixCache:
    """The caches of the latest conversations and branches, the least recently used dropped first.

    Args:
        limit: The most bytes that all entries together may take.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: list[_Entry] = []

    @property
    def nbytes(self) -> int:
        """Bytes held by all entries."""
        return sum(entry.cache.nbytes for entry in self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def peek(self, key: CacheKey, prompt: Sequence[int]) -> int:
        """Say how many tokens `take` would bring."""
        return self._nearest(key, prompt)[1]

    def take(self, key: CacheKey, prompt: Sequence[int]) -> Cache | None:
        """Hand out a cache that holds a prefix of the prompt, and leave at least one token to read.

        Args:
            key: What the cache must have been made under.
            prompt: The token ids of the whole prompt.

        Returns:
            A cache that the caller owns, cropped to the common prefix, in whole steps; None: nothing fits.
        """
        entry, common = self._nearest(key, prompt)
        if entry is None:
            return None
        if common == entry.cache.length:
            # The prompt goes on where the entry ends: it grows into the new one, no copy needed.
            self._entries.remove(entry)
            return entry.cache
        self._touch(entry)
        return entry.cache.prefix(common)

    def put(self, key: CacheKey, tokens: Sequence[int], cache: Cache) -> None:
        """Keep a cache for later; the caller must not touch it any more.

        Args:
            key: What it was made under.
            tokens: The ids that went through the model, in order; what the cache does not hold is ignored.
                Under a key with steps, only those that were read in whole steps.
            cache: The keys and values.
        """
        held = tuple(tokens[: cache.length])
        if key.step > 1:
            held = held[: len(held) // key.step * key.step]
            cache.crop(len(held))
        self._entries = [e for e in self._entries if not (e.key == key and e.tokens == held[: len(e.tokens)])]
        if held:
            self._entries.append(_Entry(key, held, cache))
        while self._entries and self.nbytes > self._limit:
            self._entries.pop(0)

    def clear(self) -> None:
        self._entries.clear()

    def _nearest(self, key: CacheKey, prompt: Sequence[int]) -> tuple[_Entry | None, int]:
        best, most = None, 0
        for entry in self._entries:
            usable = min(common_prefix(entry.tokens, prompt), len(prompt) - 1) // key.step * key.step
            if entry.key != key or (usable < len(entry.tokens) and not entry.cache.can_crop):
                continue
            # Among equals the shorter entry wins: less to copy, and often nothing.
            if usable > most or (best and usable == most > 0 and len(entry.tokens) < len(best.tokens)):
                best, most = entry, usable
        return best, most

    def _touch(self, entry: _Entry) -> None:
        self._entries.remove(entry)
        self._entries.append(entry)


def common_prefix(left: Sequence[int], right: Sequence[int]) -> int:
    """Count the equal ids at the beginning of two sequences."""
    for place, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return place
    return min(len(left), len(right))
