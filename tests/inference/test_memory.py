"""The memory that a model will take, counted before it is loaded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aigc_tui.inference import memory
from aigc_tui.inference.memory import LEAST_CONTEXT, Estimate, available_bytes, estimate, require
from aigc_tui.inference.source import ModelError, inspect_source
from tests.support.model_fixtures import ModelMaker
from tests.support.models import CONTEXT, FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_and_cache_are_counted_from_the_folder(tiny: ModelMaker, family: str) -> None:
    folder = inspect_source(tiny(family))
    found = estimate(folder, width=4, chunk=64, context=CONTEXT)
    heads = 4 if family == "gpt2" else 2
    assert found.weights == 4 * folder.parameters
    # Two layers of keys and values in four bytes a number, and a column of attention for each row and head.
    assert found.token == 2 * 2 * heads * 8 * 4 + 4 * 64 * 4
    assert found.chunk > 0
    assert found.total(CONTEXT) == found.weights + found.chunk + found.token * CONTEXT


def test_this_machine_has_some_memory() -> None:
    free = available_bytes()
    assert free is None or 0 < free < 2**50


MB = 2**20
BIG = Estimate(weights=500 * MB, chunk=50 * MB, token=MB // 16, context=32_768)
"""Its shortest context takes 64 MB, its own 2,048 MB."""


def test_the_context_is_the_models_own_where_there_is_memory_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: BIG.total(32_768) + 512 * MB)
    assert require(BIG, 512 * MB, "big") == 32_768


@pytest.mark.parametrize("context", [1_024, 1_025, 5_000, 32_767])
def test_a_context_is_the_longest_for_which_there_is_memory(
    monkeypatch: pytest.MonkeyPatch, context: int
) -> None:
    enough = BIG.total(context) + 512 * MB
    for free, fitting in ((enough, context), (enough + BIG.token - 1, context), (enough - 1, context - 1)):
        monkeypatch.setattr(memory, "available_bytes", lambda free=free: free)
        if fitting >= LEAST_CONTEXT:
            assert require(BIG, 512 * MB, "big") == fitting


def test_a_model_without_memory_for_the_least_context_is_refused_with_the_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: BIG.total(LEAST_CONTEXT) + 99 * MB)
    with pytest.raises(
        ModelError, match=r"big needs 614 MB \(500 MB weights, 114 MB working memory\)"
    ) as caught:
        require(BIG, 100 * MB, "big")
    assert caught.type is memory.InsufficientMemoryError
    assert "only 713 MB are available" in str(caught.value)


def test_a_model_that_reads_little_needs_no_more_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    small = replace(BIG, context=128)
    monkeypatch.setattr(memory, "available_bytes", lambda: small.total(128))
    assert require(small, 0, "small") == 128


def test_where_the_system_does_not_say_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: None)
    assert require(replace(BIG, weights=2**60), 0, "big") == 32_768
