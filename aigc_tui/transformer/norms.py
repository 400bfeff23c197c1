"""Normalisation: bring every position's numbers to one scale, so that deep stacks can learn."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class LayerNorm(nn.Module):
    """(x - mean) / sqrt(variance + eps) * weight + bias, over the last axis (arXiv:1607.06450, eq. 4)."""

    def __init__(self, width: int, eps: float = 1e-5) -> None:
        """Start as plain normalisation: all weights one, all biases zero."""
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
        """Start as plain normalisation: all weights one."""
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the last axis; in float32, since squares of bfloat16 lose too much."""
        wide = x.float()
        scale = torch.rsqrt(wide.square().mean(dim=-1, keepdim=True) + self.eps)
        return self.weight * (wide * scale).to(x.dtype)
