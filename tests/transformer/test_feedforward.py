"""The feed-forward layers and their activations, against their formulas."""

from __future__ import annotations

import math

import pytest
import torch

from aigc_tui.transformer.feedforward import (
    ACTIVATIONS,
    FeedForward,
    GatedFeedForward,
    gelu,
    gelu_tanh,
    gelu_tanh_formula,
)


def test_gelu_weighs_a_number_by_the_normal_distribution_below_it() -> None:
    x = torch.linspace(-4, 4, 33)
    below = torch.tensor([0.5 * (1 + math.erf(v / math.sqrt(2))) for v in x.tolist()])
    torch.testing.assert_close(gelu(x), x * below, atol=1e-6, rtol=1e-5)


def test_gpt2s_gelu_is_the_tanh_formula_and_close_to_the_true_one() -> None:
    x = torch.linspace(-4, 4, 33)
    torch.testing.assert_close(gelu_tanh(x), gelu_tanh_formula(x), atol=1e-6, rtol=1e-5)
    assert 1e-5 < float((gelu(x) - gelu_tanh(x)).abs().max()) < 1e-3


@pytest.mark.parametrize("name", list(ACTIVATIONS))
@pytest.mark.parametrize("bias", [True, False])
def test_a_plain_layer_is_its_formula(name: str, bias: bool) -> None:
    torch.manual_seed(0)
    layer, x = FeedForward(8, 12, name, bias), torch.randn(2, 3, 8)
    up = x @ layer.up_proj.weight.T + (layer.up_proj.bias if bias else 0)
    down = ACTIVATIONS[name](up) @ layer.down_proj.weight.T + (layer.down_proj.bias if bias else 0)
    torch.testing.assert_close(layer(x), down)


def test_swiglu_is_its_formula() -> None:
    torch.manual_seed(0)
    layer, x = GatedFeedForward(8, 12), torch.randn(2, 3, 8)
    gate, up = x @ layer.gate_proj.weight.T, x @ layer.up_proj.weight.T
    torch.testing.assert_close(layer(x), (gate * gate.sigmoid() * up) @ layer.down_proj.weight.T)
