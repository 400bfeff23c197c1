"""Evaluation of any model folder: ours and transformers' give the same number, by every kind of file."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from aigc_tui.training import evaluate as job
from aigc_tui.training.recipe import Recipe
from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.checkpoint import load_model, save_model

TALK = {
    "messages": [{"role": "user", "content": "Hello there"}, {"role": "assistant", "content": "你好！ Hi."}]
}


@pytest.fixture
def folder(tiny: Recipe, tokenizer: Tokenizer) -> Path:
    """Write an untrained model with the tiny tokenizer."""
    from aigc_tui.training.pretrain import export, model_config

    model = CausalLM(model_config(tiny, tokenizer))
    initialise(model, 0)
    export(model, tiny, tiny.out)
    save_model(model, tiny.out, dtype=torch.float32)
    return tiny.out


def test_plain_text_is_scored_to_its_last_byte(folder: Path, tmp_path: Path, tokenizer: Tokenizer) -> None:
    text = "Hello there, 你好。 <|im_end|> is no end here. " * 40
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    found = job.evaluate(folder, path)
    assert found.bytes == len(text.encode("utf-8"))
    assert found.tokens > load_model(folder).config.max_positions
    assert found.bits_per_byte == pytest.approx(found.nats / math.log(2) / found.bytes)
    # An untrained model guesses about uniformly.
    assert found.loss == pytest.approx(math.log(tokenizer.get_vocab_size()), rel=0.02)


def test_of_a_dialogue_only_the_words_are_scored(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(TALK) + "\n", encoding="utf-8")
    assert job.evaluate(folder, path).bytes == len("Hello there你好！ Hi.".encode())


def test_lines_add_up(folder: Path, tmp_path: Path) -> None:
    one, both = tmp_path / "one.jsonl", tmp_path / "both.jsonl"
    lines = [json.dumps({"text": "One text."}), json.dumps(TALK)]
    total = 0.0
    for line in lines:
        one.write_text(line, encoding="utf-8")
        total += job.evaluate(folder, one).nats
    both.write_text("\n".join(lines), encoding="utf-8")
    assert job.evaluate(folder, both).nats == pytest.approx(total, rel=1e-5)


def test_transformers_gives_the_same_number(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The same text for both of them. 同一段文字。" * 10, encoding="utf-8")
    own = job.evaluate(folder, path)
    monkeypatch.setattr(job, "supports", lambda _: False)
    assert job.evaluate(folder, path).nats == pytest.approx(own.nats, rel=1e-4)


def test_the_command_prints_one_json_object(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Hello.", encoding="utf-8")
    assert job.main([str(folder), "--text", str(path), "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)) == {"bits_per_byte", "bytes", "tokens", "loss"}


@pytest.mark.parametrize("case", ["no folder", "no tokenizer", "no weights", "no text", "empty text"])
def test_what_cannot_be_scored_gives_one_line(
    case: str, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.txt"
    if case != "no text":
        path.write_text("" if case == "empty text" else "Hello.", encoding="utf-8")
    if case == "no tokenizer":
        (folder / "tokenizer.json").unlink()
    if case == "no weights":
        next(folder.glob("*.safetensors")).unlink()
    chosen = tmp_path / "nowhere" if case == "no folder" else folder
    assert job.main([str(chosen), "--text", str(path)]) == 1
    error = capsys.readouterr().err.strip().splitlines()
    assert error[-1].startswith("error: ")
