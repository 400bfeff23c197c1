"""A GGUF file's metadata to :class:`ModelConfig`.

Everything that this Transformer does not implement is refused by name, as in ``hf_config``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from aigc_tui.transformer.config import ModelConfig, ModelConfigError
from aigc_tui.transformer.gguf_reader import GgufError, GgufFile
from aigc_tui.transformer.positions import RopeScaling, inverse_frequencies

ARCHITECTURES = {
    "llama": "llama",  # and Mistral, which llama.cpp calls llama
    "qwen2": "qwen2",
    "qwen3": "qwen3",
    "gemma3": "gemma3_text",
    "gpt2": "gpt2",
}
"""llama.cpp's names to our families."""
CONTROL = 3
"""Token type of control tokens."""
_ENDS = frozenset(
    {
        *("<|im_end|>", "<|endoftext|>", "<|end_of_text|>", "<|eot_id|>", "<|eom_id|>", "<|end|>"),
        *("<|return|>", "<end_of_turn>", "<end_of_utterance>", "<EOT>", "_<EOT>", "<｜end▁of▁sentence｜>"),
    }
)
"""Control tokens that end a turn or a text by their name, as llama.cpp takes them (`special_eog_ids`)."""
_SLIDING_EVERY = 6
"""Gemma 3: every sixth block sees everything, where the file does not say otherwise."""
ROPE_FACTORS = "rope_freqs.weight"
"""The tensor that holds Llama 3's scaling of positions."""


class _Metadata:
    """Typed access to the metadata of one file, by keys without the architecture before them."""

    def __init__(self, file: GgufFile, architecture: str = "") -> None:
        self._file, self._prefix = file, architecture and f"{architecture}."

    def get(self, key: str, default: Any, *kinds: type) -> Any:
        """Return a value; without a default it must be there. A list (one a block) must repeat one value."""
        name = self._prefix + key
        value = self._file.metadata.get(name, default)
        if isinstance(value, list) and value and list not in kinds and value.count(value[0]) == len(value):
            value = value[0]
        if value is None:
            raise GgufError("{path} lacks {key}", path=self._file.path, key=name)
        if not isinstance(value, kinds) or isinstance(value, bool):
            raise self.unsupported(key, value)
        return value

    def unsupported(self, key: str, value: object) -> GgufError:
        return GgufError(
            "{path}: {key} is {value!r}, which is not supported",
            path=self._file.path,
            key=self._prefix + key,
            value=str(value)[:80],
        )

    def count(self, key: str, default: int | None = None) -> int:
        return int(self.get(key, default, int))

    def real(self, key: str, default: float | None = None) -> float:
        # Files hold float32: 9.999999974752427e-07 was written as 1e-06, the shortest number that becomes it.
        with np.errstate(over="ignore"):
            return float(str(np.float32(self.get(key, default, int, float))))

    def text(self, key: str, default: str | None = None) -> str:
        return str(self.get(key, default, str))


def config_of(file: GgufFile) -> ModelConfig:
    """Read the shape of the model.

    Raises:
        GgufError: The architecture or a feature is not supported (named), or a value is missing or wrong.
    """
    architecture = _Metadata(file).text("general.architecture")
    family = ARCHITECTURES.get(architecture)
    if family is None:
        raise GgufError(
            "{path}: architecture {kind!r} is not supported; supported are {known}",
            path=file.path,
            kind=architecture,
            known=tuple(ARCHITECTURES),
        )
    try:
        return ModelConfig(**_shared(file, _Metadata(file, architecture), family))
    except ModelConfigError as error:
        raise GgufError("{path}: {reason}", path=file.path, reason=error) from None


