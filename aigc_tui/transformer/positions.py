"""Rotary position embedding: tell a token's place by turning its query and key.

Pair number i of a head's D numbers is a point in a plane. At position m it is turned by the angle
m * theta_i, where theta_i = base ** (-2i / D). A query at m and a key at n then meet at the angle
(m - n) * theta_i: their product depends on the distance alone (RoFormer, arXiv:2104.09864, eq. 15).
As in Llama's published weights, number i is paired with number i + D/2 (not with its neighbour).
"""

from __future__ import annotations

import torch
from torch import Tensor


def inverse_frequencies(head_dim: int, base: float) -> Tensor:
    """Return theta_i = base ** (-2i / D) for i in 0 .. D/2 - 1, shape (D/2,)."""
    exponents = torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim
    return 1.0 / base**exponents


def rotary_angles(positions: Tensor, head_dim: int, base: float) -> tuple[Tensor, Tensor]:
    """Return cos and sin of m * theta_i.

    Args:
        positions: Whole numbers m, shape (T,) or (B, T).
        head_dim: D.
        base: Base of the frequencies.

    Returns:
        Two float32 tensors of shape (..., T, D); both halves of the last axis are alike.
    """
    angles = positions[..., None].float() * inverse_frequencies(head_dim, base).to(positions.device)
    doubled = torch.cat((angles, angles), dim=-1)
    return doubled.cos(), doubled.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn every pair of ``x`` by its angle.

    Args:
        x: Queries or keys, shape (B, H, T, D).
        cos: Shape (T, D), or (B, 1, T, D) when rows have their own positions.
        sin: The same shape as ``cos``.

    Returns:
        The turned tensor, same shape and type as ``x``.
    """
    half = x.shape[-1] // 2
    turned = torch.cat((-x[..., half:], x[..., :half]), dim=-1)
    return x * cos.to(x.dtype) + turned * sin.to(x.dtype)
