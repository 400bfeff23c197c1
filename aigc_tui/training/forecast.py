"""Before a run: take a few steps on the real data, undo them, and say what the run will need."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from aigc_tui.message import Message, message
from aigc_tui.training.distributed import ProcessGroup
from aigc_tui.training.hardware import available_memory, device_name, peak_memory
from aigc_tui.training.optim import Optimizers
from aigc_tui.training.recipe import Stage
from aigc_tui.training.step import DataLoader, train_step

_WARM_UP = 1  # the first step compiles and fills caches


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a run needs.

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

    def lines(self) -> list[Message]:
        values = {"device": self.device, "millions": f"{self.parameters / 1e6:.2f}"}
        device = message("device: {device}; {millions}M parameters", **values)
        if self.processes > 1:
            device = message(
                "device: {device}, {processes} processes; {millions}M parameters",
                processes=self.processes,
                **values,
            )
        speed = round(self.tokens_per_second)
        return [
            device,
            message("speed: {speed} tokens/s; the run takes about {duration}", speed=speed,
                    duration=_duration(self.minutes)),
            message("memory: {memory} MiB per process", memory=self.memory >> 20),
        ]  # fmt: skip

    def warning(self, free: int | None) -> Message | None:
        """Say that the run leaves hardly any memory; None if it leaves enough."""
        if free is None or free > self.memory // 4:
            return None
        return message(
            "only {free} MiB of memory are left beside this run; smaller micro_rows need less, other "
            "programs could be closed",
            free=free >> 20,
        )


def probe(
    loss_module: nn.Module,
    optimizers: Optimizers,
    group: ProcessGroup,
    stages: tuple[Stage, ...],
    loader: DataLoader,
    steps: int,
) -> Forecast:
    """Measure a few steps of the first of ``stages``, and leave everything as it was before.

    Call it before a checkpoint is loaded: optimizers are left without state, as they are at the start.
    """
    first = stages[0]
    with _undone(optimizers, loader):
        seconds = []
        for _ in range(steps):
            batch = loader.batch(first.rows, group.rows_of_rank(first.rows))
            start = time.perf_counter()
            train_step(loss_module, optimizers, group, batch, first.micro_rows, clip=1.0)
            seconds.append(time.perf_counter() - start)
    timed = seconds[_WARM_UP:] or seconds
    rate = group.broadcast(first.rows * first.seq_len * len(timed) / sum(timed))[0]
    return Forecast(
        device_name(group.device),
        group.world_size,
        sum(w.numel() for w in loss_module.parameters() if w.requires_grad),
        rate,
        peak_memory(group.device),
        sum(minutes_of(stage, rate) for stage in stages),
    )


def minutes_of(stage: Stage, tokens_per_second: float) -> float:
    """How long a stage takes: its minutes, or its steps where they are over sooner."""
    by_steps = stage.steps * stage.rows * stage.seq_len / tokens_per_second / 60
    return min(stage.minutes or by_steps, by_steps or stage.minutes)


def state(forecast: Forecast) -> list[Message]:
    """All lines to show before the run, a warning last."""
    warning = forecast.warning(available_memory())
    return [*forecast.lines(), *([message("warning: {text}", text=warning)] if warning else [])]


@contextmanager
def _undone(optimizers: Optimizers, loader: DataLoader) -> Iterator[None]:
    """Step at a learning rate of zero, which moves no weight; then reset optimizers and loader."""
    place, random = loader.state(), torch.get_rng_state()
    optimizers.set_factor(0.0)
    try:
        yield
    finally:
        for part in optimizers.parts:
            part.state.clear()
        loader.restore(place)
        torch.set_rng_state(random)


def _duration(minutes: float) -> Message:
    if minutes < 1:
        return message("{count} seconds", count=round(60 * minutes))
    if minutes < 120:
        return message("{count} minutes", count=round(minutes))
    return message("{hours} hours", hours=f"{minutes / 60:.1f}")
