"""Train a model from a recipe: ``python -m aigc_tui.training.pretrain RECIPE.yaml [--resume]``.

All stages (pretraining on everything, then chat tuning) run in one process, or in several under
``accelerate launch -m aigc_tui.training.pretrain RECIPE.yaml``; the result is an ordinary Hugging Face
folder. SIGTERM or Ctrl-C saves a checkpoint first. With ``--export FOLDER`` it trains nothing but writes the
newest checkpoint as a model folder, which can be done while the run goes on.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import torch

from aigc_tui.corpora.records import CorpusError
from aigc_tui.process.child import caller
from aigc_tui.training.causal_lm import CausalObjective
from aigc_tui.training.checkpoints import CHECKPOINTS, ResumeError, load_weights, newest_checkpoint
from aigc_tui.training.distributed import DistributedError, find_process_group, is_main_process
from aigc_tui.training.hardware import choose_device
from aigc_tui.training.loop import TrainingError
from aigc_tui.training.recipe import CAUSAL_LM, Recipe, RecipeError, load_recipe
from aigc_tui.training.tokenizer_job import make_missing_tokenizer
from aigc_tui.training.trainer import Objective, Trainer

ERRORS = (RecipeError, CorpusError, ResumeError, TrainingError, DistributedError, OSError)


class ObjectiveMaker(Protocol):
    """The class of an objective, such as `CausalObjective`."""

    def __call__(self, recipe: Recipe) -> Objective:
        """Make the objective of a recipe whose tokenizer is there."""

    def make_tokenizer(self, recipe: Recipe) -> int:
        """Train the recipe's tokenizer; returns the size of its vocabulary."""


def pretrain(
    recipe: Recipe,
    resume: bool,
    stop: threading.Event,
    accept_changes: bool = False,
    objective: ObjectiveMaker = CausalObjective,
) -> bool:
    """Run all stages of a recipe and write the model folder.

    Args:
        recipe: What to do.
        resume: Go on from the newest checkpoint under ``recipe.work``.
        stop: Set from outside to save and leave.
        accept_changes: Resume even if recipe or data are not those of the checkpoint.
        objective: What the recipe's ``objective`` names.

    Returns:
        True if the run is finished, False if it was stopped.
    """
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    recipe.work.mkdir(parents=True, exist_ok=True)
    group = find_process_group(choose_device(recipe.device), recipe.shard)
    if group.is_main:
        make_missing_tokenizer(recipe, objective.make_tokenizer)
    group.barrier()
    trainer = Trainer(recipe, objective(recipe), group, stop.is_set)
    finished = trainer.train(resume, accept_changes)
    if finished:
        trainer.export()
    return finished


def export_newest(recipe: Recipe, folder: Path, objective: ObjectiveMaker = CausalObjective) -> None:
    """Write the newest checkpoint of a run as a model folder.

    Raises:
        ResumeError: There is no checkpoint yet.
    """
    made = objective(recipe)
    model = made.model()
    load_weights(newest_checkpoint(recipe.work / CHECKPOINTS), model, averages=recipe.export_ema)
    made.export(model, folder)


def main(arguments: list[str], name: str = CAUSAL_LM, objective: ObjectiveMaker = CausalObjective) -> int:
    """Run from the command line; returns the exit code. The last line of stdout is JSON."""
    parser = argparse.ArgumentParser(prog="python -m aigc_tui.training.pretrain", description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoint")
    parser.add_argument(
        "--accept-changes", action="store_true", help="resume although recipe or data were changed"
    )
    parser.add_argument("--export", type=Path, metavar="FOLDER", help="write the newest checkpoint there")
    options = parser.parse_args(arguments)
    stop = threading.Event()
    parent = caller()
    # A training whose parent died saves a checkpoint and ends.
    parent.when_gone(stop.set)
    try:
        recipe = load_recipe(options.recipe)
        if recipe.objective != name:
            raise RecipeError(
                "{path}: its objective is {objective}; start it with `aigc-tui model pretrain`",
                path=options.recipe,
                objective=recipe.objective,
            )
        if options.export is not None:
            export_newest(recipe, options.export, objective)
            return 0
        with _signals(stop):
            finished = pretrain(recipe, options.resume, stop, options.accept_changes, objective)
    except ERRORS as error:
        return parent.fail(error)
    if is_main_process():
        parent.answer({"finished": finished, "folder": str(recipe.out) if finished else None})
    return 0


@contextlib.contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    """Let SIGTERM and Ctrl-C ask for a stop; where handlers cannot be set, they end the process as ever."""
    with contextlib.suppress(ValueError):
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
