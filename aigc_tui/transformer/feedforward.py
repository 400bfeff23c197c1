"""The parts of a block that work on each position by itself: feed-forward layers and norms.

FFN(x) = act(x W1 + b1) W2 + b2 (Vaswani et al., arXiv:1706.03762, eq. 2).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional


def gelu(x: Tensor) -> Tensor:
    """GELU, x * P(X <= x) for a standard normal X (arXiv:1606.08415)."""
    return functional.gelu(x)


def gelu_tanh(x: Tensor) -> Tensor:
    """GELU by the paper's tanh approximation, with which GPT-2 was trained."""
    return functional.gelu(x, approximate="tanh")


def gelu_tanh_formula(x: Tensor) -> Tensor:
    """0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), which the fused :func:`gelu_tanh` computes."""
    return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu,
    "gelu": gelu,
    "gelu_new": gelu_tanh,
    "gelu_pytorch_tanh": gelu_tanh,
    "silu": functional.silu,
}
"""By the names that Hugging Face configurations use."""


class FeedForward(nn.Module):
    """down(act(up(x))): (B, T, C) -> (B, T, C) by way of (B, T, inner)."""

    def __init__(self, width: int, inner: int, activation: str = "relu", bias: bool = True) -> None:
        """Create the two projections.

        Args:
            width: Width of the residual stream (C).
            inner: Hidden width, usually 4 C.
            activation: A name from :data:`ACTIVATIONS`.
            bias: Whether the projections have a bias.
        """
        super().__init__()
        self.up_proj = nn.Linear(width, inner, bias=bias)
        self.down_proj = nn.Linear(inner, width, bias=bias)
        self.activation = ACTIVATIONS[activation]

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(self.activation(self.up_proj(x)))  # type: ignore[no-any-return]


GATED: dict[str, Callable[[Tensor], Tensor]] = {"swiglu": functional.silu, "geglu": gelu_tanh}
"""Activations of gated feed-forward layers: Llama's and Gemma's."""


class GatedFeedForward(nn.Module):
    """down(act(gate(x)) * up(x)): (B, T, C) -> (B, T, C) (arXiv:2002.05202)."""

    def __init__(self, width: int, inner: int, activation: str = "swiglu", bias: bool = False) -> None:
        """Create the three projections; the arguments are those of `FeedForward`, with a name of `GATED`."""
        super().__init__()
        self.gate_proj = nn.Linear(width, inner, bias=bias)
        self.up_proj = nn.Linear(width, inner, bias=bias)
        self.down_proj = nn.Linear(inner, width, bias=bias)
        self.activation = GATED[activation]

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(self.activation(self.gate_proj(x)) * self.up_proj(x))  # type: ignore[no-any-return]


class LayerNorm(nn.Module):
    """(x - mean) / sqrt(variance + eps) * weight + bias, over the last axis (arXiv:1607.06450, eq. 4)."""

    def __init__(self, width: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """(..., C) -> (..., C). torch's kernel computes :func:`layer_norm` in one pass over memory."""
        return functional.layer_norm(x, self.weight.shape, self.weight, self.bias, self.eps)


def layer_norm(x: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    """Compute LayerNorm as written in the paper; the tests hold the fused kernel to it."""
    mean = x.mean(dim=-1, keepdim=True)
    variance = (x - mean).square().mean(dim=-1, keepdim=True)
    return (x - mean) / torch.sqrt(variance + eps) * weight + bias


class RMSNorm(nn.Module):
    """x / sqrt(mean(x^2) + eps) * weight (arXiv:1910.07467): LayerNorm without the mean."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axis; in float32, since squares of bfloat16 lose too much."""
        wide = x.float()
        scale = torch.rsqrt(wide.square().mean(dim=-1, keepdim=True) + self.eps)
        return self.weight * (wide * scale).to(x.dtype)


class OffsetRMSNorm(RMSNorm):
    """x / sqrt(mean(x^2) + eps) * (1 + weight): Gemma's, whose weights are drawn to zero in training."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__(width, eps)
        nn.init.zeros_(self.weight)

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axis; the product is in float32, too, where Llama rounds before it."""
        wide = x.float()
        scale = torch.rsqrt(wide.square().mean(dim=-1, keepdim=True) + self.eps)
        return (wide * scale * (1.0 + self.weight.float())).to(x.dtype)
