"""Loads causal language models: our own Transformer, or transformers' AutoModel behind the same calls.

Ours runs the families that `transformer/` knows, and the first word comes seconds sooner where transformers
need not be imported. Everything else runs through AutoModelForCausalLM with every switch against foreign code
set (engine-safety E3). `transformer.decoding.model.CausalModel` is the interface of both.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from aigc_tui.inference.source import BrokenModelError, ModelSource
from aigc_tui.text import one_line
from aigc_tui.transformer.cache import Cache
from aigc_tui.transformer.checkpoint import CheckpointError, load_model, read_json, stored, supports
from aigc_tui.transformer.config import ModelConfigError
from aigc_tui.transformer.decoding.model import CausalModel, FusedModel, OwnModel
from aigc_tui.transformer.fused import cache_dtype
from aigc_tui.transformer.hf_config import from_hf, unsupported_reason
from aigc_tui.transformer.packed import Scheme, WeightReader, load_packed, pack, unpacked

OWN, TRANSFORMERS = "scratch", "transformers"
"""The implementations, as `model evaluate --engine` names them."""


class TransformersCache:
    """A KV cache of transformers.

    Args:
        inner: The cache.
        can_crop: Whether the model's layers all can go back to an earlier token.
    """

    def __init__(self, inner: Any, can_crop: bool) -> None:
        self.inner = inner
        self.can_crop = can_crop

    @property
    def length(self) -> int:
        return int(self.inner.get_seq_length())

    @property
    def nbytes(self) -> int:
        held = (value for layer in self.inner.layers for value in vars(layer).values())
        return sum(t.numel() * t.element_size() for t in held if isinstance(t, Tensor))

    def crop(self, length: int) -> None:
        # Since 2026 it takes negative counts only: how many tokens to remove (engine-safety A5).
        if excess := self.length - length:
            self.inner.crop(-excess)

    def select(self, rows: Tensor) -> None:
        self.inner.batch_select_indices(rows)

    def prefix(self, length: int) -> Self:
        copied = type(self)(copy.deepcopy(self.inner), self.can_crop)
        copied.crop(length)
        return copied


class TransformersModel:
    """A model of transformers behind `CausalModel`.

    Args:
        model: A model for causal language modelling, in evaluation mode.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self.module: nn.Module = model
        self.embeddings: nn.Module = model.get_input_embeddings()
        config = model.config.get_text_config(decoder=True)
        self.vocab_size = int(config.vocab_size)
        self.max_positions = int(getattr(config, "max_position_embeddings", None) or 0)
        kinds = set(getattr(config, "layer_types", None) or ["full_attention"])
        # Layers with recurrent states cannot go back to an earlier token; sliding windows can, if kept whole.
        self._attention_only = kinds <= {"full_attention", "sliding_attention", "chunked_attention"}

    def new_cache(self) -> TransformersCache:
        from transformers import DynamicCache

        # Without the configuration every layer keeps all of its keys, so that any prefix can be had back.
        inner = DynamicCache() if self._attention_only else DynamicCache(config=self._model.config)
        return TransformersCache(inner, self._attention_only)

    def forward(self, tokens: Tensor, cache: Cache | None = None, last: int = 0) -> Tensor:
        return self._forward(tokens, cache, logits_to_keep=last).logits  # type: ignore[no-any-return]

    def forward_at(self, tokens: Tensor, marked: Tensor) -> Tensor:
        return self.forward(tokens)[marked]

    def forward_hidden(self, tokens: Tensor, cache: Cache) -> tuple[Tensor, Tensor]:
        found = self._forward(tokens, cache, logits_to_keep=1, output_hidden_states=True)
        return found.hidden_states[-1], found.logits[:, -1]

    def _forward(self, tokens: Tensor, cache: Cache | None, **options: Any) -> Any:
        tokens = tokens.to(self._model.device)
        if cache is None:
            return self._model(input_ids=tokens, use_cache=False, **options)
        assert isinstance(cache, TransformersCache)
        return self._model(input_ids=tokens, cache=cache.inner, use_cache=True, **options)


def load_packed_model(path: Path) -> CausalModel:
    """Map a folder of packed weights into memory.

    Args:
        path: The folder.

    Raises:
        BrokenModelError: With the reason in one line.
    """
    try:
        return FusedModel(load_packed(path, from_hf(read_json(path / "config.json")), cache_dtype()))
    except (CheckpointError, ModelConfigError) as error:
        raise BrokenModelError(error.message) from error


def quantised_model(model: OwnModel, kind: str) -> CausalModel:
    """Quantise a float model in memory.

    Args:
        model: Whose weights to take; let go of it afterwards.
        kind: `packed.INT4` or `packed.INT8`.
    """
    reader = WeightReader(model.module.config, stored(model.module))
    with torch.inference_mode():
        return FusedModel(pack(reader, Scheme(blocks=kind), cache_dtype()))


def placed(model: CausalModel, device: torch.device) -> CausalModel:
    """Bring a model to a GPU; quantised weights become bfloat16 there, which GPUs are made for."""
    if isinstance(model, FusedModel):
        return FusedModel(unpacked(model.module, device, torch.bfloat16))
    model.module.to(device)
    return model


def load_causal_model(
    path: Path, dtype: torch.dtype = torch.float32, implementation: str = ""
) -> CausalModel:
    """Load the weights of a model folder.

    Args:
        path: The folder.
        dtype: Type to hold the weights in.
        implementation: `OWN`, `TRANSFORMERS`, or empty: our own wherever it knows the family.

    Raises:
        BrokenModelError: With the reason in one line.
    """
    if implementation == TRANSFORMERS or not (supports(path) or implementation == OWN):
        return TransformersModel(_from_transformers(path, dtype))
    try:
        return OwnModel(load_model(path, dtype=dtype))
    except CheckpointError as error:
        raise BrokenModelError(error.message) from error


def require_known(source: ModelSource) -> None:
    """Refuse a kind of model that nobody here knows, before anything else of its folder is looked at.

    Raises:
        BrokenModelError: Naming the kind.
    """
    kind = source.config.get("model_type")
    if kind is None or supports(source.path):
        return
    from transformers import __version__
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

    if kind not in list(CONFIG_MAPPING_NAMES):
        raise BrokenModelError(
            "{path} is a model of type {kind!r}, which transformers {version} does not know; "
            "it may be newer than this program",
            path=source.path,
            kind=one_line(str(kind), 60),
            version=__version__,
        )


def _from_transformers(path: Path, dtype: torch.dtype) -> Any:
    from transformers import AutoModelForCausalLM

    try:
        model, report = AutoModelForCausalLM.from_pretrained(
            str(path),
            dtype=dtype,
            trust_remote_code=False,
            use_safetensors=True,
            local_files_only=True,
            output_loading_info=True,
        )
    except Exception as error:  # whatever goes wrong inside, the user needs one line about the folder
        reason: object = error
        if isinstance(error, LookupError):
            # A bare key says nothing; why our own Transformer does not run it, may.
            reason = unsupported_reason(read_json(path / "config.json")) or f"{type(error).__name__}: {error}"
        raise BrokenModelError("{path} cannot be loaded: {reason}", path=path, reason=reason) from error
    # transformers fills what is missing with noise, and noise answers, too.
    if missing := sorted(report["missing_keys"]):
        raise BrokenModelError(
            "the weights in {path} lack {name} and {count} more tensors; is this the right config.json?",
            path=path,
            name=missing[0],
            count=len(missing) - 1,
        )
    return model.eval()
