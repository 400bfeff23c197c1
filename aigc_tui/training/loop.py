"""Learning rate over a run: a short warm-up, then per stage a curve from ``peak`` to ``end``.

``linear`` is a straight line, ``cosine`` half a wave (arXiv:1608.03983), ``wsd`` stays at the peak and falls
in the last part only (warm-up, stable, decay; arXiv:2404.06395), which lets the best data be read while the
rate falls. Progress is the larger of the shares of steps and of minutes used, so that the fall ends in time
however fast the machine turns out to be.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from torch import nn

from aigc_tui.training.distributed import Team
from aigc_tui.training.hardware import available_memory, total_memory
from aigc_tui.training.metrics import Journal
from aigc_tui.training.optim import Optimizers
from aigc_tui.training.recipe import Stage
from aigc_tui.training.step import NotFiniteError, Source, StepResult, take_step
from aigc_tui.training.train_state import Position


def progress(stage: Stage, steps: int, seconds: float) -> float:
    """Share of the stage that is done, 0 to 1."""
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
    return warm * (stage.peak + (stage.end - stage.peak) * fallen(stage, done))


def fallen(stage: Stage, done: float) -> float:
    """Share of the way from peak to end that the rate has gone when ``done`` of the stage is over."""
    match stage.schedule:
        case "cosine":
            return (1 - math.cos(math.pi * done)) / 2
        case "wsd":
            return max(0.0, (done - (1 - stage.decay_share)) / stage.decay_share)
        case _:
            return done


def derived_warmup(stages: tuple[Stage, ...], given: int) -> int:
    """Warm-up steps: as given, or a hundredth of the planned steps, between 10 and 200."""
    return given or max(10, min(200, sum(stage.steps for stage in stages) // 100))


_SPIKE = 2.0  # batches of a mix differ; a jump is more than another source
_WEIGHT = 0.05  # of a new loss in the running mean: about the last 20 steps
_SCARCE = 0.04  # share of all memory below which the machine is about to swap or to kill


@dataclass(slots=True)
class Watch:
    """Keeps a running mean of the loss and looks at the machine's memory.

    Args:
        available: Bytes of memory that are free to use, or None where nobody knows.
        total: Bytes of memory in all.
    """

    available: Callable[[], int | None] = available_memory
    total: Callable[[], int | None] = total_memory
    average: float | None = field(default=None, init=False)
    _scarce: bool = field(default=False, init=False)

    def look(self, journal: Journal, step: int, loss: float, due: bool) -> None:
        """Take note of a step's loss; where ``due``, look at the memory, too."""
        mean = self.average
        if mean is not None and loss > _SPIKE * mean:
            line = (
                f"loss jumped to {loss:.2f} at step {step} (mean of late {mean:.2f}); if it stays there, "
                "go back to the last checkpoint with a smaller learning rate"
            )
            journal.warn(step, "spike", line, loss=loss, mean=mean)
        self.average = loss if mean is None else (1 - _WEIGHT) * mean + _WEIGHT * loss
        if due:
            self._look_at_memory(journal, step)

    def _look_at_memory(self, journal: Journal, step: int) -> None:
        free, total = self.available(), self.total()
        if free is None or total is None:
            return
        scarce = free < _SCARCE * total
        if scarce and not self._scarce:
            line = (
                f"only {free / 2**20:.0f} MiB of {total / 2**30:.1f} GiB memory are left; before the machine "
                "swaps, stop (a checkpoint is saved) and resume with smaller micro_rows"
            )
            journal.warn(step, "memory", line, free=free)
        self._scarce = scarce


class TrainingError(RuntimeError):
    """The run cannot go on; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Cadence:
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
        learner: Rows to summed loss; a Learner, perhaps wrapped by the team.
        optimizers: Of its weights.
        team: The processes that learn together.
        journal: Where metrics and lines go; by default nowhere.
        cadence: How often to log, measure, save.
        warmup: Steps of linear warm-up at the start of the run.
        clip: Longest gradient; 0 for no limit.
        held_out: Measures the model on text that it does not learn from.
        samples: Pairs of prompt and continuation, to read.
        after_step: Called after every step, e.g. to average weights.
        save: Writes a checkpoint and returns how it is called; None to keep none.
        position: Where the run stands.
        stop: Asked before every step whether to end early.
    """

    learner: nn.Module
    optimizers: Optimizers
    team: Team = field(default_factory=Team)
    journal: Journal = field(default_factory=Journal)
    cadence: Cadence = field(default_factory=Cadence)
    warmup: int = 0
    clip: float = 1.0
    held_out: Callable[[], Mapping[str, float]] = dict
    samples: Callable[[], Iterable[tuple[str, str]]] = list
    after_step: Callable[[], None] = lambda: None
    save: Callable[[Position, bool], str] | None = None
    position: Position = field(default_factory=Position)
    stop: Callable[[], bool] = lambda: False
    watch: Watch = field(default_factory=Watch)
    saved_as: str = ""
    measured_at: int = -1


