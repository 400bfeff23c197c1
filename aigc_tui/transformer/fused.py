"""The causal language model as decoding runs it: fused, quantised if asked for, without gradients.

`causal_lm.CausalLM` is the model to read, train and look into; this is the same arithmetic with as few
operators a token as torch allows. Queries, keys and values come from one matrix, gate and up from another;
both numbers of a rotary pair lie side by side (`paired_rows`), so that turning them is one complex product;
nothing is computed again that a position determines. The residual stream stays in float32 on the CPU, where
types are converted on the way into a matrix.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional

from aigc_tui.transformer.attention import View, attend, causal_view
from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.feedforward import gelu_tanh
from aigc_tui.transformer.positions import inverse_frequencies
from aigc_tui.transformer.quantised import Int8Linear


class FloatLinear(nn.Linear):
    """A linear layer that takes its input in any type."""

    def forward(self, x: Tensor) -> Tensor:
        return functional.linear(x.to(self.weight.dtype), self.weight, self.bias)


Linear = nn.Module
"""FloatLinear, Int4Linear or Int8Linear: (..., K) of any float type -> (..., N)."""


@dataclass(slots=True)
class Layer:
    """The weights of a block; norms are float32 (C,) or (D,), None where the family has none.

    Args:
        norm: Before attention.
        qkv: C -> (H + 2 H_kv) D, with query and key rows in the order of `paired_rows`.
        out: H D -> C.
        ffn_norm: Before the feed-forward layer.
        gate_up: C -> 2 F.
        down: F -> C.
        q_norm: Of each query, rows paired as those of `qkv`.
        k_norm: Of each key.
        out_norm: Behind attention (Gemma).
        down_norm: Behind the feed-forward layer (Gemma).
    """

    norm: Tensor
    qkv: Linear
    out: Linear
    ffn_norm: Tensor
    gate_up: Linear
    down: Linear
    q_norm: Tensor | None = None
    k_norm: Tensor | None = None
    out_norm: Tensor | None = None
    down_norm: Tensor | None = None


class FusedLM(nn.Module):
    """A decoder of a family with RMSNorm and rotary positions, for inference.

    Args:
        config: Its shape.
        table: Embeddings: a float tensor (V, C), or an `Int8Linear` whose rows they are.
        layers: Its blocks, bottom to top.
        norm: The final norm, float32 (C,).
        head: C -> V.
        cache_dtype: Type of keys and values in the cache.
    """

    def __init__(
        self,
        config: ModelConfig,
        table: Tensor | Int8Linear,
        layers: list[Layer],
        norm: Tensor,
        head: Linear,
        cache_dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.config, self.layers, self.norm, self.head = config, layers, norm, head
        self.table, self.cache_dtype = table, cache_dtype
        self._linears = nn.ModuleList(
            m for layer in layers for m in (layer.qkv, layer.out, layer.gate_up, layer.down)
        )
        self._windows = [config.window_of(layer) for layer in range(config.layers)]
        self._activation: Callable[[Tensor], Tensor] = (
            gelu_tanh if config.activation == "geglu" else functional.silu
        )
        self._embedding_scale = math.sqrt(config.hidden_size) if config.sandwich else 1.0
        self._turns: dict[int | None, Tensor] = {}

    @property
    def device(self) -> torch.device:
        return self.norm.device

    def forward(self, tokens: Tensor, cache: KVCache | None = None, last: int = 0) -> Tensor:
        """Compute logits (B, T or `last`, V) of tokens (B, T) behind the cached ones."""
        x = self.hidden(tokens, cache)
        return self.head(x[:, -last:] if last else x)  # type: ignore[no-any-return]

    def hidden(self, tokens: Tensor, cache: KVCache | None = None) -> Tensor:
        """Return the final hidden states (B, T, C)."""
        config, (batch, length) = self.config, tokens.shape
        start = 0 if cache is None else cache.length
        heads, shared, width = config.heads, config.kv_heads, config.head_dim
        turned, eps = (heads + shared) * width, config.norm_eps
        x = self._embed(tokens)
        windows = set(self._windows)
        views = {w: causal_view(length, start, w, None, x.device) for w in windows}
        turns = {
            w: self._angles(w, start + length)[start:, None] for w in windows
        }  # (T, 1, D / 2), for all heads
        for i, (layer, window) in enumerate(zip(self.layers, self._windows, strict=True)):
            h = rms_norm(x, layer.norm, eps)
            qkv = layer.qkv(h)
            qk = qkv[..., :turned].float().view(batch, length, heads + shared, width)
            if layer.q_norm is not None and layer.k_norm is not None:
                qk = torch.cat(
                    (
                        rms_norm(qk[:, :, :heads], layer.q_norm, eps),
                        rms_norm(qk[:, :, heads:], layer.k_norm, eps),
                    ),
                    2,
                )
            pairs = torch.view_as_complex(qk.view(batch, length, heads + shared, width // 2, 2))
            qk = torch.view_as_real(pairs * turns[window]).flatten(3).to(self.cache_dtype).transpose(1, 2)
            q, k = qk[:, :heads], qk[:, heads:]
            v = qkv[..., turned:].to(self.cache_dtype).view(batch, length, shared, width).transpose(1, 2)
            if cache is not None:
                k, v = cache.append(i, k, v)
            y = layer.out(folded(q, k, v, views[window]).transpose(1, 2).flatten(2))
            x = x + (y if layer.out_norm is None else rms_norm(y.float(), layer.out_norm, eps))
            gate, up = layer.gate_up(rms_norm(x, layer.ffn_norm, eps)).chunk(2, dim=-1)
            y = layer.down(self._activation(gate) * up)
            x = x + (y if layer.down_norm is None else rms_norm(y.float(), layer.down_norm, eps))
        if cache is not None:
            cache.advance(length)
        return rms_norm(x, self.norm, eps)

    def _embed(self, tokens: Tensor) -> Tensor:
        if isinstance(self.table, Int8Linear):
            x = self.table.rows_of(tokens)
        else:
            x = functional.embedding(tokens, self.table)
            x = x.float() if x.device.type == "cpu" else x
        return x * self._embedding_scale if self._embedding_scale != 1.0 else x

    def _angles(self, window: int | None, end: int) -> Tensor:
        """Return e^(i m theta) for positions m up to `end`, (end, D / 2), computed once."""
        known = self._turns.get(window)
        if known is None or known.shape[0] < end:
            c = self.config
            local = window is not None and c.local_theta is not None
            frequencies = (
                inverse_frequencies(c.head_dim, c.local_theta)
                if local and c.local_theta is not None
                else inverse_frequencies(c.head_dim, c.rope_theta, c.rope_scaling)
            )
            angles = torch.arange(max(end, min(2 * end, c.max_positions)))[:, None].float() * frequencies
            known = self._turns[window] = torch.polar(torch.ones_like(angles), angles).to(self.device)
        return known[:end]


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


def assemble(
    config: ModelConfig,
    table: Tensor | Int8Linear,
    linears: Mapping[str, nn.Module],
    norms: Mapping[str, Tensor],
    cache_dtype: torch.dtype,
) -> FusedLM:
    """Put a model together from what `matrices` and `vectors` name."""
    layers = []
    for i in range(config.layers):
        at = f"layers.{i}."
        layers.append(
            Layer(
                norm=norms[f"{at}norm"],
                qkv=linears[f"{at}qkv"],
                out=linears[f"{at}out"],
                ffn_norm=norms[f"{at}ffn_norm"],
                gate_up=linears[f"{at}gate_up"],
                down=linears[f"{at}down"],
                q_norm=norms.get(f"{at}q_norm"),
                k_norm=norms.get(f"{at}k_norm"),
                out_norm=norms.get(f"{at}out_norm"),
                down_norm=norms.get(f"{at}down_norm"),
            )
        )
    return FusedLM(config, table, layers, norms["norm"], linears["head"], cache_dtype)


def fuse(model: CausalLM) -> FusedLM:
    """Fuse the weights of a float model; they are copied, so let go of the model afterwards."""
    config, state = model.config, {name: weight.detach() for name, weight in model.state_dict().items()}
    linears: dict[str, nn.Module] = {}
    for matrix in matrices(config):
        weight = stacked(matrix, config, lambda name: state.get(f"{name}.weight"))
        bias = stacked(matrix, config, lambda name: state.get(f"{name}.bias"))
        assert weight is not None
        linears[matrix.key] = float_linear(weight, bias)
    table = state["model.embed_tokens.weight"]
    return assemble(config, table, linears, vectors(config, lambda name: state[name]), table.dtype)


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


def folded(q: Tensor, k: Tensor, v: Tensor, view: View) -> Tensor:
    """Attend as `attention.attend` does, with the query heads of a shared key head as rows of one product.

    torch's kernel for shared heads is 8 to 20 times slower than this for a single new token.
    """
    batch, heads, length, width = q.shape
    shared = k.shape[1]
    if view.causal or view.mask is not None or q.device.type != "cpu":
        # Processors without bfloat16 take ten times longer for it; a chunk is converted once.
        wide = q.dtype is torch.bfloat16 and q.device.type == "cpu" and not _computes_bfloat16()
        return attend(q.float(), k.float(), v.float(), view).to(q.dtype) if wide else attend(q, k, v, view)
    k, v = k[:, :, -view.keys :], v[:, :, -view.keys :]
    rows = q.reshape(batch, shared, heads // shared * length, width)
    return functional.scaled_dot_product_attention(rows, k, v).view(batch, heads, length, width)


@cache
def _computes_bfloat16() -> bool:
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Return x / sqrt(mean(x^2) + eps) * weight over the last axis, in float32."""
    if x.numel() == weight.numel() and x.device.type == "cpu":
        # A single token: with the root as a Python number it takes a sixth of the time of torch's own norm.
        root = torch.linalg.vector_norm(x).item()
        return torch.mul(x, weight).mul_((root * root / x.numel() + eps) ** -0.5)
    return functional.rms_norm(x, weight.shape, weight, eps)


def paired_rows(width: int) -> Tensor:
    """Return the order in which numbers i and i + D / 2 of a head, which turn together, are neighbours."""
    half = width // 2
    return torch.arange(width).view(2, half).T.flatten()


def float_linear(weight: Tensor, bias: Tensor | None) -> FloatLinear:
    """Make a linear layer of tensors as they are."""
    with torch.device("meta"):
        made = FloatLinear(weight.shape[1], weight.shape[0], bias=bias is not None)
    made.weight = nn.Parameter(weight, requires_grad=False)
    if bias is not None:
        made.bias = nn.Parameter(bias, requires_grad=False)
    return made
