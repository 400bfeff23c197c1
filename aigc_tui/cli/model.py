"""`aigc-tui model`: which models there are, getting more, choosing one. Making one is `model_training`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.errors import WrongUsage
from aigc_tui.cli.groups import Group
from aigc_tui.cli.output import emit_json, fields, say, table
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.text import one_line

if TYPE_CHECKING:
    from aigc_tui.engine.models import ModelInfo

LAZY = {
    "pull": "aigc_tui.cli.model_pull:pull",
    "pretrain": "aigc_tui.cli.model_training:pretrain",
    "evaluate": "aigc_tui.cli.model_evaluate:evaluate",
    "tokenizer": "aigc_tui.cli.model_training:tokenizer",
    "watch": "aigc_tui.cli.model_training:watch",
    "classify": "aigc_tui.cli.model_classify:classify",
    "tune-classifier": "aigc_tui.cli.model_classify:tune_classifier",
    "tune-soft-prompt": "aigc_tui.cli.model_classify:tune_soft_prompt",
    "sample": "aigc_tui.cli.model_sample:sample",
}


@click.group(cls=Group, lazy=LAZY)
def model() -> None:
    """Models: list, inspect, add, pull, remove, select, train, evaluate.

    M is a name from `model list` or any folder that holds a model.
    """


@model.command("list")
@click.option("--available", is_flag=True, help="The models of the catalogue, which `model pull` downloads.")
@json_option
@pass_workspace
def list_(workspace: Workspace, available: bool, as_json: bool) -> None:
    """List the available models."""
    if available:
        from aigc_tui.cli.model_pull import show_catalogue

        show_catalogue(workspace, as_json=as_json)
        return
    found = workspace.models.list()
    if as_json:
        emit_json([_summary(one) for one in found])
    else:
        table([_row(workspace, one) for one in found])


def _row(workspace: Workspace, one: ModelInfo) -> tuple[str, ...]:
    chosen = one.name == workspace.default_model
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
    """Describe a model without loading it: where it came from, too, and its checksum.

    M may also be an id of the catalogue.
    """
    from aigc_tui.engine.models import LOCAL, provenance
    from aigc_tui.inference.source import MissingModelError

    try:
        one = workspace.models.info(workspace.model_name(name))
    except MissingModelError:
        from aigc_tui.cli.model_pull import show_entry

        if not show_entry(workspace, name, as_json=as_json):
            raise
        return
    keys = ("name", "path", "architecture", "parameters", "context", "size_bytes")
    shown = {key: getattr(one, key) for key in keys}
    if one.kind == LOCAL:
        shown |= provenance(Path(one.path))
    if as_json:
        emit_json(shown)
    else:
        worded: dict[str, object] = {
            key: workspace.t(shown[key]) for key in ("known_by", "licence_note") if key in shown
        }
        fields(workspace.t, {**shown, **worded})


@model.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", default="", metavar="NAME", help="Name of the model; default: the folder's name.")
@click.option("--copy", is_flag=True, help="Copy it into the home folder, so that DIR can be removed.")
@json_option
@pass_workspace
def add(workspace: Workspace, folder: Path, name: str, copy: bool, as_json: bool) -> None:
    """Add a Hugging Face model folder, or a GGUF file, under a name.

    A folder must hold safetensors weights. A GGUF file is converted into a folder of the home; the file
    itself is not needed afterwards. The model is loaded and makes one token first: what cannot be run is not
    added.
    """
    from aigc_tui.cli.model_pull import watching
    from aigc_tui.engine import install
    from aigc_tui.engine.models import converses

    is_file = folder.expanduser().is_file()
    with watching(workspace, download=False) as watch:
        if is_file:
            added = install.add_file(folder, name, workspace.paths, workspace.settings, watch)
        else:
            added = install.add_folder(folder, name, workspace.paths, workspace.settings, copy, watch)
    say(workspace.t("cli.model_added", name=added.name, argument=shlex.quote(added.name)))
    if not converses(Path(added.path)):
        say(workspace.t("cli.model_mute", name=added.name))
    if as_json:
        emit_json(_summary(added))


@model.command()
@click.argument("name", metavar="M")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_workspace
def remove(workspace: Workspace, name: str, yes: bool, as_json: bool) -> None:
    """Remove a model from the home folder, with what was downloaded of it.

    A model that was added as a folder elsewhere is only forgotten; its files stay. The starter cannot be
    removed.
    """
    chosen = workspace.model_name(name)
    if not yes:
        if not sys.stdin.isatty():
            raise WrongUsage("without a terminal, --yes is needed to remove a model")
        click.confirm(workspace.t("cli.model_remove", name=one_line(chosen)), abort=True, err=True)
    removed = workspace.models.remove(chosen)
    if as_json:
        deleted = "" if removed.folder is None else str(removed.folder)
        emit_json(
            {
                "name": removed.name,
                "deleted": deleted,
                "forgotten": removed.forgotten,
                "freed_bytes": removed.freed_bytes,
            }
        )
    elif removed.folder is None:
        say(workspace.t("cli.model_forgotten", name=removed.name))
    else:
        say(workspace.t("cli.model_removed", name=removed.name, megabytes=removed.freed_bytes // 10**6))


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
