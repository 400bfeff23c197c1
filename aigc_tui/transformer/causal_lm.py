"""The causal language model: embed tokens, run the blocks, score every token of the vocabulary.

One class for every family in ``config.FAMILIES``: they differ in which parts a block is made of. Module
names are those of transformers' LlamaForCausalLM, so that checkpoints and LoRA adapters of most families
fit without a table of names (GPT-2's table is in ``weights``).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.layers import Block, make_norm
from aigc_tui.transformer.positions import counted, inverse_frequencies, rotary_angles
from aigc_tui.transformer.view import causal_view


class Decoder(nn.Module):
    """Everything below the output matrix: embeddings, blocks, last norm."""

    embed_positions: nn.Embedding | None

    def __init__(self, config: ModelConfig) -> None:
        """Make the layers; weights are torch's default until loaded or initialised."""
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        learned = config.positions == "learned"
        self.embed_positions = nn.Embedding(config.max_positions, config.hidden_size) if learned else None
        self.layers = nn.ModuleList(Block(config, i) for i in range(config.layers))
        self.norm = make_norm(config)
        self.windows = [config.window_of(layer) for layer in range(config.layers)]
        # A plain attribute and no buffer: it must stay float32 when the weights are cast (see `_apply`).
        self.frequencies = inverse_frequencies(config.head_dim, config.rope_theta, config.rope_scaling)

    def forward(self, tokens: Tensor, cache: KVCache | None, segments: Tensor | None) -> Tensor:
        """Return the last hidden states (B, T, C); the arguments are those of :class:`CausalLM`."""
        start, length = 0 if cache is None else cache.length, tokens.shape[1]
        places = counted(tokens, start, segments)
        x = self.embed_tokens(tokens)
        if self.embed_positions is None:
            rotary = rotary_angles(places, self.frequencies)
        else:
            self._require_place(start + length, segments)
            x, rotary = x + self.embed_positions(places), None
        views = {w: causal_view(length, start, w, segments, tokens.device) for w in set(self.windows)}
        for block, window in zip(self.layers, self.windows, strict=True):
            x = block(x, rotary, views[window], cache)
        if cache is not None:
            cache.advance(length)
        return self.norm(x)  # type: ignore[no-any-return]

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Decoder:
        """Follow the weights to another device, as ``.to()`` does with buffers, but keep the type."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        device = self.embed_tokens.weight.device
        if device.type != "meta":
            self.frequencies = self.frequencies.to(device)
        return self

    def _require_place(self, end: int, segments: Tensor | None) -> None:
        """Say what is wrong before torch does: a table of positions has an end."""
        if segments is None and end > self.config.max_positions:
            raise ValueError(f"this model reads at most {self.config.max_positions} tokens, not {end}")


class CausalLM(nn.Module):
    """A decoder with its output matrix: GPT-2, Llama, Mistral, Qwen2 or Qwen3, by its config."""

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
        """Score the next token at each position.

        Args:
            tokens: Token ids (B, T). With a cache they follow the ``cache.length`` tokens in it.
            cache: Keys and values of earlier tokens; extended by this call.
            last_only: Score the last position only, which is all that sampling needs.
            segments: Document number of each token (B, T), non-decreasing along T, for packed rows:
                documents do not see each other and each starts at position 0. Not with a cache.

        Returns:
            Logits (B, T, V), or (B, 1, V) with ``last_only``.

        Raises:
            ValueError: There are more tokens than a model with learned positions has places for.
        """
        x = self.hidden(tokens, cache, segments)
        return self.lm_head(x[:, -1:] if last_only else x)  # type: ignore[no-any-return]

    def hidden(self, tokens: Tensor, cache: KVCache | None = None, segments: Tensor | None = None) -> Tensor:
        """Return the last hidden states (B, T, C), which the output matrix scores."""
        return self.model(tokens, cache, segments)  # type: ignore[no-any-return]

    def spine(self) -> tuple[Sequence[nn.Module], nn.Module]:
        """Return the blocks, bottom to top, and the module that makes the last hidden states."""
        return list(self.model.layers), self.model.norm


@torch.no_grad()
def initialise(model: CausalLM, seed: int) -> None:
    """Give fresh weights: normal, 0.02 wide; what writes into the residual stream is narrower.

    There are two writers per block, so they shrink by sqrt(2 * layers) (GPT-2, section 2.3), which
    keeps the stream's width at the top the same for any depth. Norms start at one, biases at zero.
    """
    generator = torch.Generator().manual_seed(seed)
    narrow = 0.02 / math.sqrt(2 * model.config.layers)
    for name, weight in model.named_parameters():
        if weight.ndim == 1:
            weight.fill_(0.0 if name.endswith(".bias") else 1.0)
            continue
        std = narrow if name.endswith(("o_proj.weight", "down_proj.weight")) else 0.02
        weight.normal_(0.0, std, generator=generator)
