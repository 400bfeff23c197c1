"""A whole run from a YAML file in seconds: it learns, resumes exactly, and writes an ordinary folder."""

from __future__ import annotations

import json
import math
import shutil
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from tokenizers import Tokenizer

from aigc_tui.training import pretrain as job
from aigc_tui.training.causal_lm import CausalObjective, model_config
from aigc_tui.training.checkpoints import load_weights, newest_checkpoint
from aigc_tui.training.data_loader import open_token_file
from aigc_tui.training.distributed import ProcessGroup
from aigc_tui.training.loop import TrainingError
from aigc_tui.training.pretrain import pretrain
from aigc_tui.training.recipe import Recipe, RecipeError, load_recipe
from aigc_tui.training.trainer import Trainer
from aigc_tui.transformer.causal_lm import CausalLM


def metrics(recipe: Recipe, kind: str) -> list[dict[str, Any]]:
    lines = (recipe.work / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["kind"] == kind]


def unigram_loss(recipe: Recipe, source: str) -> float:
    """Nats per token of the best model that ignores context, fitted on the held-out text itself."""
    counts = Counter(open_token_file(recipe.work / "tokens" / source / "held_out").ids.tolist())
    total = sum(counts.values())
    return -sum(n / total * math.log(n / total) for n in counts.values())


def newest_weights(recipe: Recipe, tokenizer: Tokenizer) -> torch.Tensor:
    model = CausalLM(model_config(recipe, tokenizer))
    load_weights(newest_checkpoint(recipe.work / "checkpoints"), model)
    return torch.cat([p.detach().flatten() for p in model.parameters()])


@pytest.fixture(scope="module")
def trained(tiny_yaml: Path, tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """Train the tiny recipe to its end, once."""
    home = tmp_path_factory.mktemp("run")
    recipe = replace(load_recipe(tiny_yaml), work=home / "work", out=home / "model")
    assert pretrain(recipe, resume=False, stop=threading.Event())
    return recipe


def test_it_ends_below_what_counting_tokens_gives(trained: Recipe) -> None:
    reading = next(row for row in reversed(metrics(trained, "held_out")) if row["stage"] == "reading")
    for source in ("talk_en", "talk_zh"):
        assert reading[source] < unigram_loss(trained, source)
        assert reading[f"{source}.bpb"] > 0


def test_metrics_tell_loss_speed_rate_and_samples(trained: Recipe) -> None:
    first, last = (metrics(trained, "train")[i] for i in (0, -1))
    assert first["loss"] > last["loss"] * 0.9
    assert {"step", "tokens", "seconds", "left", "norm", "factor", "tokens_per_second"} <= set(first)
    assert metrics(trained, "sample")[0]["prompt"] == "hello"


def test_the_folder_loads_with_transformers_and_stops_at_the_end_of_turn(trained: Recipe) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(trained.out), local_files_only=True)
    model = AutoModelForCausalLM.from_pretrained(str(trained.out), local_files_only=True)
    assert tokenizer.convert_ids_to_tokens(model.generation_config.eos_token_id[0]) == "<|im_end|>"
    text = tokenizer.apply_chat_template([{"role": "user", "content": "Hi"}], tokenize=False)
    assert model(**tokenizer(text, return_tensors="pt")).logits.isfinite().all()


def test_a_stopped_and_resumed_run_equals_one_that_was_not(tiny: Recipe, tokenizer: Tokenizer) -> None:
    straight = replace(tiny, work=tiny.work / "straight")
    pretrain(straight, resume=False, stop=threading.Event())
    broken = replace(tiny, work=tiny.work / "broken")
    for stops_after in (7, 33):
        stop = CountedStop(stops_after)
        assert not pretrain(broken, resume=stops_after != 7, stop=stop)
    assert pretrain(broken, resume=True, stop=threading.Event())
    assert torch.equal(newest_weights(straight, tokenizer), newest_weights(broken, tokenizer))


class CountedStop(threading.Event):
    """Says stop after having been asked so many times (once a step and once more at its end)."""

    def __init__(self, asks: int) -> None:
        super().__init__()
        self._left = asks

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


