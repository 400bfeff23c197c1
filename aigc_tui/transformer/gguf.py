"""GGUF models: where each of our weights lies in the file, and the simplest loader.

llama.cpp's converters rename tensors and change some: rows of Llama's queries and keys are put into another
order, Gemma's norms hold 1 + weight, GPT-2's queries, keys and values are one matrix. `weights_of` says for
each parameter of `CausalLM` how to undo that, so that quantised rows can be taken as they are, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.checkpoint import made_for_loading, stored
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.feedforward import GATED
from aigc_tui.transformer.gguf_config import CONTROL, ROPE_FACTORS, config_of, end_ids, token_id
from aigc_tui.transformer.gguf_reader import Bytes, GgufError, GgufFile, GgufTensor, open_gguf

__all__ = [
    "CONTROL",
    "GgufError",
    "GgufFile",
    "GgufTensor",
    "Source",
    "config_of",
    "end_ids",
    "load_gguf",
    "open_gguf",
    "shapes_of",
    "token_id",
    "weights_of",
]

_HEAD = "lm_head.weight"


@dataclass(frozen=True, slots=True)
class Source:
    """Where one of our parameters lies in a file.

    Args:
        tensor: The tensor that holds it.
        shape: The parameter's shape, in torch's order.
        first: The row (of a vector, the number) where it begins in the tensor.
        order: Row i of ours is row ``first + order[i]`` of the tensor; None: ``first + i``.
        offset: To be added to every number.
    """

    tensor: GgufTensor
    shape: tuple[int, ...]
    first: int = 0
    order: Tensor | None = None
    offset: float = 0.0

    def raw(self, file: GgufFile) -> Bytes:
        """Return a matrix's rows as bytes in our order, (rows, bytes a row); only without an offset."""
        rows = file.raw(self.tensor)[self.first : self.first + self.shape[0]]
        return rows if self.order is None else rows[self.order.numpy()]

    def dequantised(self, file: GgufFile) -> Tensor:
        """Return the parameter in float32."""
        part = slice(self.first, self.first + self.shape[0])
        matrix = len(self.shape) > 1
        found = file.dequantised(self.tensor, part) if matrix else file.dequantised(self.tensor)[part]
        found = found if self.order is None else found[self.order]
        return found + self.offset if self.offset else found


def weights_of(file: GgufFile, config: ModelConfig) -> dict[str, Source]:
    """Find every weight of the model.

    Args:
        file: The file.
        config: Its configuration, see `config_of`.

    Returns:
        Where each lies, by the names of ``CausalLM.state_dict()``; a tied output matrix is left out.

    Raises:
        GgufError: A tensor is missing, unknown or of another shape.
    """
    shapes = dict(shapes_of(config))
    places = {name: _place(name, config) for name in shapes}
    missing = sorted({place for place in places.values() if place not in file.tensors})
    if missing:
        raise GgufError(
            "{path} lacks the tensor {name!r} ({missing} missing)",
            path=file.path,
            name=missing[0],
            missing=len(missing),
        )
    unknown = sorted(file.tensors.keys() - places.values() - {ROPE_FACTORS})
    if unknown:
        raise GgufError("{path} holds an unknown tensor {name!r}", path=file.path, name=unknown[0])
    return {name: _source(file, config, name, shape, places[name]) for name, shape in shapes.items()}


def _source(file: GgufFile, config: ModelConfig, name: str, shape: tuple[int, ...], place: str) -> Source:
    tensor, parts = file.tensors[place], 3 if ".attn_qkv." in place else 1
    wanted = (shape[0] * parts, *shape[1:])
    if tensor.shape != wanted:
        raise GgufError(
            "{path}: {name} has shape {shape}, its metadata says {wanted}",
            path=file.path,
            name=place,
            shape=str(tensor.shape),
            wanted=str(wanted),
        )
    part = ("q_proj", "k_proj", "v_proj").index(name.split(".")[-2]) if parts > 1 else 0
    turned = config.family == "llama" and name.split(".")[-2] in ("q_proj", "k_proj")
    order = _half_order(shape[0], config.head_dim) if turned else None
    centred = config.norm == "rms_offset" and name.endswith("norm.weight")
    return Source(tensor, shape, part * shape[0], order, -1.0 if centred else 0.0)


