"""One small generator that learnt to say short sentences under labels, made once a session."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from aigc_tui.course.textgen import fit, model
from aigc_tui.course.textgen.texts import Texts, from_list

COLOURS = ("red", "blue", "old", "new")
SHAPE = model.Shape(layers=1, width=32, heads=2, context=32)


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def sentences() -> Texts:
    pairs = [(colour, animal) for colour in COLOURS for animal in ("cat", "dog", "fox", "bird", "fish")]
    return from_list([f"the {c} {a} sings" for c, a in pairs], [c for c, _ in pairs])


@pytest.fixture(scope="session")
def words() -> model.TextModel:
    """A word-level generator that has learnt its sentences by heart."""
    made = model.new(sentences(), "word", SHAPE)
    fit.train(made, sentences(), fit.Options(epochs=30, gen_epochs=0, learning_rate=1e-2))
    return made


@pytest.fixture(scope="session")
def characters() -> model.TextModel:
    """An untrained generator by characters."""
    return model.new(sentences(), "char", SHAPE)


@pytest.fixture
def folder(words: model.TextModel, tmp_path: Path) -> Path:
    """The word-level generator as a folder."""
    model.save(words, tmp_path / "words")
    return tmp_path / "words"
