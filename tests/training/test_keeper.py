"""Room on the disk, running means, and what an earlier run left in the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from aigc_tui.training import checkpoints as module
from aigc_tui.training.checkpoints import (
    CheckpointManager,
    DiskError,
    archive_earlier_run,
    complete_checkpoints,
)
from aigc_tui.training.distributed import ProcessGroup
from aigc_tui.training.metrics import MetricsWriter, read_metrics
from aigc_tui.training.optim import EMA
from aigc_tui.training.recipe import Recipe
from aigc_tui.training.train_state import TrainState
from aigc_tui.transformer.causal_lm import CausalLM
from tests.training.test_checkpointing import SHAPE, made, train


def kept(recipe: Recipe, root: Path, mean: bool = False) -> tuple[CheckpointManager, CausalLM, EMA | None]:
    model, optimizers = made(recipe)
    average = EMA(model, 0.9) if mean else None
    return CheckpointManager(root, model, optimizers, average, ProcessGroup()), model, average


def test_without_room_a_save_is_skipped_with_a_warning_and_the_last_one_is_an_error(
    tiny: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints, _, _ = kept(tiny, tmp_path / "checkpoints")
    monkeypatch.setattr(module, "free_disk", lambda _: 10)
    writer = MetricsWriter(tmp_path)
    assert checkpoints.save(TrainState(total_steps=4), False, writer) == ""
    (row,) = read_metrics(tmp_path / "metrics.jsonl")
    assert (row["what"], row["step"]) == ("disk", 4)
    with pytest.raises(DiskError, match="make room"):
        checkpoints.save(TrainState(total_steps=4), True, writer)
    assert complete_checkpoints(tmp_path / "checkpoints") == []


def test_the_mean_of_the_weights_comes_back_and_can_be_exported(tiny: Recipe, tmp_path: Path) -> None:
    checkpoints, model, mean = kept(tiny, tmp_path, mean=True)
    assert mean is not None
    for steps in (1, 2):
        with torch.no_grad():
            model.lm_head.weight.add_(1.0)
        mean.update(steps)
    expected = {name: tensor.clone() for name, tensor in mean.tensors.items()}
    checkpoints.save(TrainState(total_steps=2), True, MetricsWriter())
    other, _, other_mean = kept(tiny, tmp_path, mean=True)
    other.load()
    assert other_mean is not None
    assert all(torch.equal(expected[name], other_mean.tensors[name]) for name in expected)
    exported = checkpoints.gathered(lambda: CausalLM(SHAPE), averages=True)
    assert isinstance(exported, CausalLM)
    assert torch.equal(exported.lm_head.weight, expected["model.embed_tokens.weight"])
    assert checkpoints.gathered(lambda: CausalLM(SHAPE), averages=False) is model


def test_a_mean_follows_slowly_and_the_start_is_soon_forgotten(tiny: Recipe) -> None:
    model, optimizers = made(tiny)
    mean = EMA(model, 0.99)
    start = mean.tensors["model.norm.weight"].clone()
    train(model, optimizers, 3)
    mean.update(0)
    now = model.model.norm.weight.detach()
    assert torch.allclose(mean.tensors["model.norm.weight"], 0.1 * start + 0.9 * now)
    mean.update(100_000)
    assert torch.allclose(mean.tensors["model.norm.weight"], 0.099 * start + 0.901 * now, atol=1e-6)


def test_what_an_earlier_run_left_is_moved_and_not_lost(tmp_path: Path) -> None:
    assert archive_earlier_run(tmp_path) is None
    for number in (1, 2):
        (tmp_path / "checkpoints").mkdir()
        (tmp_path / "metrics.jsonl").write_text("{}\n")
        assert archive_earlier_run(tmp_path) == tmp_path / f"earlier.{number}"
    assert (tmp_path / "earlier.2" / "metrics.jsonl").exists()
    assert not (tmp_path / "checkpoints").exists()
