"""`aigc-tui model evaluate`: measure a model, beside others, in a child process."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.errors import CommandError, require_file
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json, fields, say
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.config.sampling import drawing

if TYPE_CHECKING:
    from aigc_tui.evaluation.job import Plan, Subject

_PATH = click.Path(path_type=Path)


@click.command(cls=Command)
@click.argument("name", metavar="[M]", required=False, default="")
@click.option(
    "--text",
    "texts",
    type=_PATH,
    multiple=True,
    metavar="FILE",
    help="Plain text, or JSONL with `text` or `messages` (told by the first line); may be repeated. "
    "Measures bits per byte only.",
)
@click.option(
    "--suite",
    type=_PATH,
    metavar="DIR",
    help="Held-out data; default: the small suite that ships with the program.",
)
@click.option(
    "--engine", type=click.Choice(["scratch", "transformers"]), help="Implementation that runs a local model."
)
@click.option("--baselines", is_flag=True, help="Also measure a character 5-gram model and xz.")
@click.option("--against", default="", metavar="M", help="Another model to compare with.")
@click.option(
    "--quick", is_flag=True, help="Use a sixth of the data: under two minutes for the starter model."
)
@click.option("--seed", default=0, show_default=True, help="Random seed.")
@click.option("-o", "--output", type=_PATH, metavar="FILE.md", help="Write the table to this file.")
@click.option(
    "--make-suite",
    type=_PATH,
    nargs=2,
    metavar="CORPUS DIR",
    help="Evaluate nothing; write the held-out part of the JSONL files in CORPUS as a suite to DIR.",
)
@json_option
@pass_workspace
def evaluate(workspace: Workspace, /, name: str, make_suite: tuple[Path, Path] | None, **given: Any) -> None:
    """Evaluate a model: bits per byte, next replies, reading comprehension, format following, repetition.

    Without --suite and --text, uses a small suite that ships with the program. A model on a server can be
    evaluated if the server returns log-probabilities of given text.
    """
    if make_suite is not None:
        _make_suite(workspace, make_suite, given["as_json"])
        return
    if not name:
        raise click.MissingParameter(param_hint="'M'", param_type="argument")
    report = _measured(workspace, _plan(workspace, name, given))
    table = report.pop("table")
    if given["output"] is not None:
        from aigc_tui.files import write_text

        write_text(given["output"], table)
        say(workspace.t("chat.exported", path=given["output"]))
    _show(workspace, report, table, given)


def _plan(workspace: Workspace, name: str, given: dict[str, Any]) -> Plan:
    from aigc_tui.evaluation.job import Plan

    for text in given["texts"]:
        require_file(text)
    if given["suite"] is not None and not given["suite"].is_dir():
        raise CommandError("{path}: no such folder", path=given["suite"])
    names = [name, given["against"]] if given["against"] else [name]
    return Plan(
        subjects=[_subject(workspace, one) for one in names],
        texts=given["texts"],
        suite=given["suite"],
        engine=given["engine"] or "",
        baselines=given["baselines"],
        quick=given["quick"],
        seed=given["seed"],
        typed=shlex.join(["aigc-tui", *sys.argv[1:]]),
    )


def _subject(workspace: Workspace, name: str) -> Subject:
    """Find a model; only one that was named can lead to the network."""
    from aigc_tui.engine.keys import find_key
    from aigc_tui.evaluation.job import Subject
    from aigc_tui.inference.source import inspect_source
    from aigc_tui.personas import sampling_in_force

    spec = workspace.models.resolve(workspace.model_name(name))
    chosen = sampling_in_force(None, workspace.settings, workspace.models.defaults(spec))
    sampling = drawing(chosen)
    if spec.kind != "local":
        key = find_key(spec.key_env, workspace.paths)
        return Subject(spec.name, spec.base_url, spec.model, key, sampling)
    # The same gate as in front of a reply: a configuration that names code never reaches transformers.
    inspect_source(Path(spec.path))
    return Subject(spec.name, spec.path, sampling=sampling)


def _measured(workspace: Workspace, plan: Plan) -> dict[str, Any]:
    from aigc_tui.cli.terminal import Narrator
    from aigc_tui.evaluation import job as evaluation_job

    narrator = Narrator(workspace.t, plain=workspace.settings.plain)
    try:
        return evaluation_job.run(plan, narrator.step)
    finally:
        narrator.quiet()


def _show(workspace: Workspace, report: dict[str, Any], table: str, given: dict[str, Any]) -> None:
    """Print the report; a single text keeps the four numbers that it always gave."""
    from aigc_tui.evaluation.job import SUMMARY

    plain = len(given["texts"]) == 1 and not (given["suite"] or given["against"] or given["baselines"])
    if plain:
        report = {key: report[key] for key in SUMMARY}
    if given["as_json"]:
        emit_json(report)
    elif plain:
        fields(workspace.t, report)
    elif given["output"] is None:
        data(table, newline=False)


def _make_suite(workspace: Workspace, places: tuple[Path, Path], as_json: bool) -> None:
    from aigc_tui.cli.terminal import Narrator
    from aigc_tui.evaluation import job as evaluation_job

    narrator = Narrator(workspace.t, plain=workspace.settings.plain)
    try:
        sources = evaluation_job.make_suite(*places, narrator.step)
    finally:
        narrator.quiet()
    if as_json:
        emit_json({"suite": str(places[1]), "sources": sources})
    else:
        data(str(places[1]))
