"""Recipes: the shipped ones load, and a wrong one is refused with file and key."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from aigc_tui.training.recipe import RecipeError, load_recipe
from tests.support.tiny_recipe import TINY

STARTER = TINY.parents[1] / "models" / "starter"


@pytest.mark.parametrize("path", [TINY, STARTER / "recipe.yaml", STARTER / "recipe-gpu.yaml"])
def test_a_shipped_recipe_loads(path: Path) -> None:
    assert load_recipe(path).stages


def test_paths_are_relative_to_the_recipe() -> None:
    recipe = load_recipe(TINY)
    assert recipe.out.resolve() == (TINY.parents[2] / "build" / "tiny" / "model").resolve()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": None, "modell": {}}, "unknown key 'modell'"),
        ({"stages": [{"name": "a", "mix": {"talk_en": 1}}]}, "needs minutes or steps"),
        ({"stages": [{"name": "a", "mix": {"nowhere": 1}, "steps": 1}]}, "unknown source 'nowhere'"),
        ({"stages": [{"name": "a", "mix": {}, "steps": 1, "rows": 3, "micro_rows": 2}]}, "multiple"),
        ({"stages": [{"steps": 1}]}, "stage 1"),
        ({"stages": ["x"]}, "stage 1: must be a mapping"),
        ({"precision": "fp8"}, "precision must be one of auto, bf16, float32"),
        ({"learning_rate": "fast"}, "learning_rate cannot be 'fast'"),
        ({"seed": -1}, "seed cannot be -1"),
        ({"export_ema": True}, "export_ema needs ema_decay"),
        ({"ema_decay": 1.0}, "ema_decay must be below 1"),
        ({"init": "folder"}, "leave the key 'model' out"),
        ({"stages": "all"}, "stages must be a list"),
        ({"stages": [{"name": "a", "mix": {}, "steps": 1, "schedule": "steep"}]}, "schedule must be one of"),
        ({"stages": [{"name": "a", "mix": {}, "steps": 1, "decay_share": 0.0}]}, "decay_share must be"),
        ({"stages": [{"name": "a", "mix": {}, "steps": 1, "micro_rows": 0}]}, "at least 1"),
        ({"tokenizer": {"folder": ".", "vocab_size": 300, "sources": {"x": 1}}}, "unknown source 'x'"),
    ],
)
def test_a_wrong_recipe_names_what_is_wrong(change: dict[str, object], message: str, tmp_path: Path) -> None:
    raw = yaml.safe_load(TINY.read_text(encoding="utf-8")) | change
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(RecipeError, match=message) as caught:
        load_recipe(path)
    assert "wrong.yaml" in str(caught.value)


@pytest.mark.parametrize("text", ["", "- a", "a: [", "a: &x [*x]", "{" * 5000])
def test_a_file_that_is_no_mapping_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError):
        load_recipe(path)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    raw = yaml.safe_load(TINY.read_text(encoding="utf-8"))
    del raw["model"]
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(RecipeError, match="'model' is missing"):
        load_recipe(path)
