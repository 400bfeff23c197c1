"""Checkpoints are complete or absent, whatever happens while they are written."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from aigc_tui.training.checkpoints import (
    ResumeError,
    complete_checkpoints,
    load_checkpoint,
    newest_checkpoint,
    read_identity,
    save_checkpoint,
)
from aigc_tui.training.optim import Optimizers, make_optimizers
from aigc_tui.training.recipe import Recipe
from aigc_tui.training.train_state import Identity, TrainState
from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.config import ModelConfig

SHAPE = ModelConfig(
    vocab_size=64, hidden_size=16, layers=1, heads=2, kv_heads=1, head_dim=8, ffn_size=24, max_positions=32
)


def made(recipe: Recipe, steps: int = 2) -> tuple[CausalLM, Optimizers]:
    """Make a model and optimizers which have taken some steps, so that there is state to save."""
    model = CausalLM(SHAPE)
    initialise(model, 0)
    optimizers = make_optimizers(model, recipe)
    train(model, optimizers, steps)
    return model, optimizers


def train(model: CausalLM, optimizers: Optimizers, steps: int) -> None:
    for step in range(steps):
        tokens = torch.randint(0, 64, (2, 8), generator=torch.Generator().manual_seed(step))
        model(tokens).logsumexp(-1).mean().backward()
        optimizers.step()


def weights(model: CausalLM) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.mark.parametrize("muon", [0.02, 0.0], ids=["muon", "adamw"])
def test_a_loaded_run_goes_on_bit_by_bit(tiny: Recipe, tmp_path: Path, muon: float) -> None:
    recipe = replace(tiny, matrix_learning_rate=muon)
    model, optimizers = made(recipe)
    save_checkpoint(tmp_path, model, optimizers, TrainState(total_steps=2, mixer={"a": [1]}))
    other, other_optimizers = made(recipe, steps=5)
    state = load_checkpoint(tmp_path, other, other_optimizers)
    assert state == TrainState(total_steps=2, mixer={"a": [1]})
    for pair in ((model, optimizers), (other, other_optimizers)):
        train(*pair, steps=3)
    assert torch.equal(weights(model), weights(other))


def test_random_numbers_go_on_where_they_were(tiny: Recipe, tmp_path: Path) -> None:
    model, optimizers = made(tiny)
    torch.manual_seed(5)
    save_checkpoint(tmp_path, model, optimizers, TrainState())
    expected = torch.rand(3)
    load_checkpoint(tmp_path, model, optimizers)
    assert torch.equal(torch.rand(3), expected)


def test_only_the_two_newest_are_kept(tiny: Recipe, tmp_path: Path) -> None:
    model, optimizers = made(tiny)
    for step in (1, 2, 3):
        save_checkpoint(tmp_path, model, optimizers, TrainState(total_steps=step))
    assert [path.name for path in complete_checkpoints(tmp_path)] == ["step-00000002", "step-00000003"]


@pytest.mark.parametrize("name", ["weights.safetensors", "optimizer.safetensors", "state.json"])
def test_a_damaged_checkpoint_does_not_count(name: str, tiny: Recipe, tmp_path: Path) -> None:
    model, optimizers = made(tiny)
    for step in (1, 2):
        save_checkpoint(tmp_path, model, optimizers, TrainState(total_steps=step))
    path = tmp_path / "step-00000002" / name
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert newest_checkpoint(tmp_path).name == "step-00000001"


def test_without_a_manifest_a_folder_is_no_checkpoint(tiny: Recipe, tmp_path: Path) -> None:
    (tmp_path / "step-00000009").mkdir()
    with pytest.raises(ResumeError, match="no complete checkpoint"):
        newest_checkpoint(tmp_path)


def test_a_checkpoint_of_another_shape_is_refused(tiny: Recipe, tmp_path: Path) -> None:
    save_checkpoint(tmp_path, *made(tiny), TrainState())
    other = CausalLM(replace(SHAPE, ffn_size=32))
    with pytest.raises(ResumeError, match="another shape"):
        load_checkpoint(tmp_path, other, make_optimizers(other, tiny))


def test_the_pointer_names_the_newest_and_its_loss_does_no_harm(tiny: Recipe, tmp_path: Path) -> None:
    model, optimizers = made(tiny)
    for step in (1, 2):
        save_checkpoint(tmp_path, model, optimizers, TrainState(total_steps=step))
    assert (tmp_path / "LATEST").read_text() == "step-00000002\n"
    for content in ("step-00000001\n", "../elsewhere\n", "\0"):
        (tmp_path / "LATEST").write_text(content)
        expected = "step-00000001" if content.startswith("step") else "step-00000002"
        assert newest_checkpoint(tmp_path).name == expected
    (tmp_path / "LATEST").unlink()
    assert newest_checkpoint(tmp_path).name == "step-00000002"


def test_a_folder_left_over_from_a_broken_save_is_replaced(tiny: Recipe, tmp_path: Path) -> None:
    (tmp_path / "run-tmp").mkdir()
    (tmp_path / "run-tmp" / "weights.safetensors").write_bytes(b"half")
    with pytest.raises(ResumeError):
        newest_checkpoint(tmp_path)
    save_checkpoint(tmp_path, *made(tiny), TrainState(total_steps=1))
    assert newest_checkpoint(tmp_path).name == "step-00000001"
    assert not (tmp_path / "run-tmp").exists()


def test_saving_a_step_again_replaces_it(tiny: Recipe, tmp_path: Path) -> None:
    model, optimizers = made(tiny)
    for tokens in (1, 2):
        save_checkpoint(tmp_path, model, optimizers, TrainState(total_steps=7, tokens=tokens))
    assert load_checkpoint(tmp_path, model, optimizers).tokens == 2
    assert [path.name for path in complete_checkpoints(tmp_path)] == ["step-00000007"]


def test_the_old_one_counts_while_the_new_one_of_its_step_has_no_name_yet(
    tiny: Recipe, tmp_path: Path
) -> None:
    save_checkpoint(tmp_path, *made(tiny), TrainState(total_steps=7))
    (tmp_path / "step-00000007").rename(tmp_path / "step-00000007.old")
    assert newest_checkpoint(tmp_path).name == "step-00000007.old"


def test_a_checkpoint_of_version_1_is_read(tiny: Recipe, tmp_path: Path) -> None:
    model, optimizers = made(tiny)
    folder = save_checkpoint(tmp_path, model, optimizers, TrainState(total_steps=3))
    manifest = json.loads((folder / "manifest.json").read_text())
    digests = {name: entry["sha256"] for name, entry in manifest["files"].items()}
    (folder / "manifest.json").write_text(json.dumps({"files": digests}))
    (tmp_path / "LATEST").unlink()
    assert load_checkpoint(tmp_path, model, optimizers).total_steps == 3
    assert read_identity(folder).difference(Identity({"model": "a"}, {"b": "c"})) is None


def test_other_optimizers_are_refused(tiny: Recipe, tmp_path: Path) -> None:
    save_checkpoint(tmp_path, *made(tiny), TrainState())
    other, optimizers = made(replace(tiny, matrix_learning_rate=0.0))
    with pytest.raises(ResumeError, match="matrix_learning_rate"):
        load_checkpoint(tmp_path, other, optimizers)
