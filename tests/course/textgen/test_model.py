"""Folders: what is saved is loaded again, nothing of another make is replaced, hostile files are one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from aigc_tui.course.textgen import generate, model
from aigc_tui.course.textgen.model import TextModel, TextModelError
from aigc_tui.transformer.checkpoint import CheckpointError
from tests.course.textgen.conftest import sentences


def test_a_loaded_generator_writes_what_the_saved_one_writes(words: TextModel, folder: Path) -> None:
    loaded = model.load(folder)
    assert loaded.notes == words.notes
    assert generate.generate(loaded, 3) == generate.generate(words, 3)


def test_a_saved_folder_is_no_secret_and_leaves_nothing_beside_it(folder: Path) -> None:
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert folder.stat().st_mode & 0o055 == 0o055
    assert "chat_template" not in (folder / "tokenizer_config.json").read_text()


def test_a_place_is_replaced_only_if_it_holds_a_generator_and_one_says_so(
    words: TextModel, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(TextModelError, match="--force"):
        model.save(words, folder)
    model.save(words, folder, replace_old=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("dear")
    with pytest.raises(TextModelError, match="no text generator"):
        model.save(words, tmp_path / "mine", replace_old=True)
    with pytest.raises(TextModelError, match="not a folder"):
        model.save(words, tmp_path / "none" / "m")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "words"]


def test_a_failed_save_leaves_the_old_model(
    words: TextModel, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "model.safetensors")

    monkeypatch.setattr(model, "save_model", broken)
    with pytest.raises(OSError, match="No space"):
        model.save(words, folder, replace_old=True)
    assert model.load(folder).notes == words.notes
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_reset_keeps_shape_and_vocabulary_and_forgets_the_rest(words: TextModel) -> None:
    blank = model.reset(words, seed=1)
    assert blank.model.config == words.model.config
    assert blank.notes == model.Notes(level="word")
    weights = (made.model.lm_head.weight for made in (blank, words))
    assert not torch.equal(*weights)


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("tokenizer.json", "{", "is no tokenizer"),
        ("tokenizer.json", None, "cannot read"),
        ("textgen.json", "[]", "not a JSON object"),
        ("textgen.json", '{"labels": {"x": 7}}', "not as this program wrote it"),
        ("textgen.json", '{"labels": 3}', "not as this program wrote it"),
        ("config.json", "{", "cannot read"),
    ],
)
def test_a_damaged_file_is_one_clear_line(folder: Path, name: str, content: str | None, line: str) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises((TextModelError, CheckpointError), match=line) as caught:
        model.load(folder)
    assert "\n" not in str(caught.value)


def test_a_tokenizer_of_another_model_is_refused(folder: Path) -> None:
    model.new(sentences(), "char", model.Shape(1, 32, 2, 32), 500)
    other = model.new(sentences(), "char").tokenizer
    other.add_tokens([f"more {number}" for number in range(500)])
    other.save(str(folder / "tokenizer.json"))
    with pytest.raises(TextModelError, match="are both of one model"):
        model.load(folder)


def test_a_model_without_an_end_is_refused(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "eos_token_id": None}))
    with pytest.raises(TextModelError, match="no eos_token_id"):
        model.load(folder)
