"""Tasks as sources of a recipe: split by passage, ended by a limit, refused when unknown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from aigc_tui.training.prepare import prepare_source, source_records
from aigc_tui.training.recipe import Recipe, RecipeError
from aigc_tui.transformer.tokenizer import train_tokenizer


@pytest.fixture
def recipe(tiny: Recipe, corpus: Path, tmp_path: Path) -> Recipe:
    """The tiny recipe with tasks as sources, over the small corpus."""
    sources = {"passages": "task:passages", "formats": "task:formats", "lost": "task:nothing"}
    folder = tmp_path / "tokenizer"
    folder.mkdir()
    train_tokenizer(["a small text for a small vocabulary, 一小段文字"], 300).save(
        str(folder / "tokenizer.json")
    )
    own = replace(tiny.tokenizer, folder=folder, sources={})
    return replace(
        tiny, corpus=corpus, work=tmp_path, sources=sources, limits={"formats": 20_000}, tokenizer=own
    )


def test_a_made_up_family_ends_at_its_limit(recipe: Recipe) -> None:
    tokenizer = Tokenizer.from_file(str(recipe.tokenizer.folder / "tokenizer.json"))
    prepared = prepare_source("formats", recipe, tokenizer)
    assert 3_000 < prepared.train.starts[-1] + prepared.held_out.starts[-1] < 60_000


def test_token_files_of_tasks_are_made_once(recipe: Recipe) -> None:
    tokenizer = Tokenizer.from_file(str(recipe.tokenizer.folder / "tokenizer.json"))
    prepare_source("passages", recipe, tokenizer)
    before = (recipe.work / "tokens" / "passages" / "train" / "ids.bin").stat().st_mtime_ns
    prepare_source("passages", recipe, tokenizer)
    assert (recipe.work / "tokens" / "passages" / "train" / "ids.bin").stat().st_mtime_ns == before


def test_an_unknown_family_is_refused_with_those_that_there_are(recipe: Recipe) -> None:
    with pytest.raises(RecipeError, match="passages"):
        next(source_records("lost", recipe))


def test_a_family_without_an_end_needs_a_limit(recipe: Recipe) -> None:
    with pytest.raises(RecipeError, match="limit"):
        next(source_records("formats", replace(recipe, limits={})))
