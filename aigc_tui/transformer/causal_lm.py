"""The causal language model: embed tokens, run the blocks, score every token of the vocabulary.

Module names are those of transformers' LlamaForCausalLM, so that checkpoints and LoRA adapters of
that family fit without a table of names.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from aigc_tui.transformer.cache import Cache
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.layers import Block, make_norm
from aigc_tui.transformer.positions import counted, inverse_frequencies, rotary_angles
from aigc_tui.transformer.view import causal_view


class Decoder(nn.Module):
    """Everything below the output matrix: token embedding, blocks, last norm."""

    def __init__(self, config: ModelConfig) -> None:
        """Make the layers; weights are torch's default until loaded or initialised."""
        super().__init__()
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Block(config, i) for i in range(config.layers))
        self.norm = make_norm(config)
        # A plain attribute and no buffer: it must stay float32 when the weights are cast.
        self.frequencies = inverse_frequencies(config.head_dim, config.rope_theta)


class CausalLM(nn.Module):
    """A Llama-type decoder with its output matrix."""

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
        cache: Cache | None = None,
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
        """
        x = self.hidden(tokens, cache, segments)
        return self.lm_head(x[:, -1:] if last_only else x)  # type: ignore[no-any-return]

    def hidden(self, tokens: Tensor, cache: Cache | None = None, segments: Tensor | None = None) -> Tensor:
        """Return the last hidden states (B, T, C), which the output matrix scores."""
        start = 0 if cache is None else cache.length
        places = counted(tokens, start, segments)
        rotary = rotary_angles(places, self.model.frequencies)
        view = causal_view(tokens.shape[1], start, None, segments, tokens.device)
        x = self.model.embed_tokens(tokens)
        for block in self.model.layers:
            x = block(x, rotary, view, cache)
        if cache is not None:
            cache.advance(tokens.shape[1])
        return self.model.norm(x)  # type: ignore[no-any-return]


@torch.no_grad()
def initialise(model: CausalLM, seed: int) -> None:
    """Give fresh weights: normal, 0.02 wide; what writes into the residual stream is narrower.

    There are two writers per block, so they shrink by sqrt(2 * layers) (GPT-2, section 2.3), which
    keeps the stream's width at the top the same for any depth.
    """
    generator = torch.Generator().manual_seed(seed)
    narrow = 0.02 / math.sqrt(2 * model.config.layers)
    for name, weight in model.named_parameters():
        if weight.ndim == 1:
            weight.fill_(1.0)
            continue
        std = narrow if name.endswith(("o_proj.weight", "down_proj.weight")) else 0.02
        weight.normal_(0.0, std, generator=generator)
