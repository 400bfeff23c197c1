"""The block: attention and feed-forward, each beside a road that its input takes unchanged.

Pre-norm (GPT-2 and all later models): x + branch(norm(x)). The norm sits inside the branch, so the residual
stream is a straight road for the gradient, and deep stacks train without tricks. Post-norm (the first
Transformer and BERT): norm(x + branch(x)), which puts a norm on the road itself
(arXiv:2002.04745 compares); that block is in ``bert``.
"""

from __future__ import annotations

from torch import Tensor, nn

from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.feedforward import FeedForward, SwiGLU
from aigc_tui.transformer.grouped_attention import GroupedAttention
from aigc_tui.transformer.norms import LayerNorm, RMSNorm
from aigc_tui.transformer.view import View


def make_norm(config: ModelConfig) -> LayerNorm | RMSNorm:
    """Make a norm of the kind that a model uses."""
    kind = LayerNorm if config.norm == "layer" else RMSNorm
    return kind(config.hidden_size, config.norm_eps)


def make_feedforward(config: ModelConfig) -> FeedForward | SwiGLU:
    """Make a feed-forward layer of the kind that a model uses."""
    if config.activation == "swiglu":
        return SwiGLU(config.hidden_size, config.ffn_size, config.ffn_bias)
    return FeedForward(config.hidden_size, config.ffn_size, config.activation, config.ffn_bias)


class Block(nn.Module):
    """One pre-norm block of a causal language model; the names are those of transformers' Llama."""

    def __init__(self, config: ModelConfig, layer: int) -> None:
        """Make block number ``layer``."""
        super().__init__()
        self.input_layernorm = make_norm(config)
        self.self_attn = GroupedAttention(config, layer)
        self.post_attention_layernorm = make_norm(config)
        self.mlp = make_feedforward(config)

    def forward(
        self, x: Tensor, rotary: tuple[Tensor, Tensor] | None, view: View, cache: KVCache | None
    ) -> Tensor:
        """(B, T, C) -> (B, T, C); see :meth:`GroupedAttention.forward` for the other arguments."""
        x = x + self.self_attn(self.input_layernorm(x), rotary, view, cache)
        return x + self.mlp(self.post_attention_layernorm(x))  # type: ignore[no-any-return]
