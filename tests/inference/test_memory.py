"""The memory that a model will take, counted before it is loaded."""

from __future__ import annotations

import pytest

from aigc_tui.inference import memory
from aigc_tui.inference.memory import Estimate, available_bytes, estimate, require
from aigc_tui.inference.source import ModelError, inspect_source
from tests.support.model_fixtures import ModelMaker
from tests.support.models import CONTEXT, FAMILIES


@pytest.mark.parametrize("family", FAMILIES)
def test_weights_and_cache_are_counted_from_the_folder(tiny: ModelMaker, family: str) -> None:
    folder = inspect_source(tiny(family))
    found = estimate(folder, width=4, chunk=64)
    heads = 4 if family == "gpt2" else 2
    assert found.weights == 4 * folder.parameters
    assert found.cache == 2 * 2 * heads * 8 * CONTEXT * 4
    assert found.activations > 0
    assert found.total == found.weights + found.cache + found.activations


def test_this_machine_has_some_memory() -> None:
    free = available_bytes()
    assert free is None or 0 < free < 2**50


def test_a_model_that_does_not_fit_is_refused_with_the_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: 1000 * 2**20)
    needed = Estimate(weights=900 * 2**20, cache=50 * 2**20, activations=0)
    require(needed, 10 * 2**20, "big")
    with pytest.raises(
        ModelError, match=r"big needs 950 MB \(900 MB weights, 50 MB working memory\)"
    ) as caught:
        require(needed, 100 * 2**20, "big")
    assert caught.type is memory.InsufficientMemoryError
    assert "only 1,000 MB are available" in str(caught.value)


def test_where_the_system_does_not_say_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_bytes", lambda: None)
    require(Estimate(2**60, 0, 0), 0, "big")
