"""`aigc-tui textgen train` and `reset`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from aigc_tui.cli.errors import WrongUsage, require_file
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json, say
from aigc_tui.cli.terminal import Narrator
from aigc_tui.cli.textgen import show_sheet
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace

_NEW_ONLY = ("level", "layers", "width", "heads", "context", "max_words")


@click.command(cls=Command)
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="File of texts, in UTF-8.",
)
@click.option(
    "--layout",
    type=click.Choice(["lines", "csv", "large"]),
    default="lines",
    show_default=True,
    help="One text per line; a table with texts in the first column; or one large text.",
)
@click.option(
    "--delimiter", default=",", metavar="C", help="Cell delimiter of a table; `tab` for a tab character."
)
@click.option("--header", is_flag=True, help="Skip the first line, which is a header.")
@click.option("--labels", is_flag=True, help="The table's second column holds labels.")
@click.option("--base", metavar="M", help="Continue training this model instead of a new one.")
@click.option(
    "--level", type=click.Choice(["char", "word"]), default="char", show_default=True, help="Unit of a token."
)
@click.option("--layers", default=4, show_default=True, help="Layers of a new model.")
@click.option("--width", default=128, show_default=True, help="Width of a new model.")
@click.option("--heads", default=4, show_default=True, help="Attention heads of a new model.")
@click.option("--context", default=256, show_default=True, help="Context length of a new model in tokens.")
@click.option(
    "--max-words", default=10_000, show_default=True, help="Maximum vocabulary size of a new model."
)
@click.option("--epochs", default=20, show_default=True, help="Number of epochs.")
@click.option("--batch-size", default=8, show_default=True, help="Maximum number of rows per step.")
@click.option("--gen-epochs", default=5, show_default=True, help="Print samples every N epochs; 0: never.")
@click.option(
    "--train-share", default=1.0, show_default=True, help="Share of texts to train on; the rest is held out."
)
@click.option("--dropout", default=0.0, show_default=True, help="Share of input tokens that are masked.")
@click.option("--save-epochs", default=0, show_default=True, help="Save a copy every N epochs; 0: never.")
@click.option(
    "--learning-rate", type=float, help="Peak learning rate; default: 0.002, or 0.0003 with --base."
)
@click.option(
    "--keep-last", is_flag=True, help="Keep the last epoch, not the best one on the held-out texts."
)
@click.option("--seed", default=0, show_default=True, help="Random seed of weights, order and samples.")
@click.option("--force", is_flag=True, help="Replace the text generator at OUT.")
@json_option
@pass_workspace
def train(workspace: Workspace, /, out: Path, as_json: bool, **chosen: Any) -> None:
    """Train a text generator on the texts of FILE and save it to the folder OUT.

    Ctrl-c ends the training early and keeps the result.
    """
    from aigc_tui.process.runner import left_to_the_child

    request = _request(workspace, out, chosen)
    with left_to_the_child():
        done = _follow(workspace, request)
    if as_json:
        emit_json(done)
        return
    say(workspace.t("textgen.kept", epoch=done["kept"], count=len(done["epochs"])))
    data(str(out))


def _request(workspace: Workspace, out: Path, chosen: dict[str, Any]) -> dict[str, Any]:
    source: Path = chosen.pop("source")
    require_file(source)
    base = chosen.pop("base")
    new = {name: chosen.pop(name) for name in _NEW_ONLY}
    if base is not None:
        _refuse_new_options()
    delimiter = chosen.pop("delimiter")
    texts = {name: chosen.pop(name) for name in ("layout", "header", "labels")}
    keep_last, replace = chosen.pop("keep_last"), chosen.pop("force")
    return {
        "do": "train",
        "out": str(out.absolute()),
        "texts": {**texts, "path": str(source), "delimiter": "\t" if delimiter == "tab" else delimiter},
        "base": str(workspace.local_model(base)) if base is not None else None,
        "level": new.pop("level"),
        "max_words": new.pop("max_words"),
        "shape": new,
        "replace": replace,
        "options": {**chosen, "keep_best": not keep_last},
    }


def _refuse_new_options() -> None:
    context = click.get_current_context()
    for name in _NEW_ONLY:
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            option = "--" + name.replace("_", "-")
            raise WrongUsage("{option} is for a new model; --base has its own", option=option)


def _follow(workspace: Workspace, request: dict[str, Any]) -> dict[str, Any]:
    from aigc_tui.course.textgen import jobs

    narrator = Narrator(workspace.t, plain=workspace.settings.plain)
    done: dict[str, Any] = {}
    try:
        for answer in jobs.events(request):
            match answer:
                case {"step": step, "total": total}:
                    narrator.step(workspace.t("textgen.training"), step, total)
                case {"epoch": epoch}:
                    narrator.quiet()
                    say(_epoch_line(workspace, epoch))
                case {"samples": _, "sheet": sheet}:
                    narrator.quiet()
                    show_sheet(workspace, sheet, say)
                case {"done": ended}:
                    done = ended
    finally:
        narrator.quiet()
    return done


def _epoch_line(workspace: Workspace, epoch: dict[str, Any]) -> str:
    named = {"number": epoch["number"], "total": epoch["total"], "loss": f"{epoch['loss']:.3f}"}
    if epoch["held_out"] is None:
        return workspace.t("textgen.epoch", **named)
    return workspace.t("textgen.epoch_measured", **named, held_out=f"{epoch['held_out']:.3f}")


@click.command(cls=Command)
@click.argument("name", metavar="M")
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@click.option("--seed", default=0, show_default=True, help="Random seed of the new weights.")
@click.option("--force", is_flag=True, help="Replace the text generator at OUT, which may be M.")
@pass_workspace
def reset(workspace: Workspace, name: str, out: Path, seed: int, force: bool) -> None:
    """Create an untrained generator with M's shape and vocabulary in the folder OUT."""
    from aigc_tui.course.textgen import jobs

    model = str(workspace.local_model(name))
    asked = {"do": "reset", "model": model, "out": str(out.absolute()), "seed": seed, "replace": force}
    for _ in jobs.events(asked):
        data(str(out))
