"""All measures on one model, the report's JSON and the table; a real tiny model on the built-in suite."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from aigc_tui.evaluation import baselines
from aigc_tui.evaluation.local import LocalModel
from aigc_tui.evaluation.passage_qa import Question
from aigc_tui.evaluation.passage_qa import measure as answer
from aigc_tui.evaluation.report import ModelReport, render
from aigc_tui.evaluation.run import QUICK, evaluate_model
from aigc_tui.evaluation.samples import measure as sample
from aigc_tui.evaluation.suite import QUESTIONS, built_in, open_suite
from tests.evaluation.test_next_reply import Attentive
from tests.support.models import make_model

TINY = replace(QUICK, bytes=300, choices=2, questions=1, tasks=2, samples=2, sample_tokens=8)


class Silent(Attentive):
    """A model that answers but tells no probabilities."""

    def score(self, record):  # type: ignore[no-untyped-def]
        return self.best_span([], "")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> ModelReport:
    folder = make_model(tmp_path_factory.mktemp("models") / "tiny|one", "llama", context=1024)
    return evaluate_model("tiny|one", LocalModel(folder), built_in(), TINY, 0, lambda *_: None)


def test_every_measure_has_a_number_in_both_languages(report: ModelReport) -> None:
    shown = report.to_json()
    for language in ("en", "zh"):
        found = shown["languages"][language]
        assert 0 < found["bits_per_byte"] < 40
        assert found["next_reply_items"] == 2
        assert (found["qa_items"], found["format_items"], found["sample_items"]) == (1, 2, 2)
        shares = ("next_reply", "next_reply_pmi", "qa_extraction_f1", "qa_generation_f1", "loop_rate")
        assert all(0 <= found[name] <= 1 for name in (*shares, "format_obedience", "distinct_1"))
    assert math.isclose(shown["bytes"], sum(shown["languages"][one]["bytes"] for one in ("en", "zh")))
    assert json.loads(json.dumps(shown)) == shown


def test_progress_is_told_of_every_step_to_its_end() -> None:
    told: dict[str, list[tuple[int, int]]] = {}
    evaluate_model(
        "m",
        Attentive(),
        built_in(),
        TINY,
        0,
        lambda what, *n: told.setdefault(str(what), []).append((n[0], n[1])),
    )
    assert len(told) == 12
    assert all(steps[0][0] == 0 and steps[-1][0] == steps[-1][1] for steps in told.values())


def test_the_table_shows_models_and_baselines_in_both_languages(report: ModelReport, tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    for source in built_in():
        data = source.held_out.read_bytes()
        (tmp_path / source.held_out.name).write_bytes(data)
        if source.kind != QUESTIONS:
            (tmp_path / "train" / source.held_out.name).write_bytes(data)
    suite = open_suite(tmp_path)
    ngram = baselines.measure_ngram(suite, 10**6, 10**6, lambda *_: None)
    xz = baselines.measure_xz(suite, 10**6, 10**6, lambda *_: None)
    # Both have seen the very text: counting knows it well, and xz has but to point at it.
    assert xz.scored().bits_per_byte < ngram.scored().bits_per_byte < 2
    lines = render([report, ngram, xz], ["Seed 0."]).splitlines()
    assert lines[0] == (
        "| measure | tiny/one, English | tiny/one, Chinese | character 5-gram, English | "
        "character 5-gram, Chinese | xz, English | xz, Chinese |"
    )
    bits = next(line for line in lines if line.startswith("| bits per byte ↓"))
    assert f"| {report.scored('en').bits_per_byte:.3f} |" in bits
    assert bits.count("–") == 0
    assert next(line for line in lines if line.startswith("| format")).count("–") == 4
    assert sum(line.startswith("| text_zh | Chinese |") for line in lines) == 1
    tables = [line for line in lines if line.startswith("|")]
    assert all(line.count("|") in (5, 6, 7, 8) for line in tables)


def test_without_training_samples_the_baselines_say_what_is_missing() -> None:
    report = baselines.measure_xz(built_in(), 1000, 1000, lambda *_: None)
    assert not report.sources
    assert "--make-suite makes them" in report.skipped[0]
    assert "Not measured: xz" in render([report], [])


def test_a_model_without_probabilities_is_measured_on_what_it_says() -> None:
    report = evaluate_model("m", Silent(), built_in(), TINY, 0, lambda *_: None)
    found = report.to_json()["languages"]["en"]
    assert found["bytes"] == 0
    assert found["qa_extraction_f1"] is None
    assert found["qa_items"] == 1
    assert "next_reply" not in found
    assert report.skipped == ("none",)


def test_answers_are_judged_by_f1() -> None:
    asked = [Question("I drink tea.", "What?", "green tea"), Question("I drink tea.", "What?", "rain")]
    found = answer(Attentive(), asked, "en", lambda: None)
    assert found.generation_f1 == pytest.approx((2 / 3 + 0) / 2)
    assert found.extraction_f1 is None


def test_samples_are_counted_by_hand() -> None:
    found = sample(Attentive(), ["a", "b", "c"], 9, 0, lambda: None, {"temperature": 0.4})
    assert (found.items, found.loop_rate) == (3, 0.0)
    assert found.distinct[0] == pytest.approx(1 / 3)


def test_the_same_seed_measures_the_same(report: ModelReport, tmp_path: Path) -> None:
    folder = make_model(tmp_path / "tiny", "llama", context=1024)
    again = evaluate_model("tiny|one", LocalModel(folder), built_in(), TINY, 0, lambda *_: None)
    assert {**again.to_json(), "seconds": 0} == {**report.to_json(), "seconds": 0}
