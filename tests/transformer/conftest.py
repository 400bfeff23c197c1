"""Tiny shapes and models of them."""

from __future__ import annotations

import pytest
import torch

from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.config import ModelConfig

GROUPED = ModelConfig(
    vocab_size=97, hidden_size=32, layers=2, heads=4, kv_heads=2, head_dim=8, ffn_size=48, max_positions=64
)
UNTIED = ModelConfig(
    vocab_size=61,
    hidden_size=24,
    layers=3,
    heads=3,
    kv_heads=3,
    head_dim=8,
    ffn_size=40,
    max_positions=64,
    tied=False,
    rope_theta=500_000.0,
    norm_eps=1e-6,
)
WIDE_HEADS = ModelConfig(
    vocab_size=50, hidden_size=20, layers=1, heads=4, kv_heads=1, head_dim=10, ffn_size=32, max_positions=64
)
SHAPES = pytest.mark.parametrize(
    "config", [GROUPED, UNTIED, WIDE_HEADS], ids=["grouped", "untied", "wide-heads"]
)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def make_model(config: ModelConfig, seed: int = 0) -> CausalLM:
    """Make a model whose weights are wide enough that logits differ clearly."""
    model = CausalLM(config)
    initialise(model, seed)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.ndim == 2:
                weight.mul_(8)
            else:
                weight.add_(torch.linspace(-0.3, 0.3, weight.numel()))
    return model.eval()


def make_tokens(config: ModelConfig, rows: int = 2, length: int = 20, seed: int = 1) -> torch.Tensor:
    """Draw random token ids (B, T)."""
    return torch.randint(0, config.vocab_size, (rows, length), generator=torch.Generator().manual_seed(seed))
