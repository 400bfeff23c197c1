"""Positions: without them attention would see a bag of words. Three ways to tell a token its place.

Sinusoidal: add waves of many lengths to the embeddings (the first Transformer). Learned: add a trained
vector for each place (GPT-2, BERT). Rotary: turn queries and keys by an angle (nearly all since 2022).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor


def sinusoidal(positions: Tensor, width: int) -> Tensor:
    """Return PE(m, 2i) = sin(m / 10000^(2i/C)), PE(m, 2i+1) = cos(m / 10000^(2i/C)).

    Vaswani et al., arXiv:1706.03762, section 3.5. A shift by k places is a rotation of each (sin, cos)
    pair, the same wherever it starts, so a layer can learn to look k places back.

    Args:
        positions: Whole numbers m, shape (T,).
        width: Width of the residual stream (C).

    Returns:
        Shape (T, C), float32.
    """
    rates = 10_000.0 ** (-torch.arange(0, width, 2, device=positions.device).float() / width)
    angles = positions[:, None].float() * rates
    waves = torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1)
    return waves[:, :width]


def counted(tokens: Tensor, start: int, segments: Tensor | None) -> Tensor:
    """Return the positions of tokens.

    Args:
        tokens: Token ids (B, T).
        start: Tokens before them.
        segments: Document number of each token (B, T), non-decreasing along T, or None for one document.

    Returns:
        Shape (T,), or (B, T) restarting from 0 with each document.
    """
    places = torch.arange(start, start + tokens.shape[1], device=tokens.device)
    if segments is None:
        return places
    opens = torch.ones_like(segments, dtype=torch.bool)
    opens[:, 1:] = segments[:, 1:] != segments[:, :-1]
    return places - torch.where(opens, places, 0).cummax(dim=1).values


@dataclass(frozen=True, slots=True)
class RopeScaling:
    """Stretches rotary positions so that a model reads further than it was first trained to.

    Args:
        kind: ``linear`` (all angles slower, arXiv:2306.15595) or ``llama3`` (only the slow ones).
        factor: How many times slower.
        low: llama3: waves longer than ``original / low`` are slowed in full.
        high: llama3: waves shorter than ``original / high`` stay; between the two it is blended.
        original: llama3: the context of the first training, in tokens.
    """

    kind: str
    factor: float
    low: float = 1.0
    high: float = 4.0
    original: int = 8192


def inverse_frequencies(head_dim: int, base: float, scaling: RopeScaling | None = None) -> Tensor:
    """Return theta_i = base ** (-2i / D) for i in 0 .. D/2 - 1, shape (D/2,), scaled if asked for."""
    exponents = torch.arange(0, head_dim, 2, dtype=torch.float32) / head_dim
    plain = 1.0 / base**exponents
    if scaling is None:
        return plain
    if scaling.kind == "linear":
        return plain / scaling.factor
    # How many waves fit into the original context decides: fast angles tell neighbours apart and must stay.
    waves = scaling.original * plain / (2 * math.pi)
    kept = ((waves - scaling.low) / (scaling.high - scaling.low)).clamp(0.0, 1.0)
    return kept * plain + (1 - kept) * plain / scaling.factor


def rotary_angles(positions: Tensor, frequencies: Tensor) -> tuple[Tensor, Tensor]:
    """Return cos and sin of m * theta_i.

    Pair number i of a head's D numbers is a point in a plane. At position m it is turned by the angle
    m * theta_i. A query at m and a key at n then meet at the angle (m - n) * theta_i: their product
    depends on the distance alone (RoFormer, arXiv:2104.09864, eq. 15).

    Args:
        positions: Whole numbers m, shape (T,) or (B, T).
        frequencies: theta, shape (D/2,); see :func:`inverse_frequencies`.

    Returns:
        Two float32 tensors of shape (T, D) or (B, 1, T, D), which spreads over the heads; both halves of
        the last axis are alike.
    """
    angles = positions[..., None].float() * frequencies.to(positions.device)
    doubled = torch.cat((angles, angles), dim=-1)
    if positions.ndim == 2:
        doubled = doubled[:, None]
    return doubled.cos(), doubled.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn every pair of ``x`` by its angle.

    As in Llama's published weights, number i is paired with number i + D/2 (not with its neighbour).

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
