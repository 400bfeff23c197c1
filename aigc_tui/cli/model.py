"""`aigc-tui model`: which models there are, getting more, choosing one. Making one is `model_training`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.groups import Group
from aigc_tui.cli.output import emit_json, table
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace

if TYPE_CHECKING:
    from aigc_tui.engine.models import ModelInfo

TRAINING = {
    "pretrain": "aigc_tui.cli.model_training:pretrain",
    "evaluate": "aigc_tui.cli.model_training:evaluate",
    "tokenizer": "aigc_tui.cli.model_training:tokenizer",
}


@click.group(cls=Group, lazy=TRAINING)
def model() -> None:
    """Models: list, look at, add, pull, choose, train, measure.

    M is a name from `model list` or any folder that holds a model.
    """


@model.command("list")
@json_option
@pass_workspace
def list_(workspace: Workspace, as_json: bool) -> None:
    """List the models that can be named."""
    found = workspace.models.list()
    if as_json:
        emit_json([_summary(one) for one in found])
        return
    table([_row(one, chosen=one.name == workspace.settings.model) for one in found])


def _row(one: ModelInfo, *, chosen: bool) -> tuple[str, ...]:
    """A row of the list; a star marks the model that answers."""
    return "*" if chosen else "", one.name, one.kind, one.architecture, _count(one.parameters), str(one.path)


def _summary(one: ModelInfo) -> dict[str, Any]:
    names = ("name", "kind", "path", "architecture", "parameters", "context", "size_bytes")
    return {name: str(value) if isinstance(value := getattr(one, name), Path) else value for name in names}


def _count(number: int) -> str:
    """Word a number of parameters as people do: 7.1M, 1.7B."""
    for size, letter in ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")):
        if number >= size:
            return f"{number / size:.1f}{letter}"
    return str(number) if number else ""
