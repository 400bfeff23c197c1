"""The cache of fixed size: the same words as without, bounded memory, clear ends."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from aigc_tui.transformer.config import ModelConfig
from aigc_tui.transformer.static_cache import StaticKVCache
from tests.transformer.conftest import GROUPED, MISTRAL, SHAPES, make_model, make_tokens

STEPS = {
    "one by one": [1] * 20,
    "chunks": [7, 5, 8],
    "prompt, then one by one": [14] + [1] * 6,
}


@SHAPES
@pytest.mark.parametrize("steps", STEPS.values(), ids=list(STEPS))
def test_reading_in_steps_equals_one_pass(config: ModelConfig, steps: list[int]) -> None:
    model, tokens = make_model(config), make_tokens(config)
    cache = StaticKVCache.for_model(config, capacity=20, batch=2)
    held = cache.nbytes
    with torch.no_grad():
        whole = model(tokens)
        parts = [model(part, cache) for part in torch.split(tokens, steps, dim=1)]
    torch.testing.assert_close(torch.cat(parts, dim=1), whole, atol=1e-4, rtol=1e-4)
    assert (cache.length, cache.nbytes) == (20, held)


def test_a_window_bounds_the_memory_whatever_the_length() -> None:
    sizes = [StaticKVCache.for_model(MISTRAL, capacity).nbytes for capacity in (100, 10_000)]
    assert sizes[0] == sizes[1] == 2 * 2 * (2 * 8 * 2 * 6) * 4


@pytest.mark.parametrize("config", [GROUPED, MISTRAL], ids=["full", "window"])
def test_a_pass_that_was_broken_off_can_be_done_again(config: ModelConfig) -> None:
    model, tokens = make_model(config), make_tokens(config, 1)
    cache = StaticKVCache.for_model(config, capacity=20)
    with torch.no_grad():
        whole = model(tokens)
        model(tokens[:, :11], cache)
        cache.append(0, torch.ones(1, 2, 4, 8), torch.ones(1, 2, 4, 8))
        rest = model(tokens[:, 11:], cache)
    torch.testing.assert_close(rest, whole[:, 11:], atol=1e-4, rtol=1e-4)


def test_a_cropped_cache_goes_on_as_if_the_rest_had_never_been_read() -> None:
    model, tokens, other = make_model(GROUPED), make_tokens(GROUPED, 1), make_tokens(GROUPED, 1, seed=5)
    cache = StaticKVCache.for_model(GROUPED, capacity=32)
    mixed = torch.cat((tokens[:, :9], other[:, 9:]), dim=1)
    with torch.no_grad():
        model(tokens, cache)
        copy = cache.clone()
        cache.crop(9)
        torch.testing.assert_close(model(mixed[:, 9:], cache), model(mixed)[:, 9:], atol=1e-4, rtol=1e-4)
        again = torch.cat((tokens, other), dim=1)
        copy_on = model(other[:, :12], copy)
        torch.testing.assert_close(copy_on, model(again)[:, 20:32], atol=1e-4, rtol=1e-4)


def test_a_window_that_has_rolled_past_a_place_cannot_go_back_to_it() -> None:
    model, cache = make_model(MISTRAL), StaticKVCache.for_model(MISTRAL, capacity=64)
    model(make_tokens(MISTRAL, 1, 30), cache)
    cache.crop(28)
    with pytest.raises(ValueError, match="cannot crop a cache of 28 tokens to 10"):
        cache.crop(10)


def test_a_window_as_long_as_the_capacity_never_rolls() -> None:
    config = replace(MISTRAL, window=40)
    model, tokens = make_model(config), make_tokens(config, 1)
    cache = StaticKVCache.for_model(config, capacity=20)
    model(tokens, cache)
    cache.crop(0)
    with torch.no_grad():
        torch.testing.assert_close(model(tokens, cache), model(tokens), atol=1e-4, rtol=1e-4)


def test_more_tokens_than_it_holds_are_refused() -> None:
    model, cache = make_model(GROUPED), StaticKVCache.for_model(GROUPED, capacity=10)
    with pytest.raises(ValueError, match="at most 10 tokens, not 12"):
        model(make_tokens(GROUPED, 1, 12), cache)


def test_another_number_of_rows_is_refused() -> None:
    model, cache = make_model(GROUPED), StaticKVCache.for_model(GROUPED, capacity=30, batch=2)
    with pytest.raises(ValueError, match="for 2 rows, not 1"):
        model(make_tokens(GROUPED, 1), cache)
