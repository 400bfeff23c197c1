"""`aigc-tui textgen`: write with small text generators, alone or together, and look at their vectors.

The work is done in child processes. In `interactive`, offers and questions go to stderr, the text to stdout.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from aigc_tui.cli.errors import BadValue, WrongUsage, require_file
from aigc_tui.cli.groups import Command, Group
from aigc_tui.cli.output import data, emit_json, say, table
from aigc_tui.cli.terminal import LineReader
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace

PARTS = {
    "train": "aigc_tui.cli.textgen_training:train",
    "reset": "aigc_tui.cli.textgen_training:reset",
    "interactive": "aigc_tui.cli.textgen:interactive",
    "vectors": "aigc_tui.cli.textgen:vectors",
    "similarity": "aigc_tui.cli.textgen:similarity",
}


class Temperatures(click.ParamType[tuple[float, ...]]):
    """One temperature, or several between commas."""

    name = "T[,T...]"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, ...]:
        if isinstance(value, tuple):
            return value
        try:
            return tuple(float(part) for part in str(value).split(","))
        except ValueError:
            raise BadValue(
                "'{value}' is not a number or a comma-separated list of numbers", value=value
            ) from None


def style_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the sampling options; `style_of` reads them."""
    for option in (
        click.option(
            "--seed", default=0, show_default=True, help="Random seed: the same seed gives the same texts."
        ),
        click.option(
            "--stop", multiple=True, metavar="TEXT", help="End a text before this string; may be repeated."
        ),
        click.option(
            "--top-k", default=0, help="Sample from this many of the most likely tokens; 0: from all."
        ),
        click.option("--max-length", default=300, show_default=True, help="Maximum tokens per text."),
        click.option("--prefix", default="", help="Start of each text."),
        click.option("-n", "number", default=1, show_default=True, help="Number of texts."),
    ):
        command = option(command)
    return command


def style_of(chosen: dict[str, Any], temperature: tuple[float, ...] = (0.5,)) -> dict[str, Any]:
    """Take the sampling options out of what a command was given."""
    names = ("max_length", "top_k", "stop", "seed")
    return {"temperature": temperature, **{name: chosen.pop(name) for name in names}}


@click.group(cls=Group, lazy=PARTS)
def textgen() -> None:
    """Text generators: train a small model on your texts and generate with it.

    M is a folder made by `textgen train`, or any model of `model list`.
    """


