"""The training loop, one for every objective: learning rate, step, metrics, held-out measurement, checkpoint.

The learning rate warms up, then follows per stage a curve from ``peak`` to ``end``: ``linear``, ``cosine``
(arXiv:1608.03983), or ``wsd``, which stays at the peak and falls in the last part only (arXiv:2404.06395).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from torch import nn

from aigc_tui.message import AppError, message
from aigc_tui.training.distributed import ProcessGroup
from aigc_tui.training.hardware import available_memory, total_memory
from aigc_tui.training.metrics import MetricsWriter
from aigc_tui.training.optim import Optimizers
from aigc_tui.training.recipe import Stage
from aigc_tui.training.step import DataLoader, NotFiniteError, StepResult, train_step
from aigc_tui.training.train_state import TrainState


def progress(stage: Stage, steps: int, seconds: float) -> float:
    """Share of the stage that is done, 0 to 1: by steps or by time, whichever is further."""
    by_steps = steps / stage.steps if stage.steps else 0.0
    by_time = seconds / (60 * stage.minutes) if stage.minutes else 0.0
    return min(1.0, max(by_steps, by_time))


def rate_factor(stage: Stage, done: float, total_steps: int, warmup_steps: int) -> float:
    """Factor on the peak learning rates.

    Args:
        stage: The current stage.
        done: Its :func:`progress`.
        total_steps: Steps since the start of the run, all stages together.
        warmup_steps: Steps of linear warm-up at the start of the run.
    """
    warm = min(1.0, (total_steps + 1) / warmup_steps) if warmup_steps else 1.0
    return warm * (stage.peak + (stage.end - stage.peak) * decayed(stage, done))


def decayed(stage: Stage, done: float) -> float:
    """Share of the way from peak to end that the rate has gone when ``done`` of the stage is over."""
    match stage.schedule:
        case "cosine":
            return (1 - math.cos(math.pi * done)) / 2
        case "wsd":
            return max(0.0, (done - (1 - stage.decay_share)) / stage.decay_share)
        case _:
            return done


def warmup_steps_of(stages: tuple[Stage, ...], given: int) -> int:
    """Warm-up steps: as given, or a hundredth of the planned steps, between 10 and 200."""
    return given or max(10, min(200, sum(stage.steps for stage in stages) // 100))


_SPIKE = 2.0  # batches of a mix differ; a jump is more than another source
_WEIGHT = 0.05  # of a new loss in the running mean: about the last 20 steps
_SCARCE = 0.04  # share of all memory below which the machine is about to swap or to kill


@dataclass(slots=True)
class RunMonitor:
    """Keeps a running mean of the loss and looks at the machine's memory.

    Args:
        available: Bytes of memory that are free to use, or None where nobody knows.
        total: Bytes of memory in all.
    """

    available: Callable[[], int | None] = available_memory
    total: Callable[[], int | None] = total_memory
    average: float | None = field(default=None, init=False)
    _scarce: bool = field(default=False, init=False)

    def look(self, writer: MetricsWriter, step: int, loss: float, due: bool) -> None:
        """Take note of a step's loss; where ``due``, look at the memory, too."""
        mean = self.average
        if mean is not None and loss > _SPIKE * mean:
            line = message(
                "the loss jumped to {loss} at step {step} (recent mean {mean}); if it stays there, resume "
                "from the last checkpoint with a smaller learning rate",
                loss=f"{loss:.2f}",
                step=step,
                mean=f"{mean:.2f}",
            )
            writer.warn(step, "spike", line, loss=loss, mean=mean)
        self.average = loss if mean is None else (1 - _WEIGHT) * mean + _WEIGHT * loss
        if due:
            self._look_at_memory(writer, step)

    def _look_at_memory(self, writer: MetricsWriter, step: int) -> None:
        free, total = self.available(), self.total()
        if free is None or total is None:
            return
        scarce = free < _SCARCE * total
        if scarce and not self._scarce:
            line = message(
                "only {free} MiB of {total} GiB memory are left; before the machine swaps, stop (a "
                "checkpoint is saved) and resume with smaller micro_rows",
                free=round(free / 2**20),
                total=f"{total / 2**30:.1f}",
            )
            writer.warn(step, "memory", line, free=free)
        self._scarce = scarce


