"""Start training as a process of its own, for the command line and the screens; never imports torch."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from aigc_tui.message import Message, message
from aigc_tui.process import runner
from aigc_tui.process.messages import JobError

_CAUSAL = "training.pretrain"
_SAVING_SECONDS = 60.0
"""How long a training that is told to end may take to write its checkpoint."""


def pretrain(
    config: Path,
    resume: bool,
    accept_changes: bool = False,
    tell: Callable[[Message], None] | None = None,
) -> int:
    """Train a model by a recipe, to the end or until interrupted; the answer goes to stdout.

    Args:
        config: The recipe.
        resume: Go on from the newest checkpoint.
        accept_changes: Go on although recipe or data are not what they were.
        tell: Takes each line of the job's narration; None prints it to stderr.

    Returns:
        0.

    Raises:
        JobError: The recipe is wrong or the run failed.
    """
    asked = {"--resume": resume, "--accept-changes": accept_changes}
    flags = [name for name, on in asked.items() if on]
    print(json.dumps(_run(module_of(config), config, *flags, tell=tell)))
    return 0


def run_folder(config: Path) -> Path:
    """Return where a recipe's run keeps its metrics.

    Raises:
        JobError: The recipe is wrong.
    """
    from aigc_tui.training.recipe import RecipeError, load_recipe

    try:
        return load_recipe(config).work
    except RecipeError as error:
        raise JobError("{error}", error=error) from None


def module_of(config: Path) -> str:
    """Return the module that trains a recipe's objective; what is wrong with a recipe that module says."""
    from aigc_tui.training.recipe import MASKED_LM, RecipeError, load_recipe

    try:
        masked = load_recipe(config).objective == MASKED_LM
    except RecipeError:
        return _CAUSAL
    return "course.masked_lm" if masked else _CAUSAL


def train_tokenizer(config: Path, tell: Callable[[Message], None] | None = None) -> int:
    """Train the tokenizer of a recipe.

    Args:
        config: The recipe.
        tell: Takes each line of the job's narration; None prints it to stderr.

    Returns:
        0.

    Raises:
        JobError: The recipe is wrong or the corpus cannot be read.
    """
    module = module_of(config)
    if module == _CAUSAL:
        _run("training.tokenizer_job", config, tell=tell)
    else:
        _run(module, config, "--tokenizer", tell=tell)
    return 0


def _run(module: str, config: Path, *flags: str, tell: Callable[[Message], None] | None) -> object:
    return runner.run(
        module,
        str(config),
        *flags,
        name=message("the training"),
        note=tell or _to_stderr,
        ctrl_c=True,
        grace=_SAVING_SECONDS,
    )


def _to_stderr(line: Message) -> None:
    print(line, file=sys.stderr, flush=True)
