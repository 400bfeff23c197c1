"""The formulas of attention, the fused kernel held to them, and multi-head attention as in the article."""

from __future__ import annotations

import pytest
import torch

from aigc_tui.transformer.attention import (
    MultiHeadAttention,
    attend,
    causal_mask,
    causal_view,
    head_contributions,
    scaled_dot_product_attention,
    spread_heads,
)


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


@pytest.mark.parametrize(
    ("new", "old", "window"), [(7, 0, None), (1, 6, None), (3, 6, None), (7, 0, 3), (2, 9, 4)]
)
@pytest.mark.parametrize("groups", [1, 2], ids=["own keys", "shared keys"])
def test_the_fused_kernel_computes_the_formula(new: int, old: int, window: int | None, groups: int) -> None:
    torch.manual_seed(0)
    total = new + old
    q = torch.randn(2, 4, new, 8)
    k, v = (torch.randn(2, 4 // groups, total, 8) for _ in range(2))
    table = causal_mask(new, total)
    for query in range(new):
        table[query, : max(0, old + query - (window or total) + 1)] = False
    expected = scaled_dot_product_attention(q, spread_heads(k, 4), spread_heads(v, 4), table)
    torch.testing.assert_close(attend(q, k, v, causal_view(new, old, window)), expected)


def test_multi_head_attention_is_the_articles_formula() -> None:
    """Concat(head_1 .. head_h) W^O with head_i = Attention(Q W_i^Q, K W_i^K, V W_i^V), section 4.1.3."""
    torch.manual_seed(0)
    layer, x = MultiHeadAttention(12, 3, bias=False), torch.randn(2, 5, 12)
    heads = []
    for i in range(3):
        rows = slice(4 * i, 4 * i + 4)
        q, k, v = (x @ p.weight[rows].T for p in (layer.q_proj, layer.k_proj, layer.v_proj))
        mixed = scaled_dot_product_attention(q[:, None], k[:, None], v[:, None], causal_mask(5, 5))
        heads.append(mixed[:, 0])
    expected = torch.cat(heads, dim=-1) @ layer.o_proj.weight.T
    torch.testing.assert_close(layer(x, causal_view(5)), expected)
    written = head_contributions(torch.stack(heads, dim=1), layer.o_proj)
    torch.testing.assert_close(written.sum(dim=1), expected)


def test_attention_weights_are_dropped_in_training_alone() -> None:
    torch.manual_seed(0)
    layer, x = MultiHeadAttention(12, 3, dropout=0.5), torch.randn(1, 5, 12)
    assert not torch.equal(layer(x, causal_view(5)), layer(x, causal_view(5)))
    layer.eval()
    assert torch.equal(layer(x, causal_view(5)), layer(x, causal_view(5)))