def _shared(file: GgufFile, metadata: _Metadata, family: str) -> dict[str, Any]:
    """Read what all families have; the rest is added by family."""
    table = file.tensors.get("token_embd.weight")
    if table is None:
        raise GgufError("{path} lacks the tensor {name!r}", path=file.path, name="token_embd.weight")
    if metadata.count("expert_count", 0):
        raise GgufError("{path}: mixtures of experts are not supported", path=file.path)
    tokens = file.metadata.get("tokenizer.ggml.tokens")
    if isinstance(tokens, list) and len(tokens) > table.shape[0]:
        raise GgufError(
            "{path} names {tokens} tokens, its embeddings are for {rows}",
            path=file.path,
            tokens=len(tokens),
            rows=table.shape[0],
        )
    heads, hidden = metadata.count("attention.head_count"), metadata.count("embedding_length")
    found: dict[str, Any] = {
        "family": family,
        "vocab_size": table.shape[0],
        "hidden_size": hidden,
        "layers": metadata.count("block_count"),
        "heads": heads,
        "kv_heads": metadata.count("attention.head_count_kv", heads),
        "head_dim": metadata.count("attention.key_length", hidden // max(heads, 1)),
        "ffn_size": metadata.count("feed_forward_length"),
        "max_positions": metadata.count("context_length"),
        "tied": "output.weight" not in file.tensors,
        "bos_id": token_id(file, "bos"),
        "eos_ids": end_ids(file),
        "pad_id": token_id(file, "padding"),
        "qkv_bias": "blk.0.attn_q.bias" in file.tensors or "blk.0.attn_qkv.bias" in file.tensors,
        "o_bias": "blk.0.attn_output.bias" in file.tensors,
        "ffn_bias": "blk.0.ffn_down.bias" in file.tensors,
    }
    if family == "gpt2":
        return found | {
            "norm": "layer",
            "positions": "learned",
            "activation": "gelu_new",
            "norm_eps": metadata.real("attention.layer_norm_epsilon"),
        }
    head_dim = found["head_dim"]
    for key in ("attention.value_length", "rope.dimension_count"):
        if metadata.count(key, head_dim) != head_dim:
            raise metadata.unsupported(key, metadata.count(key))
    found |= {
        "norm_eps": metadata.real("attention.layer_norm_rms_epsilon"),
        "rope_theta": metadata.real("rope.freq_base", 10_000.0),
        "qk_norm": family in ("qwen3", "gemma3_text"),
    }
    found["rope_scaling"] = _scaling(file, metadata, head_dim, found["rope_theta"])
    return found | (_gemma3(metadata, found) if family == "gemma3_text" else {})


def _gemma3(metadata: _Metadata, found: Mapping[str, Any]) -> dict[str, Any]:
    layers = min(found["layers"], 1024)
    # The largest divides by the root of another number, which no key tells (llama.cpp, `llama_model_gemma3`).
    large = found["layers"] == 62
    return {
        "norm": "rms_offset",
        "activation": "geglu",
        "sandwich": True,
        "window": metadata.count("attention.sliding_window"),
        "full_layers": tuple(layer for layer in range(layers) if not _slides(metadata, layer)),
        "local_theta": metadata.real("rope.freq_base_swa", 10_000.0),
        "query_scale": float(found["hidden_size"] // max(found["heads"], 1) if large else found["head_dim"]),
    }


def _slides(metadata: _Metadata, layer: int) -> bool:
    key = "attention.sliding_window_pattern"
    pattern = metadata.get(key, _SLIDING_EVERY, int, list)
    if isinstance(pattern, list):  # one truth value a block
        return layer < len(pattern) and bool(pattern[layer])
    if pattern < 1:
        raise metadata.unsupported(key, pattern)
    return bool((layer + 1) % pattern)


def _scaling(file: GgufFile, metadata: _Metadata, head_dim: int, theta: float) -> RopeScaling | None:
    kind = metadata.text("rope.scaling.type", "none")
    factor = metadata.real("rope.scaling.factor", metadata.real("rope.scale_linear", 1.0))
    if kind not in ("none", "linear"):
        raise GgufError(
            "{path}: rotary positions are scaled by {kind!r}, which is not supported",
            path=file.path,
            kind=kind,
        )
    if not 1 <= factor < math.inf:
        raise ModelConfigError(
            "the factor of rotary positions must be at least 1, not {factor}", factor=factor
        )
    if ROPE_FACTORS in file.tensors:
        return _llama3_scaling(file, metadata, head_dim, theta)
    return RopeScaling("linear", factor) if factor != 1 else None


def _llama3_scaling(file: GgufFile, metadata: _Metadata, head_dim: int, theta: float) -> RopeScaling | None:
    """Llama 3's scaling stands in the file as the factor of each frequency; find the numbers behind them."""
    wrong = GgufError("{path}: the factors in {name} are wrong", path=file.path, name=ROPE_FACTORS)
    if file.tensors[ROPE_FACTORS].shape != (head_dim // 2,):
        raise wrong
    factors = file.dequantised(file.tensors[ROPE_FACTORS])
    if not bool(torch.isfinite(factors).all()) or factors.min() < 1:
        raise wrong
    if bool((factors == 1).all()):
        return None
    original = metadata.count("rope.scaling.original_context_length", 8192)
    scaling = RopeScaling("llama3", float(factors.max()), 1.0, 4.0, original)
    plain = inverse_frequencies(head_dim, theta)
    if not torch.allclose(plain / factors, inverse_frequencies(head_dim, theta, scaling), rtol=1e-4, atol=0):
        raise GgufError(
            "{path}: rotary positions are scaled by {kind!r}, which is not supported",
            path=file.path,
            kind=ROPE_FACTORS,
        )
    return scaling


def token_id(file: GgufFile, name: str) -> int | None:
    """Return the id of a named token; llama.cpp, too, ignores one beyond the vocabulary."""
    value, tokens = (file.metadata.get(f"tokenizer.ggml.{key}") for key in (f"{name}_token_id", "tokens"))
    if not isinstance(value, int) or isinstance(value, bool) or not isinstance(tokens, list):
        return None
    return value if 0 <= value < len(tokens) else None


def end_ids(file: GgufFile) -> tuple[int, ...]:
    """Return the ids of tokens that end a text, a turn or a message, the tokenizer's own first."""
    found = [token_id(file, name) for name in ("eos", "eot", "eom")]
    tokens, kinds = (file.metadata.get(f"tokenizer.ggml.{key}") for key in ("tokens", "token_type"))
    if isinstance(tokens, list) and isinstance(kinds, list):
        named = enumerate(zip(tokens, kinds, strict=False))
        # Some files have the type of these wrong. A word of "<|" is no ordinary one in any vocabulary.
        found += [
            id_ for id_, (text, kind) in named if text in _ENDS and (kind == CONTROL or text.startswith("<|"))
        ]
    return tuple(dict.fromkeys(id_ for id_ in found if id_ is not None))
