"""`aigc-tui model pretrain`, `tokenizer`, `watch`: make a model in child processes, and draw its curves."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from aigc_tui.cli.errors import CommandError
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, say
from aigc_tui.cli.workspace import Workspace, pass_workspace
from aigc_tui.text import clean

if TYPE_CHECKING:
    from aigc_tui.locale import Translate
    from aigc_tui.training.live import Follower, Words


@click.command(cls=Command)
@click.argument("config", metavar="CONFIG", type=click.Path(path_type=Path))
@click.option("--resume", is_flag=True, help="Continue from the newest checkpoint.")
@click.option("--accept-changes", is_flag=True, help="Resume even if the recipe or the data changed.")
@click.option("--plot", is_flag=True, help="Plot the run instead of printing lines.")
@pass_workspace
def pretrain(workspace: Workspace, config: Path, resume: bool, accept_changes: bool, plot: bool) -> None:
    """Train a model by the recipe CONFIG.

    data/models/starter/recipe.yaml is an example; docs/training.md lists all keys.

    Ctrl-c saves a checkpoint and ends; --resume continues from it.
    """
    from aigc_tui.process.runner import left_to_the_child
    from aigc_tui.training import jobs

    with left_to_the_child():
        if plot:
            _plotted(workspace, config, resume, accept_changes)
        else:
            jobs.pretrain(config, resume, accept_changes, lambda line: say(line.text(workspace.t)))


def _plotted(workspace: Workspace, config: Path, resume: bool, accept_changes: bool) -> None:
    """Train with the curves on the screen. Where no terminal is, they come once, at the end."""
    from aigc_tui.training import jobs
    from aigc_tui.training.live import Follower

    follower, words = Follower(jobs.run_folder(config)), plot_words(workspace.t)
    try:
        if sys.stderr.isatty():
            painter = Painter(sys.stderr, follower, words)
            with other_screen(sys.stderr):
                jobs.pretrain(config, resume, accept_changes, tell=lambda _line: painter.look())
        else:
            jobs.pretrain(config, resume, accept_changes, lambda line: say(line.text(workspace.t)))
    finally:
        follower.look()
        for line in drawn(follower, words):
            say(line)


@click.command(cls=Command)
@click.argument("config", metavar="CONFIG", type=click.Path(path_type=Path))
@pass_workspace
def tokenizer(workspace: Workspace, config: Path) -> None:
    """Train the tokenizer that the recipe CONFIG describes."""
    from aigc_tui.training import jobs

    jobs.train_tokenizer(config, lambda line: say(line.text(workspace.t)))


SECONDS_A_FRAME = 0.1
OTHER_SCREEN, OWN_SCREEN = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
HOME, END_OF_LINE, END_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"
PIPE_SIZE = (80, 30)
"""Columns and lines of a frame that no terminal limits."""


@click.command(cls=Command)
@click.argument("folder", metavar="RUN_FOLDER", type=click.Path(path_type=Path))
@pass_workspace
def watch(workspace: Workspace, folder: Path) -> None:
    """Plot a training run: losses, speed, learning rate. RUN_FOLDER is the recipe's `work` folder.

    On a terminal, follows the run until it ends or ctrl-c is pressed, which never stops the run itself; to a
    pipe, writes one frame.
    """
    from aigc_tui.training.live import Follower

    follower = Follower(folder)
    follower.look()
    if not folder.is_dir():
        raise CommandError("{path} is not a folder; name the `work` folder of a recipe", path=folder)
    words = plot_words(workspace.t)
    if sys.stdout.isatty():
        with other_screen(sys.stdout):
            _follow(follower, words)
    for line in drawn(follower, words):
        data(line)


def _follow(follower: Follower, words: Words) -> None:
    painter = Painter(sys.stdout, follower, words)
    pause = threading.Event()
    while not follower.ended:
        painter.look()
        pause.wait(SECONDS_A_FRAME)


class Painter:
    """Draws a run on a terminal, over its last drawing."""

    def __init__(self, stream: TextIO, follower: Follower, words: Words) -> None:
        self._stream, self._follower, self._words = stream, follower, words
        self._size: tuple[int, int] | None = None
        self._stale = True
        self._drawn_at = 0.0

    def look(self) -> None:
        """Draw if something is new or the terminal has another size, but never two frames at once."""
        columns, lines = shutil.get_terminal_size()
        self._stale |= self._follower.look() or (columns, lines) != self._size
        now = time.monotonic()
        if not self._stale or now - self._drawn_at < SECONDS_A_FRAME:
            return
        self._size, self._drawn_at, self._stale = (columns, lines), now, False
        shown = drawn(self._follower, self._words, self._size)
        self._stream.write(HOME + "".join(line + END_OF_LINE + "\r\n" for line in shown) + END_OF_SCREEN)
        self._stream.flush()


@contextmanager
def other_screen(stream: TextIO) -> Iterator[None]:
    """Draw on the terminal's second screen, so that the first comes back as it was. Ctrl-c leaves it."""
    stream.write(OTHER_SCREEN)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        stream.write(OWN_SCREEN)
        stream.flush()


def drawn(follower: Follower, words: Words, size: Sequence[int] | None = None) -> list[str]:
    """Draw a run as lines that no control character of its metrics can leave."""
    from aigc_tui.training.live import frame

    cells, lines = size or PIPE_SIZE
    return [clean(line) for line in frame(follower.rows, words, cells - 1, lines - 1)]


def plot_words(t: Translate) -> Words:
    """What stands beside the curves, in the user's language."""
    from aigc_tui.training.live import Words

    return Words(
        waiting=t("plot.waiting"),
        loss=t("plot.loss"),
        held_out=t("plot.held_out"),
        speed=t("plot.speed"),
        rate=t("plot.rate"),
        minutes_left=t("plot.minutes_left"),
        ended=t("plot.ended"),
    )
