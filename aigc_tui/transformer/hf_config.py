"""Hugging Face's ``config.json`` to :class:`ModelConfig` and back, for each family.

Everything that this Transformer does not implement is refused here, in one place, in one line: a feature
that is silently left out would give wrong words and no error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from aigc_tui.message import Message, message
from aigc_tui.transformer.config import FAMILIES, ModelConfig, ModelConfigError
from aigc_tui.transformer.feedforward import ACTIVATIONS
from aigc_tui.transformer.positions import RopeScaling

Raw = Mapping[str, Any]

_CLASSES = {
    "gpt2": "GPT2LMHeadModel",
    "llama": "LlamaForCausalLM",
    "mistral": "MistralForCausalLM",
    "qwen2": "Qwen2ForCausalLM",
    "qwen3": "Qwen3ForCausalLM",
    "gemma3_text": "Gemma3ForCausalLM",
}
_UNSAID: dict[str, dict[str, Any]] = {
    "llama": {"max_position_embeddings": 2048},
    "mistral": {
        "max_position_embeddings": 131_072,
        "num_key_value_heads": 8,
    },
    "qwen2": {"max_position_embeddings": 32_768, "num_key_value_heads": 32},
    "qwen3": {"max_position_embeddings": 32_768, "num_key_value_heads": 32, "head_dim": 128},
    "gemma3_text": {"max_position_embeddings": 131_072, "num_key_value_heads": 4, "head_dim": 256},
}
"""What transformers takes where a file does not say; files that it wrote may leave such values out."""


def unsupported_reason(raw: Raw) -> Message | None:
    """Say in a few words why a ``config.json`` is not for this Transformer, or None if it is."""
    kind = raw.get("model_type")
    if kind not in list(FAMILIES):
        return message("model_type is {kind!r}, not one of {known}", kind=kind, known=tuple(FAMILIES))
    if raw.get("auto_map") is not None:
        return message("auto_map names foreign code")
    if raw.get("quantization_config") is not None:
        return message("the weights are quantised")
    if kind == "gpt2":
        return _gpt2_reason(raw)
    return _gemma3_reason(raw) if kind == "gemma3_text" else _llama_reason(raw)


def from_hf(raw: Raw) -> ModelConfig:
    """Read a ``config.json`` of one of the families.

    Raises:
        ModelConfigError: It asks for a feature that is not implemented, or a size is missing or wrong.
    """
    if reason := unsupported_reason(raw):
        raise ModelConfigError(reason)
    readers: dict[str, Callable[[Raw], ModelConfig]] = {"gpt2": _read_gpt2, "gemma3_text": _read_gemma3}
    try:
        return readers.get(raw["model_type"], _read_llama)(raw)
    except KeyError as error:
        raise ModelConfigError("config.json lacks {key!r}", key=error.args[0]) from None
    except ModelConfigError:
        raise
    except (TypeError, ValueError, ArithmeticError, AttributeError) as error:
        raise ModelConfigError(
            "config.json holds a value of the wrong type ({reason})", reason=error
        ) from None


def to_hf(config: ModelConfig, dtype: str = "float32") -> dict[str, Any]:
    """Return the content of a ``config.json`` which transformers loads as the same model."""
    eos = list(config.eos_ids)
    writers = {"gpt2": _write_gpt2, "gemma3_text": _write_gemma3}
    return {
        "architectures": [_CLASSES[config.family]],
        "model_type": config.family,
        "vocab_size": config.vocab_size,
        "tie_word_embeddings": config.tied,
        "bos_token_id": config.bos_id,
        "eos_token_id": eos[0] if len(eos) == 1 else eos or None,
        "pad_token_id": config.pad_id,
        "initializer_range": 0.02,
        "use_cache": True,
        "dtype": dtype,
        **writers.get(config.family, _write_llama)(config),
    }


def _gpt2_reason(raw: Raw) -> Message | None:
    if raw.get("activation_function", "gelu_new") not in list(ACTIVATIONS):
        return message("{key} is {value!r}", key="activation_function", value=raw["activation_function"])
    for key, usual in (
        ("scale_attn_weights", True),
        ("scale_attn_by_inverse_layer_idx", False),
        ("add_cross_attention", False),
    ):
        if raw.get(key, usual) != usual:
            return message("{key} is {value!r}", key=key, value=raw[key])
    return None


def _llama_reason(raw: Raw) -> Message | None:
    if raw.get("hidden_act", "silu") != "silu":
        return message("hidden_act is {value!r}, not 'silu'", value=raw["hidden_act"])
    flags = {"llama": ("attention_bias", "mlp_bias"), "qwen3": ("attention_bias",)}
    for key in ("attention_bias", "mlp_bias"):
        if raw.get(key) and key not in flags.get(raw["model_type"], ()):
            return message("{key} is set", key=key)
    kind = _rope_type(raw)
    if kind not in ("default", "linear", "llama3"):
        return message("rotary positions are scaled ({kind!r})", kind=kind)
    if _rope(raw).get("partial_rotary_factor", raw.get("partial_rotary_factor", 1)) not in (None, 1):
        return message("only a part of each head is turned (partial_rotary_factor)")
    return _layers_reason(raw)


def _layers_reason(raw: Raw) -> Message | None:
    kinds = raw.get("layer_types")
    if kinds is not None and (
        not isinstance(kinds, list) or not all(k in ("full_attention", "sliding_attention") for k in kinds)
    ):
        return message("{key} is {value!r}", key="layer_types", value=str(kinds)[:80])
    return None


def _gemma3_reason(raw: Raw) -> Message | None:
    if raw.get("hidden_activation", "gelu_pytorch_tanh") != "gelu_pytorch_tanh":
        return message("{key} is {value!r}", key="hidden_activation", value=raw["hidden_activation"])
    for key in (
        "attention_bias",
        "use_bidirectional_attention",
        "attn_logit_softcapping",
        "final_logit_softcapping",
    ):
        if raw.get(key):
            return message("{key} is set", key=key)
    full, local = (_rope_type({"rope_parameters": rope}) for rope in _gemma3_ropes(raw))
    if full not in ("default", "linear") or local != "default":
        return message("rotary positions are scaled ({kind!r})", kind=local if local != "default" else full)
    return _layers_reason(raw)


def _read_gpt2(raw: Raw) -> ModelConfig:
    heads, hidden = raw.get("n_head", 12), raw.get("n_embd", 768)
    return ModelConfig(
        vocab_size=raw.get("vocab_size", 50_257),
        hidden_size=hidden,
        layers=raw.get("n_layer", 12),
        heads=heads,
        kv_heads=heads,
        head_dim=hidden // heads,
        ffn_size=raw.get("n_inner") or 4 * hidden,
        max_positions=raw.get("n_positions", 1024),
        norm_eps=float(raw.get("layer_norm_epsilon", 1e-5)),
        norm="layer",
        positions="learned",
        activation=raw.get("activation_function", "gelu_new"),
        qkv_bias=True,
        o_bias=True,
        ffn_bias=True,
        **_common(raw, tied=True),
    )


def _read_llama(raw: Raw) -> ModelConfig:
    family = raw["model_type"]
    unsaid = _UNSAID[family]
    heads, hidden = raw["num_attention_heads"], raw["hidden_size"]
    layers, biased = raw["num_hidden_layers"], bool(raw.get("attention_bias"))
    window, full = _windows(raw, layers)
    return ModelConfig(
        hidden_size=hidden,
        vocab_size=raw["vocab_size"],
        layers=layers,
        heads=heads,
        kv_heads=raw.get("num_key_value_heads", unsaid.get("num_key_value_heads")) or heads,
        head_dim=raw.get("head_dim", unsaid.get("head_dim")) or hidden // heads,
        ffn_size=raw["intermediate_size"],
        max_positions=raw.get("max_position_embeddings", unsaid["max_position_embeddings"]),
        rope_theta=float(_rope(raw).get("rope_theta", raw.get("rope_theta", 10_000.0))),
        rope_scaling=_scaling(raw),
        norm_eps=float(raw.get("rms_norm_eps", 1e-6)),
        qkv_bias=biased or family == "qwen2",
        o_bias=biased,
        ffn_bias=bool(raw.get("mlp_bias")),
        qk_norm=family == "qwen3",
        window=window,
        full_layers=full,
        **_common(raw, tied=False),
    )


def _read_gemma3(raw: Raw) -> ModelConfig:
    unsaid = _UNSAID["gemma3_text"]
    layers = raw["num_hidden_layers"]
    full, local = _gemma3_ropes(raw)
    pattern = raw.get("sliding_window_pattern", 6)
    kinds = raw.get("layer_types") or [
        "sliding_attention" if (layer + 1) % pattern else "full_attention"
        for layer in range(min(layers, 1024))
    ]
    return ModelConfig(
        hidden_size=raw["hidden_size"],
        vocab_size=raw["vocab_size"],
        layers=layers,
        heads=raw["num_attention_heads"],
        kv_heads=raw.get("num_key_value_heads", unsaid["num_key_value_heads"]),
        head_dim=raw.get("head_dim", unsaid["head_dim"]),
        ffn_size=raw["intermediate_size"],
        max_positions=raw.get("max_position_embeddings", unsaid["max_position_embeddings"]),
        rope_theta=float(full.get("rope_theta", 1_000_000.0)),
        rope_scaling=_scaling({"rope_parameters": full}),
        local_theta=float(local.get("rope_theta", 10_000.0)),
        query_scale=float(raw.get("query_pre_attn_scalar", 256)),
        norm_eps=float(raw.get("rms_norm_eps", 1e-6)),
        norm="rms_offset",
        activation="geglu",
        qk_norm=True,
        sandwich=True,
        window=raw.get("sliding_window", 4096),
        full_layers=tuple(layer for layer, kind in enumerate(kinds) if kind == "full_attention"),
        **_common(raw, tied=True),
    )


def _gemma3_ropes(raw: Raw) -> tuple[Raw, Raw]:
    """Return the rotary positions of full and of sliding layers, from files of today or before 2026."""
    kinds = _mapping(raw.get("rope_parameters"))
    full, local = (_mapping(kinds.get(f"{kind}_attention")) for kind in ("full", "sliding"))
    full = {"rope_theta": raw.get("rope_theta", 1_000_000.0), **full, **_mapping(raw.get("rope_scaling"))}
    return full, {"rope_theta": raw.get("rope_local_base_freq", 10_000.0), **local}


def _mapping(value: object) -> Raw:
    if value is None or isinstance(value, Mapping):
        return value or {}
    return {"rope_type": "unreadable"}


def _common(raw: Raw, tied: bool) -> dict[str, Any]:
    return {
        "family": raw["model_type"],
        "tied": bool(raw.get("tie_word_embeddings", tied)),
        "bos_id": raw.get("bos_token_id"),
        "eos_ids": _ids(raw.get("eos_token_id")),
        "pad_id": raw.get("pad_token_id"),
    }


def _windows(raw: Raw, layers: int) -> tuple[int | None, tuple[int, ...]]:
    family = raw["model_type"]
    if family == "llama" or (family != "mistral" and not raw.get("use_sliding_window")):
        return None, ()
    window = raw.get("sliding_window", 4096)
    if window is None or family == "mistral":
        return window, ()
    first = raw.get("max_window_layers", 28)
    kinds = raw.get("layer_types") or [
        "sliding_attention" if layer >= first else "full_attention" for layer in range(min(layers, 1024))
    ]
    return window, tuple(layer for layer, kind in enumerate(kinds) if kind == "full_attention")


def _rope(raw: Raw) -> Raw:
    rope = raw.get("rope_parameters") or raw.get("rope_scaling") or {}
    return rope if isinstance(rope, Mapping) else {"rope_type": "unreadable"}


def _rope_type(raw: Raw) -> str:
    rope = _rope(raw)
    if any(isinstance(value, Mapping) for value in rope.values()):
        return "by kind of layer"
    return str(rope.get("rope_type", rope.get("type", "default")))


def _scaling(raw: Raw) -> RopeScaling | None:
    rope, kind = _rope(raw), _rope_type(raw)
    if kind == "default":
        return None
    factor = float(rope["factor"])
    if not 1 <= factor < math.inf:
        raise ModelConfigError(
            "the factor of rotary positions must be at least 1, not {factor}", factor=factor
        )
    if kind == "linear":
        return RopeScaling("linear", factor)
    low, high = float(rope["low_freq_factor"]), float(rope["high_freq_factor"])
    original = int(rope["original_max_position_embeddings"])
    if not (0 < low < high < math.inf and original > 0):
        raise ModelConfigError(
            "low_freq_factor ({low}) must be below high_freq_factor ({high})", low=low, high=high
        )
    return RopeScaling(kind, factor, low, high, original)


def _ids(value: object) -> tuple[int, ...]:
    if value is None:
        return ()
    ids = value if isinstance(value, list) else [value]
    if not all(isinstance(item, int) for item in ids):
        raise ModelConfigError(
            "eos_token_id must be a number or a list of numbers, not {value!r}", value=value
        )
    return tuple(ids)


def _write_gpt2(config: ModelConfig) -> dict[str, Any]:
    return {
        "n_embd": config.hidden_size,
        "n_layer": config.layers,
        "n_head": config.heads,
        "n_inner": config.ffn_size,
        "n_positions": config.max_positions,
        "n_ctx": config.max_positions,
        "activation_function": config.activation,
        "layer_norm_epsilon": config.norm_eps,
        "attn_pdrop": 0.0,
        "embd_pdrop": 0.0,
        "resid_pdrop": 0.0,
    }


def _write_llama(config: ModelConfig) -> dict[str, Any]:
    found = {
        "hidden_size": config.hidden_size,
        "intermediate_size": config.ffn_size,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head_dim,
        "max_position_embeddings": config.max_positions,
        "rope_theta": config.rope_theta,
        "rope_parameters": _write_rope(config),
        "rms_norm_eps": config.norm_eps,
        "hidden_act": "silu",
    }
    if config.family in ("llama", "qwen3"):
        found["attention_bias"] = config.qkv_bias
    if config.family == "llama":
        found["mlp_bias"] = config.ffn_bias
    if config.family == "mistral":
        found["sliding_window"] = config.window
    if config.family.startswith("qwen"):
        found |= _write_qwen_windows(config)
    return found


def _write_gemma3(config: ModelConfig) -> dict[str, Any]:
    windows = [config.window_of(layer) for layer in range(config.layers)]
    scale = config.query_scale or config.head_dim
    return {
        "hidden_size": config.hidden_size,
        "intermediate_size": config.ffn_size,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.kv_heads,
        "head_dim": config.head_dim,
        "max_position_embeddings": config.max_positions,
        "query_pre_attn_scalar": int(scale) if scale == int(scale) else scale,
        "rope_parameters": {
            "full_attention": _write_rope(config),
            "sliding_attention": {"rope_type": "default", "rope_theta": config.local_theta},
        },
        "rms_norm_eps": config.norm_eps,
        "hidden_activation": "gelu_pytorch_tanh",
        "sliding_window": config.window,
        "layer_types": ["sliding_attention" if window else "full_attention" for window in windows],
    }


def _write_qwen_windows(config: ModelConfig) -> dict[str, Any]:
    windows = [config.window_of(layer) for layer in range(config.layers)]
    return {
        "use_sliding_window": config.window is not None,
        "sliding_window": config.window,
        "max_window_layers": next((i for i, window in enumerate(windows) if window), config.layers),
        "layer_types": ["sliding_attention" if window else "full_attention" for window in windows],
    }


def _write_rope(config: ModelConfig) -> dict[str, Any]:
    scaling = config.rope_scaling
    if scaling is None:
        return {"rope_type": "default", "rope_theta": config.rope_theta}
    found = {"rope_type": scaling.kind, "rope_theta": config.rope_theta, "factor": scaling.factor}
    if scaling.kind == "llama3":
        found |= {"low_freq_factor": scaling.low, "high_freq_factor": scaling.high}
        found["original_max_position_embeddings"] = scaling.original
    return found
