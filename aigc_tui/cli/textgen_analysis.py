"""`aigc-tui textgen vectors` and `similarity`: what a model makes of texts."""

from __future__ import annotations

from pathlib import Path

import click

from aigc_tui.cli.errors import CommandError, WrongUsage
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json, table
from aigc_tui.cli.textgen import folder_of
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace

_TEXTS = click.option(
    "--texts", type=click.Path(path_type=Path), required=True, metavar="FILE", help="The texts, one a line."
)


@click.command(cls=Command)
@click.argument("name", metavar="M")
@_TEXTS
@click.option("--dimensions", default=2, show_default=True, help="Of the map; 0: the vectors themselves.")
@click.option(
    "--method", type=click.Choice(["pca", "tsne"]), default="pca", show_default=True, help="How to map them."
)
@json_option
@pass_workspace
def vectors(
    workspace: Workspace, name: str, texts: Path, dimensions: int, method: str, as_json: bool
) -> None:
    """Print a vector for each text: the mean of the model's last hidden states, mapped to few numbers."""
    from aigc_tui.course.textgen import jobs

    _require(texts)
    if not 0 <= dimensions <= 100:
        raise WrongUsage("--dimensions: {value} is not valid; use 0 to 100", value=dimensions)
    asked = {
        "do": "vectors",
        "model": folder_of(workspace, name),
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
    """Rank the texts of FILE by how alike they are to TEXT, the most alike first: cosines, -1 to 1."""
    from aigc_tui.course.textgen import jobs

    _require(texts)
    model = folder_of(workspace, name)
    asked = {"do": "similarity", "model": model, "text": text, "texts": {"path": str(texts)}}
    found = list(jobs.events(asked))
    if as_json:
        emit_json(found)
    else:
        table([(f"{row['cosine']:+.4f}", row["text"]) for row in found])


def _require(file: Path) -> None:
    if not file.is_file():
        raise CommandError(f"{file}: there is no such file")
