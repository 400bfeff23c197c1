"""The causal language model: embeddings, blocks, final norm, output matrix.

One class for every family in ``config.FAMILIES``: they differ in the parts that a block is made of. Module
names are those of transformers' LlamaForCausalLM, so checkpoints and LoRA adapters of most families fit
without renaming (GPT-2's names are in ``weights``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from aigc_tui.transformer.attention import Attend, View, attend, causal_view, join_heads
from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.feedforward import (
    GATED,
    FeedForward,
    GatedFeedForward,
    LayerNorm,
    OffsetRMSNorm,
    RMSNorm,
)
from aigc_tui.transformer.positions import counted, inverse_frequencies, rotary_angles, rotate


class GroupedAttention(nn.Module):
    """Grouped-query attention with rotary positions, QK-norm and a KV cache."""

    attend: Attend
    q_norm: RMSNorm | None
    k_norm: RMSNorm | None

    def __init__(self, config: ModelConfig, layer: int) -> None:
        super().__init__()
        self.layer, self.head_dim = layer, config.head_dim
        inner, shared = config.heads * config.head_dim, config.kv_heads * config.head_dim
        self.q_proj = nn.Linear(config.hidden_size, inner, bias=config.qkv_bias)
        self.k_proj = nn.Linear(config.hidden_size, shared, bias=config.qkv_bias)
        self.v_proj = nn.Linear(config.hidden_size, shared, bias=config.qkv_bias)
        self.o_proj = nn.Linear(inner, config.hidden_size, bias=config.o_bias)
        norm = OffsetRMSNorm if config.norm == "rms_offset" else RMSNorm
        self.q_norm = norm(config.head_dim, config.norm_eps) if config.qk_norm else None
        self.k_norm = norm(config.head_dim, config.norm_eps) if config.qk_norm else None
        # Kernels divide by sqrt(D); queries make up for it where a model wants another divisor.
        self.stretch = math.sqrt(config.head_dim / (config.query_scale or config.head_dim))
        self.attend = attend

    def forward(
        self, x: Tensor, rotary: tuple[Tensor, Tensor] | None, view: View, cache: KVCache | None
    ) -> Tensor:
        """Attend.

        Args:
            x: Normed residual stream (B, T, C).
            rotary: cos and sin for the positions of ``x``; None with learned positions.
            view: Which keys each query may attend to.
            cache: Earlier keys and values, extended here; None: nothing is kept.

        Returns:
            Shape (B, T, C).
        """
        q, k, v = (self._split(project(x)) for project in (self.q_proj, self.k_proj, self.v_proj))
        if self.q_norm is not None and self.k_norm is not None:
            q, k = self.q_norm(q), self.k_norm(k)
        if self.stretch != 1.0:
            q = q * self.stretch
        if rotary is not None:
            q, k = rotate(q, *rotary), rotate(k, *rotary)
        if cache is not None:
            k, v = cache.append(self.layer, k, v)
        mixed = self.attend(q, k, v, view)
        return self.o_proj(join_heads(mixed))  # type: ignore[no-any-return]

    def _split(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], -1, self.head_dim).transpose(1, 2)


def make_norm(config: ModelConfig) -> LayerNorm | RMSNorm:
    """Create the norm that a model uses."""
    kinds: dict[str, type[LayerNorm | RMSNorm]] = {
        "layer": LayerNorm,
        "rms": RMSNorm,
        "rms_offset": OffsetRMSNorm,
    }
    return kinds[config.norm](config.hidden_size, config.norm_eps)


def make_feedforward(config: ModelConfig) -> FeedForward | GatedFeedForward:
    """Create the feed-forward layer that a model uses."""
    if config.activation in GATED:
        return GatedFeedForward(config.hidden_size, config.ffn_size, config.activation, config.ffn_bias)
    return FeedForward(config.hidden_size, config.ffn_size, config.activation, config.ffn_bias)


class Block(nn.Module):
    """One pre-norm block of a causal language model; the names are those of transformers' Llama."""

    def __init__(self, config: ModelConfig, layer: int) -> None:
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


class SandwichBlock(Block):
    """Gemma's block: what a layer gives is normed, too, before it is added (arXiv:2408.00118, section 2)."""

    def __init__(self, config: ModelConfig, layer: int) -> None:
        super().__init__(config, layer)
        self.pre_feedforward_layernorm = make_norm(config)
        self.post_feedforward_layernorm = make_norm(config)

    def forward(
        self, x: Tensor, rotary: tuple[Tensor, Tensor] | None, view: View, cache: KVCache | None
    ) -> Tensor:
        x = x + self.post_attention_layernorm(self.self_attn(self.input_layernorm(x), rotary, view, cache))
        return x + self.post_feedforward_layernorm(self.mlp(self.pre_feedforward_layernorm(x)))  # type: ignore[no-any-return]


