"""`aigc-tui model sample`: show how a model chooses its tokens, filter by filter, in a child process."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.errors import CommandError, WrongUsage
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import emit_json
from aigc_tui.cli.sampling_options import CHAINED, PENALISED, STRATEGIES, sampling_options, sort_options
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace

if TYPE_CHECKING:
    from aigc_tui.engine.sampling_job import SampleRequest


@click.command(cls=Command)
@click.argument("name", metavar="M")
@click.option("--prompt", required=True, metavar="TEXT", help="What to continue, or to say to a persona.")
@click.option("-p", "--persona", metavar="PERSONA", help="Say it to this persona, through the chat template.")
@click.option(
    "--strategy", type=click.Choice(STRATEGIES), default="sample", help="How to search for the text."
)
@click.option(
    "--order", metavar="A,B,C", help="temperature-first, temperature-last, or filters in their order."
)
@sampling_options
@click.option("--bias", "biases", multiple=True, metavar="TEXT=N", help="Add N to the score of this text.")
@click.option("--negative-prompt", metavar="TEXT", help="What --guidance-scale leads away from.")
@click.option("--draft-model", metavar="M", help="The small model that guesses for --strategy draft.")
@click.option(
    "--max-tokens", type=click.IntRange(min=1), default=64, metavar="N", help="The longest text: 64."
)
@click.option(
    "--steps", type=click.IntRange(min=0), default=1, metavar="N", help="Tokens to explain; default: 1."
)
@click.option(
    "--top", type=click.IntRange(1, 1000), default=10, metavar="N", help="Tokens to list; default: 10."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), metavar="N", help="Make it repeatable.")
@json_option
@pass_workspace
def sample(workspace: Workspace, /, name: str, as_json: bool, **given: Any) -> None:
    """Continue a text, and show the distribution before and after each filter.

    Every filter is neutral unless it is given: without any, the model's own distribution is drawn from.
    """
    from aigc_tui.cli.narrator import Narrator
    from aigc_tui.cli.sample_view import SampleView
    from aigc_tui.engine import sampling_job

    request = _request(workspace, name, given)
    t = workspace.t
    narrator = Narrator(t, plain=workspace.settings.plain)
    words = {"loading": t("cli.loading"), "writing": t("sample.writing")}
    try:
        report = sampling_job.run(
            request, lambda stage, done, total: narrator.step(words.get(stage, stage), done, total)
        )
    finally:
        narrator.quiet()
    if as_json:
        emit_json({"model": name, **asdict(report)})
    else:
        SampleView(t, bars=not workspace.settings.plain).show(report)


def _request(workspace: Workspace, name: str, given: dict[str, Any]) -> SampleRequest:
    """Turn the options into what the child is asked.

    Raises:
        click.UsageError: Options that do not go together.
        CommandError: A model that is not on this machine.
    """
    from aigc_tui.engine.sampling_job import SampleRequest

    strategy = given["strategy"]
    filters, own = sort_options(given, strategy)
    _check(given, strategy, filters)
    return SampleRequest(
        folder=str(_folder(workspace, name)),
        prompt=given["prompt"],
        messages=_said(workspace, given["persona"], given["prompt"]) if given["persona"] else (),
        strategy=strategy,
        settings=filters,
        order=given["order"] or "temperature-first",
        biases=tuple(_bias(text) for text in given["biases"]),
        negative=given["negative_prompt"] or "",
        draft=str(_folder(workspace, given["draft_model"])) if given["draft_model"] else "",
        options=own,
        max_tokens=given["max_tokens"],
        steps=given["steps"],
        top=given["top"],
        seed=secrets.randbits(31) if given["seed"] is None else given["seed"],
        reserve_mb=workspace.settings.memory_reserve_mb,
    )


def _check(given: dict[str, Any], strategy: str, filters: dict[str, float]) -> None:
    if (strategy == "draft") != bool(given["draft_model"]):
        raise WrongUsage("--strategy draft and --draft-model belong together")
    if given["negative_prompt"] is not None and "guidance_scale" not in filters:
        raise WrongUsage("--negative-prompt needs --guidance-scale")
    if given["order"] and strategy not in CHAINED:
        raise WrongUsage("--order: --strategy {strategy} uses no filters", strategy=strategy)
    if given["biases"] and strategy not in PENALISED:
        raise WrongUsage(
            "{option} has no effect with --strategy {strategy}", option="--bias", strategy=strategy
        )


def _folder(workspace: Workspace, name: str) -> Path:
    from aigc_tui.inference.source import inspect_source

    spec = workspace.models.resolve(workspace.model_name(name))
    if spec.kind != "local":
        raise CommandError(f"{name} is on a server, which keeps its scores to itself; name a local model")
    # The same gate as in front of a reply: a configuration that names code never reaches transformers.
    inspect_source(Path(spec.path))
    return Path(spec.path)


def _said(workspace: Workspace, persona: str, prompt: str) -> tuple[tuple[str, str], ...]:
    """The chat that a persona's reply would be made from, if this were said to it first."""
    from aigc_tui.engine.protocol import Role
    from aigc_tui.personas import assemble
    from aigc_tui.text import guess_language

    language = guess_language(prompt) or workspace.language
    before = assemble(workspace.personas.get(persona), language, ())
    return (*((message.role.value, message.content) for message in before), (Role.USER.value, prompt))


def _bias(text: str) -> tuple[str, float]:
    """Read `TEXT=N`.

    Raises:
        click.UsageError: It is not of that form.
    """
    words, found, number = text.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = float("nan")
    if not found or not words or value != value or abs(value) > 1000:
        raise WrongUsage("--bias takes TEXT=N with a number up to 1000, such as ' sun=2.5'")
    return words, value
