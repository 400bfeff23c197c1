"""The weights of the fused decoder: which matrices of `CausalLM` each of its matrices is made of.

Queries, keys and values come from one matrix, gate and up from another. Both numbers of a rotary pair, which
lie half a head apart in checkpoints, are brought side by side (`paired_rows`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from aigc_tui.transformer.config import ModelConfig


@dataclass(frozen=True, slots=True)
class Matrix:
    """A fused matrix: which matrices of `CausalLM` it is made of, one below the other.

    Args:
        key: What it is called here, such as ``layers.0.qkv``.
        names: Their names in ``CausalLM.state_dict()``, without ``.weight``.
        paired: Whether the rows of each are brought into the order of `paired_rows`.
        rows: N.
        columns: K.
    """

    key: str
    names: tuple[str, ...]
    paired: tuple[bool, ...]
    rows: int
    columns: int


def supports_fused(config: ModelConfig) -> bool:
    """Say whether `FusedLM` can run a model: all families but GPT-2."""
    return config.positions == "rotary" and config.norm != "layer"


def matrices(config: ModelConfig) -> Iterator[Matrix]:
    """Yield the fused matrices of a model, the head last; a tied head is made of the embeddings."""
    width, ffn = config.hidden_size, config.ffn_size
    read, shared = config.heads * config.head_dim, config.kv_heads * config.head_dim
    for i in range(config.layers):
        here, attention, mlp = f"layers.{i}", f"model.layers.{i}.self_attn", f"model.layers.{i}.mlp"
        qkv = tuple(f"{attention}.{part}_proj" for part in "qkv")
        yield Matrix(f"{here}.qkv", qkv, (True, True, False), read + 2 * shared, width)
        yield Matrix(f"{here}.out", (f"{attention}.o_proj",), (False,), width, read)
        gate_up = (f"{mlp}.gate_proj", f"{mlp}.up_proj")
        yield Matrix(f"{here}.gate_up", gate_up, (False, False), 2 * ffn, width)
        yield Matrix(f"{here}.down", (f"{mlp}.down_proj",), (False,), width, ffn)
    yield Matrix(
        "head", ("model.embed_tokens" if config.tied else "lm_head",), (False,), config.vocab_size, width
    )


def vectors(config: ModelConfig, get: Callable[[str], Tensor]) -> dict[str, Tensor]:
    """Return the norms by their names here, float32, ready to multiply by.

    Args:
        config: The model's.
        get: Gives a parameter by its name in ``CausalLM.state_dict()``.
    """
    extra = 1.0 if config.norm == "rms_offset" else 0.0
    names = {"norm": "input_layernorm", "ffn_norm": "post_attention_layernorm"}
    if config.sandwich:
        names |= {"out_norm": "post_attention_layernorm", "ffn_norm": "pre_feedforward_layernorm"}
        names |= {"down_norm": "post_feedforward_layernorm"}
    order = paired_rows(config.head_dim)
    found = {"norm": get("model.norm.weight").float() + extra}
    for i in range(config.layers):
        at = f"model.layers.{i}"
        found |= {
            f"layers.{i}.{key}": get(f"{at}.{name}.weight").float() + extra for key, name in names.items()
        }
        if config.qk_norm:
            q, k = (get(f"{at}.self_attn.{p}_norm.weight").float()[order] + extra for p in "qk")
            # The fused kernel divides by sqrt(D); Gemma divides by the root of another number.
            found[f"layers.{i}.q_norm"] = q * math.sqrt(
                config.head_dim / (config.query_scale or config.head_dim)
            )
            found[f"layers.{i}.k_norm"] = k
    return found


def vector_sizes(config: ModelConfig) -> dict[str, int]:
    """Return how many numbers each vector of `vectors` has."""
    sizes = {"norm": config.hidden_size, "ffn_norm": config.hidden_size}
    if config.sandwich:
        sizes |= {"out_norm": config.hidden_size, "down_norm": config.hidden_size}
    if config.qk_norm:
        sizes |= {"q_norm": config.head_dim, "k_norm": config.head_dim}
    each = {f"layers.{i}.{key}": size for i in range(config.layers) for key, size in sizes.items()}
    return {"norm": config.hidden_size, **each}


def stacked(matrix: Matrix, config: ModelConfig, get: Callable[[str], Tensor | None]) -> Tensor | None:
    """Put the parts of a fused matrix, or of its bias, below each other; None: it has none.

    Args:
        matrix: Which.
        config: The model's.
        get: Gives a part (N, ...) by the name of its matrix.
    """
    order, parts = paired_rows(config.head_dim), []
    for name, paired in zip(matrix.names, matrix.paired, strict=True):
        part = get(name)
        if part is None:
            return None
        parts.append(
            part.view(-1, len(order), *part.shape[1:])[:, order].reshape(part.shape) if paired else part
        )
    return torch.cat(parts) if len(parts) > 1 else parts[0]


def paired_rows(width: int) -> Tensor:
    """Return the order in which numbers i and i + D / 2 of a head, which turn together, are neighbours."""
    half = width // 2
    return torch.arange(width).view(2, half).T.flatten()
