"""A recipe at work: model, data, team and checkpoints brought together, stage after stage."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import torch
from tokenizers import Tokenizer
from torch import nn

from aigc_tui.inference.tokens import byte_lengths
from aigc_tui.training import forecast
from aigc_tui.training.build import export, make_model, make_renderer, padding, reply
from aigc_tui.training.causal_loss import HeldOut, causal_loss
from aigc_tui.training.checkpoints import (
    CHECKPOINTS,
    Keeper,
    ResumeError,
    newest_checkpoint,
    read_position,
    set_aside,
)
from aigc_tui.training.data_loader import Mixer, TokenBatch, TokenFile, pack, read_row, to_batch
from aigc_tui.training.distributed import Team
from aigc_tui.training.hardware import choose_precision, why_not_compile
from aigc_tui.training.loop import Cadence, Run, TrainingError, derived_warmup, train_stage
from aigc_tui.training.metrics import END, FORECAST, RESUME, Journal
from aigc_tui.training.optim import Optimizers, RunningMean, make_optimizers
from aigc_tui.training.prepare import Prepared, prepare_source
from aigc_tui.training.recipe import Recipe, RecipeError, Stage
from aigc_tui.training.step import Learner, NotFiniteError
from aigc_tui.training.train_state import Position, identify


class Session:
    """One process's part in the run of a recipe."""

    def __init__(self, recipe: Recipe, tokenizer: Tokenizer, team: Team, stop: Callable[[], bool]) -> None:
        """Make model, optimizers and loss; nothing is read from checkpoints yet."""
        self.recipe, self.tokenizer, self.team, self.sharded = recipe, tokenizer, team, team.sharded
        _require_even_shares(recipe, team)
        self.journal = Journal(recipe.work, speaks=True) if team.leads else Journal()
        self.model = make_model(recipe, tokenizer).to(team.device)
        self.learner = self._learner()
        self.optimizers = self._optimizers()
        self.mean = RunningMean(self.model, recipe.ema_decay) if recipe.ema_decay else None
        self.bytes_of_token = torch.tensor(byte_lengths(tokenizer))
        self.keeper = Keeper(recipe.work / CHECKPOINTS, self.model, self.optimizers, self.mean, team)
        self.run_of_all = self._run(stop)

    def run(self, resume: bool, accept_changes: bool) -> bool:
        """Go through the stages.

        Returns:
            False if it was stopped early.

        Raises:
            ResumeError: There is nothing to resume from, or it does not fit.
            TrainingError: The run cannot go on.
        """
        first = self._first() if resume else Position()
        for number in range(first.stage, len(self.recipe.stages)):
            stage = self.recipe.stages[number]
            prepared = self._prepare(stage)
            mixer = Mixer(
                stage, {n: p.train for n, p in prepared.items()}, padding(self.tokenizer), self.recipe.seed
            )
            self.keeper.identity = identify(self.recipe, number, {n: p.train for n, p in prepared.items()})
            if number == first.stage:
                self._begin(number, mixer, resume, accept_changes)
            self._look_at(prepared, stage)
            if not train_stage(self.run_of_all, stage, mixer):
                return self._ended(finished=False)
            at = self.run_of_all.position
            at.stage, at.stage_steps, at.stage_seconds, at.mixer = number + 1, 0, 0.0, None
        return self._ended(finished=True)

    def _ended(self, finished: bool) -> bool:
        self.journal.row({"kind": END, "step": self.run_of_all.position.total_steps, "finished": finished})
        return finished

    def export(self) -> None:
        """Write the model folder: the weights, or their mean if the recipe says so."""
        model = self.keeper.gathered(
            lambda: make_model(self.recipe, self.tokenizer), averages=self.recipe.export_ema
        )
        if self.team.leads:
            export(model, self.recipe, self.recipe.out)
        self.team.wait()

    def _begin(self, stage: int, mixer: Mixer, resume: bool, accept_changes: bool) -> None:
        """Say what the run will be like, then go to where it was left."""
        if resume and not accept_changes:
            self.keeper.require_same()
        if self.recipe.probe_steps:
            self._probe(stage, mixer)
        if not resume:
            self._set_aside_earlier()
            return
        position = self.keeper.load()
        self.run_of_all.position = position
        self.run_of_all.saved_as = str(newest_checkpoint(self.keeper.root))
        if position.mixer is not None:
            mixer.restore(position.mixer)
        self.journal.row({"kind": RESUME, "step": position.total_steps})

    def _first(self) -> Position:
        """Where the newest checkpoint stands."""
        found = read_position(newest_checkpoint(self.keeper.root))
        if found.stage >= len(self.recipe.stages):
            raise ResumeError(
                f"the run is in stage {found.stage + 1}, the recipe has only {len(self.recipe.stages)}"
            )
        return found

    def _set_aside_earlier(self) -> None:
        """A run from the start must not be mixed up with one that was made in the same folder before."""
        if self.team.leads and (moved := set_aside(self.recipe.work)):
            self.journal.say(f"an earlier run was here; it is in {moved} now")
        self.team.wait()

    def _probe(self, stage: int, mixer: Mixer) -> None:
        stages = self.recipe.stages[stage:]
        try:
            found = forecast.probe(
                self.learner, self.optimizers, self.team, stages, mixer, self.recipe.probe_steps
            )
        except NotFiniteError as error:
            raise TrainingError(f"{error} before the first step: are the weights damaged?") from None
        for line in forecast.state(found):
            self.journal.say(line)
            self.journal.row({"kind": FORECAST, "text": line})

    def _prepare(self, stage: Stage) -> dict[str, Prepared]:
        """Make the stage's token files; the leader writes, the others wait and read."""
        if not self.team.leads:
            self.team.wait()
        found = {name: prepare_source(name, self.recipe, self.tokenizer) for name in stage.mix}
        if self.team.leads:
            self.team.wait()
        return found

    def _look_at(self, prepared: Mapping[str, Prepared], stage: Stage) -> None:
        """Let the stage's held-out rows be measured."""
        batches = {n: b for n, p in prepared.items() if (b := self._held_out(p.held_out, stage))}
        held_out = HeldOut(batches, self.bytes_of_token)
        # Not what gradients flow through, and not compiled: rows are few and of other numbers. Only a
        # sharded model has to be called, since calling is what gathers its weights.
        loss = self.core if self.sharded else self.core.forward
        self.run_of_all.held_out = lambda: held_out.measure(loss, self.team.device)

    def _held_out(self, file: TokenFile, stage: Stage) -> TokenBatch | None:
        spoken, pad = stage.assistant_only, padding(self.tokenizer)
        rows = pack(file.starts, range(len(file.starts) - 1), stage.seq_len, whole=spoken)
        made = [read_row(file, spans, stage.seq_len, pad, spoken) for spans in rows[: self.recipe.eval_rows]]
        return to_batch(made, stage.isolate) if made else None

    def _learner(self) -> nn.Module:
        precision = choose_precision(self.recipe.precision, self.team.device)
        self.core = Learner(self.model, causal_loss, precision)
        wrapped = self.team.wrap(self.core)
        if self.recipe.compile:
            if reason := ("it is sharded" if self.sharded else "") or why_not_compile(self.team.device):
                self.journal.say(f"not compiled, so about half as fast: {reason}")
            else:
                self.core.compile(dynamic=False)
        return wrapped

    def _optimizers(self) -> Optimizers:
        if self.sharded and self.recipe.matrix_learning_rate:
            self.journal.say("sharded matrices cannot be made orthogonal: AdamW takes them instead of Muon")
        return make_optimizers(self.model, self.recipe, muon=not self.sharded)

    def _run(self, stop: Callable[[], bool]) -> Run:
        recipe = self.recipe
        mean = self.mean
        run = Run(
            self.learner,
            self.optimizers,
            self.team,
            self.journal,
            Cadence(recipe.log_steps, recipe.eval_steps, recipe.save_minutes, recipe.save_steps),
            warmup=derived_warmup(recipe.stages, recipe.warmup_steps),
            clip=recipe.clip,
            samples=self._samples,
            save=lambda position, final: self.keeper.save(position, final, self.journal),
            stop=stop,
        )
        if mean is not None:
            run.after_step = lambda: mean.update(run.position.total_steps)
        return run

    def _samples(self) -> Iterable[tuple[str, str]]:
        """Let the leader answer the prompts; a sharded model cannot be asked by one process alone."""
        if not self.team.leads or self.sharded:
            return []
        self.model.eval()
        renderer = make_renderer(self.recipe)
        found = [
            (prompt, reply(self.model, renderer, self.tokenizer, prompt)) for prompt in self.recipe.prompts
        ]
        self.model.train()
        return found


def _require_even_shares(recipe: Recipe, team: Team) -> None:
    """Refuse rows that cannot be shared evenly: a process with fewer would let the others wait for ever."""
    for stage in recipe.stages:
        if stage.rows % team.size:
            raise RecipeError(
                f"stage {stage.name!r}: rows ({stage.rows}) must be a multiple of the {team.size} processes"
            )
