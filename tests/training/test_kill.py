"""kill -9 at any moment, in mid-checkpoint above all: the resumed run has the losses of one left alone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from safetensors.torch import load_file

from aigc_tui.training.checkpoints import newest_checkpoint
from aigc_tui.training.metrics import read_metrics
from aigc_tui.training.pretrain import main, pretrain
from aigc_tui.training.recipe import Recipe, load_recipe

ROOT = Path(__file__).parents[2]
STEPS = 24
DEADLINE_SECONDS = 300


def recipe_file(tiny_yaml: Path, name: str) -> Path:
    """Write a recipe that logs and saves at every step, with everything on that has a state of its own."""
    raw = yaml.safe_load(tiny_yaml.read_text(encoding="utf-8"))
    stage = {"seq_len": 32, "rows": 4, "micro_rows": 2, "end": 0.1, "schedule": "cosine"}
    raw["stages"] = [
        {"name": "one", "steps": STEPS // 2, "mix": {"talk_en": 1, "talk_zh": 1}, **stage},
        {"name": "two", "steps": STEPS // 2, "mix": {"talk_zh": 1}, "isolate": True, **stage},
    ]
    raw |= {"log_steps": 1, "save_steps": 1, "eval_steps": 0, "ema_decay": 0.9, "probe_steps": 0}
    raw |= {"work": f"../../build/{name}", "out": f"../../build/{name}/model"}
    path = tiny_yaml.with_name(f"{name}.yaml")
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    return path


def kill_when(path: Path, resume: bool, due: Callable[[], bool]) -> None:
    """Start a run as a process and kill it as soon as ``due`` says so."""
    command = [
        sys.executable,
        "-m",
        "aigc_tui.training.pretrain",
        str(path),
        *(["--resume"] if resume else []),
    ]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as run:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not due():
            assert run.poll() is None, "the run was over before it could be killed"
            assert time.monotonic() < deadline
        run.send_signal(signal.SIGKILL)


def last_step(recipe: Recipe) -> int:
    path = recipe.work / "metrics.jsonl"
    return max((row["step"] for row in read_metrics(path)), default=0) if path.exists() else 0


def losses(recipe: Recipe) -> list[tuple[int, float]]:
    rows = read_metrics(recipe.work / "metrics.jsonl")
    return [(row["step"], row["loss"]) for row in rows if row["kind"] == "train"]


@pytest.fixture(scope="module")
def straight(tiny_yaml: Path) -> Recipe:
    """Train to the end without a break."""
    recipe = load_recipe(recipe_file(tiny_yaml, "straight"))
    assert pretrain(recipe, resume=False, stop=threading.Event())
    return recipe


def test_killed_in_mid_checkpoint_and_resumed_equals_one_that_was_not_to_the_last_bit(
    tiny_yaml: Path, straight: Recipe
) -> None:
    path = recipe_file(tiny_yaml, "killed")
    killed = load_recipe(path)
    saving = killed.work / "checkpoints" / "run-tmp"
    kill_when(path, resume=False, due=lambda: last_step(killed) >= 5 and (saving / "state.json").exists())
    reached = last_step(killed)
    kill_when(path, resume=True, due=lambda: last_step(killed) >= reached + 9)
    assert pretrain(killed, resume=True, stop=threading.Event())
    assert losses(killed) == losses(straight)
    assert [step for step, _ in losses(killed)] == list(range(1, STEPS + 1))
    for name in ("weights", "averages", "optimizer"):
        one, other = (stored(recipe, name) for recipe in (straight, killed))
        assert one.keys() == other.keys()
        assert all(torch.equal(one[key], other[key]) for key in one)


def stored(recipe: Recipe, name: str) -> dict[str, torch.Tensor]:
    return load_file(str(newest_checkpoint(recipe.work / "checkpoints") / f"{name}.safetensors"))


def changed_copy(straight: Recipe, tiny_yaml: Path, name: str, change: Callable[[Any], None]) -> Path:
    """Copy a finished run and its recipe with something changed."""
    path = recipe_file(tiny_yaml, name)
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(raw)
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    shutil.copytree(straight.work, load_recipe(path).work)
    return path


def more_rows(raw: Any) -> None:
    raw["stages"][0]["rows"] = 8


def less_data(raw: Any) -> None:
    raw["limits"]["talk_zh"] //= 2


@pytest.mark.parametrize(
    ("change", "told"), [(more_rows, "recipe's stage 1"), (less_data, "data of source talk_zh")]
)
def test_another_recipe_or_other_data_is_refused_in_one_line(
    change: Callable[[Any], None],
    told: str,
    straight: Recipe,
    tiny_yaml: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = changed_copy(straight, tiny_yaml, change.__name__, change)
    assert main([str(path), "--resume"]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert told in last
    assert "--accept-changes" in last
    assert main([str(path), "--resume", "--accept-changes"]) == 0
