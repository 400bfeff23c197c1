"""`aigc-tui textgen`: train small text generators and write with them. The work is done in child processes.

What needs a keyboard is in `textgen_interactive`; training and analysis have modules of their own, too.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from aigc_tui.cli.errors import BadValue, CommandError
from aigc_tui.cli.groups import Group
from aigc_tui.cli.output import data, emit_json, say
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace

PARTS = {
    "train": "aigc_tui.cli.textgen_training:train",
    "reset": "aigc_tui.cli.textgen_training:reset",
    "interactive": "aigc_tui.cli.textgen_interactive:interactive",
    "vectors": "aigc_tui.cli.textgen_analysis:vectors",
    "similarity": "aigc_tui.cli.textgen_analysis:similarity",
}


class Temperatures(click.ParamType[tuple[float, ...]]):
    """One temperature, or several between commas."""

    name = "T[,T...]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        """Read the numbers."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(float(part) for part in str(value).split(","))
        except ValueError:
            raise BadValue(
                "'{value}' is not a number or a comma-separated list of numbers", value=value
            ) from None


def style_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of how to write; :func:`style_of` takes them up."""
    for option in (
        click.option("--seed", default=0, show_default=True, help="Of the draws: the same, the same texts."),
        click.option(
            "--stop", multiple=True, metavar="TEXT", help="End a text before this; may be repeated."
        ),
        click.option("--top-k", default=0, help="Draw from so many likeliest tokens; 0: from all."),
        click.option("--max-length", default=300, show_default=True, help="Most tokens of a text."),
        click.option("--prefix", default="", help="How each text begins."),
        click.option("-n", "number", default=1, show_default=True, help="How many texts."),
    ):
        command = option(command)
    return command


def style_of(chosen: dict[str, Any], temperature: tuple[float, ...] = (0.5,)) -> dict[str, Any]:
    """Take the options of how to write out of what a command was given."""
    names = ("max_length", "top_k", "stop", "seed")
    return {"temperature": temperature, **{name: chosen.pop(name) for name in names}}


def folder_of(workspace: Workspace, name: str) -> str:
    """Find the folder of a model of this machine, and look into it as everywhere before it is loaded.

    Raises:
        CommandError: The model is on a server.
    """
    from aigc_tui.inference.source import inspect_source

    spec = workspace.models.resolve(workspace.model_name(name))
    if spec.kind != "local":
        raise CommandError(f"{name} is on a server; a text generator must be a local model")
    inspect_source(Path(spec.path))
    return str(spec.path)


@click.group(cls=Group, lazy=PARTS)
def textgen() -> None:
    """Text generators: train a small model on your texts, and write with it.

    M is a folder that `textgen train` made, or any model of `model list`.
    """


@textgen.command()
@click.argument("name", metavar="M")
@style_options
@click.option(
    "--temperature",
    type=Temperatures(),
    default="0.5",
    show_default=True,
    help="Several are cycled by position.",
)
@click.option("--label", default="", help="Of what kind, for a model trained with labels.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="F", help="Into a file, one a line.")
@json_option
@pass_workspace
def generate(
    workspace: Workspace,
    /,
    name: str,
    number: int,
    prefix: str,
    label: str,
    temperature: tuple[float, ...],
    output: Path | None,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Write texts; each is printed when it is ready."""
    request = {
        "do": "generate",
        "model": folder_of(workspace, name),
        "n": number,
        "prefix": prefix,
        "label": label,
        "style": style_of(chosen, temperature),
    }
    _write(workspace, request, output, as_json)


@textgen.command()
@click.argument("name", metavar="M")
@style_options
@click.option(
    "--temperatures", type=Temperatures(), default="0.2,0.5,1.0", show_default=True, help="Which to compare."
)
@json_option
@pass_workspace
def samples(
    workspace: Workspace,
    /,
    name: str,
    number: int,
    prefix: str,
    temperatures: tuple[float, ...],
    as_json: bool,
    **chosen: Any,
) -> None:
    """Write texts at several temperatures, to compare them."""
    from aigc_tui.course.textgen import jobs

    request = {
        "do": "samples",
        "model": folder_of(workspace, name),
        "n": number,
        "temperatures": temperatures,
        "prefix": prefix,
        "style": style_of(chosen),
    }
    sheet = next(jobs.events(request), {}).get("sheet", [])
    if as_json:
        emit_json(sheet)
    else:
        show_sheet(workspace, sheet, data)


@textgen.command()
@click.argument("names", metavar="M M...", nargs=-1, required=True)
@style_options
@click.option(
    "--temperature", type=Temperatures(), default="0.5", show_default=True, help="As in `generate`."
)
@click.option(
    "--turn", multiple=True, metavar="TEXT", help="Where a turn ends; default: space and line break."
)
@click.option("--shuffle", is_flag=True, help="Draw who is next instead of going round.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="F", help="Into a file, one a line.")
@json_option
@pass_workspace
def synthesize(
    workspace: Workspace,
    /,
    names: tuple[str, ...],
    number: int,
    prefix: str,
    temperature: tuple[float, ...],
    turn: tuple[str, ...],
    shuffle: bool,
    output: Path | None,
    as_json: bool,
    **chosen: Any,
) -> None:
    """Write texts by several models that take turns."""
    request = {
        "do": "synthesize",
        "models": [folder_of(workspace, name) for name in names],
        "n": number,
        "prefix": prefix,
        "style": style_of(chosen, temperature),
        "stops": turn or (" ", "\n"),
        "shuffle": shuffle,
    }
    _write(workspace, request, output, as_json)


def show_sheet(workspace: Workspace, sheet: list[dict[str, Any]], show: Callable[[str], None]) -> None:
    """Print samples by temperature."""
    for row in sheet:
        show(workspace.t("textgen.temperature", temperature=row["temperature"]))
        for text in row["texts"]:
            show(f"  {text}")


def _write(workspace: Workspace, request: dict[str, Any], output: Path | None, as_json: bool) -> None:
    """Print the texts that a child writes, or let it write them to a file."""
    from aigc_tui.course.textgen import jobs

    if output is not None:
        _write_file(workspace, {**request, "out": str(output.absolute())}, output, as_json)
        return
    found = (answer["written"] for answer in jobs.events(request) if "written" in answer)
    if as_json:
        emit_json(list(found))
    else:
        for written in found:
            data(written["text"])


def _write_file(workspace: Workspace, request: dict[str, Any], output: Path, as_json: bool) -> None:
    from aigc_tui.cli.narrator import Narrator
    from aigc_tui.course.textgen import jobs

    narrator = Narrator(workspace.t, plain=workspace.settings.plain)
    try:
        for answer in jobs.events(request):
            narrator.step(workspace.t("textgen.writing"), int(answer.get("done", 0)), int(request["n"]))
    finally:
        narrator.quiet()
    if as_json:
        emit_json({"file": str(output), "texts": request["n"]})
    else:
        say(workspace.t("textgen.written", count=request["n"], file=str(output)))
