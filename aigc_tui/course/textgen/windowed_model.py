"""The generator's model for texts of any length: a text longer than the context goes on behind its last half.

Every way of writing (plain, interactive with steps back, several models in turn) needs the distribution after
given ids, cheaply. The KV cache is cropped to what the new ids share with the old ones.
"""

from __future__ import annotations

import torch
from torch import Tensor

from aigc_tui.course.textgen.model import TextModel
from aigc_tui.course.textgen.vocabulary import LEVELS, byte_ids
from aigc_tui.inference.prefix_cache import common_prefix
from aigc_tui.transformer.decoding import CachedModel, OwnModel


class WindowedModel:
    """A `transformer.decoding.DecodingModel` of one sequence without end.

    Args:
        made: The generator.
    """

    def __init__(self, made: TextModel) -> None:
        self._context = made.model.config.max_positions
        self._model = CachedModel(OwnModel(made.model))
        self._ids: list[int] = []
        self._read: list[int] = []
        self._banned = _banned(made)

    @property
    def length(self) -> int:
        """How many tokens the text has so far, those out of sight included."""
        return len(self._ids)

    def forward(self, tokens: Tensor, last: int = 1) -> Tensor:
        """Read further tokens (1, T); returns the logits (1, 1, V) behind the last of them."""
        self._ids += tokens[0].tolist()
        return self.logits(self._ids)[None, None]

    def crop(self, length: int) -> None:
        del self._ids[length:]

    def select(self, rows: Tensor) -> None:
        """There is one sequence, and it stays."""

    def logits(self, ids: list[int]) -> Tensor:
        """Return the logits (V,) of the token after ``ids``; tokens that no text may hold have -inf.

        Args:
            ids: At least one token id.
        """
        seen = _window(ids, self._context)
        shared = min(common_prefix(self._read, seen), len(seen) - 1)
        self._model.crop(shared)
        logits = self._model.forward(torch.tensor([seen[shared:]]))[0, -1]
        self._read = list(seen)
        return logits.masked_fill(self._banned, float("-inf"))


def _window(ids: list[int], context: int) -> list[int]:
    """Return the end of ``ids`` that fits; it moves by half a context, so that the cache mostly holds."""
    if len(ids) <= context:
        return ids
    half = max(1, context // 2)
    return ids[-(-(len(ids) - context) // half) * half :]


def _banned(made: TextModel) -> Tensor:
    """Mark what no text holds: special tokens that end nothing, bytes, ids without a token (V,)."""
    size = made.model.config.vocab_size
    special = {id_ for id_, token in made.tokenizer.get_added_tokens_decoder().items() if token.special}
    banned = torch.zeros(size, dtype=torch.bool)
    banned[made.tokenizer.get_vocab_size() :] = True
    bytes_ = byte_ids(made.tokenizer) if made.notes.level in LEVELS else []
    banned[[*(special - set(made.ends)), *bytes_]] = True
    return banned
