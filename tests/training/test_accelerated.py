"""Two processes, started as users start them, learn what one learns: with gradients shared, and sharded."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import load_file

from aigc_tui.training.checkpoints import newest_checkpoint
from aigc_tui.training.metrics import read_metrics
from aigc_tui.training.pretrain import pretrain
from aigc_tui.training.recipe import Recipe, load_recipe

ROOT = Path(__file__).parents[2]
STAGES = [
    {"name": "reading", "steps": 4, "seq_len": 32, "rows": 8, "micro_rows": 2, "mix": {"talk_en": 1}},
    # Rows of this stage count very different numbers of targets, so means of means would show.
    {"name": "chat", "steps": 4, "seq_len": 128, "rows": 4, "micro_rows": 4, "assistant_only": True,
     "isolate": True, "mix": {"talk_en": 1, "talk_zh": 1}},
]  # fmt: skip


def recipe_file(tiny_yaml: Path, name: str, **keys: Any) -> Path:
    """Write a short float32 recipe that shares nothing but the tokenizer with the others."""
    raw = yaml.safe_load(tiny_yaml.read_text(encoding="utf-8"))
    raw |= {"precision": "float32", "matrix_learning_rate": 0.0, "learning_rate": 0.01, "log_steps": 1}
    raw |= {"stages": STAGES, "prompts": [], "ema_decay": 0.5, "export_ema": True, "probe_steps": 2}
    raw |= {"work": f"../../build/{name}", "out": f"../../build/{name}/model"} | keys
    path = tiny_yaml.with_name(f"{name}.yaml")
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    return path


def losses(recipe: Recipe) -> list[float]:
    return [row["loss"] for row in read_metrics(recipe.work / "metrics.jsonl") if row["kind"] == "train"]


def held_out(recipe: Recipe) -> list[float]:
    rows = [row for row in read_metrics(recipe.work / "metrics.jsonl") if row["kind"] == "held_out"]
    return [row["talk_en"] for row in rows]


def tensors(recipe: Recipe, name: str) -> torch.Tensor:
    stored = load_file(str(newest_checkpoint(recipe.work / "checkpoints") / f"{name}.safetensors"))
    return torch.cat([stored[key].flatten() for key in sorted(stored)])


@pytest.fixture(scope="module")
def runs(tiny_yaml: Path) -> dict[str, Recipe]:
    """Train alone, and twice in two processes started by ``accelerate launch``."""
    files = {
        "alone": recipe_file(tiny_yaml, "alone"),
        "ddp": recipe_file(tiny_yaml, "ddp"),
        "fsdp": recipe_file(tiny_yaml, "fsdp", shard=True),
    }
    assert pretrain(load_recipe(files["alone"]), resume=False, stop=threading.Event())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2"]
    launch += ["--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]
    launch += ["--main_process_port", str(port), "-m", "tests.training.two_processes"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [*launch, str(files["ddp"]), str(files["fsdp"])],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[:3000]
    assert "2 processes" in done.stderr
    return {name: load_recipe(path) for name, path in files.items()}


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_two_processes_give_the_losses_of_one(kind: str, runs: dict[str, Recipe]) -> None:
    assert len(losses(runs["alone"])) == 8
    assert losses(runs[kind]) == pytest.approx(losses(runs["alone"]), abs=1e-5)
    assert held_out(runs[kind]) == pytest.approx(held_out(runs["alone"]), abs=2e-4)


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
@pytest.mark.parametrize("name", ["weights", "averages", "optimizer"])
def test_two_processes_write_the_checkpoint_of_one(kind: str, name: str, runs: dict[str, Recipe]) -> None:
    # AdamW divides by the gradient's size, so rounding shows most where a gradient is nearly nothing.
    distance = (tensors(runs[kind], name) - tensors(runs["alone"], name)).norm()
    assert float(distance / tensors(runs["alone"], name).norm()) < 1e-3


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_one_model_folder_is_written_and_each_metric_once(kind: str, runs: dict[str, Recipe]) -> None:
    assert (runs[kind].out / "config.json").is_file()
    steps = [r["step"] for r in read_metrics(runs[kind].work / "metrics.jsonl") if r["kind"] == "train"]
    assert steps == list(range(1, 9))


@pytest.mark.parametrize("kind", ["ddp", "fsdp"])
def test_one_process_can_go_on_with_what_two_began(kind: str, runs: dict[str, Recipe]) -> None:
    assert pretrain(runs[kind], resume=True, stop=threading.Event(), accept_changes=True)
