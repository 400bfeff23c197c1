"""Attention: the formula, then the layer with grouped query heads that language models use.

Attention(Q, K, V) = softmax(Q K^T / sqrt(D)) V (Vaswani et al., arXiv:1706.03762, eq. 1). A causal
language model may not look ahead, so the scores of later positions are minus infinity.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.positions import rotate


def causal_mask(queries: int, keys: int, device: torch.device | None = None) -> Tensor:
    """Return the (queries, keys) table of who may see whom, True for yes.

    The last query stands at the last key; with a cache there are more keys than queries.
    """
    table = torch.ones(queries, keys, dtype=torch.bool, device=device)
    return table.tril(diagonal=keys - queries)


def scaled_dot_product_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """Compute softmax(Q K^T / sqrt(D)) V as written in the paper.

    Slow and clear: the tests hold torch's fused kernel to it.

    Args:
        q: Queries (B, H, T, D).
        k: Keys (B, H, S, D).
        v: Values (B, H, S, D).
        mask: True where a query may look, broadcastable to (B, H, T, S), or None for everywhere.

    Returns:
        Shape (B, H, T, D).
    """
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return scores.softmax(dim=-1) @ v


class Attention(nn.Module):
    """Multi-head attention in which several query heads share one key/value head (arXiv:2305.13245)."""

    def __init__(self, config: ModelConfig, layer: int) -> None:
        """Make the four projections of block number ``layer``."""
        super().__init__()
        self.layer, self.head_dim = layer, config.head_dim
        self.heads, self.kv_heads = config.heads, config.kv_heads
        self.q_proj = nn.Linear(config.hidden_size, config.heads * config.head_dim, bias=False)
        self.k_proj = nn.Linear(config.hidden_size, config.kv_heads * config.head_dim, bias=False)
        self.v_proj = nn.Linear(config.hidden_size, config.kv_heads * config.head_dim, bias=False)
        self.o_proj = nn.Linear(config.heads * config.head_dim, config.hidden_size, bias=False)

    def forward(
        self, x: Tensor, rotary: tuple[Tensor, Tensor], mask: Tensor | None, cache: KVCache | None
    ) -> Tensor:
        """Mix information between positions.

        Args:
            x: Normed residual stream (B, T, C).
            rotary: cos and sin for the positions of ``x``.
            mask: Who may see whom, or None for plain causal attention over ``x`` alone.
            cache: Earlier keys and values, which is extended; None to keep nothing.

        Returns:
            Shape (B, T, C).
        """
        q = rotate(self._split(self.q_proj(x), self.heads), *rotary)
        k = rotate(self._split(self.k_proj(x), self.kv_heads), *rotary)
        v = self._split(self.v_proj(x), self.kv_heads)
        if cache is not None:
            k, v = cache.append(self.layer, k, v)
        k, v = self._shared(k), self._shared(v)
        mixed = functional.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=mask is None)
        return self.o_proj(mixed.transpose(1, 2).flatten(2))  # type: ignore[no-any-return]

    def _split(self, x: Tensor, heads: int) -> Tensor:
        """(B, T, H * D) -> (B, H, T, D)."""
        return x.view(*x.shape[:2], heads, self.head_dim).transpose(1, 2)

    def _shared(self, x: Tensor) -> Tensor:
        """Give every query head its key/value head: (B, H_kv, S, D) -> (B, H, S, D)."""
        return x.repeat_interleave(self.heads // self.kv_heads, dim=1) if self.heads != self.kv_heads else x
