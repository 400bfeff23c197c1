"""A recipe at work: objective, data, processes and checkpoints brought together, stage after stage."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

import torch
from torch import Tensor, nn

from aigc_tui.message import message
from aigc_tui.training import forecast
from aigc_tui.training.checkpoints import (
    CHECKPOINTS,
    CheckpointManager,
    ResumeError,
    archive_earlier_run,
    newest_checkpoint,
    read_train_state,
)
from aigc_tui.training.distributed import ProcessGroup
from aigc_tui.training.hardware import choose_precision, why_not_compile
from aigc_tui.training.loop import Intervals, Run, TrainingError, train_stage, warmup_steps_of
from aigc_tui.training.metrics import END, FORECAST, RESUME, MetricsWriter
from aigc_tui.training.optim import EMA, Optimizers, make_optimizers
from aigc_tui.training.recipe import Recipe, RecipeError, Stage
from aigc_tui.training.step import DataLoader, LossModule, NotFiniteError
from aigc_tui.training.train_state import TrainState, identify

HeldOut: TypeAlias = Callable[[Callable[..., Tensor], nn.Module | None, torch.device], Mapping[str, float]]
"""Named measurements of held-out text: by a loss (a batch's tensors to a sum), the model where
it can be called by itself (not sharded), and the device."""


@dataclass(frozen=True, slots=True)
class StageData:
    """The data of one stage.

    Args:
        loader: Draws the training rows.
        hashes: Source name -> hash of its training data, to notice a change before a resume.
        held_out: See :data:`HeldOut`.
    """

    loader: DataLoader
    hashes: Mapping[str, str]
    held_out: HeldOut


class Objective(Protocol):
    """What a recipe trains for."""

    fixed_shapes: bool
    """Whether all batches of a stage have one shape, which torch.compile needs."""

    def model(self) -> nn.Module:
        """Make the model, fresh or from the recipe's ``init``."""

    def loss(self, model: nn.Module, *tensors: Tensor | None) -> Tensor:
        """Return the summed loss of a batch (0-d)."""

    def stage_data(self, stage: Stage) -> StageData:
        """Prepare a stage's data; the main process calls it first, since it writes files."""

    def samples(self, model: nn.Module) -> Iterable[tuple[str, str]]:
        """Return the recipe's prompts with what the model makes of them."""

    def export(self, model: nn.Module, folder: Path) -> None:
        """Write the finished model folder."""


class Trainer:
    """One process's part in the run of a recipe."""

    def __init__(
        self, recipe: Recipe, objective: Objective, group: ProcessGroup, stop: Callable[[], bool]
    ) -> None:
        self.recipe, self.objective, self.group, self.sharded = recipe, objective, group, group.sharded
        _require_even_shares(recipe, group)
        self.writer = MetricsWriter(recipe.work, speaks=True) if group.is_main else MetricsWriter()
        self.model = objective.model().to(group.device)
        self.loss_module = self._loss_module()
        self.optimizers = self._optimizers()
        self.mean = EMA(self.model, recipe.ema_decay) if recipe.ema_decay else None
        self.checkpoints = CheckpointManager(
            recipe.work / CHECKPOINTS, self.model, self.optimizers, self.mean, group
        )
        self.run = self._run(stop)

    def train(self, resume: bool, accept_changes: bool) -> bool:
        """Go through the stages.

        Returns:
            False if it was stopped early.

        Raises:
            ResumeError: There is nothing to resume from, or it does not fit.
            TrainingError: The run cannot go on.
        """
        first = self._first() if resume else TrainState()
        for number in range(first.stage, len(self.recipe.stages)):
            stage = self.recipe.stages[number]
            data = self._prepare(stage)
            self.checkpoints.identity = identify(self.recipe, number, data.hashes)
            if number == first.stage:
                self._begin(number, data.loader, resume, accept_changes)
            self.run.held_out = functools.partial(self._held_out, data.held_out)
            if not train_stage(self.run, stage, data.loader):
                return self._ended(finished=False)
            at = self.run.state
            at.stage, at.stage_steps, at.stage_seconds, at.mixer = number + 1, 0, 0.0, None
        return self._ended(finished=True)

    def export(self) -> None:
        """Write the model folder: the weights, or their EMA if the recipe says so."""
        model = self.checkpoints.gathered(self.objective.model, averages=self.recipe.export_ema)
        if self.group.is_main:
            self.objective.export(model, self.recipe.out)
        self.group.barrier()

    def _ended(self, finished: bool) -> bool:
        self.writer.write({"kind": END, "step": self.run.state.total_steps, "finished": finished})
        return finished

    def _begin(self, stage: int, loader: DataLoader, resume: bool, accept_changes: bool) -> None:
        if resume and not accept_changes:
            self.checkpoints.require_same()
        if self.recipe.probe_steps:
            self._forecast(stage, loader)
        if not resume:
            # A run from the start must not be mixed up with one that was made in the same folder before.
            if self.group.is_main and (moved := archive_earlier_run(self.recipe.work)):
                self.writer.log(message("an earlier run was here; it is in {folder} now", folder=moved))
            self.group.barrier()
            return
        state = self.checkpoints.load()
        self.run.state = state
        self.run.saved_as = str(newest_checkpoint(self.checkpoints.root))
        if state.mixer is not None:
            loader.restore(state.mixer)
        self.writer.write({"kind": RESUME, "step": state.total_steps})

    def _first(self) -> TrainState:
        found = read_train_state(newest_checkpoint(self.checkpoints.root))
        if found.stage >= len(self.recipe.stages):
            raise ResumeError(
                "the run is in stage {stage}, the recipe has only {stages}",
                stage=found.stage + 1,
                stages=len(self.recipe.stages),
            )
        return found

    def _forecast(self, stage: int, loader: DataLoader) -> None:
        stages = self.recipe.stages[stage:]
        try:
            found = forecast.probe(
                self.loss_module, self.optimizers, self.group, stages, loader, self.recipe.probe_steps
            )
        except NotFiniteError as error:
            raise TrainingError(
                "{problem} before the first step: are the weights damaged?", problem=error
            ) from None
        for line in forecast.state(found):
            self.writer.log(line)
            self.writer.write({"kind": FORECAST, "text": str(line)})

    def _prepare(self, stage: Stage) -> StageData:
        """Make the stage's data; the main process writes files, the others wait and read."""
        if not self.group.is_main:
            self.group.barrier()
        found = self.objective.stage_data(stage)
        if self.group.is_main:
            self.group.barrier()
        return found

    def _loss_module(self) -> nn.Module:
        precision = choose_precision(self.recipe.precision, self.group.device)
        self.core = LossModule(self.model, self.objective.loss, precision)
        wrapped = self.group.wrap(self.core)
        if self.recipe.compile and self.objective.fixed_shapes:
            if reason := message("it is sharded") if self.sharded else why_not_compile(self.group.device):
                self.writer.log(message("not compiled, so about half as fast: {reason}", reason=reason))
            else:
                self.core.compile(dynamic=False)
        return wrapped

    def _optimizers(self) -> Optimizers:
        if self.sharded and self.recipe.matrix_learning_rate:
            self.writer.log(
                message("sharded matrices cannot be made orthogonal: AdamW takes them instead of Muon")
            )
        return make_optimizers(self.model, self.recipe, muon=not self.sharded)

    def _run(self, stop: Callable[[], bool]) -> Run:
        recipe, mean = self.recipe, self.mean
        run = Run(
            self.loss_module,
            self.optimizers,
            self.group,
            self.writer,
            Intervals(recipe.log_steps, recipe.eval_steps, recipe.save_minutes, recipe.save_steps),
            warmup=warmup_steps_of(recipe.stages, recipe.warmup_steps),
            clip=recipe.clip,
            samples=self._samples,
            save=lambda state, final: self.checkpoints.save(state, final, self.writer),
            stop=stop,
        )
        if mean is not None:
            run.after_step = lambda _result: mean.update(run.state.total_steps)
        return run

    def _held_out(self, measure: HeldOut) -> Mapping[str, float]:
        """Measure without dropout, which would also draw random numbers that a resumed run does not draw."""
        # Held-out batches have other shapes: the plain module measures them, not the compiled or wrapped one.
        # Only a sharded model has to be called, since calling is what gathers its weights.
        loss = self.core if self.sharded else self.core.forward
        self.model.eval()
        found = measure(loss, None if self.sharded else self.model, self.group.device)
        self.model.train()
        return found

    def _samples(self) -> Iterable[tuple[str, str]]:
        """Let the main process answer the prompts; a sharded model cannot run in one process alone."""
        if not self.group.is_main or self.sharded:
            return []
        self.model.eval()
        found = list(self.objective.samples(self.model))
        self.model.train()
        return found


def _require_even_shares(recipe: Recipe, group: ProcessGroup) -> None:
    """Refuse rows that cannot be shared evenly: a process with fewer would let the others wait for ever."""
    for stage in recipe.stages:
        if stage.rows % group.world_size:
            raise RecipeError(
                "stage {name}: rows ({rows}) must be a multiple of the {processes} processes",
                name=stage.name,
                rows=stage.rows,
                processes=group.world_size,
            )
