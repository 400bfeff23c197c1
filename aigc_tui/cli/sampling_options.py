"""The options of `aigc-tui model sample`: one for each filter, and those of each strategy.

Why it exists: an option that the chosen strategy does not heed must be refused, not ignored; so each says
here what it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import click

from aigc_tui.cli.errors import WrongUsage

STRATEGIES = ("greedy", "sample", "beam", "diverse-beam", "contrastive", "prompt-lookup", "draft")
CHAINED = ("sample", "prompt-lookup", "draft")
"""Strategies that draw through the whole chain of filters."""
PENALISED = ("greedy", *CHAINED)
"""Strategies that heed the penalties; taking the best token needs no more."""
_BEAMS = ("beam", "diverse-beam")
_PAIRED = ("greedy", "sample")

_SHARE = click.FloatRange(0, 1)
_WHOLE = click.IntRange(min=0)
_COUNT = click.IntRange(min=1)
_FROM_ZERO = click.FloatRange(min=0)


@dataclass(frozen=True, slots=True)
class SamplingOption:
    """One option.

    Args:
        name: Its name in Python; on the command line with hyphens.
        type: What it takes.
        strategies: Those that heed it.
        help: One line.
        default: For a strategy's own option; None: a filter, which is neutral unless given.
    """

    name: str
    type: click.ParamType[Any]
    strategies: tuple[str, ...]
    help: str
    default: float | None = None

    @property
    def flag(self) -> str:
        """As it is typed."""
        return "--" + self.name.replace("_", "-")


OPTIONS = (
    SamplingOption("temperature", click.FloatRange(0, 100), CHAINED, "Below 1 sharper, above 1 flatter."),
    SamplingOption("dynamic_temperature", _FROM_ZERO, CHAINED, "How far it moves with the entropy."),
    SamplingOption("dynamic_exponent", _FROM_ZERO, CHAINED, "How fast it moves."),
    SamplingOption("top_n_sigma", _FROM_ZERO, CHAINED, "Keep scores so many deviations from the best."),
    SamplingOption(
        "top_h", click.FloatRange(0, 1, min_open=True), CHAINED, "Keep this share of the entropy."
    ),
    SamplingOption("top_k", _WHOLE, CHAINED, "Keep this many tokens."),
    SamplingOption("top_p", _SHARE, CHAINED, "Keep the likeliest of this share."),
    SamplingOption("min_p", _SHARE, CHAINED, "Keep down to this share of the likeliest."),
    SamplingOption("typical_p", _SHARE, CHAINED, "Keep the most typical of this share."),
    SamplingOption("epsilon", _SHARE, CHAINED, "Cut below this probability."),
    SamplingOption("eta", _SHARE, CHAINED, "Cut below this, or less where flat."),
    SamplingOption("xtc_probability", _SHARE, ("sample",), "How often top choices are excluded."),
    SamplingOption("xtc_threshold", _SHARE, ("sample",), "From where a token is a top choice."),
    SamplingOption("mirostat", click.IntRange(0, 2), ("sample",), "Version 1 or 2; 0: off."),
    SamplingOption("mirostat_tau", _FROM_ZERO, ("sample",), "The surprise to keep, in bits."),
    SamplingOption("mirostat_eta", _SHARE, ("sample",), "How fast mirostat follows."),
    SamplingOption(
        "repetition_penalty",
        click.FloatRange(min=0, min_open=True),
        PENALISED,
        "Above 1: repeat tokens less.",
    ),
    SamplingOption("presence_penalty", click.FLOAT, PENALISED, "Off the score of a token used."),
    SamplingOption("frequency_penalty", click.FLOAT, PENALISED, "Off it for each use."),
    SamplingOption(
        "encoder_repetition_penalty",
        click.FloatRange(min=0, min_open=True),
        PENALISED,
        "Above 1: keep to the prompt's tokens.",
    ),
    SamplingOption("no_repeat_ngram", _WHOLE, PENALISED, "Never make a run of so many tokens twice."),
    SamplingOption("dry_multiplier", _FROM_ZERO, PENALISED, "Strength against repeated passages."),
    SamplingOption("dry_base", click.FloatRange(min=1), PENALISED, "How fast it grows with the length."),
    SamplingOption("dry_allowed_length", _COUNT, PENALISED, "Passages shorter than this are free."),
    SamplingOption("dry_range", _WHOLE, PENALISED, "Search so many last tokens; 0: all."),
    SamplingOption("guidance_scale", _FROM_ZERO, _PAIRED, "Above 1: follow the prompt more closely."),
    SamplingOption("beams", click.IntRange(1, 100), _BEAMS, "Texts followed at once.", 4),
    SamplingOption("length_penalty", click.FloatRange(-10, 10), _BEAMS, "Above 0 favours longer texts.", 1.0),
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
    """Tell filters from the strategy's own options.

    Args:
        given: All options by name; None: not given.
        strategy: Which one is to run.

    Returns:
        The filters that were given, and the strategy's own options, with defaults where they were not.

    Raises:
        click.UsageError: One was given that the strategy does not heed.
    """
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
