"""Train a model from a recipe: ``python -m aigc_tui.training.pretrain RECIPE.yaml [--resume]``.

With ``--export FOLDER`` it trains nothing but writes the newest checkpoint as a model folder, which can
be done while the run goes on.

All stages (pretraining on everything, then chat tuning) run in one process; the result is an
ordinary Hugging Face folder. SIGTERM or Ctrl-C saves a checkpoint first.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import signal
import sys
import threading
from functools import partial
from pathlib import Path

import torch
from tokenizers import Tokenizer

from aigc_tui.training.checkpointing import ResumeError, load_checkpoint, load_weights, newest_checkpoint
from aigc_tui.training.corpus import CorpusError, Message
from aigc_tui.training.loop import Run, TrainingError, summed_loss, train_stage
from aigc_tui.training.mixing import Batch, Mixer, to_batch
from aigc_tui.training.optim import make_optimizers
from aigc_tui.training.packing import TokenFile, pack, read_row
from aigc_tui.training.prepare import prepare_source
from aigc_tui.training.recipe import Recipe, RecipeError, Stage, load_recipe
from aigc_tui.training.rendering import Renderer, byte_lengths, special_id
from aigc_tui.training.sampling import continue_ids
from aigc_tui.transformer.causal_lm import CausalLM, initialise
from aigc_tui.transformer.checkpoint import save_model
from aigc_tui.transformer.config import ConfigError, ModelConfig
from aigc_tui.transformer.tokenizer import END_OF_TEXT, PAD, TURN_END

_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")
_REPLY_LIMIT = 80


def pretrain(recipe: Recipe, resume: bool, stop: threading.Event) -> bool:
    """Run all stages of a recipe and write the model folder.

    Args:
        recipe: What to do.
        resume: Go on from the newest checkpoint under ``recipe.work``.
        stop: Set from outside to save and leave.

    Returns:
        True if the run is finished, False if it was stopped.
    """
    torch.set_num_threads(recipe.threads)
    torch.manual_seed(recipe.seed)
    recipe.work.mkdir(parents=True, exist_ok=True)
    tokenizer = load_tokenizer(recipe)
    run = make_run(recipe, tokenizer)
    run.stop = stop.is_set
    if resume:
        run.position = load_checkpoint(recipe.work / "checkpoints", run.model, run.optimizers)
    finished = _stages(run, tokenizer)
    if finished:
        export(run.model, recipe, recipe.out)
    return finished


def load_tokenizer(recipe: Recipe) -> Tokenizer:
    """Load the tokenizer that ``tokenizer_job`` made for a recipe.

    Raises:
        RecipeError: It is not there.
    """
    path = recipe.tokenizer.folder / "tokenizer.json"
    if not path.is_file():
        raise RecipeError(f"{path} is missing: run `aigc-tui model tokenizer` with this recipe first")
    return Tokenizer.from_file(str(path))


def make_run(recipe: Recipe, tokenizer: Tokenizer) -> Run:
    """Make model (fresh weights), optimizers and loss for a recipe."""
    model = CausalLM(model_config(recipe, tokenizer))
    initialise(model, recipe.seed)
    loss = partial(summed_loss, model)
    return Run(
        recipe=recipe,
        model=model,
        optimizers=make_optimizers(model, recipe),
        loss=torch.compile(loss, dynamic=False) if recipe.compile else loss,
        held_out={},
        bytes_of_token=torch.tensor(byte_lengths(tokenizer)),
        say=partial(reply, model, tokenizer),
    )


def model_config(recipe: Recipe, tokenizer: Tokenizer) -> ModelConfig:
    """Fill the recipe's shape with the tokenizer's size and special ids.

    Raises:
        RecipeError: A size is missing, unknown or impossible.
    """
    end, turn_end, pad = (special_id(tokenizer, token) for token in (END_OF_TEXT, TURN_END, PAD))
    try:
        return ModelConfig(
            vocab_size=tokenizer.get_vocab_size(),
            bos_id=end,
            eos_ids=(turn_end, end),
            pad_id=pad,
            **recipe.model,
        )
    except (TypeError, ConfigError) as error:
        raise RecipeError(f"model: {error}") from None


def export(model: CausalLM, recipe: Recipe, folder: Path) -> None:
    """Write the model with its tokenizer as a Hugging Face folder."""
    save_model(model, folder)
    for name in _TOKENIZER_FILES:
        shutil.copyfile(recipe.tokenizer.folder / name, folder / name)


def export_newest(recipe: Recipe, folder: Path) -> None:
    """Write the newest checkpoint of a run as a model folder.

    Raises:
        ResumeError: There is no checkpoint yet.
    """
    tokenizer = load_tokenizer(recipe)
    model = CausalLM(model_config(recipe, tokenizer))
    load_weights(newest_checkpoint(recipe.work / "checkpoints"), model)
    export(model, recipe, folder)


def reply(model: CausalLM, tokenizer: Tokenizer, prompt: str) -> str:
    """Answer one user message without a system prompt, taking the likeliest token each time."""
    renderer = Renderer(tokenizer)
    ids = renderer.render_messages([Message("user", prompt)]).ids[:-1]
    head = renderer.render_messages([Message("assistant", "")]).ids[:-3]
    ends = (renderer.turn_end, renderer.end_of_text)
    return str(tokenizer.decode(continue_ids(model, ids + head, ends, _REPLY_LIMIT)))


def _stages(run: Run, tokenizer: Tokenizer) -> bool:
    for number in range(run.position.stage, len(run.recipe.stages)):
        stage = run.recipe.stages[number]
        prepared = {name: prepare_source(name, run.recipe, tokenizer) for name in stage.mix}
        pad = special_id(tokenizer, PAD)
        run.held_out = {
            n: b for n, p in prepared.items() if (b := _held_out(p.held_out, run.recipe, stage, pad))
        }
        mixer = Mixer(stage, {n: p.train for n, p in prepared.items()}, pad, run.recipe.seed)
        if run.position.mixer is not None:
            mixer.restore(run.position.mixer)
        if not train_stage(run, stage, mixer):
            return False
        at = run.position
        at.stage, at.stage_steps, at.stage_seconds, at.mixer = number + 1, 0, 0.0, None
    return True


def _held_out(file: TokenFile, recipe: Recipe, stage: Stage, pad: int) -> Batch | None:
    spoken = stage.assistant_only
    rows = pack(file.starts, range(len(file.starts) - 1), stage.seq_len, whole=spoken)[: recipe.eval_rows]
    made = [read_row(file, spans, stage.seq_len, pad, spoken) for spans in rows]
    return to_batch(made) if made else None


def main(arguments: list[str]) -> int:
    """Run from the command line; returns the exit code. The last line of stdout is JSON."""
    parser = argparse.ArgumentParser(prog="python -m aigc_tui.training.pretrain", description=__doc__)
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoint")
    parser.add_argument("--export", type=Path, metavar="FOLDER", help="write the newest checkpoint there")
    options = parser.parse_args(arguments)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(ValueError):
            signal.signal(number, lambda *_: stop.set())
    try:
        recipe = load_recipe(options.recipe)
        if options.export is not None:
            export_newest(recipe, options.export)
            return 0
        finished = pretrain(recipe, options.resume, stop)
    except (RecipeError, CorpusError, ResumeError, TrainingError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(json.dumps({"finished": finished, "folder": str(recipe.out) if finished else None}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
