"""The forecast: it tells what a run will be like and leaves no trace in it."""

from __future__ import annotations

import pytest
import torch

from aigc_tui.training.causal_loss import causal_loss
from aigc_tui.training.distributed import ProcessGroup
from aigc_tui.training.forecast import Forecast, minutes_of, probe
from aigc_tui.training.optim import make_optimizers
from aigc_tui.training.recipe import Recipe, Stage
from aigc_tui.training.step import FLOAT32, LossModule
from aigc_tui.transformer.causal_lm import CausalLM, initialise
from tests.training.test_checkpointing import SHAPE
from tests.training.test_mixing import STAGE, mixer


def test_it_measures_and_leaves_everything_as_it_was(tiny: Recipe) -> None:
    model = CausalLM(SHAPE)
    initialise(model, 0)
    before = [w.detach().clone() for w in model.parameters()]
    source, untouched = mixer(), mixer()
    optimizers = make_optimizers(model, tiny)
    torch.manual_seed(3)
    loss_module = LossModule(model, causal_loss, FLOAT32)
    found = probe(loss_module, optimizers, ProcessGroup(), (STAGE,), source, steps=3)
    assert found.tokens_per_second > 0
    assert found.memory > 2**20
    assert found.parameters == sum(w.numel() for w in model.parameters())
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
    assert not any(part.state for part in optimizers.parts)
    assert torch.equal(source.batch(20).tokens, untouched.batch(20).tokens)
    assert torch.initial_seed() == 3


def test_the_length_is_that_of_steps_or_minutes_whichever_ends_first() -> None:
    stage = Stage("s", {}, steps=60, seq_len=10, rows=10)
    assert minutes_of(stage, tokens_per_second=100.0) == pytest.approx(1.0)
    assert minutes_of(Stage("s", {}, steps=60, minutes=0.5, seq_len=10, rows=10), 100.0) == 0.5
    assert minutes_of(Stage("s", {}, minutes=7), 100.0) == 7


def test_hardly_any_memory_left_is_a_warning_before_the_run() -> None:
    forecast = Forecast("cpu", 2, 1_000_000, 50.0, 400 * 2**20, 180.0)
    assert forecast.warning(None) is None
    assert forecast.warning(300 * 2**20) is None
    assert "only 50 MiB" in str(forecast.warning(50 * 2**20))
    assert "2 processes; 1.00M parameters" in str(forecast.lines()[0])
    assert "3.0 hours" in str(forecast.lines()[1])
