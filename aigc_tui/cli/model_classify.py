"""`aigc-tui model classify`, `tune-classifier` and `tune-soft-prompt`: sort texts, and learn to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from aigc_tui.cli.errors import CommandError, WrongUsage, require_file
from aigc_tui.cli.groups import Command
from aigc_tui.cli.numbers import NumberRange
from aigc_tui.cli.output import emit_json, fields, say, table
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.message import Message

_PATH = click.Path(path_type=Path)
_TEMPLATE = "Template of the question; contains {text}, ends with {label}."


def _labels(_context: click.Context, _parameter: click.Parameter, said: str) -> list[str]:
    return [label.strip() for label in said.split(",")] if said else []


@click.command(cls=Command)
@click.argument("name", metavar="M")
@click.argument("text", metavar="[TEXT]", required=False, default="")
@click.option("--labels", callback=_labels, default="", metavar="A,B,C", help="Comma-separated labels.")
@click.option("--template", metavar="T", help=_TEMPLATE)
@click.option("--examples", type=_PATH, metavar="FILE", help="Labelled examples to show the model first.")
@click.option("--soft-prompt", type=_PATH, metavar="FILE", help="Soft prompt from `model tune-soft-prompt`.")
@json_option
@pass_workspace
def classify(workspace: Workspace, /, name: str, text: str, as_json: bool, **given: Any) -> None:
    """Classify TEXT (or stdin): print each label with its probability.

    M is a folder from `model tune-classifier`, which knows its labels, or any language model, which is asked
    through a template (A=WORDS: it answers WORDS for the label A).
    """
    from aigc_tui.course.classification import jobs

    text = text or ("" if sys.stdin.isatty() else sys.stdin.read())
    if not text.strip():
        raise WrongUsage("give a TEXT, as an argument or on stdin")
    for file in (given["examples"], given["soft_prompt"]):
        if file is not None:
            require_file(file)
    answer = jobs.classify({"model": workspace.local_model(name), "text": text, **given}, _narrate(workspace))
    if as_json:
        emit_json(answer)
    else:
        table([(f"{100 * chance:.1f}%", label) for label, chance in answer["chances"].items()])


@click.command("tune-classifier", cls=Command)
@click.argument("examples", metavar="DATA", type=_PATH)
@click.option(
    "-o", "--output", "out", type=_PATH, required=True, metavar="DIR", help="Where to write the result."
)
@click.option(
    "-m", "--model", default="", metavar="M", help="Model to start from; default: the model of the settings."
)
@click.option("--steps", type=click.IntRange(1), metavar="N", help="Training steps; default: 300.")
@click.option("--rows", type=click.IntRange(1), metavar="N", help="Texts per step; default: 16.")
@click.option(
    "--learning-rate",
    type=NumberRange(0, 10, min_open=True),
    metavar="X",
    help="Learning rate; default: 0.0005.",
)
@click.option("--head-only", is_flag=True, help="Train the new layer only: faster, less accurate.")
@click.option(
    "--pooling",
    type=click.Choice(["last", "mean"]),
    help="Hidden state that represents a text; default: mean.",
)
@click.option("--seed", type=int, metavar="N", help="Random seed; default: 0.")
@json_option
@pass_workspace
def tune_classifier(workspace: Workspace, /, examples: Path, model: str, as_json: bool, **given: Any) -> None:
    """Train a classifier on DATA, JSON lines with "text" and "label"; a tenth is held out for evaluation.

    Ctrl-c ends the training early and keeps the result.
    """
    from aigc_tui.course.classification import jobs

    require_file(examples)
    if given["out"].exists() and (not given["out"].is_dir() or any(given["out"].iterdir())):
        raise CommandError("{path} exists; name a new folder", path=given["out"])
    request = {"data": examples, "model": workspace.local_model(model), **given}
    _report(workspace, jobs.tune_classifier(request, _narrate(workspace)), as_json)


@click.command("tune-soft-prompt", cls=Command)
@click.argument("examples", metavar="DATA", type=_PATH)
@click.option(
    "-o", "--output", "out", type=_PATH, required=True, metavar="FILE", help="Where to write the result."
)
@click.option(
    "-m",
    "--model",
    default="",
    metavar="M",
    help="Model that will use it; default: the model of the settings.",
)
@click.option(
    "--labels",
    callback=_labels,
    default="",
    metavar="A=WORDS,B",
    help="Comma-separated labels; A=WORDS: M answers WORDS for A.",
)
@click.option("--template", metavar="T", help=_TEMPLATE)
@click.option("--vectors", type=click.IntRange(1, 512), metavar="N", help="Number of vectors; default: 16.")
@click.option("--steps", type=click.IntRange(1), metavar="N", help="Training steps; default: 300.")
@click.option("--rows", type=click.IntRange(1), metavar="N", help="Texts per step; default: 16.")
@click.option(
    "--learning-rate",
    type=NumberRange(0, 10, min_open=True),
    metavar="X",
    help="Learning rate; default: 0.02.",
)
@click.option("--seed", type=int, metavar="N", help="Random seed; default: 0.")
@json_option
@pass_workspace
def tune_soft_prompt(
    workspace: Workspace, /, examples: Path, model: str, as_json: bool, **given: Any
) -> None:
    """Train a soft prompt: vectors that make a model classify texts as in DATA.

    DATA holds JSON lines with "text" and "label"; a tenth is held out for evaluation. The model itself stays
    unchanged. Ctrl-c ends the training early and keeps the result.
    """
    from aigc_tui.course.classification import jobs

    require_file(examples)
    if given["out"].exists():
        raise CommandError("{path} exists; name a new file", path=given["out"])
    request = {"data": examples, "model": workspace.local_model(model), **given}
    _report(workspace, jobs.tune_soft_prompt(request, _narrate(workspace)), as_json)


def _narrate(workspace: Workspace) -> Callable[[Message], None]:
    return lambda line: say(line.text(workspace.t))


def _report(workspace: Workspace, answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        emit_json(answer)
        return
    fields(workspace.t, answer)
