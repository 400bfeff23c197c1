"""The feed-forward layer: what a position does with what attention has brought it.

FFN(x) = act(x W1 + b1) W2 + b2, every position for itself (Vaswani et al., arXiv:1706.03762, eq. 2).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional


def gelu(x: Tensor) -> Tensor:
    """X * P(X <= x) for a standard normal X (arXiv:1606.08415): a ReLU without the corner."""
    return functional.gelu(x)


def gelu_tanh(x: Tensor) -> Tensor:
    """The same by the paper's tanh formula, with which GPT-2 was trained."""
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
    """down(act(up(x))): widen, bend, narrow."""

    def __init__(self, width: int, inner: int, activation: str = "relu", bias: bool = True) -> None:
        """Make the two projections.

        Args:
            width: Width of the residual stream (C).
            inner: Width in the middle, usually 4 C.
            activation: A name from :data:`ACTIVATIONS`.
            bias: Whether both projections add a bias.
        """
        super().__init__()
        self.up_proj = nn.Linear(width, inner, bias=bias)
        self.down_proj = nn.Linear(inner, width, bias=bias)
        self.activation = ACTIVATIONS[activation]

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) -> (B, T, C), every position for itself."""
        return self.down_proj(self.activation(self.up_proj(x)))  # type: ignore[no-any-return]


class SwiGLU(nn.Module):
    """down(silu(gate(x)) * up(x)) (arXiv:2002.05202): one half decides how much of the other passes."""

    def __init__(self, width: int, inner: int, bias: bool = False) -> None:
        """Make the three projections."""
        super().__init__()
        self.gate_proj = nn.Linear(width, inner, bias=bias)
        self.up_proj = nn.Linear(width, inner, bias=bias)
        self.down_proj = nn.Linear(inner, width, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) -> (B, T, C), every position for itself."""
        return self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))  # type: ignore[no-any-return]
