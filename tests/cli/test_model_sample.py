"""`aigc-tui model sample`: what it shows in both forms, and which options go together.

What the child does is tested in tests/inference/test_sample_job.py.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from aigc_tui.cli.model_sample import BAR, SampleView, bar, percent, quoted
from aigc_tui.cli.sampling_options import OPTIONS
from aigc_tui.inference.types import (
    SampleReport,
    ShownGuesses,
    ShownStage,
    ShownStep,
    ShownText,
    ShownToken,
)
from aigc_tui.locale import LANGUAGES, Catalogue, Language
from aigc_tui.transformer.sampling.settings import SamplingSettings
from tests.cli.conftest import Run
from tests.support.models import make_model

PROMPT = ("--prompt", "Hello there, how are", "--max-tokens", "6", "--seed", "3")
ESCAPE = "\x1b]52;c;eA==\x07"
TOKENS = (ShownToken(5, " the", 0.75), ShownToken(6, ESCAPE, 0.25))
REPORT = SampleReport(
    strategy="draft",
    seed=3,
    prompt_tokens=4,
    order=("top_p", "temperature"),
    steps=(
        ShownStep(
            1,
            (
                ShownStage("model", 9, 2.5, TOKENS, (), 0.0),
                ShownStage("top_p", 1, 0.0, TOKENS[:1], TOKENS[1:], 0.25),
            ),
            TOKENS[0],
        ),
    ),
    texts=(ShownText(" the end" + ESCAPE, 2, None), ShownText("another", 1, -0.25)),
    guesses=ShownGuesses(2, 3, 1),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Room for a persona with the sentence that tells a model who it is.
    return make_model(tmp_path_factory.mktemp("sampled") / "llama", "llama", context=512)


def test_the_report_has_the_documented_shape(run: Run, folder: Path) -> None:
    result = run(
        "model", "sample", folder, *PROMPT, "--top-p", "0.9", "--temperature", "2", "-p", "assistant",
        "--order", "top_p,temperature", "--top", "3", "--json",
    )  # fmt: skip
    assert result.code == 0, result.err
    report = result.json
    keys = ["model", "strategy", "seed", "prompt_tokens", "order", "steps", "texts", "guesses"]
    assert list(report) == keys
    assert (report["order"], report["seed"], report["guesses"]) == (["top_p", "temperature"], 3, None)
    [step] = report["steps"]
    assert list(step) == ["step", "stages", "chosen"]
    stage = ["filter", "kept", "entropy", "tokens", "removed", "removed_probability"]
    assert [list(each) for each in step["stages"]] == [stage] * 3
    assert list(step["chosen"]) == ["id", "text", "probability"]
    assert list(report["texts"][0]) == ["text", "tokens", "score"]


def test_what_the_child_refuses_is_one_line(run: Run, folder: Path) -> None:
    result = run("model", "sample", folder, *PROMPT, "--top-k", "5", "--order", "temperature")
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert "top_k is set but the order does not name it" in result.err


@pytest.mark.parametrize("language", LANGUAGES)
def test_on_a_terminal_the_filters_stand_in_their_order(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    SampleView(Catalogue.load(language).text, bars=True).show(REPORT)
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "top_p > temperature" in shown
    assert f'  {bar(0.75)}   75.0%  " the"' in shown
    assert shown.index("75.0%") < shown.index("top_p")
    assert "25.0%" in shown
    assert "-0.250" in shown


def test_a_screen_reader_gets_no_bars(capsys: pytest.CaptureFixture[str]) -> None:
    SampleView(Catalogue.load("en").text, bars=False).show(REPORT)
    assert "█" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (
            ("--strategy", "beam", "--top-k", "5"),
            "--top-k has no effect with --strategy beam; it is for sample",
        ),
        (
            ("--strategy", "greedy", "--temperature", "1"),
            "--temperature has no effect with --strategy greedy",
        ),
        (("--beams", "5"), "--beams has no effect with --strategy sample; it is for beam, diverse-beam"),
        (("--strategy", "draft"), "belong together"),
        (("--draft-model", "m"), "belong together"),
        (("--negative-prompt", "x"), "needs --guidance-scale"),
        (("--strategy", "beam", "--order", "top_k"), "--order: --strategy beam uses no filters"),
        (("--strategy", "beam", "--bias", "a=1"), "--bias has no effect with --strategy beam"),
        (("--bias", "no number"), "--bias takes TEXT=N"),
        (("--bias", "a=nan"), "--bias takes TEXT=N"),
    ],
)
def test_what_would_have_no_effect_is_wrong_usage(
    run: Run, folder: Path, options: tuple[str, ...], line: str
) -> None:
    result = run("model", "sample", folder, *PROMPT, *options)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)
    assert line in result.err


def test_a_model_that_is_not_there_is_one_line(run: Run, tmp_path: Path) -> None:
    result = run("model", "sample", tmp_path / "nowhere", *PROMPT)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)


def test_every_filter_of_the_chain_has_its_option() -> None:
    named = {option.name for option in OPTIONS if option.default is None}
    assert named == {item.name for item in fields(SamplingSettings)} - {"order", "sequence_bias"}


def test_bars_and_numbers() -> None:
    assert bar(1.0) == "█" * BAR
    assert bar(0.0).strip() == ""
    assert len(bar(0.37)) == BAR
    assert (percent(0.1234), percent(0.0), percent(0.00012)) == ("12.3%", "0.0%", "0.012%")
    assert quoted(" the\n") == '" the\\n"'