def _half_order(rows: int, head_dim: int) -> Tensor:
    """Undo llama.cpp's order of Llama's queries and keys.

    It turns neighbours (number 2i with 2i + 1) where published weights turn halves (i with i + D/2), and
    orders the rows of each head accordingly (`permute` in its converter).
    """
    return torch.arange(rows).view(-1, head_dim // 2, 2).transpose(1, 2).flatten()


def shapes_of(config: ModelConfig) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the name and shape of each parameter that files hold, without making the model."""
    wide, inner = config.hidden_size, config.ffn_size
    read, shared, bias = config.heads * config.head_dim, config.kv_heads * config.head_dim, config.qkv_bias
    matrices = {
        "self_attn.q_proj": (read, wide, bias),
        "self_attn.k_proj": (shared, wide, bias),
        "self_attn.v_proj": (shared, wide, bias),
        "self_attn.o_proj": (wide, read, config.o_bias),
        **({"mlp.gate_proj": (inner, wide, config.ffn_bias)} if config.activation in GATED else {}),
        "mlp.up_proj": (inner, wide, config.ffn_bias),
        "mlp.down_proj": (wide, inner, config.ffn_bias),
    }
    norms = ["input_layernorm", "post_attention_layernorm"]
    if config.sandwich:
        norms += ["pre_feedforward_layernorm", "post_feedforward_layernorm"]
    kinds = ("weight", "bias") if config.norm == "layer" else ("weight",)
    yield "model.embed_tokens.weight", (config.vocab_size, wide)
    if config.positions == "learned":
        yield "model.embed_positions.weight", (config.max_positions, wide)
    for layer in range(config.layers):
        block = f"model.layers.{layer}"
        for name, (rows, columns, biased) in matrices.items():
            yield f"{block}.{name}.weight", (rows, columns)
            if biased:
                yield f"{block}.{name}.bias", (rows,)
        for name in ("self_attn.q_norm", "self_attn.k_norm") if config.qk_norm else ():
            yield f"{block}.{name}.weight", (config.head_dim,)
        yield from ((f"{block}.{name}.{kind}", (wide,)) for name in norms for kind in kinds)
    yield from ((f"model.norm.{kind}", (wide,)) for kind in kinds)
    if not config.tied:
        yield _HEAD, (config.vocab_size, wide)


_TOP = {
    "model.embed_tokens": "token_embd",
    "model.embed_positions": "position_embd",
    "model.norm": "output_norm",
    "lm_head": "output",
}
_BLOCK = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
_SANDWICH = {
    **_BLOCK,
    "post_attention_layernorm": "post_attention_norm",
    "pre_feedforward_layernorm": "ffn_norm",
    "post_feedforward_layernorm": "post_ffw_norm",
}
_FUSED = {**_BLOCK, **dict.fromkeys(("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"), "attn_qkv")}


def _place(name: str, config: ModelConfig) -> str:
    """Return llama.cpp's name of the tensor that holds one of our parameters."""
    module, kind = name.rsplit(".", 1)
    if module in _TOP:
        return f"{_TOP[module]}.{kind}"
    _, _, layer, part = module.split(".", 3)
    names = _SANDWICH if config.sandwich else _FUSED if config.family == "gpt2" else _BLOCK
    return f"blk.{layer}.{names[part]}.{kind}"


@torch.no_grad()
def load_gguf(path: Path, dtype: torch.dtype = torch.float32) -> CausalLM:
    """Load a model with all weights dequantised: exact, and the largest in memory.

    Args:
        path: The GGUF file.
        dtype: Type to hold the weights in.

    Raises:
        GgufError: The file is damaged or of a kind that is not supported.
    """
    file = open_gguf(path)
    config = config_of(file)
    sources = weights_of(file, config)  # before memory is taken: the file holds all that the config asks for
    with made_for_loading(dtype, "cpu"):
        model = CausalLM(config)
    targets = stored(model)
    for name, source in sources.items():
        value = source.dequantised(file)
        if not bool(torch.isfinite(value).all()):
            raise GgufError(
                "{path}: {name} holds values that are not finite numbers", path=path, name=source.tensor.name
            )
        targets[name].copy_(value)
    return model.eval()
