"""Fixtures: a tiny recipe on generated talk, and the tokenizer that goes with it (made once a session)."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from aigc_tui.training import tokenizer_job
from aigc_tui.training.recipe import Recipe, load_recipe

TINY = Path(__file__).parents[2] / "data" / "recipes" / "tiny.yaml"


@pytest.fixture(scope="session")
def tiny_yaml(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy the tiny recipe to where its relative paths are free, and train its tokenizer there."""
    home = tmp_path_factory.mktemp("project") / "data" / "recipes"
    home.mkdir(parents=True)
    path = Path(shutil.copy(TINY, home / "tiny.yaml"))
    assert tokenizer_job.main([str(path)]) == 0
    return path


@pytest.fixture
def tiny(tiny_yaml: Path, tmp_path: Path) -> Recipe:
    """Give the tiny recipe with working and output folders of the test's own."""
    return replace(load_recipe(tiny_yaml), work=tmp_path / "work", out=tmp_path / "model")


@pytest.fixture
def tokenizer(tiny_yaml: Path) -> Tokenizer:
    """Load the tiny tokenizer anew, since a Renderer changes its settings."""
    return Tokenizer.from_file(str(load_recipe(tiny_yaml).tokenizer.folder / "tokenizer.json"))
