"""`aigc-tui textgen` end to end: train, write, take turns, analyse; wrong input is one clear line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from aigc_tui.course.textgen import model
from aigc_tui.course.textgen.fit import label_shares
from aigc_tui.course.textgen.texts import read_table
from tests.cli.conftest import Run

TINY = ("--layers", 1, "--width", 16, "--heads", 2, "--context", 32, "--epochs", 2, "--gen-epochs", 2)


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "texts.csv"
    lines = [f"the {c} {a} sings,{c}" for c in ("red", "old") for a in ("cat", "dog", "fox", "bird", "fish")]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def made(texts: Path) -> Path:
    """A generator that learnt nothing yet; what one can do is tested below the command line."""
    found = read_table(texts, context=True)
    blank = model.new(found, "word", model.Shape(layers=1, width=16, heads=2, context=32))
    blank.notes = replace(blank.notes, labels=label_shares(found))
    model.save(blank, texts.parent / "made")
    return texts.parent / "made"


def test_training_tells_its_losses_and_shows_samples(run: Run, texts: Path, tmp_path: Path) -> None:
    done = run(
        *(
            "textgen",
            "train",
            tmp_path / "m",
            "--from",
            texts,
            "--layout",
            "csv",
            "--labels",
            "--level",
            "word",
        ),
        *("--train-share", 0.8, "--json", *TINY),
    )
    assert done.code == 0, done.err
    assert list(done.json) == ["folder", "epochs", "kept", "stopped"]
    assert list(done.json["epochs"][0]) == ["number", "total", "loss", "held_out", "seconds"]
    assert "Epoch 2 of 2: loss" in done.err
    assert "Temperature 0.2:" in done.err
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == ["m"]


def test_a_generator_writes_in_every_way(
    run: Run, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    written = run("textgen", "generate", made, "-n", 2, "--label", "old", "--max-length", 9, "--json").json
    assert [(list(one), one["label"]) for one in written] == [(["text", "label", "ended"], "old")] * 2
    saved = run("textgen", "generate", made, "-n", 2, "--max-length", 9, "-o", "out.txt")
    assert (saved.code, saved.out) == (0, "")
    assert len((tmp_path / "out.txt").read_text().splitlines()) == 2
    keys = "1\nx\nx\n9\nnonsense\no\nwhale\ns\n"
    together = run("textgen", "interactive", made, "--prefix", "the", "--json", stdin=keys)
    assert together.json == {"text": "thewhale"}
    assert together.err.count("%") >= 15
    assert "This is the start of the text." in together.err
    assert "No candidate has this number." in together.err
    turns = run("textgen", "synthesize", made, made, "--prefix", "the", "--max-length", 9, "--json").json
    assert turns[0]["text"].startswith("the")
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == ["out.txt"]


def test_a_generator_reads_texts(run: Run, made: Path, tmp_path: Path) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("the red cat sings\nthe old dog sings\nan ox\n")
    ranked = run("textgen", "similarity", made, "the old dog sings", "--texts", lines, "--json").json
    assert ranked[0]["text"] == "the old dog sings"
    assert ranked[0]["cosine"] == pytest.approx(1, abs=1e-4)
    mapped = run("textgen", "vectors", made, "--texts", lines, "--json").json
    assert [len(row["vector"]) for row in mapped] == [2, 2, 2]


def test_what_is_there_is_replaced_only_by_force(run: Run, made: Path, texts: Path, tmp_path: Path) -> None:
    assert run("textgen", "reset", made, tmp_path / "blank").out.strip() == str(tmp_path / "blank")
    again = ("textgen", "train", tmp_path / "blank", "--from", texts, "--base", made, "--epochs", 1, "--json")
    refused = run(*again)
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "--force replaces it" in refused.err
    assert run(*again, "--force").json["kept"] == 1
    shaped = run(*again, "--layers", 3)
    assert shaped.code == 2
    assert "--layers is for a new model" in shaped.err


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--layout", "csv", "--labels", "--delimiter", ";"), "a row needs a text and a label"),
        (("--epochs", "0"), "at least 1"),
    ],
)
def test_wrong_training_is_one_clear_line(
    run: Run, texts: Path, tmp_path: Path, arguments: tuple[str, ...], line: str
) -> None:
    result = run("textgen", "train", tmp_path / "m", "--from", texts, *arguments)
    assert (result.code, result.out, result.err.count("\n")) == (1, "", 1)
    assert line in result.err
    assert not (tmp_path / "m").exists()


def test_what_cannot_be_is_said_before_a_child_is_started(run: Run, texts: Path, tmp_path: Path) -> None:
    assert "no such file" in run("textgen", "train", tmp_path / "m", "--from", tmp_path / "none").err
    assert run("textgen", "generate", tmp_path / "none").code == 1
    assert run("textgen", "generate", "starter", "--temperature", "hot").code == 2
