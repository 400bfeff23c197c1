"""The causal language model as decoding runs it: fused, quantised if asked for, without gradients.

`causal_lm.CausalLM` is the model to read, train and look into; this is the same arithmetic with as few operators
a token as torch allows. Queries, keys and values come from one matrix, gate and up from another; both numbers of a
rotary pair lie side by side (`paired_rows`), so that turning them is one complex product; nothing is recomputed
that a position determines. The residual stream stays in float32 on the CPU, where types are converted on the way into
a matrix.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

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
        self._linears = nn.ModuleList(m for layer in layers for m in (layer.qkv, layer.out, layer.gate_up, layer.down))
        self._windows = [config.window_of(layer) for layer in range(config.layers)]
        self._activation: Callable[[Tensor], Tensor] = functional.silu
        self._turns = torch.empty(0, config.head_dim // 2, dtype=torch.complex64)

    @classmethod
    def from_model(cls, model: CausalLM) -> FusedLM:
        """Fuse the weights of a float model; they are copied, so let go of the model afterwards."""
        config, state = model.config, {name: weight.detach() for name, weight in model.state_dict().items()}
        rows = paired_rows(config.head_dim)

        def linear(*names: str, paired: tuple[bool, ...] = (False,)) -> FloatLinear:
            parts = [_paired(state[f"{n}.weight"], rows, p) for n, p in zip(names, paired * len(names), strict=False)]
            biases = [
                _paired(state[f"{n}.bias"], rows, p)
                for n, p in zip(names, paired * len(names), strict=False)
                if f"{n}.bias" in state
            ]
            return float_linear(torch.cat(parts), torch.cat(biases) if biases else None)

        layers = []
        for i in range(config.layers):
            at = f"model.layers.{i}"
            attention, mlp = f"{at}.self_attn", f"{at}.mlp"
            layers.append(
                Layer(
                    norm=state[f"{at}.input_layernorm.weight"].float(),
                    qkv=linear(*(f"{attention}.{p}_proj" for p in "qkv"), paired=(True, True, False)),
                    out=linear(f"{attention}.o_proj"),
                    ffn_norm=state[f"{at}.post_attention_layernorm.weight"].float(),
                    gate_up=linear(f"{mlp}.gate_proj", f"{mlp}.up_proj"),
                    down=linear(f"{mlp}.down_proj"),
                    q_norm=_norm(state, f"{attention}.q_norm.weight", rows),
                    k_norm=_norm(state, f"{attention}.k_norm.weight", rows),
                )
            )
        table = state["model.embed_tokens.weight"]
        head = float_linear(state["lm_head.weight"], None)
        return cls(config, table, layers, state["model.norm.weight"].float(), head, table.dtype)

    @property
    def device(self) -> torch.device:
        return self.norm.device

    def forward(self, tokens: Tensor, cache: KVCache | None = None, last: int = 0) -> Tensor:
        """Compute logits (B, T or `last`, V) of the tokens (B, T) behind those in the cache; see `CausalModel`."""
        x = self.hidden(tokens, cache)
        return self.head(x[:, -last:] if last else x)  # type: ignore[no-any-return]

    def hidden(self, tokens: Tensor, cache: KVCache | None = None) -> Tensor:
        """Return the final hidden states (B, T, C)."""
        config, (batch, length) = self.config, tokens.shape
        start = 0 if cache is None else cache.length
        heads, shared, width = config.heads, config.kv_heads, config.head_dim
        turned, eps = (heads + shared) * width, config.norm_eps
        x = self._embed(tokens)
        turns = self._angles(start + length)[start:, None]  # (T, 1, D / 2), the same for all heads
        views = {w: causal_view(length, start, w, None, x.device) for w in set(self._windows)}
        for i, layer in enumerate(self.layers):
            h = rms_norm(x, layer.norm, eps)
            qkv = layer.qkv(h)
            qk = qkv[..., :turned].float().view(batch, length, heads + shared, width)
            if layer.q_norm is not None and layer.k_norm is not None:
                qk = torch.cat(
                    (rms_norm(qk[:, :, :heads], layer.q_norm, eps), rms_norm(qk[:, :, heads:], layer.k_norm, eps)), 2
                )
            pairs = torch.view_as_complex(qk.view(batch, length, heads + shared, width // 2, 2))
            qk = torch.view_as_real(pairs * turns).flatten(3).to(self.cache_dtype).transpose(1, 2)
            q, k = qk[:, :heads], qk[:, heads:]
            v = qkv[..., turned:].to(self.cache_dtype).view(batch, length, shared, width).transpose(1, 2)
            if cache is not None:
                k, v = cache.append(i, k, v)
            mixed = self._attend(q, k, v, views[self._windows[i]])
            x = x + layer.out(mixed.transpose(1, 2).flatten(2))
            gate, up = layer.gate_up(rms_norm(x, layer.ffn_norm, eps)).chunk(2, dim=-1)
            x = x + layer.down(self._activation(gate) * up)
        if cache is not None:
            cache.advance(length)
        return rms_norm(x, self.norm, eps)

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, view: View) -> Tensor:
        return attend(q, k, v, view)

    def _embed(self, tokens: Tensor) -> Tensor:
        if isinstance(self.table, Int8Linear):
            return self.table.rows_of(tokens)
        x = functional.embedding(tokens, self.table)
        return x.float() if x.device.type == "cpu" else x

    def _angles(self, end: int) -> Tensor:
        """Return e^(i m theta) for positions m up to `end`, (end or more, D / 2), computed once."""
        if self._turns.shape[0] < end:
            config = self.config
            frequencies = inverse_frequencies(config.head_dim, config.rope_theta, config.rope_scaling)
            size = max(end, min(2 * end, config.max_positions))
            angles = torch.arange(size)[:, None].float() * frequencies
            self._turns = torch.polar(torch.ones_like(angles), angles).to(self.device)
        return self._turns[:end]


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """x / sqrt(mean(x^2) + eps) * weight over the last axis, in float32."""
    return functional.rms_norm(x, weight.shape, weight, eps)


def paired_rows(width: int) -> Tensor:
    """Return the order in which number i and number i + D / 2 of a head, which turn together, are neighbours."""
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


def _paired(x: Tensor, order: Tensor, paired: bool) -> Tensor:
    """Bring the rows of each head into the order of `paired_rows`."""
    return x.view(-1, len(order), *x.shape[1:])[:, order].reshape(x.shape) if paired else x


def _norm(state: dict[str, Tensor], name: str, order: Tensor) -> Tensor | None:
    return state[name][order].float() if name in state else None
