"""Showing how tokens are chosen: every strategy, own models and transformers', and what is refused."""

from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import load_file, save_file

from aigc_tui.inference.sample_job import STRATEGIES, SampleError, run
from aigc_tui.inference.sampling import LogitsError
from aigc_tui.inference.types import SampleReport, SampleRequest
from aigc_tui.process.codec import from_plain, to_plain
from aigc_tui.transformer.sampling import SamplingError
from tests.support.model_fixtures import ModelMaker

OPTIONS = {
    "beams": 4, "length_penalty": 1.0, "groups": 2, "diversity": 1.0, "candidates": 4, "weight": 0.6,
    "ahead": 4, "lookup": 3,
}  # fmt: skip


@pytest.fixture
def asked(tiny: ModelMaker) -> SampleRequest:
    return SampleRequest(
        str(tiny("llama")), "Hello there, how are", options=OPTIONS, max_tokens=6, seed=3, top=4
    )


def test_each_step_shows_each_filter_with_what_it_left_and_cut(asked: SampleRequest) -> None:
    chain = {"temperature": 0.8, "top_k": 40, "min_p": 0.01, "repetition_penalty": 1.2}
    report = run(replace(asked, settings=chain, steps=2))
    assert report.order == ("repetition_penalty", "temperature", "top_k", "min_p")
    assert [step.step for step in report.steps] == [1, 2]
    for step in report.steps:
        assert [stage.filter for stage in step.stages] == ["model", *report.order]
        assert step.stages[3].kept == 40
        assert len(step.stages[3].removed) == 4
        assert 0 < step.stages[3].removed_probability < 1
        assert step.chosen.probability > 0
    assert report == run(replace(asked, settings=chain, steps=2)), "one seed, one text"


def test_a_report_survives_the_pipe(asked: SampleRequest) -> None:
    report = run(replace(asked, strategy="prompt-lookup"))
    assert from_plain(SampleReport, json.loads(json.dumps(to_plain(report)))) == report


@pytest.mark.parametrize("strategy", [name for name in STRATEGIES if name != "sample"])
def test_every_strategy_writes(asked: SampleRequest, strategy: str) -> None:
    draft = asked.folder if strategy == "draft" else ""
    report = run(replace(asked, strategy=strategy, draft=draft))
    assert len(report.texts) == (4 if "beam" in strategy else 1)
    assert (report.texts[0].score is not None) == ("beam" in strategy)
    assert (report.guesses is not None) == (strategy in ("draft", "prompt-lookup"))
    if report.guesses is not None and strategy == "draft":
        assert report.guesses.accepted == report.guesses.proposed > 0


@pytest.mark.parametrize("family", ["llama", "gemma"])
def test_strategies_that_come_down_to_greedy_search_write_its_text(
    tiny: ModelMaker, asked: SampleRequest, family: str
) -> None:
    """Gemma runs through transformers: its cache has to go back and to choose rows, too."""

    def text(strategy: str, **changes: object) -> str:
        options = {**OPTIONS, "weight": 0.0, "beams": 1}
        request = replace(asked, folder=str(tiny(family)), strategy=strategy, options=options)
        report: SampleReport = run(replace(request, **changes))  # type: ignore[arg-type]
        return report.texts[0].text

    greedy = text("greedy")
    assert text("prompt-lookup", settings={"temperature": 0.0}) == greedy
    assert text("contrastive") == greedy
    assert text("beam") == greedy


def test_a_chat_goes_through_the_template_and_guidance_leads_away(asked: SampleRequest) -> None:
    chat = replace(asked, messages=(("user", "Hello"),), settings={"guidance_scale": 1.5}, negative="No.")
    report = run(chat)
    assert report.order == ("guidance",)
    assert report.prompt_tokens > 4


def test_a_bias_bends_the_text(asked: SampleRequest) -> None:
    first = run(replace(asked, strategy="greedy", biases=((" the", 900.0),))).steps[0]
    assert first.chosen.text == " the"


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"settings": {"top_k": 5}, "order": "temperature"}, "top_k is set but the order does not name it"),
        ({"order": "warmth"}, "there is no filter named 'warmth'"),
        ({"biases": (("", 1.0),)}, "at least one token"),
        ({"strategy": "diverse-beam", "options": {**OPTIONS, "groups": 3}}, "must be a multiple of groups"),
        ({"prompt": ""}, "this model takes 1 to 255"),
        ({"prompt": "word " * 400}, "this model takes 1 to 255"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    asked: SampleRequest, changes: dict[str, object], line: str
) -> None:
    with pytest.raises((SamplingError, SampleError, ValueError), match=line):
        run(replace(asked, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("strategy", ["sample", "beam", "contrastive", "prompt-lookup"])
def test_weights_that_are_no_numbers_are_told_in_one_line(
    tiny: ModelMaker, asked: SampleRequest, tmp_path: Path, strategy: str
) -> None:
    folder = Path(shutil.copytree(tiny("gemma"), tmp_path / "damaged"))
    weights = {name: tensor * math.nan for name, tensor in load_file(folder / "model.safetensors").items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(LogitsError, match="not finite numbers"):
        run(replace(asked, folder=str(folder), strategy=strategy))


def test_a_draft_model_of_another_vocabulary_is_refused(asked: SampleRequest, tmp_path: Path) -> None:
    other = Path(shutil.copytree(asked.folder, tmp_path / "other"))
    file = other / "tokenizer.json"
    tokenizer = json.loads(file.read_text(encoding="utf-8"))
    vocabulary = tokenizer["model"]["vocab"]
    vocabulary["A"], vocabulary["B"] = vocabulary["B"], vocabulary["A"]
    file.write_text(json.dumps(tokenizer), encoding="utf-8")
    with pytest.raises(SampleError, match="another vocabulary"):
        run(replace(asked, strategy="draft", draft=str(other)))
