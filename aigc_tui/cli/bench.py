"""`aigc-tui bench`: run one of the repository's measurements.

Why it exists: numbers in the documentation must be repeatable by anyone. A benchmark is a process of its own,
since some of them measure how a process starts, and others load what this one must never import.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

import aigc_tui
from aigc_tui.cli.errors import DONE, FAILED, CommandError
from aigc_tui.cli.groups import Command

NAMES = (
    "first-frame",
    "stream",
    "search",
    "turn",
    "train",
    "objectives",
    "corpus-build",
    "quiz",
    "quiz-checks",
    "quiz-grading",
    "quiz-stems",
    "grammar",
)


@click.command(cls=Command, context_settings={"ignore_unknown_options": True})
@click.argument("name", type=click.Choice(NAMES), metavar="NAME")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENTS]...")
@click.pass_context
def bench(context: click.Context, name: str, arguments: tuple[str, ...]) -> None:
    """Measure speed, memory, learning and the rules for questions.

    Speed: first-frame, stream, search, turn, train, quiz, grammar. Memory: corpus-build. Learning:
    objectives. Questions and grading of answers: quiz-checks, quiz-grading, quiz-stems.

    Prints ratios with their spread and writes JSON to bench/results. ARGUMENTS go to the measurement; `--
    --help` shows those that it knows. Needs the repository: an installed wheel carries no benchmarks.
    """
    module = f"bench.{name.replace('-', '_')}"
    root = repository()
    path = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    # -P: nothing in the current folder may stand in for a module of ours.
    command = [sys.executable, "-P", "-m", module, *arguments]
    context.exit(FAILED if subprocess.call(command, env={**os.environ, "PYTHONPATH": path}) else DONE)


def repository() -> Path:
    """Find the folder that holds bench/.

    Raises:
        CommandError: The program runs from an installed wheel.
    """
    root = Path(aigc_tui.__file__).resolve().parent.parent
    if not (root / "bench" / "__init__.py").is_file():
        raise CommandError("{path}: no bench folder here; run this in a clone of the repository", path=root)
    return root
