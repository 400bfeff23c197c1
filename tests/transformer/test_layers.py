"""The small parts of a block, against their formulas."""

from __future__ import annotations

import torch
from torch.nn import functional

from aigc_tui.transformer.feedforward import SwiGLU
from aigc_tui.transformer.layers import Block
from aigc_tui.transformer.norms import RMSNorm
from aigc_tui.transformer.positions import inverse_frequencies, rotary_angles
from aigc_tui.transformer.view import causal_view
from tests.transformer.conftest import GROUPED


def test_rms_norm_divides_by_the_root_of_the_mean_square() -> None:
    norm = RMSNorm(2, eps=0.0)
    with torch.no_grad():
        norm.weight.copy_(torch.tensor([1.0, 2.0]))
    x = torch.tensor([3.0, 4.0])
    torch.testing.assert_close(norm(x), x / (12.5**0.5) * torch.tensor([1.0, 2.0]))


def test_rms_norm_does_not_depend_on_the_scale_of_its_input() -> None:
    norm, x = RMSNorm(16, eps=1e-12), torch.randn(3, 16)
    torch.testing.assert_close(norm(x), norm(1000 * x))


def test_rms_norm_of_bfloat16_is_computed_in_float32_and_rounded_once() -> None:
    torch.manual_seed(0)
    x = torch.randn(64, 256).bfloat16()
    norm = RMSNorm(256, 1e-5)
    assert torch.equal(norm(x).bfloat16(), norm(x.float()).bfloat16())


def test_swiglu_is_its_formula() -> None:
    torch.manual_seed(0)
    layer, x = SwiGLU(GROUPED.hidden_size, GROUPED.ffn_size), torch.randn(2, 3, GROUPED.hidden_size)
    gate, up = x @ layer.gate_proj.weight.T, x @ layer.up_proj.weight.T
    torch.testing.assert_close(layer(x), (functional.silu(gate) * up) @ layer.down_proj.weight.T)


def test_a_block_whose_branches_write_nothing_passes_the_stream_on() -> None:
    block = Block(GROUPED, 0)
    with torch.no_grad():
        block.self_attn.o_proj.weight.zero_()
        block.mlp.down_proj.weight.zero_()
    x = torch.randn(1, 5, GROUPED.hidden_size)
    rotary = rotary_angles(torch.arange(5), inverse_frequencies(GROUPED.head_dim, 10_000.0))
    assert torch.equal(block(x, rotary, causal_view(5), None), x)
