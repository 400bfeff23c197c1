"""The causal language model as decoding runs it: fused, quantised if asked for, without gradients.

`causal_lm.CausalLM` is the model to read, train and look into; this is the same arithmetic with as few
operators a token as torch allows. Queries, keys and values come from one matrix, gate and up from another;
both numbers of a rotary pair lie side by side (`paired_rows`), so that turning them is one complex product;
nothing is computed again that a position determines. The residual stream stays in float32 on the CPU, where
types are converted on the way into a matrix.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from aigc_tui.transformer.attention import View, attend, causal_view
from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.feedforward import gelu_tanh
from aigc_tui.transformer.fused_weights import matrices, stacked, vectors
from aigc_tui.transformer.positions import inverse_frequencies
from aigc_tui.transformer.quantised import FloatLinear, Int8Linear, Linear, computes_bfloat16


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
        self._nothing = torch.zeros(1)

    @property
    def device(self) -> torch.device:
        return self.norm.device

    def forward(self, tokens: Tensor, cache: KVCache | None = None, last: int = 0) -> Tensor:
        """Compute logits (B, T or `last`, V) of tokens (B, T) behind the cached ones."""
        x = self.hidden(tokens, cache)
        return self.head(x[:, -last:] if last else x)

    def hidden(self, tokens: Tensor, cache: KVCache | None = None) -> Tensor:
        """Return the final hidden states (B, T, C)."""
        if tokens.numel() == 1 and cache is not None and self.device.type == "cpu":
            return self._next(tokens, cache)
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
            qkv = layer.qkv(rms_norm(x, layer.norm, eps))
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

    def _next(self, token: Tensor, cache: KVCache) -> Tensor:
        """Read one token (1, 1) behind others: `hidden` with less than half the operators.

        A token of a small model passes some thousand operators that take five microseconds each, whatever
        they compute: as long as its matrices take. So nothing has a batch, lengths are numbers of Python,
        and keys and values go straight to their place in the cache.
        """
        config, eps, start = self.config, self.config.norm_eps, cache.length
        heads, shared, width = config.heads, config.kv_heads, config.head_dim
        turns = {w: self._angles(w, start + 1)[start] for w in set(self._windows)}  # (D / 2)
        x = self._embed(token).view(1, -1)
        for i, (layer, window) in enumerate(zip(self.layers, self._windows, strict=True)):
            qkv = layer.qkv.row(self._row_norm(x, layer.norm))
            qkv = qkv.float().view(heads + 2 * shared, width)
            turned = qkv[: heads + shared]
            if layer.q_norm is not None and layer.k_norm is not None:
                turned[:heads] = rms_norm(turned[:heads], layer.q_norm, eps)
                turned[heads:] = rms_norm(turned[heads:], layer.k_norm, eps)
            torch.view_as_complex(turned.view(-1, width // 2, 2)).mul_(turns[window])
            k, v = cache.append_one(i, qkv[heads:], self.cache_dtype, window)
            q = qkv[:heads].to(self.cache_dtype).view(1, shared, heads // shared, width)
            y = functional.scaled_dot_product_attention(q, k, v).view(1, -1)
            y = layer.out.row(y)
            x.add_(y if layer.out_norm is None else rms_norm(y.float(), layer.out_norm, eps))
            gate, up = layer.gate_up.row(self._row_norm(x, layer.ffn_norm)).chunk(2, dim=1)
            y = layer.down.row(self._activation(gate).mul_(up))
            x.add_(y if layer.down_norm is None else rms_norm(y.float(), layer.down_norm, eps))
        cache.advance(1)
        return self._row_norm(x, self.norm).view(1, 1, -1)

    def _row_norm(self, x: Tensor, weight: Tensor) -> Tensor:
        """`rms_norm` of one row (1, C): with the root as a Python number it takes a third of the time."""
        flat = x.view(-1)
        root = torch.dot(flat, flat).item() / x.shape[1] + self.config.norm_eps
        return torch.addcmul(self._nothing, x, weight, value=root**-0.5)

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


def assemble(
    config: ModelConfig,
    table: Tensor | Int8Linear,
    linears: Mapping[str, Linear],
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
    linears: dict[str, Linear] = {}
    for matrix in matrices(config):
        weight = stacked(matrix, config, lambda name: state.get(f"{name}.weight"))
        bias = stacked(matrix, config, lambda name: state.get(f"{name}.bias"))
        assert weight is not None
        linears[matrix.key] = FloatLinear(weight, bias)
    table = state["model.embed_tokens.weight"]
    kept = table.dtype if table.dtype is torch.float32 else cache_dtype()
    return assemble(config, table, linears, vectors(config, lambda name: state[name]), kept)


def folded(q: Tensor, k: Tensor, v: Tensor, view: View) -> Tensor:
    """Attend as `attention.attend` does, with the query heads of a shared key head as rows of one product.

    torch's kernel for shared heads is 8 to 20 times slower than this for a single new token.
    """
    batch, heads, length, width = q.shape
    shared = k.shape[1]
    if view.causal or view.mask is not None or q.device.type != "cpu":
        return attend(q, k, v, view)
    k, v = k[:, :, -view.keys :], v[:, :, -view.keys :]
    rows = q.reshape(batch, shared, heads // shared * length, width)
    return functional.scaled_dot_product_attention(rows, k, v).view(batch, heads, length, width)


def cache_dtype() -> torch.dtype:
    """Return the type in which keys and values are kept on this machine's CPU.

    bfloat16 halves their memory, but where the processor does not compute in it, attention takes twice as
    long for a token and ten times for a prompt.
    """
    return torch.bfloat16 if computes_bfloat16() else torch.float32


def rms_norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """Return x / sqrt(mean(x^2) + eps) * weight over the last axis, in float32."""
    return functional.rms_norm(x, weight.shape, weight, eps)
