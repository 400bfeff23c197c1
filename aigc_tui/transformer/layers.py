"""The block of today's language models, and its attention layer with shared key/value heads.

Pre-norm (GPT-2 and all later models): x + branch(norm(x)). The norm sits inside the branch, so the residual
stream is a straight road for the gradient, and deep stacks train without tricks. Post-norm (the first
Transformer and BERT): norm(x + branch(x)), which puts a norm on the road itself (arXiv:2002.04745 compares).

The attention layer is multi-head attention with what was added since 2017: several query heads share one
key/value head (grouped heads, arXiv:2305.13245), so the cache shrinks; queries and keys are rotated by their
position (arXiv:2104.09864); in Qwen3 they are normed first (QK-norm, arXiv:2302.05442), so that no logit can
explode; in Mistral a query looks back only so far (``view``).
"""

from __future__ import annotations

from torch import Tensor, nn

from aigc_tui.transformer.attention import Attend, attend, join_heads
from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.feedforward import FeedForward, SwiGLU
from aigc_tui.transformer.norms import LayerNorm, RMSNorm
from aigc_tui.transformer.positions import rotate
from aigc_tui.transformer.view import View


class GroupedAttention(nn.Module):
    """Multi-head attention with shared key/value heads, rotary positions, QK-norm and a cache."""

    attend: Attend
    q_norm: RMSNorm | None
    k_norm: RMSNorm | None

    def __init__(self, config: ModelConfig, layer: int) -> None:
        """Make the projections of block number ``layer``."""
        super().__init__()
        self.layer, self.head_dim = layer, config.head_dim
        inner, shared = config.heads * config.head_dim, config.kv_heads * config.head_dim
        self.q_proj = nn.Linear(config.hidden_size, inner, bias=config.qkv_bias)
        self.k_proj = nn.Linear(config.hidden_size, shared, bias=config.qkv_bias)
        self.v_proj = nn.Linear(config.hidden_size, shared, bias=config.qkv_bias)
        self.o_proj = nn.Linear(inner, config.hidden_size, bias=config.o_bias)
        self.q_norm = RMSNorm(config.head_dim, config.norm_eps) if config.qk_norm else None
        self.k_norm = RMSNorm(config.head_dim, config.norm_eps) if config.qk_norm else None
        self.attend = attend

    def forward(
        self, x: Tensor, rotary: tuple[Tensor, Tensor] | None, view: View, cache: KVCache | None
    ) -> Tensor:
        """Mix information between positions.

        Args:
            x: Normed residual stream (B, T, C).
            rotary: cos and sin for the positions of ``x``; None where positions were added below.
            view: Who may see whom.
            cache: Earlier keys and values, which is extended; None to keep nothing.

        Returns:
            Shape (B, T, C).
        """
        q, k, v = (self._split(project(x)) for project in (self.q_proj, self.k_proj, self.v_proj))
        if self.q_norm is not None and self.k_norm is not None:
            q, k = self.q_norm(q), self.k_norm(k)
        if rotary is not None:
            q, k = rotate(q, *rotary), rotate(k, *rotary)
        if cache is not None:
            k, v = cache.append(self.layer, k, v)
        mixed = self.attend(q, k, v, view)
        return self.o_proj(join_heads(mixed))  # type: ignore[no-any-return]

    def _split(self, x: Tensor) -> Tensor:
        """(B, T, H * D) -> (B, H, T, D), for query heads and for key/value heads."""
        return x.view(*x.shape[:2], -1, self.head_dim).transpose(1, 2)


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
