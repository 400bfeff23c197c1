"""Train a text generator: epochs over the texts, samples while it learns, and a held-out loss to judge by.

The step is the article's (section 3.1): forward, cross-entropy, backward, update. The learning rate falls in
a straight line to zero, as textgenrnn's does. What is worth knowing is reported as events, so that a command
line, a test and a program can each show it as they like.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from aigc_tui.course.textgen.generate import Written, generate_samples
from aigc_tui.course.textgen.model import TextModel
from aigc_tui.course.textgen.rows import Batch, batches, encode_all, hidden_tokens, label_shares, row_length
from aigc_tui.course.textgen.texts import Texts, split
from aigc_tui.training.causal_loss import causal_loss
from aigc_tui.training.packing import IGNORED, TokenFile

_CLIP = 1.0
_FRESH, _CONTINUED = 2e-3, 3e-4
_WARM_STEPS = 20


class FitError(ValueError):
    """Training cannot start or go on; the message says why and what would be right."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to train.

    Args:
        epochs: Times that every text is read.
        batch_size: Rows of a step; a row is as long as the model's context.
        gen_epochs: Samples are written every so many epochs; 0: never.
        train_share: Share of the texts to train on; the rest is measured on.
        dropout: Share of the tokens read that are hidden, 0 to below 1.
        save_epochs: ``on_save`` is called every so many epochs; 0: never.
        learning_rate: The highest one; None: by whether the model is new.
        keep_best: Whether to end with the weights of the epoch that was best on the texts set aside.
        seed: Of the order of the texts and of the samples.
    """

    epochs: int = 20
    batch_size: int = 8
    gen_epochs: int = 5
    train_share: float = 1.0
    dropout: float = 0.0
    save_epochs: int = 0
    learning_rate: float | None = None
    keep_best: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what no training can be done with."""
        if self.epochs < 1 or self.batch_size < 1:
            raise FitError(f"epochs ({self.epochs}) and batch size ({self.batch_size}) must be at least 1")
        if self.gen_epochs < 0 or self.save_epochs < 0:
            raise FitError("epochs between samples or savings must not be negative; 0 means never")
        if not 0 <= self.dropout < 1:
            raise FitError(f"dropout must be from 0 to below 1, not {self.dropout}")
        if self.learning_rate is not None and not 0 < self.learning_rate < 1:
            raise FitError(f"the learning rate must be between 0 and 1, not {self.learning_rate}")


@dataclass(frozen=True, slots=True)
class Step:
    """A step is done."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch is done; losses are mean nats per token, ``held_out`` None where nothing was set aside."""

    number: int
    total: int
    loss: float
    held_out: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Samples:
    """What the model writes at this point, by temperature."""

    number: int
    sheet: dict[float, list[Written]]


Event = Step | Epoch | Samples


@dataclass(slots=True)
class History:
    """All epochs, which one the weights are of, and whether training was stopped before its end."""

    epochs: list[Epoch] = field(default_factory=list)
    kept: int = 0
    stopped: bool = False


def train(
    made: TextModel,
    texts: Texts,
    options: Options | None = None,
    on_event: Callable[[Event], None] = lambda _event: None,
    on_save: Callable[[TextModel, int], None] = lambda _made, _epoch: None,
    stop: Callable[[], bool] = lambda: False,
) -> History:
    """Train a generator in place.

    Args:
        made: A new or a loaded one; labels are learnt if the texts have them.
        texts: What to learn from.
        options: How.
        on_event: Is told of steps, epochs and samples.
        on_save: Is given the generator every ``save_epochs`` epochs.
        stop: Asked after every step; True ends the training with what is learnt so far.

    Raises:
        TextsError: There are too few texts to set any aside.
        FitError: The loss is not a number any more.
    """
    options = options or Options()
    learnt, aside = split(texts, options.train_share)
    labels = label_shares(texts) or made.notes.labels
    made.notes = replace(made.notes, labels=labels, single=texts.single)
    return _Fit(made, learnt, aside, options, on_event, stop).run(on_save)


