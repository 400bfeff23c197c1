"""The model card: words from card.yaml, numbers from records, replies as they came."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from aigc_tui.training import card
from aigc_tui.training.card import (
    CardError,
    Prompt,
    ask_all,
    make_card,
    read_prompts,
    reply_blocks,
    stage_table,
)

STARTER = Path(__file__).parents[2] / "data" / "models" / "starter"
ROWS = [
    {
        "kind": "train",
        "stage": "a",
        "step": 10,
        "tokens": 1_000_000,
        "seconds": 60,
        "loss": 4.0,
        "factor": 1.0,
    },
    {
        "kind": "train",
        "stage": "a",
        "step": 20,
        "tokens": 2_000_000,
        "seconds": 120,
        "loss": 3.0,
        "factor": 0.5,
    },
    {
        "kind": "train",
        "stage": "b",
        "step": 30,
        "tokens": 2_500_000,
        "seconds": 180,
        "loss": 1.0,
        "factor": 0.1,
    },
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model folder with all that a card needs, and weights of a few bytes."""
    facts = {
        "header": {"license": "cc-by-sa-4.0"},
        "prompts": [["en", "greeting", "Hello!"]],
        "text": "# A model\n{shape}\n{read}\n{stages}\n{curve}\n{measured}\n{replies}\n",
    }
    (tmp_path / "card.yaml").write_text(yaml.safe_dump(facts), encoding="utf-8")
    config = {"num_hidden_layers": 2, "hidden_size": 8, "num_attention_heads": 2, "num_key_value_heads": 1}
    config |= {"intermediate_size": 16, "vocab_size": 300, "max_position_embeddings": 64}
    (tmp_path / "config.json").write_text(json.dumps(config))
    (tmp_path / "model.safetensors").write_bytes(b"0" * 2000)
    replies = [{"language": "en", "kind": "greeting", "prompt": "Hello!", "reply": "Hi.\nHow are you?"}]
    (tmp_path / "replies.json").write_text(json.dumps(replies))
    (tmp_path / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    (tmp_path / "table.md").write_text("| a | b |\n")
    return tmp_path


def test_the_card_holds_words_numbers_and_replies(folder: Path) -> None:
    made = make_card(folder, folder / "metrics.jsonl", folder / "table.md")
    assert made.startswith("---\nlicense: cc-by-sa-4.0\n---\n# A model\n2 layers, width 8")
    assert "2.50M tokens in 30 steps" in made
    assert "| a | b |" in made
    assert "**greeting**: Hello!\n\n> Hi.\n> How are you?" in made


def test_stages_are_counted_apart() -> None:
    assert stage_table(ROWS).splitlines()[2:] == [
        "| a | 2.00 | 2 | 1.00 to 0.50 | 3.50 |",
        "| b | 0.50 | 1 | 0.10 to 0.10 | 1.00 |",
    ]


def test_every_prompt_is_asked_once_and_its_reply_kept_as_it_came() -> None:
    prompts = [Prompt("en", "fact", "What?"), Prompt("zh", "fact", "什么？")]
    kept = ask_all(prompts, lambda text: text + " \x1b[31mno")
    assert [one["reply"] for one in kept] == ["What? \x1b[31mno", "什么？ \x1b[31mno"]
    shown = reply_blocks(kept)
    assert shown.index("### English") < shown.index("### Chinese")
    assert "\x1b" not in shown


def test_the_command_writes_the_readme(folder: Path) -> None:
    asked = [str(folder), "--metrics", str(folder / "metrics.jsonl"), "--table", str(folder / "table.md")]
    assert card.main(asked) == 0
    assert (folder / "README.md").read_text(encoding="utf-8").startswith("---\n")


@pytest.mark.parametrize("lost", ["card.yaml", "replies.json", "config.json", "table.md"])
def test_what_is_missing_is_named(folder: Path, lost: str, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / lost).unlink()
    asked = [str(folder), "--metrics", str(folder / "metrics.jsonl"), "--table", str(folder / "table.md")]
    assert card.main(asked) == 1
    assert capsys.readouterr().err.startswith("error: ")


def test_wrong_prompts_are_refused(folder: Path) -> None:
    (folder / "card.yaml").write_text("prompts: [[en]]")
    with pytest.raises(CardError, match="language, kind, text"):
        read_prompts(folder)
    (folder / "card.yaml").write_text("prompts: []")
    with pytest.raises(CardError, match="prompts"):
        read_prompts(folder)


def test_the_starter_is_asked_ten_prompts_of_each_language() -> None:
    prompts = read_prompts(STARTER)
    assert [sum(p.language == code for p in prompts) for code in ("en", "zh")] == [10, 10]
    wanted = {"greeting", "feeling", "about itself", "story", "rewriting", "cannot know"}
    for code in ("en", "zh"):
        assert wanted <= {p.kind for p in prompts if p.language == code}
