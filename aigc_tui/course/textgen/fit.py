"""Train a text generator: epochs over the texts, samples while it learns, and a held-out loss to judge by.

Documents share rows but do not see each other. A document is ``START text END``, or with a label ``START
label START text END``; the label's tokens are read but never a target. Blocks of one large text have no END.
Progress is reported as events, which a command line, a test and a program each show as they like.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor

from aigc_tui.course.textgen.generate import Written, generate_samples
from aigc_tui.course.textgen.model import TextModel
from aigc_tui.course.textgen.texts import Sample, Texts, split
from aigc_tui.message import AppError
from aigc_tui.training.causal_loss import causal_loss
from aigc_tui.training.data_loader import ReadyBatches, TokenBatch, TokenFile, pack, read_row, to_batch
from aigc_tui.training.distributed import ProcessGroup
from aigc_tui.training.hardware import use_threads_for
from aigc_tui.training.loop import Run, TrainingError, train_stage
from aigc_tui.training.optim import Optimizers
from aigc_tui.training.recipe import Stage
from aigc_tui.training.step import FLOAT32, LossModule, StepResult

_STEPS_OF_AN_EPOCH = 8


def encode_sample(made: TextModel, sample: Sample, single: bool) -> tuple[list[int], int]:
    """Return the ids of a document, and how many of them at its beginning are no targets."""
    head = made.opening(sample.label)
    body = made.encode(sample.text)
    return [*head, *body, *([] if single else [made.end])], len(head)


def encode_all(made: TextModel, texts: Texts) -> TokenFile:
    """Lay all documents into one stream in memory."""
    ids: list[int] = []
    counted: list[bool] = []
    starts = [0]
    for sample in texts.samples:
        document, head = encode_sample(made, sample, texts.single)
        ids += document
        counted += [False] * head + [True] * (len(document) - head)
        starts.append(len(ids))
    small = made.model.config.vocab_size <= 2**16
    stream = np.array(ids, np.uint16) if small else np.array(ids, np.uint32)
    return TokenFile(stream, np.array(counted, np.bool_), np.array(starts, np.int64))


def row_length(stream: TokenFile, context: int) -> int:
    """Return T: the model's context, or less where all documents together do not fill it."""
    return int(min(context, max(2, stream.starts[-1])))