class Decoder(nn.Module):
    """Everything below the output matrix: embeddings, blocks, final norm."""

    embed_positions: nn.Embedding | None

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        learned = config.positions == "learned"
        self.embed_positions = nn.Embedding(config.max_positions, config.hidden_size) if learned else None
        block = SandwichBlock if config.sandwich else Block
        self.layers = nn.ModuleList(block(config, i) for i in range(config.layers))
        self.norm = make_norm(config)
        self.windows = [config.window_of(layer) for layer in range(config.layers)]
        # A plain attribute and no buffer: it must stay float32 when the weights are cast (see `_apply`).
        self.frequencies = inverse_frequencies(config.head_dim, config.rope_theta, config.rope_scaling)
        self.local_frequencies = self.frequencies
        if config.local_theta is not None:
            self.local_frequencies = inverse_frequencies(config.head_dim, config.local_theta)

    def forward(self, tokens: Tensor, cache: KVCache | None, segments: Tensor | None) -> Tensor:
        """Return the last hidden states (B, T, C); the arguments are those of :class:`CausalLM`."""
        start, length = 0 if cache is None else cache.length, tokens.shape[1]
        places = counted(tokens, start, segments)
        x = self.embed_tokens(tokens)
        if self.config.sandwich:
            # Rounded to the weights' type first, as Gemma was trained: in bfloat16 sqrt(640) is 25.25.
            x = x * torch.tensor(math.sqrt(self.config.hidden_size), dtype=x.dtype)
        rotary: tuple[Tensor, Tensor] | None = None
        if self.embed_positions is None:
            rotary = rotary_angles(places, self.frequencies)
        else:
            self._require_place(start + length, segments)
            x = x + self.embed_positions(places)
        local = rotary
        if self.local_frequencies is not self.frequencies:
            local = rotary_angles(places, self.local_frequencies)
        views = {w: causal_view(length, start, w, segments, tokens.device) for w in set(self.windows)}
        for block, window in zip(self.layers, self.windows, strict=True):
            x = block(x, rotary if window is None else local, views[window], cache)
        if cache is not None:
            cache.advance(length)
        return self.norm(x)  # type: ignore[no-any-return]

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Decoder:
        """Follow the weights to another device, as ``.to()`` does with buffers, but keep the type."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        device = self.embed_tokens.weight.device
        if device.type != "meta":
            shared = self.local_frequencies is self.frequencies
            self.frequencies = self.frequencies.to(device)
            self.local_frequencies = self.frequencies if shared else self.local_frequencies.to(device)
        return self

    def _require_place(self, end: int, segments: Tensor | None) -> None:
        if segments is None and end > self.config.max_positions:
            raise ValueError(f"this model reads at most {self.config.max_positions} tokens, not {end}")


class CausalLM(nn.Module):
    """A decoder with its output matrix: GPT-2, Llama, Mistral, Qwen2, Qwen3 or Gemma 3, by its config."""

    def __init__(self, config: ModelConfig) -> None:
        """Make the model; see :func:`initialise` for fresh weights and checkpoint.load_model for old."""
        super().__init__()
        self.config = config
        self.model = Decoder(config)
        self.lm_head = nn.Linear(config.hidden_size, config.vocab_size, bias=False)
        if config.tied:
            self.lm_head.weight = self.model.embed_tokens.weight

    def forward(
        self,
        tokens: Tensor,
        cache: KVCache | None = None,
        last_only: bool = False,
        segments: Tensor | None = None,
    ) -> Tensor:
        """Compute the logits of the next token at each position.

        Args:
            tokens: Token ids (B, T). With a cache they follow the ``cache.length`` tokens in it.
            cache: Keys and values of earlier tokens; extended by this call.
            last_only: Compute the last position only, which is all that sampling needs.
            segments: Document number of each token (B, T), non-decreasing along T, for packed rows:
                documents do not attend to each other and each starts at position 0. Not with a cache.

        Returns:
            Logits (B, T, V), or (B, 1, V) with ``last_only``.

        Raises:
            ValueError: There are more tokens than learned positions.
        """
        x = self.hidden(tokens, cache, segments)
        return self.lm_head(x[:, -1:] if last_only else x)  # type: ignore[no-any-return]

    def hidden(self, tokens: Tensor, cache: KVCache | None = None, segments: Tensor | None = None) -> Tensor:
        """Return the final hidden states (B, T, C), the input of the output matrix."""
        return self.model(tokens, cache, segments)  # type: ignore[no-any-return]

    def spine(self) -> tuple[Sequence[nn.Module], nn.Module]:
        """Return the blocks, bottom to top, and the final norm."""
        return list(self.model.layers), self.model.norm


@torch.no_grad()
def initialise(model: CausalLM, seed: int) -> None:
    """Initialise weights: normal with a standard deviation of 0.02; norms change nothing, biases zero.

    Projections into the residual stream are divided by sqrt(2 * layers) (GPT-2, section 2.3), since each
    block has two of them; the stream's scale at the top is then the same for any depth.
    """
    generator = torch.Generator().manual_seed(seed)
    narrow = 0.02 / math.sqrt(2 * model.config.layers)
    for name, weight in model.named_parameters():
        if weight.ndim == 1:
            zero = name.endswith(".bias") or model.config.norm == "rms_offset"
            weight.fill_(0.0 if zero else 1.0)
            continue
        std = narrow if name.endswith(("o_proj.weight", "down_proj.weight")) else 0.02
        weight.normal_(0.0, std, generator=generator)
