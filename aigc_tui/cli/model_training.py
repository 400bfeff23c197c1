"""`aigc-tui model pretrain` and `tokenizer`: make a model, in child processes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from aigc_tui.cli.groups import Command


@click.command(cls=Command)
@click.argument("config", metavar="CONFIG", type=click.Path(path_type=Path))
@click.option("--resume", is_flag=True, help="Go on from the newest checkpoint.")
def pretrain(config: Path, resume: bool) -> None:
    """Train a model from nothing by the recipe CONFIG; data/models/starter/recipe.yaml is one.

    Ctrl-c saves a checkpoint and ends; --resume goes on from there.
    """
    from aigc_tui.training import jobs

    with left_to_the_child():
        jobs.pretrain(config, resume)


@click.command(cls=Command)
@click.argument("config", metavar="CONFIG", type=click.Path(path_type=Path))
def tokenizer(config: Path) -> None:
    """Train the tokenizer that the recipe CONFIG describes."""
    from aigc_tui.training import jobs

    jobs.train_tokenizer(config)


@contextmanager
def left_to_the_child() -> Iterator[None]:
    """Let ctrl-c be the training process's alone: it saves a checkpoint, and this process waits for it."""
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
