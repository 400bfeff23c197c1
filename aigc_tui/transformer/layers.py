"""The parts of a block besides attention: RMSNorm, the SwiGLU feed-forward layer, the pre-norm block."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from aigc_tui.transformer.attention import Attention
from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.config import ModelConfig


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


class SwiGLU(nn.Module):
    """down(silu(gate(x)) * up(x)) (arXiv:2002.05202): one half decides how much of the other passes."""

    def __init__(self, config: ModelConfig) -> None:
        """Make the three projections."""
        super().__init__()
        self.gate_proj = nn.Linear(config.hidden_size, config.ffn_size, bias=False)
        self.up_proj = nn.Linear(config.hidden_size, config.ffn_size, bias=False)
        self.down_proj = nn.Linear(config.ffn_size, config.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) -> (B, T, C), every position for itself."""
        return self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))  # type: ignore[no-any-return]


class Block(nn.Module):
    """One pre-norm block: x + attention(norm(x)), then x + feedforward(norm(x)).

    The norm sits inside the branch, so the residual stream is a straight road for the gradient.
    """

    def __init__(self, config: ModelConfig, layer: int) -> None:
        """Make block number ``layer``."""
        super().__init__()
        self.input_layernorm = RMSNorm(config.hidden_size, config.norm_eps)
        self.self_attn = Attention(config, layer)
        self.post_attention_layernorm = RMSNorm(config.hidden_size, config.norm_eps)
        self.mlp = SwiGLU(config)

    def forward(
        self, x: Tensor, rotary: tuple[Tensor, Tensor], mask: Tensor | None, cache: KVCache | None
    ) -> Tensor:
        """(B, T, C) -> (B, T, C); see :meth:`Attention.forward` for the other arguments."""
        x = x + self.self_attn(self.input_layernorm(x), rotary, mask, cache)
        return x + self.mlp(self.post_attention_layernorm(x))  # type: ignore[no-any-return]
