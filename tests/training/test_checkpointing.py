"""Checkpoints are complete or absent, whatever happens while they are written."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from aigc_tui.training.checkpointing import (
    ResumeError,
    complete_checkpoints,
    load_checkpoint,
    newest_checkpoint,
    save_checkpoint,
)
from aigc_tui.training.optim import Optimizers, make_optimizers
from aigc_tui.training.position import Position
from aigc_tui.training.recipe import Recipe
from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.config import ModelConfig

SHAPE = ModelConfig(
    vocab_size=64, hidden_size=16, layers=1, heads=2, kv_heads=1, head_dim=8, ffn_size=24, max_positions=32
)
SAVER = """
import sys
from pathlib import Path
from tests.training.test_checkpointing import made
from aigc_tui.training.checkpointing import save_checkpoint
from aigc_tui.training.position import Position
from aigc_tui.training.recipe import load_recipe
model, optimizers = made(load_recipe(Path(sys.argv[1])))
step = int(sys.argv[3])
while True:
    step += 1
    save_checkpoint(Path(sys.argv[2]), model, optimizers, Position(total_steps=step))
"""


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
    save_checkpoint(tmp_path, model, optimizers, Position(total_steps=2, mixer={"a": [1]}))
    other, other_optimizers = made(recipe, steps=5)
    position = load_checkpoint(tmp_path, other, other_optimizers)
    assert position == Position(total_steps=2, mixer={"a": [1]})
    for pair in ((model, optimizers), (other, other_optimizers)):
        train(*pair, steps=3)
    assert torch.equal(weights(model), weights(other))


def test_random_numbers_go_on_where_they_were(tiny: Recipe, tmp_path: Path) -> None:
    model, optimizers = made(tiny)
    torch.manual_seed(5)
    save_checkpoint(tmp_path, model, optimizers, Position())
    expected = torch.rand(3)
    load_checkpoint(tmp_path, model, optimizers)
    assert torch.equal(torch.rand(3), expected)


def test_only_the_two_newest_are_kept(tiny: Recipe, tmp_path: Path) -> None:
    model, optimizers = made(tiny)
    for step in (1, 2, 3):
        save_checkpoint(tmp_path, model, optimizers, Position(total_steps=step))
    assert [path.name for path in complete_checkpoints(tmp_path)] == ["step-00000002", "step-00000003"]


@pytest.mark.parametrize("name", ["weights.safetensors", "optimizer.safetensors", "state.json"])
def test_a_damaged_checkpoint_does_not_count(name: str, tiny: Recipe, tmp_path: Path) -> None:
    model, optimizers = made(tiny)
    for step in (1, 2):
        save_checkpoint(tmp_path, model, optimizers, Position(total_steps=step))
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
    save_checkpoint(tmp_path, *made(tiny), Position())
    other = CausalLM(replace(SHAPE, ffn_size=32))
    with pytest.raises(ResumeError, match="another shape"):
        load_checkpoint(tmp_path, other, make_optimizers(other, tiny))


def test_kill_9_while_saving_leaves_a_usable_checkpoint(
    tiny_yaml: Path, tiny: Recipe, tmp_path: Path
) -> None:
    root = tmp_path / "checkpoints"
    root.mkdir()
    for start in (0, 1000):
        command = [sys.executable, "-c", SAVER, str(tiny_yaml), str(root), str(start)]
        with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as saver:
            deadline = time.monotonic() + 120
            while not ((root / "run-tmp").exists() and latest(root) > start):
                assert saver.poll() is None
                assert time.monotonic() < deadline
            saver.send_signal(signal.SIGKILL)
        model, optimizers = made(tiny)
        position = load_checkpoint(root, model, optimizers)
        assert position.total_steps > start


def latest(root: Path) -> int:
    pointer = root / "LATEST"
    return int(pointer.read_text().strip()[5:]) if pointer.exists() else -1