def batches(stream: TokenFile, length: int, rows: int, pad: int, seed: int | None) -> Iterator[TokenBatch]:
    """Yield one epoch.

    Args:
        stream: The documents.
        length: Tokens of a row (T).
        rows: Most rows of a batch (B); fewer where an epoch would have too few steps to learn in.
        pad: Fills what is left of a row.
        seed: Of the documents' order; None keeps the order.
    """
    count = len(stream.starts) - 1
    order = range(count) if seed is None else np.random.default_rng(seed).permutation(count).tolist()
    spans = pack(stream.starts, order, length, whole=False)
    rows = max(1, min(rows, len(spans) // _STEPS_OF_AN_EPOCH))
    for begin in range(0, len(spans), rows):
        some = [read_row(stream, s, length, pad, assistant_only=True) for s in spans[begin : begin + rows]]
        yield to_batch(some, isolate=True)


def label_shares(texts: Texts) -> dict[str, float]:
    """Return the share of the texts under each label, the most frequent first."""
    counts = Counter(sample.label for sample in texts.samples if sample.label)
    return {label: count / counts.total() for label, count in counts.most_common()}


def hidden_tokens(tokens: Tensor, share: float, keep: int, instead: int) -> Tensor:
    """Hide a share of the tokens that are read, so that the model leans on the rest (arXiv:1511.06349).

    Args:
        tokens: Ids (B, T).
        share: How many of them to hide, 0 to 1.
        keep: The start token, which stays.
        instead: What stands in their place.
    """
    hide = (torch.rand(tokens.shape) < share) & (tokens != keep)
    return tokens.masked_fill(hide, instead)


_CLIP = 1.0
_FRESH, _CONTINUED = 2e-3, 3e-4
_WARM_STEPS = 20


class FitError(AppError, ValueError):
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
        if self.epochs < 1 or self.batch_size < 1:
            raise FitError(
                "epochs: {epochs} and batch size: {rows} are not valid; both must be at least 1",
                epochs=self.epochs,
                rows=self.batch_size,
            )
        if self.gen_epochs < 0 or self.save_epochs < 0:
            raise FitError(
                "the number of epochs between samples or copies must not be negative; 0 means never"
            )
        if not 0 <= self.dropout < 1:
            raise FitError("dropout: {value} is not valid; use 0 to below 1", value=self.dropout)
        if self.learning_rate is not None and not 0 < self.learning_rate < 1:
            raise FitError(
                "learning rate: {value} is not valid; use a number between 0 and 1", value=self.learning_rate
            )


@dataclass(frozen=True, slots=True)
class StepDone:
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


Event = StepDone | Epoch | Samples


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
        rate = options.learning_rate or (_CONTINUED if self._before or made.source else _FRESH)
        optimizer = torch.optim.AdamW(made.model.parameters(), lr=rate, betas=(0.9, 0.95), weight_decay=0.01)
        self._epoch_steps = len(self._epoch_batches(0))
        total = options.epochs * self._epoch_steps
        self._run = Run(
            LossModule(made.model, causal_loss, FLOAT32),
            Optimizers((optimizer,), (rate,)),
            ProcessGroup(made.device),
            warmup=min(_WARM_STEPS, max(1, total // 10)),
            clip=_CLIP,
        )
        self._best: tuple[float, int, dict[str, Tensor]] | None = None
        use_threads_for(made.model)

    def run(self, on_save: Callable[[TextModel, int], None]) -> History:
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

    def _epoch(self, number: int) -> Epoch:
        """Read every text once. An epoch is a stage; the learning rate falls to zero over all of them."""
        began, run, options = time.monotonic(), self._run, self._options
        steps, rows = self._epoch_steps, options.batch_size
        stage = Stage(
            f"epoch {number}",
            {},
            steps=steps,
            seq_len=self._length,
            rows=rows,
            micro_rows=rows,
            peak=1 - (number - 1) / options.epochs,
            end=1 - number / options.epochs,
        )
        results: list[StepResult] = []

        def after_step(result: StepResult) -> None:
            results.append(result)
            self._tell(StepDone(run.state.total_steps, steps * options.epochs))

        run.state.stage_steps, run.state.stage_seconds = 0, 0.0
        # Whoever says stop early still gets one step of every epoch that was begun, and its loss.
        run.after_step, run.stop = after_step, lambda: bool(results) and self._stop()
        self._made.model.train()
        try:
            train_stage(run, stage, ReadyBatches(map(self._hidden, self._epoch_batches(number))))
        except TrainingError as error:
            raise FitError(error.message) from None
        self._made.model.eval()
        counted = sum(result.counted for result in results)
        loss = sum(result.loss * result.counted for result in results) / counted
        return Epoch(number, options.epochs, loss, self._measure(), time.monotonic() - began)

    def _epoch_batches(self, number: int, stream: TokenFile | None = None) -> list[TokenBatch]:
        options = self._options
        seed = None if stream is not None else options.seed * 10_000 + number
        config = self._made.model.config
        pad = config.pad_id if config.pad_id is not None else self._made.end
        return list(batches(stream or self._stream, self._length, options.batch_size, pad, seed))

    def _hidden(self, batch: TokenBatch) -> TokenBatch:
        made, share = self._made, self._options.dropout
        return replace(batch, tokens=hidden_tokens(batch.tokens, share, made.start, made.end))

    @torch.no_grad()
    def _measure(self) -> float | None:
        if self._aside is None:
            return None
        found = self._epoch_batches(0, self._aside)
        device = self._made.device
        parts = ([None if t is None else t.to(device) for t in batch.tensors] for batch in found)
        nats: float = sum(float(self._run.loss_module(*part)) for part in parts)
        return nats / max(1, sum(batch.counted for batch in found))

    def _note(self, done: Epoch) -> None:
        self._made.notes = replace(
            self._made.notes,
            epochs=self._before + done.number,
            loss=round(done.loss, 4),
            held_out=None if done.held_out is None else round(done.held_out, 4),
        )

    def _remember(self, done: Epoch) -> None:
        if not self._options.keep_best or done.held_out is None:
            return
        if self._best is None or done.held_out < self._best[0]:
            state = {name: value.clone() for name, value in self._made.model.state_dict().items()}
            self._best = (done.held_out, done.number, state)

    def _show(self, number: int) -> None:
        if self._options.gen_epochs and number % self._options.gen_epochs == 0:
            self._tell(Samples(number, generate_samples(self._made, seed=self._options.seed)))
