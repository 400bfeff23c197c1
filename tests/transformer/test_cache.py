"""The key/value cache as a container; what it means for the model is in test_causal_lm."""

from __future__ import annotations

import pytest
import torch

from aigc_tui.transformer.cache import KVCache


def filled(tokens: int, layers: int = 2) -> KVCache:
    cache = KVCache(layers)
    for layer in range(layers):
        cache.append(layer, torch.randn(1, 2, tokens, 4), torch.randn(1, 2, tokens, 4))
    cache.advance(tokens)
    return cache


def test_new_keys_follow_the_old_ones() -> None:
    cache = filled(3)
    new = torch.ones(1, 2, 2, 4)
    keys, values = cache.append(0, new, new)
    assert keys.shape == values.shape == (1, 2, 5, 4)
    assert torch.equal(keys[:, :, 3:], new)


def test_growing_keeps_what_was_there() -> None:
    cache = KVCache(1)
    kept = []
    for step in range(200):
        row = torch.full((1, 1, 1, 2), float(step))
        keys, _ = cache.append(0, row, row)
        cache.advance(1)
        kept.append(float(step))
    assert keys[0, 0, :, 0].tolist() == kept


def test_a_pass_that_was_broken_off_leaves_the_length_as_it_was() -> None:
    cache = filled(3)
    cache.append(0, torch.ones(1, 2, 4, 4), torch.ones(1, 2, 4, 4))
    assert cache.length == 3


@pytest.mark.parametrize("length", [-1, 4])
def test_cropping_outside_the_stored_tokens_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="cannot crop"):
        filled(3).crop(length)


def test_a_clone_is_independent() -> None:
    cache = filled(3)
    copy = cache.prefix(3)
    cache.append(0, torch.zeros(1, 2, 1, 4), torch.zeros(1, 2, 1, 4))
    cache.advance(1)
    assert (copy.length, cache.length) == (3, 4)
    assert copy.nbytes == 2 * 2 * (1 * 2 * 3 * 4) * 4


def test_an_empty_cache_takes_no_room() -> None:
    assert KVCache(4).nbytes == 0


def test_rows_can_be_chosen_in_any_order_and_more_than_once() -> None:
    cache = KVCache(1)
    rows = torch.arange(3.0)[:, None, None, None].expand(3, 1, 2, 4)
    cache.append(0, rows, -rows)
    cache.advance(2)
    cache.select(torch.tensor([2, 0, 0, 1]))
    keys, values = cache.append(0, torch.full((4, 1, 1, 4), 9.0), torch.full((4, 1, 1, 4), -9.0))
    assert keys[:, 0, :, 0].tolist() == [[2, 2, 9], [0, 0, 9], [0, 0, 9], [1, 1, 9]]
    assert torch.equal(values, -keys)