class TrainingError(AppError, RuntimeError):
    """The run cannot go on; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """How often things happen beside learning.

    Args:
        log_steps: Steps between metrics rows.
        eval_steps: Steps between held-out measurements; 0 for at the end of a stage only.
        save_minutes: Minutes between checkpoints.
        save_steps: Steps between checkpoints; 0 to go by minutes alone.
    """

    log_steps: int = 10
    eval_steps: int = 0
    save_minutes: float = 5.0
    save_steps: int = 0


@dataclass(slots=True)
class Run:
    """All that one run holds while it lasts.

    Args:
        loss_module: Rows to summed loss; perhaps wrapped by the process group.
        optimizers: Of its weights.
        group: The processes that train together.
        writer: Where metrics and log lines go; by default nowhere.
        intervals: How often to log, measure, save.
        warmup: Steps of linear warm-up at the start of the run.
        clip: Largest norm of the gradient; 0 for no limit.
        held_out: Measures the model on text that it does not learn from.
        samples: Pairs of prompt and continuation, to read.
        after_step: Called after every step, e.g. to update the EMA of the weights.
        save: Writes a checkpoint and returns its name; None to keep none.
        state: Where the run stands.
        stop: Asked before every step whether to end early.
        monitor: Warns of jumps of the loss and of scarce memory.
    """

    loss_module: nn.Module
    optimizers: Optimizers
    group: ProcessGroup = field(default_factory=ProcessGroup)
    writer: MetricsWriter = field(default_factory=MetricsWriter)
    intervals: Intervals = field(default_factory=Intervals)
    warmup: int = 0
    clip: float = 1.0
    held_out: Callable[[], Mapping[str, float]] = dict
    samples: Callable[[], Iterable[tuple[str, str]]] = list
    after_step: Callable[[StepResult], None] = lambda _result: None
    save: Callable[[TrainState, bool], str] | None = None
    state: TrainState = field(default_factory=TrainState)
    stop: Callable[[], bool] = lambda: False
    monitor: RunMonitor = field(default_factory=RunMonitor)
    saved_as: str = ""
    measured_at: int = -1


def train_stage(run: Run, stage: Stage, loader: DataLoader) -> bool:
    """Train until the stage is over.

    Returns:
        False if it was stopped early (a checkpoint is written then, too).

    Raises:
        TrainingError: The loss is not a number any more.
    """
    state, group, every = run.state, run.group, run.intervals
    clock = saved = time.monotonic()
    while (done := progress(stage, state.stage_steps, state.stage_seconds)) < 1 and not _stopped(run):
        factor = rate_factor(stage, done, state.total_steps, run.warmup)
        run.optimizers.set_factor(factor)

        begun = time.monotonic()
        batch = loader.batch(stage.rows, group.rows_of_rank(stage.rows))
        try:
            result = train_step(run.loss_module, run.optimizers, group, batch, stage.micro_rows, run.clip)
        except NotFiniteError as error:
            raise _not_finite(error, state.total_steps, run.saved_as) from None
        state.stage_steps, state.total_steps = state.stage_steps + 1, state.total_steps + 1
        state.tokens += stage.rows * stage.seq_len
        run.after_step(result)
        ended = time.monotonic()

        # All processes go by the main one's clock: they must agree on when a stage ends and when to save.
        passed, since = group.broadcast(ended - clock, ended - saved)
        state.stage_seconds, state.seconds, clock = (
            state.stage_seconds + passed,
            state.seconds + passed,
            ended,
        )

        step = state.total_steps
        log_due = step % every.log_steps == 0
        run.monitor.look(run.writer, step, result.loss, log_due)
        if log_due:
            speed = stage.rows * stage.seq_len / max(ended - begun, 1e-9)
            row = {"loss": result.loss, "norm": result.norm, "factor": factor, "tokens_per_second": speed}
            _report(run, stage, "train", row)
        if every.eval_steps and step % every.eval_steps == 0:
            _measure(run, stage)
            for prompt, text in run.samples():
                run.writer.write({"kind": "sample", "step": step, "prompt": prompt, "text": text})
        if (every.save_steps and step % every.save_steps == 0) or since > 60 * every.save_minutes:
            _save(run, loader, final=False)
            saved = time.monotonic()
    _measure(run, stage)
    _save(run, loader, final=True)
    return progress(stage, state.stage_steps, state.stage_seconds) >= 1


def _not_finite(error: NotFiniteError, step: int, saved_as: str) -> TrainingError:
    if not saved_as:
        return TrainingError(
            "{problem} at step {step}: no checkpoint was written yet; begin with a smaller learning rate",
            problem=error,
            step=step,
        )
    return TrainingError(
        "{problem} at step {step}: the last good checkpoint is {path}; resume with a smaller learning rate",
        problem=error,
        step=step,
        path=saved_as,
    )


def _measure(run: Run, stage: Stage) -> None:
    if run.measured_at == run.state.total_steps:
        return  # the end of a stage can fall on a measurement
    run.measured_at = run.state.total_steps
    if found := run.held_out():
        _report(run, stage, "held_out", found)


def _report(run: Run, stage: Stage, kind: str, values: Mapping[str, float]) -> None:
    state = run.state
    left = _seconds_left(stage, state)
    row = {"kind": kind, "stage": stage.name, "step": state.total_steps, "tokens": state.tokens}
    run.writer.write({**row, "seconds": round(state.seconds, 1), "left": round(left), **values})
    run.writer.log(
        message(
            "{stage} step {step}, {tokens}M tokens, {minutes} min left: {values}",
            stage=stage.name,
            step=state.total_steps,
            tokens=f"{state.tokens / 1e6:.2f}",
            minutes=f"{left / 60:.1f}",
            values=" ".join(f"{name}={value:.4g}" for name, value in values.items()),
        )
    )


def _seconds_left(stage: Stage, state: TrainState) -> float:
    """Seconds until the stage ends, by the pace so far and by its limit of minutes."""
    by_time = stage.minutes * 60 - state.stage_seconds if stage.minutes else float("inf")
    pace = state.stage_seconds / state.stage_steps if state.stage_steps else 0.0
    by_steps = (stage.steps - state.stage_steps) * pace if stage.steps else float("inf")
    return max(0.0, min(by_time, by_steps))


def _stopped(run: Run) -> bool:
    return bool(run.group.broadcast(float(run.stop()))[0])


def _save(run: Run, loader: DataLoader, final: bool) -> None:
    run.state.mixer = loader.state()
    if run.save is not None:
        run.saved_as = run.save(run.state, final) or run.saved_as
