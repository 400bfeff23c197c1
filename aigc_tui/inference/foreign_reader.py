"""A model of transformers as the decoding strategies see any model: read, crop, choose rows.

Why it exists: beams, contrastive search and speculation are written once, over `transformer.decoding.reader`;
architectures that our Transformer does not know get them through this page.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from aigc_tui.transformer.sampling import SamplingError


class ForeignReader:
    """A batch of texts as far as a model of transformers has read them.

    Args:
        model: The model.
        cache: Its empty cache.
        can_crop: Whether it can go back to an earlier token; recurrent states cannot.
    """

    def __init__(self, model: Any, cache: Any, can_crop: bool) -> None:
        self._model = model
        self._cache = cache
        self._can_crop = can_crop

    @property
    def length(self) -> int:
        """How many tokens of each text have been read."""
        return int(self._cache.get_seq_length())

    def read(self, tokens: Tensor, last: int = 1) -> Tensor:
        """Read further tokens (B, T) and return the scores (B, last, V) behind the last of them."""
        scores: Tensor = self._read(tokens, last, states=False).logits.float()
        return scores

    def read_states(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Read further tokens (B, T); returns their hidden states (B, T, C) and the last's scores (B, V)."""
        found = self._read(tokens, 1, states=True)
        return found.hidden_states[-1], found.logits[:, -1].float()

    def crop(self, length: int) -> None:
        """Forget all but the first tokens of each text.

        Raises:
            SamplingError: The model has states that cannot go back.
        """
        if excess := self.length - length:
            if not self._can_crop:
                raise SamplingError("this model cannot take tokens back, which this strategy needs")
            self._cache.crop(-excess)

    def select(self, rows: Tensor) -> None:
        """Go on with these texts (N,) of the batch; one may come more than once."""
        self._cache.batch_select_indices(rows)

    @torch.inference_mode()
    def _read(self, tokens: Tensor, last: int, states: bool) -> Any:
        return self._model(
            input_ids=tokens,
            cache=self._cache,
            use_cache=True,
            output_hidden_states=states,
            logits_to_keep=last,
        )
