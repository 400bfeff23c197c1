"""`aigc-tui model sample`: how a model chooses its tokens, filter by filter, in a child process.

Tokens are text of the model, so none of it reaches the terminal raw.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aigc_tui.cli.errors import WrongUsage
from aigc_tui.cli.groups import Command
from aigc_tui.cli.output import data, emit_json
from aigc_tui.cli.sampling_options import STRATEGIES, sampling_options, sort_options
from aigc_tui.cli.workspace import Workspace, json_option, pass_workspace
from aigc_tui.config.sampling import CHAINED, PENALISED
from aigc_tui.locale import Translate
from aigc_tui.text import clean, shorten

if TYPE_CHECKING:
    from aigc_tui.inference.types import SampleReport, SampleRequest, ShownStage, ShownStep, ShownToken


@click.command(cls=Command)
@click.argument("name", metavar="M")
@click.option("--prompt", required=True, metavar="TEXT", help="Text to continue, or to send to a persona.")
@click.option(
    "-p", "--persona", metavar="PERSONA", help="Send it to this persona, through the chat template."
)
@click.option("--strategy", type=click.Choice(STRATEGIES), default="sample", help="Decoding strategy.")
@click.option(
    "--order", metavar="A,B,C", help="temperature-first, temperature-last, or the filters in order."
)
@sampling_options
@click.option(
    "--bias",
    "biases",
    multiple=True,
    metavar="TEXT=N",
    help="Add N to the logits of this text's tokens; may be repeated.",
)
@click.option("--negative-prompt", metavar="TEXT", help="Text that --guidance-scale steers away from.")
@click.option("--draft-model", metavar="M", help="Small draft model for --strategy draft.")
@click.option(
    "--max-tokens",
    type=click.IntRange(min=1),
    default=64,
    metavar="N",
    help="Maximum length in tokens; default: 64.",
)
@click.option(
    "--steps",
    type=click.IntRange(min=0),
    default=1,
    metavar="N",
    help="Number of tokens to explain; default: 1.",
)
@click.option(
    "--top",
    type=click.IntRange(1, 1000),
    default=10,
    metavar="N",
    help="Number of candidates to list; default: 10.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**63 - 1),
    metavar="N",
    help="Random seed: the same seed gives the same text.",
)
@json_option
@pass_workspace
def sample(workspace: Workspace, /, name: str, as_json: bool, **given: Any) -> None:
    """Continue a text and show the distribution before and after each filter.

    A filter has no effect unless it is given: without any, tokens are sampled from the model's own
    distribution.
    """
    from aigc_tui.cli.terminal import Narrator
    from aigc_tui.engine import sampling_job

    request = _request(workspace, name, given)
    t = workspace.t
    narrator = Narrator(t, plain=workspace.settings.plain)
    try:
        report = sampling_job.run(request, narrator.step)
    finally:
        narrator.quiet()
    if as_json:
        emit_json({"model": name, **asdict(report)})
    else:
        SampleView(t, bars=not workspace.settings.plain).show(report)


def _request(workspace: Workspace, name: str, given: dict[str, Any]) -> SampleRequest:
    from aigc_tui.inference.types import SampleRequest

    strategy = given["strategy"]
    filters, own = sort_options(given, strategy)
    _check(given, strategy, filters)
    folder = workspace.local_model(name)
    return SampleRequest(
        folder=str(folder),
        prompt=given["prompt"],
        messages=_said(workspace, given["persona"], given["prompt"], folder) if given["persona"] else (),
        strategy=strategy,
        settings=filters,
        order=given["order"] or "temperature-first",
        biases=tuple(_bias(text) for text in given["biases"]),
        negative=given["negative_prompt"] or "",
        draft=str(workspace.local_model(given["draft_model"])) if given["draft_model"] else "",
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


def _said(workspace: Workspace, persona: str, prompt: str, folder: Path) -> tuple[tuple[str, str], ...]:
    from aigc_tui.engine.models import needs_identity
    from aigc_tui.engine.protocol import Role
    from aigc_tui.personas import assemble
    from aigc_tui.text import guess_language

    language = guess_language(prompt) or workspace.language
    before = assemble(workspace.personas.get(persona), language, (), identify=needs_identity(folder))
    return (*((message.role.value, message.content) for message in before), (Role.USER.value, prompt))


def _bias(text: str) -> tuple[str, float]:
    """Read `TEXT=N`."""
    words, found, number = text.rpartition("=")
    try:
        value = float(number)
    except ValueError:
        value = float("nan")
    if not found or not words or value != value or abs(value) > 1000:
        raise WrongUsage("--bias takes TEXT=N with a number up to 1000, such as ' sun=2.5'")
    return words, value


BAR = 32
"""Cells of a bar that stands for certainty."""
NAMED = 3
"""How many of the tokens that a filter cut are named."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
_TOKEN_WIDTH = 30


class SampleView:
    """Prints a report; `bars` are not for screen readers."""

    def __init__(self, t: Translate, *, bars: bool) -> None:
        self._t = t
        self._bars = bars

    def show(self, report: SampleReport) -> None:
        for step in report.steps:
            self._step(step)
        for number, text in enumerate(report.texts, 1):
            if text.score is None:
                data(self._t("sample.text", count=text.tokens))
            else:
                data(self._t("sample.text_scored", number=number, score=f"{text.score:.3f}"))
            data(text.text)
        if report.guesses is not None:
            found = report.guesses
            data("")
            data(
                self._t(
                    "sample.guesses", proposed=found.proposed, accepted=found.accepted, passes=found.passes
                )
            )
        data("")
        data(self._t("sample.order", order=" > ".join(report.order) or self._t("sample.no_filter")))
        data(self._t("sample.seed", seed=report.seed))

    def _step(self, step: ShownStep) -> None:
        data(self._t("sample.step", number=step.step))
        for stage in step.stages:
            self._stage(stage)
        chosen = step.chosen
        data(self._t("sample.chosen", token=quoted(chosen.text), share=percent(chosen.probability)))
        data("")

    def _stage(self, stage: ShownStage) -> None:
        name = self._t("sample.model") if stage.filter == "model" else stage.filter
        data(self._t("sample.stage", name=name, count=stage.kept, bits=f"{stage.entropy:.2f}"))
        if stage.removed:
            shown = self._named(stage.removed[:NAMED])
            data("  " + self._t("sample.removed", share=percent(stage.removed_probability), tokens=shown))
        for token in stage.tokens:
            drawn = f"{bar(token.probability)}  " if self._bars else ""
            data(f"  {drawn}{percent(token.probability):>6}  {quoted(token.text)}")

    def _named(self, tokens: Sequence[ShownToken]) -> str:
        return ", ".join(f"{quoted(token.text)} {percent(token.probability)}" for token in tokens)


def quoted(text: str) -> str:
    """Show a token in quotation marks, so that its spaces and line ends are seen."""
    return shorten(json.dumps(clean(text), ensure_ascii=False), _TOKEN_WIDTH)


def percent(share: float) -> str:
    """Word a probability: 12.3%, and more digits where it is small."""
    return f"{100 * share:.1f}%" if share >= 0.001 or share == 0 else f"{100 * share:.2g}%"


def bar(share: float) -> str:
    """Draw a probability as a bar of full and partial blocks."""
    eighths = round(share * BAR * 8)
    full, rest = divmod(eighths, 8)
    drawn = "█" * full + (_EIGHTHS[rest] if rest else "")
    return drawn.ljust(BAR)
