"""`model classify` and its two trainers from the outside: children work, an answer is one JSON value."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from aigc_tui.course.classification import jobs
from aigc_tui.process.messages import JobError
from tests.cli.conftest import Run
from tests.support.models import make_model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    make_model(folder, "llama")
    return folder


@pytest.fixture
def messages(tmp_path: Path) -> Path:
    """Greetings and questions, told apart by one word."""
    file = tmp_path / "messages.jsonl"
    rows = [
        {"text": f"{word} {n}", "label": label}
        for n in range(40)
        for word, label in (("Hello there", "greeting"), ("The fox jumps", "fact"))
    ]
    file.write_text("\n".join(map(json.dumps, rows)))
    return file


def test_a_language_model_is_asked_by_a_template(run: Run, model: Path) -> None:
    result = run(
        "model", "classify", model, "--labels", "greeting,fact=a fact", "--template", "{text} is {label}",
        "--json", "Hello \x1b there",
    )  # fmt: skip
    assert result.code == 0, result.err
    assert set(result.json) == {"label", "chances", "method"}
    assert set(result.json["chances"]) == {"greeting", "fact"}
    assert sum(result.json["chances"].values()) == pytest.approx(1, abs=1e-4)
    assert result.json["method"] == "prompt"


def test_a_classifier_is_trained_judged_and_used(
    run: Run, model: Path, messages: Path, tmp_path: Path
) -> None:
    out = tmp_path / "topics"
    trained = run(
        "model", "tune-classifier", messages, "-o", out, "-m", model, "--steps", 30,
        "--learning-rate", 0.01, "--json",
    )  # fmt: skip
    assert trained.code == 0, trained.err
    assert trained.json["labels"] == ["fact", "greeting"]
    assert trained.json["accuracy"] > trained.json["majority"]
    assert "min left" in trained.err
    told = run("model", "classify", out, stdin="Hello there 99\n")
    assert told.code == 0, told.err
    assert told.out.splitlines()[0].endswith("greeting")
    assert run("model", "tune-classifier", messages, "-o", out, "-m", model).code == 1


def test_a_soft_prompt_is_trained_and_judged(run: Run, model: Path, messages: Path, tmp_path: Path) -> None:
    out = tmp_path / "p.safetensors"
    trained = run(
        "model", "tune-soft-prompt", messages, "-o", out, "-m", model, "--steps", 3, "--vectors", 2,
        "--labels", "greeting=hello,fact", "--template", "{text}: {label}", "--json",
    )  # fmt: skip
    assert trained.code == 0, trained.err
    assert {"file", "zero_shot", "accuracy", "majority"} <= set(trained.json)
    assert out.is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["M", "--labels", "a,b"], 2, "give a TEXT"),
        (["M", "--labels", "a,b", "--examples", "none.jsonl", "x"], 1, "no such file"),
        (["nowhere", "--labels", "a,b", "x"], 1, "no model"),
    ],
)
def test_wrong_input_is_one_line(
    run: Run, model: Path, arguments: list[str], code: int, message: str
) -> None:
    result = run("model", "classify", *[str(model) if a == "M" else a for a in arguments], stdin="")
    assert result.code == code
    assert message in result.err
    assert result.err.count("\n") == 1
    assert not result.out


def test_a_child_that_fails_gives_its_one_line(model: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad\x1b.jsonl"
    bad.write_text("{")
    with pytest.raises(JobError, match="line 1: not JSON") as caught:
        jobs.classify({"model": model, "text": "x", "labels": ["a", "b"], "examples": bad}, print)
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_importing_the_job_imports_no_torch() -> None:
    check = "import sys, aigc_tui.course.classification.jobs; print({'torch', 'numpy'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", check], text=True).strip() == "set()"
