"""The model while it reads: give it ids, get the scores of the next token; what it knows is not read again.

It exists because every way of writing (plain, interactive with steps back, several models in turn) needs the
same thing: the distribution after *these* ids, cheaply. The cache is cropped to what the new ids share with
the old ones, and a text longer than the context goes on behind its last half.
"""

from __future__ import annotations

import torch
from torch import Tensor

from aigc_tui.course.textgen.model import TextModel
from aigc_tui.course.textgen.vocabulary import LEVELS, byte_ids
from aigc_tui.transformer.cache import KVCache


class Reader:
    """Scores of the next token after any ids.

    Args:
        made: Whose scores.
    """

    def __init__(self, made: TextModel) -> None:
        self._made = made
        self._cache = KVCache.for_model(made.model.config)
        self._read: list[int] = []
        self._banned = _banned(made)

    @torch.no_grad()
    def scores(self, ids: list[int]) -> Tensor:
        """Return the logits (V,) of the token after ``ids``; tokens that no text may hold have -inf.

        Args:
            ids: At least one token id.
        """
        seen = _window(ids, self._made.model.config.max_positions)
        shared = min(_shared(self._read, seen), len(seen) - 1)
        self._cache.crop(shared)
        fresh = torch.tensor([seen[shared:]], device=self._made.device)
        logits: Tensor = self._made.model(fresh, self._cache, last_only=True)[0, -1].float().cpu()
        self._read = list(seen)
        return logits.masked_fill(self._banned, float("-inf"))


def _window(ids: list[int], context: int) -> list[int]:
    """Return the end of ``ids`` that fits; it moves by half a context, so that the cache mostly holds."""
    if len(ids) <= context:
        return ids
    half = max(1, context // 2)
    return ids[-(-(len(ids) - context) // half) * half :]


def _shared(old: list[int], new: list[int]) -> int:
    """Count the ids at the beginning that both have."""
    for at, (one, other) in enumerate(zip(old, new, strict=False)):
        if one != other:
            return at
    return min(len(old), len(new))


def _banned(made: TextModel) -> Tensor:
    """Mark what no text holds: special tokens that end nothing, bytes, ids without a token (V,)."""
    size = made.model.config.vocab_size
    special = {id_ for id_, token in made.tokenizer.get_added_tokens_decoder().items() if token.special}
    banned = torch.zeros(size, dtype=torch.bool)
    banned[made.tokenizer.get_vocab_size() :] = True
    bytes_ = byte_ids(made.tokenizer) if made.notes.level in LEVELS else []
    banned[[*(special - set(made.ends)), *bytes_]] = True
    return banned