def train_stage(run: Run, stage: Stage, source: Source) -> bool:
    """Train until the stage is over.

    Returns:
        False if it was stopped early (a checkpoint is written then too).

    Raises:
        TrainingError: The loss is not a number any more.
    """
    at = run.position
    clock = saved = time.monotonic()
    while progress(stage, at.stage_steps, at.stage_seconds) < 1 and not _stopped(run):
        done = progress(stage, at.stage_steps, at.stage_seconds)
        factor = rate_factor(stage, done, at.total_steps, run.warmup)
        begun = time.monotonic()
        result = _learn(run, stage, source, factor)
        ended = time.monotonic()
        passed, since = run.team.of_leader(ended - clock, ended - saved)
        at.stage_seconds, at.seconds, clock = at.stage_seconds + passed, at.seconds + passed, ended
        _look(run, stage, result, factor, ended - begun)
        if _due(run.cadence, at.total_steps, since):
            _save(run, source, final=False)
            saved = time.monotonic()
    _measure(run, stage)
    _save(run, source, final=True)
    return progress(stage, at.stage_steps, at.stage_seconds) >= 1


def _learn(run: Run, stage: Stage, source: Source, factor: float) -> StepResult:
    """Take one step and count it."""
    at, team = run.position, run.team
    run.optimizers.set_factor(factor)
    batch = source.batch(stage.rows, team.share(stage.rows))
    try:
        result = take_step(run.learner, run.optimizers, team, batch, stage.micro_rows, run.clip)
    except NotFiniteError as error:
        raise TrainingError(f"{error} at step {at.total_steps}: {_advice(run.saved_as)}") from None
    at.stage_steps, at.total_steps = at.stage_steps + 1, at.total_steps + 1
    at.tokens += stage.rows * stage.seq_len
    run.after_step()
    return result


def _advice(saved_as: str) -> str:
    if not saved_as:
        return "no checkpoint was written yet; begin with a smaller learning rate"
    return f"the last good checkpoint is {saved_as}; resume with a smaller learning rate"


def _look(run: Run, stage: Stage, result: StepResult, factor: float, seconds: float) -> None:
    """Warn, log and measure as the cadence asks."""
    step = run.position.total_steps
    run.watch.look(run.journal, step, result.loss, due=step % run.cadence.log_steps == 0)
    if step % run.cadence.log_steps == 0:
        speed = stage.rows * stage.seq_len / max(seconds, 1e-9)
        row = {"loss": result.loss, "norm": result.norm, "factor": factor, "tokens_per_second": speed}
        _report(run, stage, "train", row)
    if run.cadence.eval_steps and step % run.cadence.eval_steps == 0:
        _measure(run, stage)
        for prompt, text in run.samples():
            run.journal.row({"kind": "sample", "step": step, "prompt": prompt, "text": text})


def _measure(run: Run, stage: Stage) -> None:
    if run.measured_at == run.position.total_steps:
        return  # the end of a stage can fall on a measurement
    run.measured_at = run.position.total_steps
    if found := run.held_out():
        _report(run, stage, "held_out", found)


def _report(run: Run, stage: Stage, kind: str, values: Mapping[str, float]) -> None:
    at = run.position
    left = _seconds_left(stage, at)
    row = {"kind": kind, "stage": stage.name, "step": at.total_steps, "tokens": at.tokens}
    run.journal.row({**row, "seconds": round(at.seconds, 1), "left": round(left), **values})
    shown = " ".join(f"{name}={value:.4g}" for name, value in values.items())
    where = f"{stage.name} step {at.total_steps} {at.tokens / 1e6:.2f}M tokens, {left / 60:.1f} min left"
    run.journal.say(f"{where}: {shown}")


def _seconds_left(stage: Stage, at: Position) -> float:
    """Seconds until the stage ends, by the pace so far and by its limit of minutes."""
    by_time = stage.minutes * 60 - at.stage_seconds if stage.minutes else float("inf")
    pace = at.stage_seconds / at.stage_steps if at.stage_steps else 0.0
    by_steps = (stage.steps - at.stage_steps) * pace if stage.steps else float("inf")
    return max(0.0, min(by_time, by_steps))


def _stopped(run: Run) -> bool:
    return bool(run.team.of_leader(float(run.stop()))[0])


def _due(cadence: Cadence, step: int, since: float) -> bool:
    by_steps = cadence.save_steps and step % cadence.save_steps == 0
    return bool(by_steps) or since > 60 * cadence.save_minutes


def _save(run: Run, source: Source, final: bool) -> None:
    run.position.mixer = source.state()
    if run.save is not None:
        run.saved_as = run.save(run.position, final) or run.saved_as
