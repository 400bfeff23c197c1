"""`model pretrain` with a masked-LM recipe: it learns, resumes exactly, and classifiers start from it."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch
import yaml

from aigc_tui.course.classification.text_classifier import Tuning, fresh_classifier
from aigc_tui.course.masked_lm import __main__ as program
from aigc_tui.course.masked_lm.checkpoint import load_masked_lm
from aigc_tui.course.masked_lm.pretraining import MaskedObjective, filled
from aigc_tui.training import jobs
from aigc_tui.training import pretrain as causal
from aigc_tui.training.checkpoints import load_weights, newest_checkpoint
from aigc_tui.training.live import Follower
from aigc_tui.training.pretrain import pretrain
from aigc_tui.training.recipe import Recipe, RecipeError, load_recipe

TINY = Path(__file__).parents[3] / "data" / "recipes" / "tiny-masked.yaml"


sample = Random(0).sample
FOOD = {"cat": "fish", "dog": "bones", "cow": "grass", "owl": "mice", "bee": "honey", "ape": "fruit"}


def recipe_in(home: Path, **changed: Any) -> Path:
    """Write the shipped recipe with folders of its own, for a text in which every second word follows."""
    rows = [
        {"text": " ".join(f"The {one} in town {n % 7} likes {FOOD[one]}." for one in sample(list(FOOD), 5))}
        for n in range(300)
    ]
    (home / "animals.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    raw = yaml.safe_load(TINY.read_text(encoding="utf-8"))
    raw |= {"corpus": str(home), "sources": {"animals": "animals.jsonl"}, "limits": {}}
    raw["stages"][0] |= {"mix": {"animals": 1}, "seq_len": 48}
    raw |= {"work": str(home / "work"), "out": str(home / "model"), "probe_steps": 0, **changed}
    raw["tokenizer"] = {"folder": str(home / "tokenizer"), "vocab_size": 120, "sources": {"animals": 100000}}
    path = home / "recipe.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """Train the shipped recipe to its end, once."""
    path = recipe_in(tmp_path_factory.mktemp("masked"))
    assert program.main([str(path)]) == 0
    return load_recipe(path)


def rows(recipe: Recipe, kind: str) -> list[dict[str, Any]]:
    lines = (recipe.work / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["kind"] == kind]


def test_it_says_more_hidden_words_than_the_most_frequent_token_would(trained: Recipe) -> None:
    first, last = (rows(trained, "held_out")[at] for at in (0, -1))
    assert last["animals.accuracy"] > last["animals.unigram_accuracy"] + 0.2
    assert 0 <= last["animals.next_accuracy"] <= 1
    assert last["animals"] < first["animals"]
    assert {row["prompt"] for row in rows(trained, "sample")} == set(trained.prompts)
    assert all("[MASK]" not in row["text"] for row in rows(trained, "sample"))


def test_the_shipped_recipe_runs(tmp_path: Path) -> None:
    recipe = load_recipe(TINY)
    folders: dict[str, Any] = {"work": tmp_path, "out": tmp_path / "model", "eval_steps": 0, "probe_steps": 1}
    tokenizer = replace(recipe.tokenizer, folder=tmp_path / "tokenizer")
    short = replace(recipe, tokenizer=tokenizer, stages=(replace(recipe.stages[0], steps=2),), **folders)
    assert pretrain(short, False, threading.Event(), objective=MaskedObjective)
    assert set(rows(short, "held_out")[0]) >= {"talk_en", "talk_zh.accuracy"}
    assert (tmp_path / "model" / "tokenizer.json").is_file()


def test_watch_follows_it(trained: Recipe) -> None:
    follower = Follower(trained.work)
    assert follower.look()
    assert follower.ended


def test_the_folder_starts_a_classifier_and_loads_with_transformers(trained: Recipe) -> None:
    from transformers import AutoTokenizer, BertForPreTraining

    classifier = fresh_classifier(trained.out, ("a", "b"), Tuning())
    assert sum(classifier.probabilities("hello there")) == pytest.approx(1)
    own, theirs = load_masked_lm(trained.out), BertForPreTraining.from_pretrained(str(trained.out)).eval()
    ids = torch.tensor([AutoTokenizer.from_pretrained(str(trained.out))("hello you")["input_ids"]])
    assert torch.allclose(own(ids).words, theirs(ids).prediction_logits, atol=1e-4)
    assert "[MASK]" not in filled(own, MaskedObjective(trained).tokenizer, "hello [MASK]")


class CountedStop(threading.Event):
    """Says stop after having been asked so many times."""

    def __init__(self, asks: int) -> None:
        super().__init__()
        self._left = asks

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


def test_a_stopped_and_resumed_run_equals_one_that_was_not(trained: Recipe, tmp_path: Path) -> None:
    short = replace(trained, stages=(replace(trained.stages[0], steps=12),), eval_steps=0, prompts=())
    weights = []
    for name, stops in (("straight", ()), ("broken", (5,))):
        run = replace(short, work=tmp_path / name, out=tmp_path / name / "model")
        for asks in stops:
            assert not pretrain(run, False, CountedStop(asks), objective=MaskedObjective)
        assert pretrain(run, bool(stops), threading.Event(), objective=MaskedObjective)
        model = MaskedObjective(run).model()
        load_weights(newest_checkpoint(run.work / "checkpoints"), model)
        weights.append(torch.cat([weight.detach().flatten() for weight in model.parameters()]))
    assert torch.equal(*weights)


def test_keys_that_do_not_fit_the_objective_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = yaml.safe_load(TINY.read_text(encoding="utf-8"))["stages"][0]
    with pytest.raises(RecipeError, match="keys of causal-lm"):
        load_recipe(recipe_in(tmp_path, stages=[{**stage, "assistant_only": True}]))
    with pytest.raises(RecipeError, match="objective"):
        load_recipe(recipe_in(tmp_path, objective="guessing"))
    assert causal.main([str(recipe_in(tmp_path))]) == 1
    assert "its objective is masked-lm" in capsys.readouterr().err


def test_the_command_starts_the_program_of_the_recipes_objective() -> None:
    assert jobs.module_of(TINY) == "course.masked_lm"
    assert jobs.module_of(TINY.with_name("tiny.yaml")) == "training.pretrain"
