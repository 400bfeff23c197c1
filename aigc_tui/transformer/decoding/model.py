"""What decoding asks of a model: logits behind new tokens, and a KV cache that can be cropped and reordered.

`CausalModel` is the one face of every causal language model, ours (`OwnModel`) or transformers'
(`inference.models`). `CachedModel` joins it with the KV cache of a batch of sequences, which is all that
greedy search, beams, speculation and contrastive search need; a test puts a table of probabilities in its
place.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from aigc_tui.transformer.cache import Cache, KVCache
from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.fused import FusedLM
from aigc_tui.transformer.sampling.settings import SamplingError


class CausalModel(Protocol):
    """A causal language model, whoever multiplies its matrices.

    Nothing here switches gradients off; callers that need none say so (`torch.inference_mode`).
    """

    @property
    def vocab_size(self) -> int:
        """V: how many tokens it scores; padded weights may have more than the tokenizer."""
        ...

    @property
    def max_positions(self) -> int:
        """The longest sequence that it was made for, in tokens; 0: unknown."""
        ...

    @property
    def module(self) -> nn.Module:
        """The module that holds the weights."""
        ...

    @property
    def embeddings(self) -> nn.Module:
        """The table of token embeddings, in front of which soft prompts stand; `weight` is (V, C)."""
        ...

    def new_cache(self) -> Cache:
        """Make an empty KV cache."""
        ...

    def forward(self, tokens: Tensor, cache: Cache | None = None, last: int = 0) -> Tensor:
        """Read tokens behind those in the cache.

        Args:
            tokens: Shape (B, T).
            cache: Keys and values of the tokens before; extended. None: there are none, and none are kept.
            last: How many of the last positions to give logits for; 0: all. Those of a whole prompt would
                take T * V numbers, of which decoding needs one row.

        Returns:
            Logits of the next token (B, `last` or T, V).
        """
        ...

    def forward_at(self, tokens: Tensor, marked: Tensor) -> Tensor:
        """Read whole sequences and return the logits (N, V) at the N positions that a mask (B, T) marks."""
        ...

    def forward_hidden(self, tokens: Tensor, cache: Cache) -> tuple[Tensor, Tensor]:
        """Read tokens (B, T); returns their last hidden states (B, T, C) and the last one's logits (B, V)."""
        ...


class OwnModel:
    """Our Transformer behind `CausalModel`.

    Args:
        model: The model, in evaluation mode.
    """

    def __init__(self, model: CausalLM) -> None:
        self.module = model
        self.embeddings = model.model.embed_tokens
        self.vocab_size = model.config.vocab_size
        self.max_positions = model.config.max_positions

    def new_cache(self) -> KVCache:
        return KVCache.for_model(self.module.config)

    def forward(self, tokens: Tensor, cache: Cache | None = None, last: int = 0) -> Tensor:
        states = self._hidden(tokens, cache)
        return self.module.lm_head(states[:, -last:] if last else states)  # type: ignore[no-any-return]

    def forward_at(self, tokens: Tensor, marked: Tensor) -> Tensor:
        # The output matrix is most of the work of a small model: it is asked about marked places alone.
        return self.module.lm_head(self._hidden(tokens, None)[marked])  # type: ignore[no-any-return]

    def forward_hidden(self, tokens: Tensor, cache: Cache) -> tuple[Tensor, Tensor]:
        states = self._hidden(tokens, cache)
        return states, self.module.lm_head(states[:, -1])

    def _hidden(self, tokens: Tensor, cache: Cache | None) -> Tensor:
        assert cache is None or isinstance(cache, KVCache)
        return self.module.hidden(tokens.to(self.module.lm_head.weight.device), cache)


class FusedModel:
    """Our Transformer as decoding runs it, behind `CausalModel`.

    Args:
        model: The model.
    """

    def __init__(self, model: FusedLM) -> None:
        self.module = model
        self.vocab_size = model.config.vocab_size
        self.max_positions = model.config.max_positions

    @property
    def embeddings(self) -> nn.Module:
        raise SamplingError(
            "a packed model has no table of embeddings to train; use the model's original folder"
        )

    def new_cache(self) -> KVCache:
        return KVCache.for_model(self.module.config)

    def forward(self, tokens: Tensor, cache: Cache | None = None, last: int = 0) -> Tensor:
        states = self._hidden(tokens, cache)
        return self.module.head(states[:, -last:] if last else states)

    def forward_at(self, tokens: Tensor, marked: Tensor) -> Tensor:
        return self.module.head(self._hidden(tokens, None)[marked])

    def forward_hidden(self, tokens: Tensor, cache: Cache) -> tuple[Tensor, Tensor]:
        states = self._hidden(tokens, cache)
        return states, self.module.head(states[:, -1])

    def _hidden(self, tokens: Tensor, cache: Cache | None) -> Tensor:
        assert cache is None or isinstance(cache, KVCache)
        return self.module.hidden(tokens.to(self.module.device), cache)


class DecodingModel(Protocol):
    """A batch of sequences as far as a model has read them."""

    @property
    def length(self) -> int:
        """How many tokens of each sequence have been read."""
        ...

    def forward(self, tokens: Tensor, last: int = 1) -> Tensor:
        """Read further tokens (B, T); returns float32 logits (B, last, V) behind the last of them."""
        ...

    def crop(self, length: int) -> None:
        """Forget all but the first tokens of each sequence."""
        ...

    def select(self, rows: Tensor) -> None:
        """Go on with these sequences (N,) of the batch; one may come more than once."""
        ...


class HiddenStateModel(DecodingModel, Protocol):
    """One that shows its hidden states, too."""

    def forward_hidden(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Read further tokens (B, T); returns hidden states (B, T, C) and the last one's logits (B, V)."""
        ...


class CachedModel:
    """A model with the KV cache of the sequences that it has read so far.

    Tokens and logits stay on the CPU, wherever the model computes: choosing a token is little work, and a
    seed then samples the same tokens on every machine.

    Args:
        model: The model.
        cache: What it has read already; default: nothing.
    """

    def __init__(self, model: CausalModel, cache: Cache | None = None) -> None:
        self.model = model
        self.cache = model.new_cache() if cache is None else cache

    @property
    def length(self) -> int:
        return self.cache.length

    @torch.inference_mode()
    def forward(self, tokens: Tensor, last: int = 1) -> Tensor:
        return self.model.forward(tokens, self.cache, last).float().cpu()

    @torch.inference_mode()
    def forward_hidden(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        states, logits = self.model.forward_hidden(tokens, self.cache)
        return states.cpu(), logits.float().cpu()

    def crop(self, length: int) -> None:
        """Forget all but the first tokens of each sequence.

        Raises:
            SamplingError: The model has recurrent states, which cannot go back.
        """
        if length < self.length and not self.cache.can_crop:
            raise SamplingError("this model cannot take tokens back, which this strategy needs")
        self.cache.crop(length)

    def select(self, rows: Tensor) -> None:
        self.cache.select(rows)


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
