"""`aigc-tui model pretrain` and `tokenizer`: make a model, in child processes."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import say
from aigc_tui.cli.workspace import Workspace, pass_workspace


@click.command(cls=Command)
@click.argument("config", metavar="CONFIG", type=click.Path(path_type=Path))
@click.option("--resume", is_flag=True, help="Go on from the newest checkpoint.")
@click.option("--accept-changes", is_flag=True, help="Resume although recipe or data were changed.")
@click.option("--plot", is_flag=True, help="Draw the run instead of telling of it in lines.")
@pass_workspace
def pretrain(workspace: Workspace, config: Path, resume: bool, accept_changes: bool, plot: bool) -> None:
    """Train a model by the recipe CONFIG.

    data/models/starter/recipe.yaml is one, docs/training.md tells all keys.

    Ctrl-c saves a checkpoint and ends; --resume goes on from there.
    """
    from aigc_tui.training import jobs

    with jobs.left_to_the_child():
        if plot:
            _plotted(workspace, config, resume, accept_changes)
        else:
            jobs.pretrain(config, resume, accept_changes)


def _plotted(workspace: Workspace, config: Path, resume: bool, accept_changes: bool) -> None:
    """Train with the curves on the screen. Where no terminal is, they come once, at the end."""
    from aigc_tui.cli.model_watch import Painter, drawn, other_screen, plot_words
    from aigc_tui.training import jobs
    from aigc_tui.training.live import Follower

    follower, words = Follower(jobs.run_folder(config)), plot_words(workspace.t)
    try:
        if sys.stderr.isatty():
            painter = Painter(sys.stderr, follower, words)
            with other_screen(sys.stderr):
                jobs.pretrain(config, resume, accept_changes, tell=lambda _line: painter.look())
        else:
            jobs.pretrain(config, resume, accept_changes)
    finally:
        follower.look()
        for line in drawn(follower, words):
            say(line)


@click.command(cls=Command)
@click.argument("config", metavar="CONFIG", type=click.Path(path_type=Path))
def tokenizer(config: Path) -> None:
    """Train the tokenizer that the recipe CONFIG describes."""
    from aigc_tui.training import jobs

    jobs.train_tokenizer(config)
