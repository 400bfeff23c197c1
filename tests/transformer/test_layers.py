"""The block: which parts a family's config asks for, and the road past them."""

from __future__ import annotations

import torch

from aigc_tui.transformer.attention import causal_view
from aigc_tui.transformer.causal_lm import Block
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.feedforward import FeedForward, GatedFeedForward, LayerNorm, RMSNorm
from aigc_tui.transformer.positions import inverse_frequencies, rotary_angles
from tests.transformer.conftest import GPT2, GROUPED, QWEN3, SHAPES


def test_each_family_gets_its_parts() -> None:
    old, new, normed = Block(GPT2, 0), Block(GROUPED, 0), Block(QWEN3, 0)
    assert (type(old.input_layernorm), type(old.mlp)) == (LayerNorm, FeedForward)
    assert (type(new.input_layernorm), type(new.mlp)) == (RMSNorm, GatedFeedForward)
    assert new.self_attn.q_norm is None
    assert isinstance(normed.self_attn.q_norm, RMSNorm)


@SHAPES
def test_a_block_whose_branches_write_nothing_passes_the_stream_on(config: ModelConfig) -> None:
    block = Block(config, 0)
    with torch.no_grad():
        for writer in (block.self_attn.o_proj, block.mlp.down_proj):
            for weight in writer.parameters():
                weight.zero_()
    x = torch.randn(1, 5, config.hidden_size)
    angles = rotary_angles(torch.arange(5), inverse_frequencies(config.head_dim, 10_000.0))
    rotary = angles if config.positions == "rotary" else None
    assert torch.equal(block(x, rotary, causal_view(5), None), x)
