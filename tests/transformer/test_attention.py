"""The formula, the mask, and the fused kernel held to the formula."""

from __future__ import annotations

import torch
from torch.nn import functional

from aigc_tui.transformer.attention import scaled_dot_product_attention
from aigc_tui.transformer.view import causal_mask


def test_the_mask_lets_a_query_see_itself_and_the_past() -> None:
    assert causal_mask(2, 2).tolist() == [[True, False], [True, True]]


def test_with_cached_keys_the_last_query_stands_at_the_last_key() -> None:
    assert causal_mask(2, 4).tolist() == [[True, True, True, False], [True, True, True, True]]


def test_equal_scores_give_the_mean_of_the_values() -> None:
    q, k = torch.zeros(1, 1, 1, 4), torch.zeros(1, 1, 2, 4)
    v = torch.tensor([[[[1.0, 0.0], [3.0, 4.0]]]])
    assert scaled_dot_product_attention(q, k, v, None).flatten().tolist() == [2.0, 2.0]


def test_scores_are_divided_by_the_root_of_the_head_width() -> None:
    q = torch.tensor([[[[2.0, 0.0, 0.0, 0.0]]]])
    k = torch.tensor([[[[1.0, 0.0, 0.0, 0.0], [0.0, 0.0, 0.0, 0.0]]]])
    v = torch.tensor([[[[1.0], [0.0]]]])
    expected = torch.tensor([2.0 / 2.0, 0.0]).softmax(0)[0]
    torch.testing.assert_close(scaled_dot_product_attention(q, k, v, None).squeeze(), expected)


def test_the_fused_kernel_computes_the_formula() -> None:
    torch.manual_seed(0)
    q, k, v = (torch.randn(2, 3, 7, 8) for _ in range(3))
    fused = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    torch.testing.assert_close(scaled_dot_product_attention(q, k, v, causal_mask(7, 7)), fused)
