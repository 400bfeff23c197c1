"""Attention: masks, the formula, and the multi-head layer of the first Transformer.

Attention(Q, K, V) = softmax(Q K^T / sqrt(D)) V (Vaswani et al., arXiv:1706.03762, eq. 1): each query takes a
weighted mean of the values. The layer of today's models, with rotary positions and shared key/value heads,
is `causal_lm.GroupedAttention`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class View:
    """Which keys the queries of one forward pass may attend to.

    Args:
        mask: True where a query may attend, broadcastable to (B, H, T, ``keys``); None: no mask is needed.
        causal: Without a mask: whether a query attends to itself and earlier positions only, else to all.
        keys: How many of the last keys count; earlier ones are outside every query's window.
        total: How many keys there are in all.
    """

    mask: Tensor | None
    causal: bool
    keys: int
    total: int


def causal_mask(queries: int, keys: int, device: torch.device | None = None) -> Tensor:
    """Return the causal mask (queries, keys), True where a query may attend.

    The last query stands at the last key; with a cache there are more keys than queries.
    """
    table = torch.ones(queries, keys, dtype=torch.bool, device=device)
    return table.tril(diagonal=keys - queries)


def window_mask(queries: int, keys: int, window: int, device: torch.device | None = None) -> Tensor:
    """Return the causal mask in which a query attends to ``window`` keys at most, itself included."""
    return causal_mask(queries, keys, device).triu(diagonal=keys - queries - window + 1)


def causal_view(
    length: int,
    start: int = 0,
    window: int | None = None,
    segments: Tensor | None = None,
    device: torch.device | None = None,
) -> View:
    """Return what ``length`` new tokens attend to behind ``start`` cached ones.

    No mask is built where none is needed, since the fused kernels are faster without one: a prompt read from
    the beginning is plainly causal, and a single new token attends to everything left.

    Args:
        length: New tokens (T).
        start: Earlier tokens, kept in a cache.
        window: Keys that a query attends to at most; None: all.
        segments: Document number of each token (B, T) of a packed row; only with ``start`` 0.
        device: Where the mask is needed.
    """
    total = start + length
    keys = total if window is None else min(total, window + length - 1)
    narrow = window is not None and total > window
    if segments is not None:
        same = segments[:, None, :, None] == segments[:, None, None, :]
        return View(same & _table(length, keys, window, segments.device), False, keys, total)
    if length == 1:
        return View(None, False, keys, total)
    if start == 0 and not narrow:
        return View(None, True, keys, total)
    return View(_table(length, keys, window if narrow else None, device), False, keys, total)


def open_view(keys: int, mask: Tensor | None = None) -> View:
    """Return the view of a model that reads in both directions, such as BERT.

    Args:
        keys: Keys there are (S).
        mask: True at real tokens, False at padding, (B, S); None: all are real.
    """
    return View(None if mask is None else mask[:, None, None, :].bool(), False, keys, keys)


def _table(queries: int, keys: int, window: int | None, device: torch.device | None) -> Tensor:
    if window is None:
        return causal_mask(queries, keys, device)
    return window_mask(queries, keys, window, device)


def attention_weights(q: Tensor, k: Tensor, mask: Tensor | None) -> Tensor:
    """Compute the attention weights softmax(Q K^T / sqrt(D)).

    Args:
        q: Queries (B, H, T, D).
        k: Keys (B, H, S, D).
        mask: True where a query may attend, broadcastable to (B, H, T, S); None: everywhere.

    Returns:
        Shape (B, H, T, S); each row sums to one.
    """
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    return scores.softmax(dim=-1)


def scaled_dot_product_attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
    """Compute softmax(Q K^T / sqrt(D)) V as written in the paper; the reference for the fused kernel.

    Args:
        q: Queries (B, H, T, D).
        k: Keys (B, H, S, D).
        v: Values (B, H, S, D).
        mask: True where a query may attend, broadcastable to (B, H, T, S); None: everywhere.

    Returns:
        Shape (B, H, T, D).
    """
    return attention_weights(q, k, mask) @ v


class Attend(Protocol):
    """How queries, keys and values become mixed values; ``observe`` puts another one in its place."""

    def __call__(self, q: Tensor, k: Tensor, v: Tensor, view: View, dropout: float = 0.0) -> Tensor: ...


def attend(q: Tensor, k: Tensor, v: Tensor, view: View, dropout: float = 0.0) -> Tensor:
    """Compute attention with torch's fused kernel, which never holds the (T, S) attention weights.

    Args:
        q: Queries (B, H, T, D).
        k: Keys (B, H_kv, S, D); each is shared by H / H_kv query heads.
        v: Values (B, H_kv, S, D).
        view: Which keys each query may attend to.
        dropout: Dropout probability of the attention weights.

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
    """Repeat each key/value head for its query heads: (B, H_kv, S, D) -> (B, H, S, D)."""
    return x if x.shape[1] == heads else x.repeat_interleave(heads // x.shape[1], dim=1)


class MultiHeadAttention(nn.Module):
    """Concat(head_1 .. head_H) W^O, where head_i = Attention(x W_i^Q, x W_i^K, x W_i^V).

    Vaswani et al., section 3.2.2. All heads' projections are computed by one matrix and then cut apart.
    """

    attend: Attend

    def __init__(self, width: int, heads: int, dropout: float = 0.0, bias: bool = True) -> None:
        """Create the projections.

        Args:
            width: Width of the residual stream (C).
            heads: Number of heads (H); each is C / H wide.
            dropout: Dropout probability of the attention weights in training.
            bias: Whether the projections have a bias.

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
    """Return what each head adds to the residual stream; the sum plus the bias is the layer's output.

    Args:
        heads: The heads' outputs (B, H, T, D).
        output: The output projection W^O, from H * D to C.

    Returns:
        Shape (B, H, T, C).
    """
    rows = output.weight.view(output.weight.shape[0], heads.shape[1], -1)  # (C, H, D)
    return torch.einsum("bhtd,chd->bhtc", heads, rows)
