"""Training: it learns, measures, samples, keeps the best, stops when asked, continues a model of ours."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import torch

from aigc_tui.course.textgen import fit, model
from aigc_tui.course.textgen.fit import (
    Epoch,
    Event,
    FitError,
    Options,
    Samples,
    StepDone,
    encode_all,
    encode_sample,
    hidden_tokens,
)
from aigc_tui.course.textgen.model import TextModel
from aigc_tui.course.textgen.texts import Sample, Texts, from_list
from tests.course.textgen.conftest import COLOURS, SHAPE, sentences


def blank(seed: int = 0) -> TextModel:
    return model.new(sentences(), "word", SHAPE, seed=seed)


def test_every_event_is_told_and_the_losses_fall() -> None:
    told: list[Event] = []
    saved: list[int] = []
    made = blank()
    options = Options(epochs=4, gen_epochs=2, save_epochs=2, train_share=0.8, learning_rate=5e-3)
    history = fit.train(made, sentences(), options, told.append, lambda _made, epoch: saved.append(epoch))
    epochs = [event for event in told if isinstance(event, Epoch)]
    assert [epoch.number for epoch in epochs] == [1, 2, 3, 4]
    assert epochs[-1].loss < epochs[0].loss - 1
    assert all(epoch.held_out is not None for epoch in epochs)
    steps = [event for event in told if isinstance(event, StepDone)]
    assert steps[-1] == StepDone(steps[-1].total, steps[-1].total)
    sheets = [event for event in told if isinstance(event, Samples)]
    assert [(sheet.number, list(sheet.sheet)) for sheet in sheets] == [
        (2, [0.2, 0.5, 1.0]),
        (4, [0.2, 0.5, 1.0]),
    ]
    assert saved == [2, 4]
    assert made.notes.epochs == history.kept == 4
    assert made.notes.labels == dict.fromkeys(COLOURS, 0.25)


def test_the_same_seed_gives_the_same_weights_and_another_one_does_not() -> None:
    def trained(seed: int) -> torch.Tensor:
        made = blank()
        fit.train(made, sentences(), Options(epochs=1, gen_epochs=0, dropout=0.2, seed=seed))
        return made.model.lm_head.weight

    first = trained(1)
    assert torch.equal(first, trained(1))
    assert not torch.equal(first, trained(2))


def test_the_best_epoch_is_kept_when_a_later_one_is_worse() -> None:
    random = Random(0)
    names = ["ant", "bee", "cat", "dog", "eel", "fox", "gnu", "hen"]
    noise = from_list([" ".join(random.choices(names, k=12)) for _ in range(12)])
    made = model.new(noise, "word", SHAPE)
    options = Options(epochs=25, gen_epochs=0, train_share=0.5, learning_rate=2e-2)
    history = fit.train(made, noise, options)
    losses = [epoch.held_out for epoch in history.epochs if epoch.held_out is not None]
    assert history.kept == 1 + losses.index(min(losses)) < 25
    assert made.notes.held_out == pytest.approx(min(losses), abs=1e-4)


def test_stop_ends_after_the_step_with_what_is_learnt() -> None:
    made = blank()
    before = made.model.lm_head.weight.clone()
    history = fit.train(made, sentences(), Options(epochs=9, gen_epochs=0), stop=lambda: True)
    assert (len(history.epochs), history.stopped) == (1, True)
    assert not torch.equal(before, made.model.lm_head.weight)


def test_a_folder_is_continued_with_its_own_vocabulary(folder: Path) -> None:
    made = model.load(folder)
    before = made.notes.epochs
    new_words = from_list(["the grey whale sings", "研究 whale"])
    fit.train(made, new_words, Options(epochs=2, gen_epochs=0))
    assert made.notes.epochs == before + 2
    assert made.notes.labels == dict.fromkeys(COLOURS, 0.25)


def test_a_label_is_read_but_never_a_target_and_blocks_have_no_end() -> None:
    made = blank()
    ids, head = encode_sample(made, Sample("the cat", "old"), single=False)
    assert made.decode(ids[:head]) == "old"
    assert (ids[0], ids[head - 1], ids[-1]) == (made.start, made.start, made.end)
    stream = encode_all(made, Texts((Sample("the cat", "old"),), single=True))
    assert stream.loss_mask.tolist() == [False] * head + [True] * (len(ids) - head - 1)


def test_hidden_tokens_spare_the_start() -> None:
    torch.manual_seed(0)
    tokens = torch.tensor([[9, 1, 2, 3] * 50])
    hidden = hidden_tokens(tokens, 0.5, keep=9, instead=0)
    assert bool((hidden[tokens == 9] == 9).all())
    assert 0.35 < float((hidden[tokens != 9] == 0).float().mean()) < 0.65


@pytest.mark.parametrize(
    "wrong",
    [{"epochs": 0}, {"batch_size": 0}, {"dropout": 1.0}, {"gen_epochs": -1}, {"learning_rate": 2.0}],
)
def test_options_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(FitError):
        Options(**wrong)  # type: ignore[arg-type]


def test_a_loss_that_is_no_number_ends_the_training() -> None:
    made = blank()
    with torch.no_grad():
        made.model.lm_head.weight.fill_(float("nan"))
    with pytest.raises(FitError, match="smaller learning rate"):
        fit.train(made, sentences(), Options(epochs=1))
