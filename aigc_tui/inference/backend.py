"""The two ways to run a model, behind the same few calls: our own Transformer, or transformers' AutoModel.

Why it exists: the decode loop and the caches must not care which one it is. Ours runs what `transformer/`
knows, and without importing transformers the first word comes seconds sooner; everything else runs through
AutoModelForCausalLM with every switch against foreign code set (engine-safety E3).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, Protocol, Self

import torch
from torch import Tensor

from aigc_tui.inference.foreign_reader import ForeignReader
from aigc_tui.inference.prefix_cache import Cache
from aigc_tui.inference.source import BrokenModelError, ModelSource
from aigc_tui.text import one_line
from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.checkpoint import CheckpointError, load_model, supports
from aigc_tui.transformer.decoding.reader import ModelReader, StateReader


class Backend(Protocol):
    """A loaded model that scores the next token."""

    def new_reader(self) -> StateReader:
        """Make a reader for the strategies of decoding."""
        ...

    def new_cache(self) -> Cache:
        """Make an empty cache."""
        ...

    def forward(self, tokens: Sequence[int], cache: Cache) -> Tensor:
        """Read tokens behind those in the cache and return the scores (V,) of the next one."""
        ...

    def forward_all(self, tokens: Sequence[int], cache: Cache) -> Tensor:
        """Read T tokens behind those in the cache and return the scores (T, V) behind each of them."""
        ...


class OwnCache:
    """The cache of our Transformer."""

    can_crop = True

    def __init__(self, inner: KVCache) -> None:
        self.inner = inner

    @property
    def length(self) -> int:
        """How many tokens are in it."""
        return self.inner.length

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        return self.inner.nbytes

    def prefix(self, length: int) -> Self:
        """Copy its first `length` tokens."""
        copied = self.inner.clone()
        copied.crop(length)
        return type(self)(copied)


class OwnBackend:
    """A model of `transformer/`."""

    def __init__(self, model: CausalLM) -> None:
        self._model = model

    def new_reader(self) -> ModelReader:
        """Make a reader for the strategies of decoding."""
        return ModelReader(self._model)

    def new_cache(self) -> OwnCache:
        """Make an empty cache."""
        return OwnCache(KVCache.for_model(self._model.config))

    def forward(self, tokens: Sequence[int], cache: Cache) -> Tensor:
        """Read tokens behind those in the cache and return the scores (V,) of the next one."""
        return self._read(tokens, cache, last_only=True)[-1]

    def forward_all(self, tokens: Sequence[int], cache: Cache) -> Tensor:
        """Read T tokens behind those in the cache and return the scores (T, V) behind each of them."""
        return self._read(tokens, cache, last_only=False)

    def _read(self, tokens: Sequence[int], cache: Cache, last_only: bool) -> Tensor:
        assert isinstance(cache, OwnCache)
        with torch.inference_mode():
            scores: Tensor = self._model(torch.tensor([list(tokens)]), cache=cache.inner, last_only=last_only)
        return scores[0].float()


class ForeignCache:
    """A cache of transformers. Its `crop` takes only negative counts since 2026 (engine-safety A5)."""

    def __init__(self, inner: Any, can_crop: bool) -> None:
        self.inner = inner
        self.can_crop = can_crop

    @property
    def length(self) -> int:
        """How many tokens are in it."""
        return int(self.inner.get_seq_length())

    @property
    def nbytes(self) -> int:
        """How much memory it takes."""
        return sum(tensor.numel() * tensor.element_size() for tensor in self._tensors())

    def prefix(self, length: int) -> Self:
        """Copy its first `length` tokens."""
        copied = copy.deepcopy(self.inner)
        if excess := self.length - length:
            copied.crop(-excess)
        return type(self)(copied, self.can_crop)

    def _tensors(self) -> list[Tensor]:
        return [
            value
            for layer in self.inner.layers
            for value in vars(layer).values()
            if isinstance(value, Tensor)
        ]


class ForeignBackend:
    """A model of transformers."""

    def __init__(self, model: Any) -> None:
        self._model = model
        config = model.config.get_text_config(decoder=True)
        kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
        # Layers with recurrent states cannot go back to an earlier token; sliding windows can, if kept whole.
        self._attention_only = kinds <= {"full_attention", "sliding_attention", "chunked_attention"}

    def new_reader(self) -> ForeignReader:
        """Make a reader for the strategies of decoding."""
        return ForeignReader(self._model, self.new_cache().inner, self._attention_only)

    def new_cache(self) -> ForeignCache:
        """Make an empty cache."""
        from transformers import DynamicCache

        # Without the configuration every layer keeps all of its keys, so that any prefix can be had back.
        inner = DynamicCache() if self._attention_only else DynamicCache(config=self._model.config)
        return ForeignCache(inner, self._attention_only)

    def forward(self, tokens: Sequence[int], cache: Cache) -> Tensor:
        """Read tokens behind those in the cache and return the scores (V,) of the next one."""
        return self._read(tokens, cache, keep=1)[-1]

    def forward_all(self, tokens: Sequence[int], cache: Cache) -> Tensor:
        """Read T tokens behind those in the cache and return the scores (T, V) behind each of them."""
        return self._read(tokens, cache, keep=0)

    def _read(self, tokens: Sequence[int], cache: Cache, keep: int) -> Tensor:
        assert isinstance(cache, ForeignCache)
        with torch.inference_mode():
            found = self._model(
                input_ids=torch.tensor([list(tokens)]),
                cache=cache.inner,
                use_cache=True,
                # 0 keeps all of them.
                logits_to_keep=keep,
            )
        scores: Tensor = found.logits[0].float()
        return scores


def load_backend(folder: ModelSource, dtype: torch.dtype) -> Backend:
    """Load the weights of an inspected folder.

    Raises:
        BrokenModelError: With the reason in one line.
    """
    if supports(folder.path):
        try:
            return OwnBackend(load_model(folder.path, dtype=dtype).eval())
        except CheckpointError as error:
            raise BrokenModelError("{reason}", reason=error) from error
    return ForeignBackend(_foreign(folder, dtype))


def require_known(folder: ModelSource) -> None:
    """Refuse a folder of a kind of model that nobody here knows, before anything else of it is looked at.

    Raises:
        BrokenModelError: Naming the kind.
    """
    kind = folder.config.get("model_type")
    if kind is None or supports(folder.path):
        return
    from transformers import __version__
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

    if kind not in list(CONFIG_MAPPING_NAMES):
        raise BrokenModelError(
            "{path} is a model of type {kind!r}, which transformers {version} does not know; "
            "it may be newer than this program",
            path=folder.path,
            kind=one_line(str(kind), 60),
            version=__version__,
        )


def _foreign(folder: ModelSource, dtype: torch.dtype) -> Any:
    from transformers import AutoModelForCausalLM

    try:
        model, report = AutoModelForCausalLM.from_pretrained(
            folder.path,
            dtype=dtype,
            trust_remote_code=False,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
    except Exception as error:  # whatever goes wrong inside, the user needs one line about the folder
        raise BrokenModelError("{path} cannot be loaded: {reason}", path=folder.path, reason=error) from error
    if missing := sorted(report["missing_keys"]):
        raise BrokenModelError(
            "the weights in {path} lack {name} and {count} more tensors; is this the right config.json?",
            path=folder.path,
            name=missing[0],
            count=len(missing) - 1,
        )
    return model.eval()
