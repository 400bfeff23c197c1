"""The options of `aigc-tui model sample`: one for each sampling parameter, and those of each strategy.

An option that has no effect with the chosen strategy is refused, not ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import click

from aigc_tui.cli.errors import WrongUsage
from aigc_tui.cli.numbers import Number, NumberRange
from aigc_tui.config.sampling import PARAMETERS, SamplingParameter

STRATEGIES = ("greedy", "sample", "beam", "diverse-beam", "contrastive", "prompt-lookup", "draft")
_BEAMS = ("beam", "diverse-beam")

_SHARE = NumberRange(0, 1)
_FROM_ZERO = NumberRange(min=0)


@dataclass(frozen=True, slots=True)
class SamplingOption:
    """One option; `default` None marks a filter, which is neutral unless given."""

    name: str
    type: click.ParamType[Any]
    strategies: tuple[str, ...]
    help: str
    default: float | None = None

    @property
    def flag(self) -> str:
        return "--" + self.name.replace("_", "-")


def _type(parameter: SamplingParameter) -> click.ParamType[Any]:
    low, high = parameter.wide
    if parameter.whole:
        return click.IntRange(None if low is None else int(low), None if high is None else int(high))
    return Number() if low is high is None else NumberRange(low, high, min_open=parameter.open_low)


OPTIONS = (
    *(
        SamplingOption(each.name, _type(each), each.strategies, each.help)
        for each in PARAMETERS
        if each.strategies
    ),
    SamplingOption("beams", click.IntRange(1, 100), _BEAMS, "Texts followed at once.", 4),
    SamplingOption("length_penalty", NumberRange(-10, 10), _BEAMS, "Above 0 favours longer texts.", 1.0),
    SamplingOption("groups", click.IntRange(1, 100), ("diverse-beam",), "Groups that shun each other.", 2),
    SamplingOption("diversity", _FROM_ZERO, ("diverse-beam",), "How strongly they do.", 1.0),
    SamplingOption("candidates", click.IntRange(1, 100), ("contrastive",), "Tokens tried at each step.", 4),
    SamplingOption("weight", _SHARE, ("contrastive",), "How much likeness counts.", 0.6),
    SamplingOption(
        "ahead", click.IntRange(1, 64), ("prompt-lookup", "draft"), "Tokens guessed at a time.", 4
    ),
    SamplingOption("lookup", click.IntRange(1, 16), ("prompt-lookup",), "The longest run looked up.", 3),
)


def sampling_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add them all to a command, in this order; each is None unless it was given."""
    for option in reversed(OPTIONS):
        usual = "" if option.default is None else f" Default: {option.default:g}."
        add = click.option(option.flag, type=option.type, metavar="N", help=option.help + usual)
        command = add(command)
    return command


def sort_options(given: Mapping[str, Any], strategy: str) -> tuple[dict[str, float], dict[str, float]]:
    """Return the filters that were given and the strategy's own options; WrongUsage: one has no effect."""
    for option in OPTIONS:
        if given[option.name] is not None and strategy not in option.strategies:
            heeding = ", ".join(option.strategies)
            raise WrongUsage(
                "{option} has no effect with --strategy {strategy}; it is for {strategies}",
                option=option.flag,
                strategy=strategy,
                strategies=heeding,
            )
    filters = {
        option.name: given[option.name]
        for option in OPTIONS
        if option.default is None and given[option.name] is not None
    }
    own = {
        option.name: given[option.name] if given[option.name] is not None else option.default
        for option in OPTIONS
        if option.default is not None
    }
    return filters, own
