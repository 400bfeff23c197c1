"""Attention: the formula, and the multi-head layer of the first Transformer.

Attention(Q, K, V) = softmax(Q K^T / sqrt(D)) V (Vaswani et al., arXiv:1706.03762, eq. 1): every query
takes a mean of all values, weighted by how well it fits their keys. The layer that today's language
models use, with rotary positions and shared key/value heads, is in ``grouped_attention``.
"""

from __future__ import annotations

import math
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from aigc_tui.transformer.view import View


def attention_weights(q: Tensor, k: Tensor, mask: Tensor | None) -> Tensor:
    """Compute softmax(Q K^T / sqrt(D)): how much every query takes from every key.

    Args:
        q: Queries (B, H, T, D).
        k: Keys (B, H, S, D).
        mask: True where a query may look, broadcastable to (B, H, T, S), or None for everywhere.

    Returns:
        Shape (B, H, T, S); each row sums to one.
    """
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return scores.softmax(dim=-1)


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
    return attention_weights(q, k, mask) @ v


class Attend(Protocol):
    """How queries, keys and values become mixed values; ``observe`` puts another one in its place."""

    def __call__(self, q: Tensor, k: Tensor, v: Tensor, view: View, dropout: float = 0.0) -> Tensor:
        """Mix; see :func:`attend`."""
        ...


def attend(q: Tensor, k: Tensor, v: Tensor, view: View, dropout: float = 0.0) -> Tensor:
    """Compute the formula with torch's fused kernel, which never holds the (T, S) table of weights.

    Args:
        q: Queries (B, H, T, D).
        k: Keys (B, H_kv, S, D); each is shared by H / H_kv query heads.
        v: Values (B, H_kv, S, D).
        view: Who sees whom.
        dropout: Chance of each weight to be dropped.

    Returns:
        Shape (B, H, T, D).
    """
    if k.shape[2] > view.keys:
        k, v = k[:, :, -view.keys :], v[:, :, -view.keys :]
    # CPU kernels share heads without copying the keys. On a GPU the kernel that takes a mask cannot.
    shared = k.shape[1] != q.shape[1] and q.device.type == "cpu"
    if not shared:
        k, v = spread_heads(k, q.shape[1]), spread_heads(v, q.shape[1])
    return functional.scaled_dot_product_attention(
        q, k, v, attn_mask=view.mask, dropout_p=dropout, is_causal=view.causal, enable_gqa=shared
    )


def spread_heads(x: Tensor, heads: int) -> Tensor:
    """Give every query head its key/value head: (B, H_kv, S, D) -> (B, H, S, D)."""
    return x if x.shape[1] == heads else x.repeat_interleave(heads // x.shape[1], dim=1)


class MultiHeadAttention(nn.Module):
    """Concat(head_1 .. head_H) W^O, where head_i = Attention(x W_i^Q, x W_i^K, x W_i^V).

    Vaswani et al., section 3.2.2. All heads' projections are computed by one matrix and then cut apart.
    """

    attend: Attend

    def __init__(self, width: int, heads: int, dropout: float = 0.0, bias: bool = True) -> None:
        """Make the four projections.

        Args:
            width: Width of the residual stream (C).
            heads: Number of heads (H); each is C / H wide.
            dropout: Chance of each attention weight to be dropped while training.
            bias: Whether the projections add a bias.

        Raises:
            ValueError: ``heads`` does not divide ``width``.
        """
        super().__init__()
        if width % heads:
            raise ValueError(f"the width ({width}) must be a multiple of the number of heads ({heads})")
        self.heads, self.dropout = heads, dropout
        self.q_proj = nn.Linear(width, width, bias=bias)
        self.k_proj = nn.Linear(width, width, bias=bias)
        self.v_proj = nn.Linear(width, width, bias=bias)
        self.o_proj = nn.Linear(width, width, bias=bias)
        self.attend = attend

    def forward(self, x: Tensor, view: View) -> Tensor:
        """Mix information between positions: (B, T, C) -> (B, T, C)."""
        q, k, v = (split_heads(project(x), self.heads) for project in (self.q_proj, self.k_proj, self.v_proj))
        mixed = self.attend(q, k, v, view, self.dropout if self.training else 0.0)
        return self.o_proj(join_heads(mixed))  # type: ignore[no-any-return]


def split_heads(x: Tensor, heads: int) -> Tensor:
    """(B, T, H * D) -> (B, H, T, D)."""
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)


def join_heads(x: Tensor) -> Tensor:
    """(B, H, T, D) -> (B, T, H * D)."""
    return x.transpose(1, 2).flatten(2)


def head_contributions(heads: Tensor, output: nn.Linear) -> Tensor:
    """Return what each head writes into the residual stream.

    Their sum over the heads, plus the output matrix' bias, is the layer's output.

    Args:
        heads: What the heads mixed (B, H, T, D).
        output: The output projection W^O, from H * D to C.

    Returns:
        Shape (B, H, T, C).
    """
    rows = output.weight.view(output.weight.shape[0], heads.shape[1], -1)  # (C, H, D)
    return torch.einsum("bhtd,chd->bhtc", heads, rows)
