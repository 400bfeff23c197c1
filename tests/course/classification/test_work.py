"""What a child can be asked: answers in the shape that the command line promises, refusals in one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aigc_tui.corpora.records import CorpusError
from aigc_tui.course.classification.__main__ import classify, tune_soft_prompt
from aigc_tui.course.prompts.soft_prompt import SoftPromptError
from tests.course.conftest import examples


def never() -> bool:
    return False


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "data.jsonl"
    file.write_text("\n".join(json.dumps({"text": e.text, "label": e.label}) for e in examples()))
    return file


def test_a_soft_prompt_is_trained_judged_and_used(tiny_lm: Path, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.safetensors"
    request = {"model": str(tiny_lm), "data": str(data), "out": str(out), "steps": 2, "vectors": 2, "rows": 4}
    report = tune_soft_prompt({**request, "labels": ["animal=beast", "tool"]}, never)
    assert list(report) == ["file", "labels", "train", "held_out", "majority", "zero_shot", "accuracy"]
    answer = classify({"model": str(tiny_lm), "soft_prompt": str(out), "text": "a cat"}, never)
    assert answer["method"] == "soft prompt"
    assert list(answer["chances"].values()) == sorted(answer["chances"].values(), reverse=True)
    assert answer["label"] == next(iter(answer["chances"]))


def test_solved_examples_change_the_answer(tiny_lm: Path, tmp_path: Path) -> None:
    file = tmp_path / "shots.jsonl"
    file.write_text('{"text": "a dog", "label": "animal"}\n')
    asked = {"model": str(tiny_lm), "labels": ["animal", "tool"], "text": "a cat"}
    assert classify(asked, never)["chances"] != classify({**asked, "examples": str(file)}, never)["chances"]


def test_labels_of_the_data_must_be_named(tiny_lm: Path, data: Path, tmp_path: Path) -> None:
    request = {
        "model": str(tiny_lm),
        "data": str(data),
        "out": str(tmp_path / "p"),
        "labels": ["animal", "x"],
    }
    with pytest.raises(CorpusError, match="has the label 'tool'"):
        tune_soft_prompt({**request, "labels": ["animal", "x"]}, never)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"labels": ["only"]}, "two different labels"),
        ({"labels": []}, "told the labels"),
        ({"labels": ["a", "b"], "template": "x"}, r"ends with \{label\}"),
        ({"labels": ["a", "b"], "examples": "BAD"}, "line 1: not JSON"),
        ({"labels": ["a", "b"], "examples": "OTHER"}, "'animal', which --labels does not name"),
        ({"soft_prompt": "BAD"}, "no soft prompt"),
    ],
)
def test_a_wrong_request_is_one_line(
    tiny_lm: Path, tmp_path: Path, request_: dict[str, Any], message: str
) -> None:
    files = {"BAD": "{", "OTHER": '{"text": "a dog", "label": "animal"}'}
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    given = {k: str(tmp_path / v) if str(v) in files else v for k, v in request_.items()}
    with pytest.raises((CorpusError, SoftPromptError), match=message) as caught:
        classify({"model": str(tiny_lm), "text": "x", **given}, never)
    assert "\n" not in str(caught.value)