def test_a_loss_that_is_no_number_ends_the_run_with_advice(tiny: Recipe) -> None:
    trainer = Trainer(tiny, CausalObjective(tiny), ProcessGroup(), lambda: False)
    assert isinstance(trainer.model, CausalLM)
    with torch.no_grad():
        trainer.model.model.norm.weight.fill_(float("nan"))
    with pytest.raises(TrainingError, match="are the weights damaged"):
        trainer.train(resume=False, accept_changes=False)


def test_a_run_can_start_from_a_model_folder_and_says_before_what_to_expect(
    trained: Recipe, tiny_yaml: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = yaml.safe_load(tiny_yaml.read_text(encoding="utf-8"))
    del raw["model"], raw["tokenizer"]
    stage = {"name": "more", "steps": 12, "seq_len": 64, "rows": 8, "micro_rows": 8, "mix": {"talk_en": 1}}
    raw |= {"init": str(trained.out), "work": "../../build/more", "out": "../../build/more/model"}
    raw |= {"stages": [{**stage, "schedule": "wsd"}], "log_steps": 1, "prompts": []}
    path = tiny_yaml.with_name("more.yaml")
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    assert job.main([str(path)]) == 0
    told = capsys.readouterr().err.splitlines()
    order = [
        next(i for i, line in enumerate(told) if line.startswith(w)) for w in ("device:", "speed:", "more")
    ]
    assert order == sorted(order)
    assert "parameters" in told[order[0]]
    recipe = load_recipe(path)
    # Where a fresh model begins at log(600) = 6.4, this one begins where the other ended.
    assert metrics(recipe, "train")[0]["loss"] < metrics(trained, "train")[0]["loss"] - 0.5
    assert (recipe.out / "tokenizer.json").read_bytes() == (trained.out / "tokenizer.json").read_bytes()


def test_a_model_to_start_from_that_does_not_exist_is_one_line(
    tiny_yaml: Path, trained: Recipe, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = yaml.safe_load(tiny_yaml.read_text(encoding="utf-8")) | {"init": "nowhere"}
    del raw["model"]
    path = tiny_yaml.with_name("nowhere.yaml")
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    assert job.main([str(path)]) == 1
    assert capsys.readouterr().err.startswith("error: init: ")


def test_resuming_without_a_checkpoint_says_so(
    tiny_yaml: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "data" / "recipes"
    home.mkdir(parents=True)
    copy = Path(shutil.copy(tiny_yaml, home))
    tokenizer = load_recipe(tiny_yaml).tokenizer.folder
    shutil.copytree(tokenizer, load_recipe(copy).tokenizer.folder.resolve())
    assert job.main([str(copy), "--resume"]) == 1
    assert "no complete checkpoint" in capsys.readouterr().err


def test_a_missing_recipe_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert job.main([str(tmp_path / "no.yaml")]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_missing_tokenizer_is_trained_first(tiny: Recipe, tmp_path: Path) -> None:
    short = tuple(replace(stage, steps=1) for stage in tiny.stages[:1])
    fresh = replace(
        tiny, tokenizer=replace(tiny.tokenizer, folder=tmp_path / "none"), work=tmp_path, stages=short
    )
    assert pretrain(replace(fresh, out=tmp_path / "out"), resume=False, stop=threading.Event())
    assert (tmp_path / "none" / "tokenizer.json").is_file()


def test_a_missing_tokenizer_that_no_source_describes_says_how_to_make_one(
    tiny: Recipe, tmp_path: Path
) -> None:
    lost = replace(tiny, tokenizer=replace(tiny.tokenizer, folder=tmp_path / "none", sources={}))
    with pytest.raises(RecipeError, match="model tokenizer"):
        pretrain(lost, resume=False, stop=threading.Event())


def test_the_newest_checkpoint_can_be_exported_while_a_run_lasts(trained: Recipe, tmp_path: Path) -> None:
    job.export_newest(trained, tmp_path / "copy")
    assert sorted(p.name for p in (tmp_path / "copy").iterdir()) == sorted(
        p.name for p in trained.out.iterdir()
    )