@textgen.command()
@click.argument("name", metavar="M")
@style_options
@click.option(
    "--temperature",
    type=Temperatures(),
    default="0.5",
    show_default=True,
    help="Temperature; several are cycled by position.",
)
@click.option("--label", default="", help="Label, for a model trained with labels.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="F",
    help="Write to this file, one text per line.",
)
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
    """Generate texts; each is printed when it is ready."""
    request = {
        "do": "generate",
        "model": str(workspace.local_model(name)),
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
    "--temperatures",
    type=Temperatures(),
    default="0.2,0.5,1.0",
    show_default=True,
    help="Temperatures to compare.",
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
    """Generate texts at several temperatures, to compare them."""
    from aigc_tui.course.textgen import jobs

    request = {
        "do": "samples",
        "model": str(workspace.local_model(name)),
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
    "--temperature",
    type=Temperatures(),
    default="0.5",
    show_default=True,
    help="Temperature, as in `generate`.",
)
@click.option(
    "--turn", multiple=True, metavar="TEXT", help="String that ends a turn; default: space and line break."
)
@click.option("--shuffle", is_flag=True, help="Choose the next model at random instead of in turn.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="F",
    help="Write to this file, one text per line.",
)
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
    """Generate texts by several models that take turns."""
    request = {
        "do": "synthesize",
        "models": [str(workspace.local_model(name)) for name in names],
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
    from aigc_tui.cli.terminal import Narrator
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


_TEXTS = click.option(
    "--texts",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="File of texts, one per line.",
)


@click.command(cls=Command)
@click.argument("name", metavar="M")
@_TEXTS
@click.option(
    "--dimensions",
    default=2,
    show_default=True,
    help="Dimensions of the projection; 0: the vectors themselves.",
)
@click.option(
    "--method",
    type=click.Choice(["pca", "tsne"]),
    default="pca",
    show_default=True,
    help="Projection method.",
)
@json_option
@pass_workspace
def vectors(
    workspace: Workspace, name: str, texts: Path, dimensions: int, method: str, as_json: bool
) -> None:
    """Print a vector for each text: the mean of the last hidden states, projected to few dimensions."""
    from aigc_tui.course.textgen import jobs

    require_file(texts)
    if not 0 <= dimensions <= 100:
        raise WrongUsage("--dimensions: {value} is not valid; use 0 to 100", value=dimensions)
    asked = {
        "do": "vectors",
        "model": str(workspace.local_model(name)),
        "texts": {"path": str(texts)},
        "dimensions": dimensions,
        "method": method,
    }
    found = list(jobs.events(asked))
    if as_json:
        emit_json(found)
    else:
        for row in found:
            data("\t".join([*(f"{value:.4f}" for value in row["vector"]), row["text"]]))


@click.command(cls=Command)
@click.argument("name", metavar="M")
@click.argument("text", metavar="TEXT")
@_TEXTS
@json_option
@pass_workspace
def similarity(workspace: Workspace, name: str, text: str, texts: Path, as_json: bool) -> None:
    """Rank the texts of FILE by cosine similarity to TEXT, most similar first."""
    from aigc_tui.course.textgen import jobs

    require_file(texts)
    model = str(workspace.local_model(name))
    asked = {"do": "similarity", "model": model, "text": text, "texts": {"path": str(texts)}}
    found = list(jobs.events(asked))
    if as_json:
        emit_json(found)
    else:
        table([(f"{row['cosine']:+.4f}", row["text"]) for row in found])


STOP, BACK, OWN = "s", "x", "o"


@click.command(cls=Command)
@click.argument("name", metavar="M")
@click.option("--top", default=3, show_default=True, help="Number of candidates offered.")
@click.option("--prefix", default="", help="Start of the text.")
@click.option("--label", default="", help="Label, for a model trained with labels.")
@click.option("--temperature", default=1.0, show_default=True, help="Temperature of the probabilities shown.")
@json_option
@pass_workspace
def interactive(workspace: Workspace, /, name: str, as_json: bool, **asked: Any) -> None:
    """Write a text together: pick a number, `x` to step back, `o` to type your own words, `s` to stop."""
    from aigc_tui.course.textgen import jobs

    first = {"do": "interactive", "model": str(workspace.local_model(name)), **asked}
    with jobs.conversation(first) as talk:
        text = _Desk(workspace, talk).run()
    if as_json:
        emit_json({"text": text})
    else:
        data(text)


class _Desk:
    def __init__(self, workspace: Workspace, talk: Any) -> None:
        self._t, self._talk = workspace.t, talk
        self._reader = LineReader(self._t("textgen.choose"), self._t("textgen.how_to_stop"))
        self._own = LineReader(self._t("textgen.own"), self._t("textgen.how_to_stop"))

    def run(self) -> str:
        state: dict[str, Any] = next(self._talk.answers(), {})
        say(self._t("textgen.help"))
        while not state.get("ended"):
            self._show(state)
            request = self._wish()
            if request is None:
                break
            state = self._talk.ask(request)
            self._tell(state)
        return str(state.get("text", ""))

    def _show(self, state: dict[str, Any]) -> None:
        say(f"> {state['text']}")
        for number, choice in enumerate(state["choices"], 1):
            piece = self._t("textgen.end") if choice["ends"] else repr(choice["text"])
            say(f"  {number}  {100 * choice['probability']:5.1f}%  {piece}")

    def _wish(self) -> dict[str, Any] | None:
        while (line := self._reader.read()) is not None:
            wish = line.strip().lower()
            if wish == STOP:
                return None
            if wish == BACK:
                return {"back": 1}
            if wish == OWN:
                return {"own": self._own.read() or ""}
            if wish.isdecimal() and len(wish) < 4:
                return {"pick": int(wish)}
            say(self._t("textgen.help"))
        return None

    def _tell(self, state: dict[str, Any]) -> None:
        match state.get("problem"):
            case "start":
                say(self._t("textgen.at_start"))
            case "number":
                say(self._t("textgen.no_such_number"))
