"""Evaluation of any model folder: ours and transformers' give the same number, by every kind of file."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from aigc_tui.training import evaluate as job
from aigc_tui.training.recipe import Recipe
from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.checkpoint import load_model, save_model
from tests.support.models import make_model

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


def foreign(tmp_path: Path, family: str = "gpt2") -> Path:
    """A tiny model that transformers runs."""
    return make_model(tmp_path / family, family)


def complaint(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    path = tmp_path / "a.txt"
    path.write_text("Hello.", encoding="utf-8")
    capsys.readouterr()
    assert job.main([str(folder), "--text", str(path)]) == 1
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: ")
    return error


def test_weights_that_were_cut_short_are_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    weights = foreign(tmp_path) / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    assert "no usable model" in complaint(weights.parent, tmp_path, capsys)


def test_weights_that_lack_a_layer_are_not_scored(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = foreign(tmp_path) / "config.json"
    config.write_text(json.dumps({**json.loads(config.read_text()), "n_layer": 3}))
    assert "lack transformer.h.2." in complaint(config.parent, tmp_path, capsys)


def test_weights_that_are_no_numbers_are_not_scored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = foreign(tmp_path)
    weights = {name: tensor * math.nan for name, tensor in load_file(folder / "model.safetensors").items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert "no finite probabilities" in complaint(folder, tmp_path, capsys)


def test_a_tokenizer_of_a_bigger_model_is_one_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "_model", lambda _: (lambda ids: ids, 8, 3))
    assert "are both of one model?" in complaint(folder, tmp_path, capsys)


def test_a_template_that_refuses_the_system_scores_it_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    talk = {"system": "Be kind.", **TALK}
    path.write_text(json.dumps(talk), encoding="utf-8")
    assert job.evaluate(foreign(tmp_path, "gemma"), path).bytes == len(
        "Be kind.Hello there你好！ Hi.".encode()
    )
