"""Tiny shapes and models of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch

from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.checkpoint import layout_of, stored
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.hf_config import to_hf
from aigc_tui.transformer.positions import RopeScaling
from aigc_tui.transformer.weights import collect

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
BIASED = replace(GROUPED, qkv_bias=True, o_bias=True, ffn_bias=True)
STRETCHED = replace(GROUPED, rope_scaling=RopeScaling("linear", 4.0))
LLAMA3 = replace(GROUPED, rope_scaling=RopeScaling("llama3", 8.0, 1.0, 4.0, original=32))
MISTRAL = replace(GROUPED, family="mistral", window=6)
QWEN2 = replace(GROUPED, family="qwen2", qkv_bias=True)
QWEN2_MIXED = replace(UNTIED, family="qwen2", qkv_bias=True, window=5, full_layers=(0, 2))
QWEN3 = replace(GROUPED, family="qwen3", qk_norm=True, head_dim=16, norm_eps=1e-6)
GPT2 = replace(
    GROUPED,
    family="gpt2",
    kv_heads=4,
    norm="layer",
    positions="learned",
    activation="gelu_new",
    qkv_bias=True,
    o_bias=True,
    ffn_bias=True,
)
GPT2_UNTIED = replace(GPT2, tied=False, activation="relu")
GEMMA3 = replace(
    GROUPED,
    family="gemma3_text",
    layers=3,
    head_dim=16,
    norm="rms_offset",
    norm_eps=1e-6,
    activation="geglu",
    sandwich=True,
    qk_norm=True,
    rope_theta=1_000_000.0,
    local_theta=10_000.0,
    query_scale=16.0,
    window=6,
    full_layers=(2,),
)
GEMMA3_LARGE = replace(GEMMA3, rope_scaling=RopeScaling("linear", 8.0), query_scale=21.0)
FAMILIES = {
    "grouped": GROUPED,
    "untied": UNTIED,
    "wide-heads": WIDE_HEADS,
    "biased": BIASED,
    "linear-rope": STRETCHED,
    "llama3-rope": LLAMA3,
    "mistral": MISTRAL,
    "qwen2": QWEN2,
    "qwen2-mixed": QWEN2_MIXED,
    "qwen3": QWEN3,
    "gpt2": GPT2,
    "gpt2-untied": GPT2_UNTIED,
    "gemma3": GEMMA3,
    "gemma3-large": GEMMA3_LARGE,
}
SHAPES = pytest.mark.parametrize("config", FAMILIES.values(), ids=list(FAMILIES))


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


def reference_of(model: CausalLM) -> Any:
    """Make transformers' model of the same family with the same weights."""
    from transformers import AutoConfig, AutoModelForCausalLM

    raw = to_hf(model.config)
    reference = AutoModelForCausalLM.from_config(AutoConfig.for_model(raw.pop("model_type"), **raw))
    reference.float().load_state_dict(theirs(model, stored(model)), strict=not model.config.tied)
    return reference.eval()


def theirs(model: CausalLM, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Name and shape our weights, or their gradients, as transformers does."""
    return collect(tensors, layout_of(model.config), torch.float32)
