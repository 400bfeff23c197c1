"""A model in a folder: both engines give the same numbers, by every kind of file, and say what is wrong."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer

from aigc_tui.corpora.records import DialogueMessage
from aigc_tui.evaluation import __main__ as job
from aigc_tui.evaluation import local
from aigc_tui.evaluation.model import Draw
from aigc_tui.evaluation.run import score_sources
from aigc_tui.evaluation.scoring import Scored
from aigc_tui.evaluation.suite import open_source
from aigc_tui.inference.loader import load_model as load_whole
from aigc_tui.inference.models import OWN, TRANSFORMERS
from aigc_tui.transformer.causal_lm import CausalLM
from aigc_tui.transformer.checkpoint import load_model, save_model, supports
from aigc_tui.transformer.config import ModelConfig
from tests.support.models import SENTENCES, make_model

TALK = {
    "messages": [{"role": "user", "content": "Hello there"}, {"role": "assistant", "content": "你好！ Hi."}]
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tiny model that our own Transformer runs."""
    return make_model(tmp_path / "model", "llama")


def evaluate(folder: Path, text: Path, engine: str = "") -> Scored:
    model = local.LocalModel(folder, engine)
    return score_sources("it", model, [open_source(text)], None, lambda *_: None).scored()


def test_plain_text_is_scored_to_its_last_byte(folder: Path, tmp_path: Path) -> None:
    text = "Hello there, 你好。 <|im_end|> is no end here. " * 40
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    found = evaluate(folder, path)
    assert found.bytes == len(text.encode("utf-8"))
    assert found.tokens > load_model(folder).config.max_positions
    assert found.bits_per_byte == pytest.approx(found.nats / math.log(2) / found.bytes)


def test_of_a_dialogue_only_the_words_are_scored(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(TALK) + "\n", encoding="utf-8")
    assert evaluate(folder, path).bytes == len("Hello there你好！ Hi.".encode())


def test_lines_add_up(folder: Path, tmp_path: Path) -> None:
    one, both = tmp_path / "one.jsonl", tmp_path / "both.jsonl"
    lines = [json.dumps({"text": "One text."}), json.dumps(TALK)]
    total = 0.0
    for line in lines:
        one.write_text(line, encoding="utf-8")
        total += evaluate(folder, one).nats
    both.write_text("\n".join(lines), encoding="utf-8")
    assert evaluate(folder, both).nats == pytest.approx(total, rel=1e-5)


def test_the_command_prints_one_json_object(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Hello.", encoding="utf-8")
    assert job.main([str(folder), "--text", str(path)]) == 0
    assert set(json.loads(capsys.readouterr().out)) >= {"bits_per_byte", "bytes", "tokens", "loss"}


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


def complaint(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str = "Hello.") -> str:
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
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
    assert "lack" in complaint(config.parent, tmp_path, capsys)


def test_weights_that_are_no_numbers_are_not_scored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = foreign(tmp_path)
    weights = {name: tensor * math.nan for name, tensor in load_file(folder / "model.safetensors").items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert "finite" in complaint(folder, tmp_path, capsys)


def test_a_tokenizer_of_a_bigger_model_is_one_line(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    smaller = json.loads((folder / "config.json").read_text())["vocab_size"] - 40
    config = ModelConfig(
        smaller, hidden_size=8, layers=1, heads=2, kv_heads=1, head_dim=4, ffn_size=8, max_positions=64
    )
    save_model(CausalLM(config), folder)
    assert "they do not belong together" in complaint(
        folder, tmp_path, capsys, "\u00ff\u00fe zq the hello 你好 today"
    )


def test_a_template_that_refuses_the_system_scores_it_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "talk.txt"
    talk = {"system": "Be kind.", **TALK}
    path.write_text(json.dumps(talk), encoding="utf-8")
    assert evaluate(foreign(tmp_path, "gemma"), path).bytes == len("Be kind.Hello there你好！ Hi.".encode())


@pytest.mark.parametrize("family", ["llama", "qwen2", "qwen3", "gpt2"])
def test_both_engines_agree(family: str, tmp_path: Path) -> None:
    folder = foreign(tmp_path, family)
    path = tmp_path / "a.jsonl"
    lines = [{"text": "The quick brown fox asked a question. 今天天气很好。" * 20}, TALK]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    theirs = local.LocalModel(folder, TRANSFORMERS)
    ours = local.LocalModel(folder, "")
    assert ours.engine == (OWN if supports(folder) else TRANSFORMERS)
    one, two = (evaluate(folder, path, engine) for engine in (ours.engine, TRANSFORMERS))
    assert one.bits_per_byte == pytest.approx(two.bits_per_byte, abs=1e-3)
    before, replies = (
        [DialogueMessage("user", "Hello there")],
        ["I am well.", "你好", "She asked a question."],
    )
    for a, b in zip(ours.score_replies(before, replies), theirs.score_replies(before, replies), strict=True):
        assert (a.tokens, a.bytes) == (b.tokens, b.bytes)
        assert a.nats == pytest.approx(b.nats, rel=1e-4)
    assert ours.best_span(before, SENTENCES[0]) == theirs.best_span(before, SENTENCES[0])
    for draw in (Draw(12), Draw(12, {"temperature": 0.9, "top_k": 50}, seed=3)):
        assert ours.reply(before, draw) == theirs.reply(before, draw)


def test_the_best_span_is_the_one_that_a_whole_pass_for_each_span_finds(folder: Path) -> None:
    asked = [DialogueMessage("user", "Who?")]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    loaded = load_whole(folder)

    def chance(span: str) -> float:
        prefix = loaded.chat.encode(asked)
        ids = prefix + tokenizer(span)["input_ids"] + [tokenizer.eos_token_id]
        with torch.no_grad():
            chances = loaded.model.forward(torch.tensor([ids]))[0].log_softmax(-1)
        return sum(float(chances[at - 1, ids[at]]) for at in range(len(prefix), len(ids)))

    spans = ["Anna", "Anna saw", "Anna saw Ben", "saw", "saw Ben", "Ben", "Carl", "Carl left", "left"]
    found = local.LocalModel(folder).best_span(asked, "Anna saw Ben. Carl left.")
    assert found == max(spans, key=chance)
