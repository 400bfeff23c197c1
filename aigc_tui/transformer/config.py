"""The shape of a model: one frozen record, read from and written to a Hugging Face ``config.json``.

It exists so that the rest of the package deals in typed fields and never in the dictionary of a
stranger's file; everything this Transformer does not implement is refused here, in one place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MOST_LAYERS = 1024


class ConfigError(ValueError):
    """A configuration names something that this Transformer does not implement."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Shape of a Llama-type causal language model.

    Args:
        vocab_size: Number of token ids (V).
        hidden_size: Width of the residual stream (C).
        layers: Number of blocks.
        heads: Query heads (H).
        kv_heads: Key and value heads; ``heads`` must be a multiple (grouped-query attention).
        head_dim: Width of one head (D).
        ffn_size: Inner width of the SwiGLU feed-forward layer.
        max_positions: Longest sequence that the model was made for, in tokens.
        rope_theta: Base of the rotary angles (RoFormer, arXiv:2104.09864, section 3.4).
        norm_eps: Epsilon of RMSNorm.
        tied: Whether the output matrix is the embedding matrix.
        bos_id: Id of the token that starts a text, or None.
        eos_ids: Ids that end a text.
        pad_id: Id of the padding token, or None.
    """

    vocab_size: int
    hidden_size: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    ffn_size: int
    max_positions: int
    rope_theta: float = 10_000.0
    norm_eps: float = 1e-5
    tied: bool = True
    bos_id: int | None = None
    eos_ids: tuple[int, ...] = ()
    pad_id: int | None = None
    norm: str = "rms"
    activation: str = "swiglu"
    qkv_bias: bool = False
    o_bias: bool = False
    ffn_bias: bool = False
    qk_norm: bool = False

    def __post_init__(self) -> None:
        """Refuse sizes with which no forward pass is possible."""
        for name in _SIZES:
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**24:
                raise ConfigError(f"{name} must be a whole number from 1 to 16777215, not {value!r}")
        if self.layers > _MOST_LAYERS:
            raise ConfigError(f"layers must be at most {_MOST_LAYERS}, not {self.layers}")
        if not (0 < self.rope_theta < math.inf and 0 < self.norm_eps < 1):
            raise ConfigError(f"rope_theta ({self.rope_theta}) or norm_eps ({self.norm_eps}) is out of range")
        if self.heads % self.kv_heads:
            raise ConfigError(f"heads ({self.heads}) must be a multiple of kv_heads ({self.kv_heads})")
        if self.head_dim % 2:
            raise ConfigError(f"head_dim must be even for rotary positions, not {self.head_dim}")

    @property
    def parameters(self) -> int:
        """Count the weights; a tied matrix counts once."""
        matrices = 2 * self.hidden_size * self.head_dim * (self.heads + self.kv_heads)
        block = matrices + 3 * self.hidden_size * self.ffn_size + 2 * self.hidden_size
        tables = (1 if self.tied else 2) * self.vocab_size * self.hidden_size
        return self.layers * block + tables + self.hidden_size

    def to_hf(self, dtype: str = "float32") -> dict[str, Any]:
        """Return the content of a ``config.json`` which transformers loads as LlamaForCausalLM."""
        eos = list(self.eos_ids)
        return {
            "architectures": ["LlamaForCausalLM"],
            "model_type": "llama",
            "vocab_size": self.vocab_size,
            "hidden_size": self.hidden_size,
            "intermediate_size": self.ffn_size,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads,
            "head_dim": self.head_dim,
            "max_position_embeddings": self.max_positions,
            "rope_theta": self.rope_theta,
            "rope_parameters": {"rope_type": "default", "rope_theta": self.rope_theta},
            "rms_norm_eps": self.norm_eps,
            "hidden_act": "silu",
            "attention_bias": False,
            "mlp_bias": False,
            "tie_word_embeddings": self.tied,
            "bos_token_id": self.bos_id,
            "eos_token_id": eos[0] if len(eos) == 1 else eos or None,
            "pad_token_id": self.pad_id,
            "initializer_range": 0.02,
            "use_cache": True,
            "dtype": dtype,
        }


_SIZES = (
    "vocab_size",
    "hidden_size",
    "layers",
    "heads",
    "kv_heads",
    "head_dim",
    "ffn_size",
    "max_positions",
)


def unsupported_reason(raw: Mapping[str, Any]) -> str | None:
    """Say in a few words why a ``config.json`` is not for this Transformer, or None if it is."""
    if raw.get("model_type") != "llama":
        return f"model_type is {raw.get('model_type')!r}, not 'llama'"
    for key in ("attention_bias", "mlp_bias"):
        if raw.get(key):
            return f"{key} is set"
    if raw.get("hidden_act", "silu") != "silu":
        return f"hidden_act is {raw['hidden_act']!r}, not 'silu'"
    if raw.get("quantization_config") is not None:
        return "the weights are quantised"
    if _rope_type(raw) != "default":
        return f"rotary positions are scaled ({_rope_type(raw)!r})"
    return None


def from_hf(raw: Mapping[str, Any]) -> ModelConfig:
    """Read a ``config.json`` of model type llama.

    Raises:
        ConfigError: It asks for a feature that is not implemented, or a size is missing or wrong.
    """
    if reason := unsupported_reason(raw):
        raise ConfigError(reason)
    try:
        heads, hidden = raw["num_attention_heads"], raw["hidden_size"]
        return ModelConfig(
            vocab_size=raw["vocab_size"],
            hidden_size=hidden,
            layers=raw["num_hidden_layers"],
            heads=heads,
            kv_heads=raw.get("num_key_value_heads") or heads,
            head_dim=raw.get("head_dim") or hidden // heads,
            ffn_size=raw["intermediate_size"],
            max_positions=raw.get("max_position_embeddings", 2048),
            rope_theta=_rope_theta(raw),
            norm_eps=float(raw.get("rms_norm_eps", 1e-6)),
            tied=bool(raw.get("tie_word_embeddings", False)),
            bos_id=raw.get("bos_token_id"),
            eos_ids=_ids(raw.get("eos_token_id")),
            pad_id=raw.get("pad_token_id"),
        )
    except KeyError as error:
        raise ConfigError(f"config.json lacks {error.args[0]!r}") from None
    except ConfigError:
        raise
    except (TypeError, ValueError, ArithmeticError) as error:
        raise ConfigError(f"config.json holds a value of the wrong type ({error})") from None


def _rope_type(raw: Mapping[str, Any]) -> str:
    """Find the kind of rotary scaling: ``rope_parameters`` since transformers 5, ``rope_scaling`` before."""
    rope = raw.get("rope_parameters") or raw.get("rope_scaling") or {}
    if not isinstance(rope, Mapping):
        return "unreadable"
    return str(rope.get("rope_type", rope.get("type", "default")))


def _rope_theta(raw: Mapping[str, Any]) -> float:
    rope = raw.get("rope_parameters") or {}
    return float(rope.get("rope_theta", raw.get("rope_theta", 10_000.0)))


def _ids(value: object) -> tuple[int, ...]:
    if value is None:
        return ()
    ids = value if isinstance(value, list) else [value]
    if not all(isinstance(item, int) for item in ids):
        raise ConfigError(f"eos_token_id must be a number or a list of numbers, not {value!r}")
    return tuple(ids)
