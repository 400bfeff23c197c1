"""The two norms, against their formulas."""

from __future__ import annotations

import torch

from aigc_tui.transformer.feedforward import LayerNorm, RMSNorm, layer_norm


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


def test_the_fused_layer_norm_computes_the_papers_formula() -> None:
    torch.manual_seed(0)
    norm, x = LayerNorm(16), 3 * torch.randn(4, 16) + 1
    with torch.no_grad():
        norm.weight.normal_()
        norm.bias.normal_()
    torch.testing.assert_close(norm(x), layer_norm(x, norm.weight, norm.bias, 1e-5))


def test_a_fresh_layer_norm_gives_mean_zero_and_variance_one() -> None:
    torch.manual_seed(0)
    normed = LayerNorm(64)(5 * torch.randn(3, 64) + 7)
    torch.testing.assert_close(normed.mean(-1), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(normed.var(-1, unbiased=False), torch.ones(3), atol=1e-4, rtol=0)
