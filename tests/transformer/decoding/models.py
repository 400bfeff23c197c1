"""A tiny model of ours with transformers' twin of the same weights, and a table in a model's place."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from aigc_tui.inference.decode import DecodeSession
from aigc_tui.inference.sampling import Guidance, Sampler
from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.decoding import CachedModel, DecodingModel, Limits, OwnModel
from aigc_tui.transformer.sampling import SamplingSettings, Watcher

VOCABULARY = 40
END = 7


def tiny(seed: int = 0, width: int = 32) -> CausalLM:
    """Make a model whose wide weights give clearly different scores."""
    config = ModelConfig(
        vocab_size=VOCABULARY, hidden_size=width, layers=2, heads=4, kv_heads=2, head_dim=8,
        ffn_size=2 * width, max_positions=128, bos_id=0, eos_ids=(END,), pad_id=0,
    )  # fmt: skip
    generator = torch.Generator().manual_seed(seed)
    model = CausalLM(config).eval()
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim > 1:
                weight.normal_(0.0, 0.35, generator=generator)
    return model


def cached(model: CausalLM) -> CachedModel:
    """Put an empty KV cache beside a model."""
    return CachedModel(OwnModel(model))


def sample(
    model: DecodingModel,
    prompts: Tensor,
    settings: SamplingSettings,
    limits: Limits,
    generator: torch.Generator | None = None,
    guide: tuple[DecodingModel, Tensor] | None = None,
    watcher: Watcher | None = None,
) -> list[list[int]]:
    """Continue prompts (B, T), one after the other, token by token with the loop of the chat."""
    made = []
    for row, prompt in enumerate(prompts.tolist()):
        model.crop(0)
        guidance = None
        if guide is not None:
            guide[0].crop(0)
            guidance = Guidance(guide[0], guide[1][row].tolist())
        sampler = Sampler(settings, generator or torch.Generator(), guidance=guidance, watcher=watcher)
        made.append(DecodeSession(model, prompt, sampler, limits).run())
    return made


def greedy(model: DecodingModel, prompts: Tensor, limits: Limits) -> list[list[int]]:
    """Continue prompts (B, T) with the likeliest tokens."""
    return sample(model, prompts, SamplingSettings(temperature=0.0), limits)


def twin(model: CausalLM) -> Any:
    """Make transformers' model with the weights of ours."""
    from transformers import LlamaConfig, LlamaForCausalLM

    shape = model.config
    config = LlamaConfig(
        vocab_size=shape.vocab_size, hidden_size=shape.hidden_size, intermediate_size=shape.ffn_size,
        num_hidden_layers=shape.layers, num_attention_heads=shape.heads, num_key_value_heads=shape.kv_heads,
        head_dim=shape.head_dim, max_position_embeddings=shape.max_positions, rope_theta=shape.rope_theta,
        rms_norm_eps=shape.norm_eps, tie_word_embeddings=True, bos_token_id=0, eos_token_id=END,
        pad_token_id=0,
    )  # fmt: skip
    theirs = LlamaForCausalLM(config)
    theirs.load_state_dict(model.state_dict(), strict=False)
    return theirs.eval()


class Table:
    """A model whose logits follow from the last token alone: a table of log-probabilities (V, V)."""

    def __init__(self, table: Tensor) -> None:
        self._table = table
        self.length = 0

    def forward(self, tokens: Tensor, last: int = 1) -> Tensor:
        """Look the logits up."""
        self.length += tokens.shape[1]
        return self._table[tokens[:, -last:]]

    def crop(self, length: int) -> None:
        """Forget."""
        self.length = min(self.length, length)

    def select(self, rows: Tensor) -> None:
        """Every row is alike."""


def random_table(seed: int, size: int) -> Table:
    """Make a table of random logits."""
    return Table(torch.randn(size, size, generator=torch.Generator().manual_seed(seed)))
