"""Writes tiny GGUF files of our models, as llama.cpp's converters do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter, RopeScalingType
from gguf.quants import quantize

from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.positions import inverse_frequencies

ARCHITECTURES = {"gemma3_text": "gemma3", "mistral": "llama"}
TOP = {
    "model.embed_tokens": "token_embd",
    "model.embed_positions": "position_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
}
LLAMA = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
GEMMA = LLAMA | {
    "post_attention_layernorm": "post_attention_norm",
    "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}
Change = Callable[[GGUFWriter], None]


def write_gguf(
    path: Path,
    model: CausalLM,
    kind: str = "F32",
    tokenizer: Mapping[str, Any] | None = None,
    change: Change = lambda writer: None,
    tensors: Mapping[str, np.ndarray[Any, Any] | None] | None = None,
) -> Path:
    """Write a model.

    Args:
        path: Where.
        model: Any of our models.
        kind: The type of matrices whose rows it can hold; the others are in float32.
        tokenizer: Metadata by keys after ``tokenizer.ggml.``; default: token names without meaning.
        change: Adds metadata, or changes it.
        tensors: Tensors by their names in the file to put in place of the model's; None: left out.
    """
    config = model.config
    writer = GGUFWriter(path, ARCHITECTURES.get(config.family, config.family))
    _add_config(writer, config)
    _add_tokenizer(
        writer, tokenizer or {"model": "gpt2", "tokens": [f"t{i}" for i in range(config.vocab_size)]}
    )
    change(writer)
    for name, value in (tensors_of(model) | dict(tensors or {})).items():
        if value is not None:
            _add_tensor(writer, name, value, kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _add_config(writer: GGUFWriter, config: ModelConfig) -> None:
    writer.add_block_count(config.layers)
    writer.add_context_length(config.max_positions)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.ffn_size)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(config.kv_heads)
    if config.norm == "layer":
        writer.add_layer_norm_eps(config.norm_eps)
        return
    writer.add_layer_norm_rms_eps(config.norm_eps)
    writer.add_rope_freq_base(config.rope_theta)
    writer.add_key_length(config.head_dim)
    writer.add_value_length(config.head_dim)
    if config.rope_scaling and config.rope_scaling.kind == "linear":
        writer.add_rope_scaling_type(RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(config.rope_scaling.factor)
    if config.rope_scaling and config.rope_scaling.kind == "llama3":
        writer.add_rope_scaling_orig_ctx_len(config.rope_scaling.original)
    if config.sandwich:
        assert config.window is not None
        writer.add_sliding_window(config.window)
        writer.add_sliding_window_pattern([config.window_of(i) is not None for i in range(config.layers)])


def _add_tokenizer(writer: GGUFWriter, metadata: Mapping[str, Any]) -> None:
    for key, value in metadata.items():
        name = f"tokenizer.ggml.{key}"
        if isinstance(value, bool):
            writer.add_bool(name, value)
        elif isinstance(value, int):
            writer.add_uint32(name, value)
        elif isinstance(value, str):
            writer.add_string(name, value)
        else:
            writer.add_array(name, value)


def _add_tensor(writer: GGUFWriter, name: str, value: np.ndarray[Any, Any], kind: str) -> None:
    wanted = GGMLQuantizationType[kind]
    if value.ndim > 1 and value.shape[-1] % 32 == 0 and kind not in ("F32", "F16"):
        writer.add_tensor(name, quantize(value, wanted), raw_dtype=wanted)
    else:
        writer.add_tensor(name, value.astype(np.float16 if kind == "F16" and value.ndim > 1 else np.float32))


def tensors_of(model: CausalLM) -> dict[str, np.ndarray[Any, Any] | None]:
    """Name and change our weights as llama.cpp's converters do."""
    config, found = model.config, dict[str, np.ndarray[Any, Any] | None]()
    for name, weight in model.state_dict().items():
        module, kind = name.rsplit(".", 1)
        value = weight.detach().float().numpy()
        if module in TOP:
            place = TOP[module]
        else:
            _, _, layer, part = module.split(".", 3)
            place = f"blk.{layer}.{(GEMMA if config.sandwich else LLAMA)[part]}"
        if config.family in ("llama", "mistral") and place.endswith(("attn_q", "attn_k")):
            value = permuted(value, config.heads if place.endswith("q") else config.kv_heads)
        if config.norm == "rms_offset" and name.endswith("norm.weight"):
            value = value + 1
        found[f"{place}.{kind}"] = value
    if config.tied:
        del found["output.weight"]
    if config.family == "gpt2":
        _fuse(found, config)
    if config.rope_scaling and config.rope_scaling.kind == "llama3":
        plain, scaled = (
            inverse_frequencies(config.head_dim, config.rope_theta, scaling)
            for scaling in (None, config.rope_scaling)
        )
        found["rope_freqs.weight"] = (plain / scaled).numpy()
    return found


def permuted(value: np.ndarray[Any, Any], heads: int) -> np.ndarray[Any, Any]:
    """Do as ``permute`` of convert_hf_to_gguf.py (ggml-org/llama.cpp)."""
    halves = value.reshape(heads, 2, value.shape[0] // heads // 2, *value.shape[1:])
    return halves.swapaxes(1, 2).reshape(value.shape)


def _fuse(found: dict[str, np.ndarray[Any, Any] | None], config: ModelConfig) -> None:
    for layer in range(config.layers):
        for kind in ("weight", "bias"):
            parts = [found.pop(f"blk.{layer}.attn_{part}.{kind}") for part in "qkv"]
            found[f"blk.{layer}.attn_qkv.{kind}"] = np.concatenate([p for p in parts if p is not None])
