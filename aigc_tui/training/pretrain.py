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

import torch
from tokenizers import Tokenizer

from aigc_tui.corpora.records import CorpusError
from aigc_tui.process.child import caller
from aigc_tui.training.build import export, load_tokenizer, make_model
from aigc_tui.training.checkpoints import CHECKPOINTS, ResumeError, load_weights, newest_checkpoint
from aigc_tui.training.distributed import TeamError, find_team, leads
from aigc_tui.training.hardware import choose_device
from aigc_tui.training.loop import TrainingError
from aigc_tui.training.recipe import Recipe, RecipeError, load_recipe
from aigc_tui.training.tokenizer_job import make_missing_tokenizer
from aigc_tui.training.trainer import Session

ERRORS = (RecipeError, CorpusError, ResumeError, TrainingError, TeamError, OSError)


def pretrain(recipe: Recipe, resume: bool, stop: threading.Event, accept_changes: bool = False) -> bool:
    """Run all stages of a recipe and write the model folder.

    Args:
        recipe: What to do.
        resume: Go on from the newest checkpoint under ``recipe.work``.
        stop: Set from outside to save and leave.
        accept_changes: Resume even if recipe or data are not those of the checkpoint.

    Returns:
        True if the run is finished, False if it was stopped.
    """
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    recipe.work.mkdir(parents=True, exist_ok=True)
    team = find_team(choose_device(recipe.device), recipe.shard)
    if team.leads:
        make_missing_tokenizer(recipe)
    team.wait()
    tokenizer = load_tokenizer(recipe)
    session = Session(recipe, tokenizer, team, stop.is_set)
    finished = session.run(resume, accept_changes)
    if finished:
        session.export()
    return finished


def export_newest(recipe: Recipe, folder: Path) -> None:
    """Write the newest checkpoint of a run as a model folder.

    Raises:
        ResumeError: There is no checkpoint yet.
    """
    tokenizer: Tokenizer = load_tokenizer(recipe)
    model = make_model(recipe, tokenizer)
    load_weights(newest_checkpoint(recipe.work / CHECKPOINTS), model, averages=recipe.export_ema)
    export(model, recipe, folder)


def main(arguments: list[str]) -> int:
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
        if options.export is not None:
            export_newest(recipe, options.export)
            return 0
        with _signals(stop):
            finished = pretrain(recipe, options.resume, stop, options.accept_changes)
    except ERRORS as error:
        return parent.fail(error)
    if leads():
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
