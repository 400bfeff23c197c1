"""The fused decoder computes what `CausalLM` computes, for every family that it runs."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from aigc_tui.transformer.attention import causal_view, spread_heads
from aigc_tui.transformer.cache import KVCache
from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.feedforward import RMSNorm
from aigc_tui.transformer.fused import folded, fuse, rms_norm
from aigc_tui.transformer.fused_weights import matrices, paired_rows, supports_fused
from tests.transformer.conftest import FAMILIES, GEMMA3, GPT2, make_model, make_tokens

FUSED = {name: config for name, config in FAMILIES.items() if supports_fused(config)}
ALL = pytest.mark.parametrize("config", FUSED.values(), ids=list(FUSED))


def test_every_family_but_gpt2_is_fused() -> None:
    assert {config.family for config in FAMILIES.values()} - {config.family for config in FUSED.values()} == {
        "gpt2"
    }
    assert not supports_fused(GPT2)


@ALL
def test_logits_are_those_of_the_model(config: ModelConfig) -> None:
    model, tokens = make_model(config), make_tokens(config)
    with torch.inference_mode():
        torch.testing.assert_close(fuse(model)(tokens), model(tokens), atol=1e-4, rtol=0)


@ALL
def test_chunks_and_single_tokens_behind_a_cache_give_the_same_logits(config: ModelConfig) -> None:
    model, tokens = make_model(config), make_tokens(config)
    fused, cache = fuse(model), KVCache(config.layers)
    length = tokens.shape[1]
    cuts = [0, length // 2, *range(length // 2 + 1, length + 1)]
    with torch.inference_mode():
        found = [fused(tokens[:, a:b], cache) for a, b in pairwise(cuts)]
        torch.testing.assert_close(torch.cat(found, dim=1), model(tokens), atol=1e-4, rtol=0)
    assert cache.length == length


def test_a_cache_that_was_cropped_goes_on_as_a_cold_one() -> None:
    config = GEMMA3
    fused, tokens = fuse(make_model(config)), make_tokens(config)[:1]
    cache = KVCache(config.layers)
    with torch.inference_mode():
        fused(tokens, cache)
        cache.crop(3)
        torch.testing.assert_close(fused(tokens[:, 3:], cache), fused(tokens)[:, 3:], atol=1e-4, rtol=0)


def test_last_gives_the_last_positions_only() -> None:
    config = GEMMA3
    fused, tokens = fuse(make_model(config)), make_tokens(config)
    with torch.inference_mode():
        torch.testing.assert_close(fused(tokens, None, 2), fused(tokens)[:, -2:], atol=1e-6, rtol=0)


def test_positions_beyond_what_was_computed_are_computed_when_they_come() -> None:
    config = replace(GEMMA3, max_positions=8)
    model, tokens = make_model(config), make_tokens(config)[:1].repeat(1, 3)
    fused, cache = fuse(model), KVCache(config.layers)
    with torch.inference_mode():
        found = torch.cat([fused(tokens[:, i : i + 1], cache) for i in range(tokens.shape[1])], dim=1)
        torch.testing.assert_close(found, model(tokens), atol=1e-4, rtol=0)


def test_paired_rows_put_partners_side_by_side() -> None:
    assert paired_rows(6).tolist() == [0, 3, 1, 4, 2, 5]


@pytest.mark.parametrize("shape", [(1, 1, 24), (2, 5, 24)])
def test_the_norm_of_one_token_is_that_of_many(shape: tuple[int, ...]) -> None:
    torch.manual_seed(0)
    norm = RMSNorm(24, 1e-5)
    torch.nn.init.normal_(norm.weight)
    x = torch.randn(shape) * 3
    with torch.inference_mode():
        torch.testing.assert_close(rms_norm(x, norm.weight, 1e-5), norm(x), atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(rms_norm(x * 0, norm.weight, 1e-5), x * 0)


@pytest.mark.parametrize("window", [None, 4])
def test_folded_attention_is_attention_with_the_heads_spread(window: int | None) -> None:
    torch.manual_seed(0)
    q, k, v = torch.randn(2, 6, 1, 8), torch.randn(2, 2, 9, 8), torch.randn(2, 2, 9, 8)
    view = causal_view(1, 8, window)
    keys, values = (spread_heads(x[:, :, -view.keys :], 6) for x in (k, v))
    wanted = torch.nn.functional.scaled_dot_product_attention(q, keys, values)
    torch.testing.assert_close(folded(q, k, v, view), wanted)


@ALL
def test_fused_matrices_have_the_parameters_of_the_model(config: ModelConfig) -> None:
    model = make_model(config)
    state = model.state_dict()
    for matrix in matrices(config):
        parts = [state[f"{name}.weight"] for name in matrix.names]
        assert sum(part.shape[0] for part in parts) == matrix.rows
        assert {part.shape[1] for part in parts} == {matrix.columns}
