"""`aigc-tui model pretrain`, `tokenizer` and `evaluate`: make and measure a model, in child processes."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import click

from aigc_tui.cli.errors import CommandFailed
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace


@click.command(cls=Command)
@click.argument("config", metavar="CONFIG", type=click.Path(path_type=Path))
@click.option("--resume", is_flag=True, help="Go on from the newest checkpoint.")
def pretrain(config: Path, resume: bool) -> None:
    """Train a model from nothing by the recipe CONFIG; data/recipes/starter.yaml is one.

    Ctrl-c saves a checkpoint and ends; --resume goes on from there.
    """
    from aigc_tui.training import jobs

    with _left_to_the_child():
        jobs.pretrain(config, resume)


@click.command(cls=Command)
@click.argument("config", metavar="CONFIG", type=click.Path(path_type=Path))
def tokenizer(config: Path) -> None:
    """Train the tokenizer that the recipe CONFIG describes."""
    from aigc_tui.training import jobs

    jobs.train_tokenizer(config)


@click.command(cls=Command)
@click.argument("name", metavar="M")
@click.option(
    "--text",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Plain text, or JSONL with `text` or `messages`, told by its first line.",
)
@json_option
@pass_workspace
def evaluate(workspace: Workspace, name: str, text: Path, as_json: bool) -> None:
    """Measure how well a model predicts a text: bits per byte, lower is better."""
    from aigc_tui.engine.folder import inspect_folder
    from aigc_tui.training import jobs

    spec = workspace.models.resolve(workspace.model_name(name))
    if spec.kind != "local":
        raise CommandFailed(
            f"{name} is on a server, which keeps its probabilities to itself; name a local one"
        )
    if not text.is_file():
        raise CommandFailed(f"{text}: there is no such file")
    # The same gate as in front of a reply: a configuration that names code never reaches transformers.
    inspect_folder(Path(spec.path))
    report = jobs.evaluate(Path(spec.path), text)
    if as_json:
        emit_json(asdict(report))
    else:
        for key, value in asdict(report).items():
            data(f"{key}: {value}")


@contextmanager
def _left_to_the_child() -> Iterator[None]:
    """Let ctrl-c be the training process's alone: it saves a checkpoint, and this process waits for it."""
    before = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
