"""`aigc-tui model`: which models there are, getting more, choosing one. Making one is `model_training`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.groups import Group
from aigc_tui.cli.output import data, emit_json, fields, say, table
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace

if TYPE_CHECKING:
    from aigc_tui.engine.models import ModelInfo

TRAINING = {
    "pretrain": "aigc_tui.cli.model_training:pretrain",
    "evaluate": "aigc_tui.cli.model_evaluate:evaluate",
    "tokenizer": "aigc_tui.cli.model_training:tokenizer",
    "watch": "aigc_tui.cli.model_training:watch",
    "classify": "aigc_tui.cli.model_classify:classify",
    "tune-classifier": "aigc_tui.cli.model_classify:tune_classifier",
    "tune-soft-prompt": "aigc_tui.cli.model_classify:tune_soft_prompt",
    "sample": "aigc_tui.cli.model_sample:sample",
}


@click.group(cls=Group, lazy=TRAINING)
def model() -> None:
    """Models: list, inspect, add, pull, select, train, evaluate.

    M is a name from `model list` or any folder that holds a model.
    """


@model.command("list")
@json_option
@pass_workspace
def list_(workspace: Workspace, as_json: bool) -> None:
    """List the available models."""
    found = workspace.models.list()
    if as_json:
        emit_json([_summary(one) for one in found])
    else:
        table([_row(workspace, one) for one in found])


def _row(workspace: Workspace, one: ModelInfo) -> tuple[str, ...]:
    chosen = one.name == workspace.settings.model
    what = one.problem or f"{one.architecture} {_count(one.parameters)} {one.path}".strip()
    return "*" if chosen else "", one.name, workspace.t(one.kind), what


def _summary(one: ModelInfo) -> dict[str, Any]:
    names = ("name", "kind", "path", "architecture", "parameters", "context", "size_bytes", "problem")
    return {name: getattr(one, name) for name in names}


def _count(number: int) -> str:
    for size, letter in ((1_000_000_000, "B"), (1_000_000, "M"), (1_000, "K")):
        if number >= size:
            return f"{number / size:.1f}{letter}"
    return str(number) if number else ""


@model.command()
@click.argument("name", metavar="M")
@json_option
@pass_workspace
def info(workspace: Workspace, name: str, as_json: bool) -> None:
    """Describe a model without loading it."""
    one = workspace.models.info(workspace.model_name(name))
    shown = {key: getattr(one, key) for key in ("name", "path", "architecture", "parameters", "context")}
    if as_json:
        emit_json(shown)
    else:
        fields(workspace.t, shown)


@model.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", default="", metavar="NAME", help="Name of the model; default: the folder's name.")
@click.option("--copy", is_flag=True, help="Copy it into the home folder, so that DIR can be removed.")
@pass_workspace
def add(workspace: Workspace, folder: Path, name: str, copy: bool) -> None:
    """Add a Hugging Face model folder under a name. It must hold safetensors weights."""
    from aigc_tui.engine.models import converses

    mute = not converses(folder.expanduser())
    added = workspace.models.add(folder, name, copy)
    say(workspace.t("cli.model_added", name=added.name, argument=shlex.quote(added.name)))
    if mute:
        say(workspace.t("cli.model_mute", name=added.name))


@model.command()
@click.argument("repo", metavar="ID")
@click.option("--revision", default="main", show_default=True, help="Branch, tag or commit.")
@pass_workspace
def pull(workspace: Workspace, repo: str, revision: str) -> None:
    """Download the model ID (owner/name) from a Hugging Face hub and print its folder.

    Uses the network. An interrupted download is resumed, and every file is verified against its checksum.
    """
    from aigc_tui.cli.terminal import Narrator
    from aigc_tui.engine import hub

    narrator = Narrator(workspace.t, plain=workspace.settings.plain)
    try:
        pulled = hub.pull(
            repo, workspace.paths, revision, lambda done, total, name: narrator.step(name, done, total)
        )
    finally:
        narrator.quiet()
    name = pulled.path.name
    argument = shlex.quote(name)
    say(workspace.t("cli.model_pulled", name=name, argument=argument, revision=pulled.revision))
    data(str(pulled.path))


@model.command()
@click.argument("name", metavar="M")
@pass_workspace
def use(workspace: Workspace, name: str) -> None:
    """Use a model in new conversations."""
    from aigc_tui.config import save_setting
    from aigc_tui.engine.models import LOCAL, converses

    chosen = workspace.model_name(name)
    found = workspace.models.info(chosen)
    # Such a model can be measured, but every reply would fail.
    mute = found.kind == LOCAL and not converses(Path(found.path))
    save_setting(workspace.paths, "model", chosen)
    say(workspace.t("cli.model_used", name=chosen))
    if mute:
        say(workspace.t("cli.model_mute", name=found.name))
