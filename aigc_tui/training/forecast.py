"""Before a run: take a few steps on the real data, take them back, and say what the run will be like.

People should learn before an hour is spent, not after, that it runs on the wrong device, takes a week, or
does not fit into memory.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from aigc_tui.training.distributed import Team
from aigc_tui.training.hardware import available_memory, device_name, peak_memory
from aigc_tui.training.optim import Optimizers
from aigc_tui.training.recipe import Stage
from aigc_tui.training.step import Source, take_step

_WARM_UP = 1  # the first step compiles and fills caches


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run will be like.

    Args:
        device: Its name.
        processes: How many work together.
        parameters: Weights that learn.
        tokens_per_second: Measured.
        memory: Most bytes held while stepping, of one process.
        minutes: Expected length of the rest of the run.
    """

    device: str
    processes: int
    parameters: int
    tokens_per_second: float
    memory: int
    minutes: float

    def lines(self) -> list[str]:
        """Word it for people."""
        together = f", {self.processes} processes" if self.processes > 1 else ""
        return [
            f"device: {self.device}{together}; {self.parameters / 1e6:.2f}M parameters",
            f"speed: {self.tokens_per_second:.0f} tokens/s; the run takes about {_duration(self.minutes)}",
            f"memory: {self.memory / 2**20:.0f} MiB a process",
        ]

    def warning(self, free: int | None) -> str:
        """Say that the run leaves hardly any memory, or return ``""``."""
        if free is None or free > self.memory // 4:
            return ""
        return (
            f"only {free / 2**20:.0f} MiB of memory are left beside this run; "
            "smaller micro_rows need less, other programs could be closed"
        )


def probe(
    learner: nn.Module,
    optimizers: Optimizers,
    team: Team,
    stages: tuple[Stage, ...],
    source: Source,
    steps: int,
) -> Forecast:
    """Measure a few steps of the first of ``stages``, and leave everything as it was before.

    Call it before a checkpoint is loaded: optimizers are left without state, as they are at the start.
    """
    first = stages[0]
    with _taken_back(optimizers, source):
        seconds = []
        for _ in range(steps):
            batch = source.batch(first.rows, team.share(first.rows))
            start = time.perf_counter()
            take_step(learner, optimizers, team, batch, first.micro_rows, clip=1.0)
            seconds.append(time.perf_counter() - start)
    timed = seconds[_WARM_UP:] or seconds
    rate = team.of_leader(first.rows * first.seq_len * len(timed) / sum(timed))[0]
    return Forecast(
        device_name(team.device),
        team.size,
        sum(w.numel() for w in learner.parameters() if w.requires_grad),
        rate,
        peak_memory(team.device),
        sum(minutes_of(stage, rate) for stage in stages),
    )


def minutes_of(stage: Stage, tokens_per_second: float) -> float:
    """How long a stage takes: its minutes, or its steps where they are over sooner."""
    by_steps = stage.steps * stage.rows * stage.seq_len / tokens_per_second / 60
    return min(stage.minutes or by_steps, by_steps or stage.minutes)


def state(forecast: Forecast) -> list[str]:
    """All lines to show before the run, a warning last."""
    warning = forecast.warning(available_memory())
    return [*forecast.lines(), *([f"warning: {warning}"] if warning else [])]


@contextmanager
def _taken_back(optimizers: Optimizers, source: Source) -> Iterator[None]:
    """Step at a rate of zero, which moves no weight; then forget what optimizers and source noted."""
    place, random = source.state(), torch.get_rng_state()
    optimizers.set_factor(0.0)
    try:
        yield
    finally:
        for part in optimizers.parts:
            part.state.clear()
        source.restore(place)
        torch.set_rng_state(random)


def _duration(minutes: float) -> str:
    if minutes < 1:
        return f"{60 * minutes:.0f} seconds"
    return f"{minutes:.0f} minutes" if minutes < 120 else f"{minutes / 60:.1f} hours"