class _Fit:
    """What one training holds while it lasts."""

    def __init__(
        self,
        made: TextModel,
        learnt: Texts,
        aside: Texts,
        options: Options,
        on_event: Callable[[Event], None],
        stop: Callable[[], bool],
    ) -> None:
        self._made, self._options, self._tell, self._stop = made, options, on_event, stop
        self._stream = encode_all(made, learnt)
        self._aside = encode_all(made, aside) if aside.samples else None
        self._length = row_length(self._stream, made.model.config.max_positions)
        self._before = made.notes.epochs
        self._rate = options.learning_rate or (_CONTINUED if self._before or made.source else _FRESH)
        self._optimizer = torch.optim.AdamW(
            made.model.parameters(), lr=self._rate, betas=(0.9, 0.95), weight_decay=0.01
        )
        self._steps = 0
        self._total = options.epochs * sum(1 for _ in self._epoch_batches(0))
        self._best: tuple[float, int, dict[str, Tensor]] | None = None

    def run(self, on_save: Callable[[TextModel, int], None]) -> History:
        """Run all epochs, or as many as there are before somebody says stop."""
        history = History()
        torch.manual_seed(self._options.seed)
        for number in range(1, self._options.epochs + 1):
            done = self._epoch(number)
            history.epochs.append(done)
            history.kept = number
            self._note(done)
            self._tell(done)
            self._remember(done)
            if self._stop():
                history.stopped = number < self._options.epochs
                break
            self._show(number)
            if self._options.save_epochs and number % self._options.save_epochs == 0:
                on_save(self._made, number)
        if self._best is not None:
            history.kept = self._best[1]
            self._made.model.load_state_dict(self._best[2])
            self._note(history.epochs[history.kept - 1])
        return history

    def _epoch_batches(self, number: int, stream: TokenFile | None = None) -> list[Batch]:
        options = self._options
        seed = None if stream is not None else options.seed * 10_000 + number
        config = self._made.model.config
        pad = config.pad_id if config.pad_id is not None else self._made.end
        return list(batches(stream or self._stream, self._length, options.batch_size, pad, seed))

    def _epoch(self, number: int) -> Epoch:
        """Read every text once."""
        began, nats, counted = time.monotonic(), 0.0, 0
        self._made.model.train()
        for batch in self._epoch_batches(number):
            size = max(1, int((batch.targets != IGNORED).sum()))
            nats += self._step(batch, size)
            counted += size
            self._tell(Step(self._steps, self._total))
            if self._stop():
                break
        self._made.model.eval()
        seconds = time.monotonic() - began
        return Epoch(number, self._options.epochs, nats / counted, self._measure(), seconds)

    def _step(self, batch: Batch, size: int) -> float:
        """One update; returns the summed loss in nats."""
        made = self._made
        hidden = hidden_tokens(batch.tokens, self._options.dropout, made.start, made.end)
        loss = self._loss(Batch(hidden, batch.targets, batch.segments))
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * _rate_factor(self._steps, self._total)
        self._optimizer.zero_grad()
        (loss / size).backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(made.model.parameters(), _CLIP)
        if not math.isfinite(loss.item()):
            raise FitError(f"the loss is {loss.item()} at step {self._steps}; use a smaller learning rate")
        self._optimizer.step()
        self._steps += 1
        return loss.item()

    def _loss(self, batch: Batch) -> Tensor:
        """Sum of -log p(next token) over the tokens that count (article, section 4.2)."""
        device = self._made.device
        parts = (part.to(device) for part in (batch.tokens, batch.targets, batch.segments))
        return causal_loss(self._made.model, *parts)

    @torch.no_grad()
    def _measure(self) -> float | None:
        if self._aside is None:
            return None
        found = self._epoch_batches(0, self._aside)
        nats = sum(self._loss(batch).item() for batch in found)
        return nats / max(1, sum(int((batch.targets != IGNORED).sum()) for batch in found))

    def _note(self, done: Epoch) -> None:
        self._made.notes = replace(
            self._made.notes,
            epochs=self._before + done.number,
            loss=round(done.loss, 4),
            held_out=None if done.held_out is None else round(done.held_out, 4),
        )

    def _remember(self, done: Epoch) -> None:
        """Keep a copy of the weights that did best on what was set aside."""
        if not self._options.keep_best or done.held_out is None:
            return
        if self._best is None or done.held_out < self._best[0]:
            state = {name: value.clone() for name, value in self._made.model.state_dict().items()}
            self._best = (done.held_out, done.number, state)

    def _show(self, number: int) -> None:
        if self._options.gen_epochs and number % self._options.gen_epochs == 0:
            self._tell(Samples(number, generate_samples(self._made, seed=self._options.seed)))


def _rate_factor(step: int, total: int) -> float:
    """Warm up over a few steps, then fall in a straight line to zero."""
    warm = min(_WARM_STEPS, max(1, total // 10))
    return min(1.0, (step + 1) / warm) * (1 - step / total)
