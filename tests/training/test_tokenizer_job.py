"""The tokenizer job reads what the recipe says, no more, and fails in one line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from aigc_tui.training import tokenizer_job
from aigc_tui.training.recipe import Recipe


def test_the_vocabulary_has_the_size_asked_for(tokenizer: Tokenizer, tiny: Recipe) -> None:
    assert tokenizer.get_vocab_size() == tiny.tokenizer.vocab_size


def test_no_source_gives_more_than_its_bytes(tiny: Recipe, tmp_path: Path) -> None:
    lines = [json.dumps({"text": f"{i:09d}\n"}) for i in range(500)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines), encoding="utf-8")
    wanted = replace(tiny.tokenizer, sources={"a": 1000})
    recipe = replace(tiny, corpus=tmp_path, sources={"a": "a.jsonl"}, tokenizer=wanted)
    assert len("".join(tokenizer_job.sample_texts(recipe))) == 1000


def test_wrong_use_says_how_to_use_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert tokenizer_job.main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_a_missing_recipe_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert tokenizer_job.main([str(tmp_path / "no.yaml")]) == 1
    assert capsys.readouterr().err.startswith("error: cannot read recipe")
