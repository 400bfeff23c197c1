"""The sampling parameters: one table from which settings, personas, options, protocol and documents are made.

A setting's label and explanation on the screen are `settings.<name>` and `settings.<name>_help` of the
catalogues; `help` is the line of the command line, translated by its English text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

CHAINED = ("sample", "prompt-lookup", "draft")
"""Strategies that sample through the whole chain of filters."""
PENALISED = ("greedy", *CHAINED)
"""Strategies that heed the penalties; taking the best token needs no more."""
_SAMPLED = ("sample",)
_GUIDED = ("greedy", "sample")


@dataclass(frozen=True, slots=True)
class SamplingParameter:
    """One parameter.

    Args:
        name: In settings, personas and requests; an option's name has hyphens.
        neutral: The value that changes nothing; an int: the parameter is a whole number.
        range: The least and most that settings, personas and a model's own recommendation may say.
        wide: The same for `model sample`, where one tries things out; None: no limit.
        help: One line for the command line.
        section: Of the settings; empty: a chat does not offer it.
        default: A chat's value when nobody sets one; None: neutral.
        strategies: Of `model sample` that heed it; empty: it has an option of another kind there.
        open_low: Whether the least value of `wide` is itself excluded.
        server: What servers call it; empty: only local models have it.
        standard: Whether it is in OpenAI's reference; else a server that refuses it is asked again without.
        needs: The parameter without which it means nothing.
    """

    name: str
    neutral: float
    range: tuple[float, float]
    wide: tuple[float | None, float | None]
    help: str
    section: str = ""
    default: float | None = None
    strategies: tuple[str, ...] = ()
    open_low: bool = False
    server: tuple[str, ...] = ()
    standard: bool = False
    needs: str = ""

    @property
    def whole(self) -> bool:
        return isinstance(self.neutral, int)

    @property
    def usual(self) -> float:
        """A chat's value when nobody sets one."""
        return self.neutral if self.default is None else self.default


_P = SamplingParameter
_MAIN, _MORE = "sampling", "sampling_advanced"
_SHARE = (0.0, 1.0)
_POSITIVE = (0.0, None)
_ANY = (None, None)

PARAMETERS: tuple[SamplingParameter, ...] = (
    # 0 to 2 wherever a person sets it for good, as every server has it; `model sample` shows what 100 does.
    _P("temperature", 1.0, (0, 2), (0, 100),
       "Temperature: below 1 sharper, above 1 flatter.", _MAIN, 0.7, CHAINED,
       server=("temperature",), standard=True),
    _P("dynamic_temperature", 0.0, (0, 2), _POSITIVE,
       "Dynamic temperature: how far it moves with the entropy.", _MORE,
       strategies=CHAINED, server=("dynatemp_range",)),
    _P("dynamic_exponent", 1.0, (0, 10), _POSITIVE, "Dynamic temperature: exponent.", strategies=CHAINED),
    _P("top_n_sigma", 0.0, (0, 100), _POSITIVE,
       "Top-n-sigma: keep logits within N standard deviations of the maximum.", _MORE,
       strategies=CHAINED, server=("top_n_sigma",)),
    _P("top_h", 1.0, (0.01, 1), _SHARE,
       "Top-H: keep the most likely tokens up to this share of the entropy.", _MORE, strategies=CHAINED,
       open_low=True),
    _P("top_k", 0, (0, 1_000_000), _POSITIVE,
       "Top-k: keep this many of the most likely tokens.", _MAIN, strategies=CHAINED,
       server=("top_k",)),
    _P("top_p", 1.0, (0, 1), _SHARE,
       "Keep the most likely tokens up to this total probability.", _MAIN, 0.9, CHAINED,
       server=("top_p",), standard=True),
    _P("min_p", 0.0, (0, 1), _SHARE,
       "Min-p: keep tokens with at least this share of the highest probability.", _MAIN, strategies=CHAINED,
       server=("min_p",)),
    _P("typical_p", 1.0, (0, 1), _SHARE,
       "Typical sampling: keep tokens of near-expected information up to this total probability.",
       _MAIN, strategies=CHAINED,
       server=("typical_p",)),
    _P("epsilon", 0.0, (0, 1), _SHARE,
       "Epsilon cutoff: drop tokens below this probability.", _MORE, strategies=CHAINED),
    _P("eta", 0.0, (0, 1), _SHARE,
       "Eta cutoff: like epsilon, but lower where the entropy is high.", _MORE, strategies=CHAINED),
    _P("xtc_probability", 0.0, (0, 1), _SHARE, "XTC: probability of excluding the top choices.", _MORE,
       strategies=_SAMPLED, server=("xtc_probability",)),
    _P("xtc_threshold", 0.1, (0, 1), _SHARE, "XTC: probability from which a token is a top choice.", _MORE,
       strategies=_SAMPLED, server=("xtc_threshold",), needs="xtc_probability"),
    _P("mirostat", 0, (0, 2), (0, 2), "Mirostat version 1 or 2; 0: off.", _MORE, strategies=_SAMPLED,
       server=("mirostat",)),
    _P("mirostat_tau", 5.0, (0, 20), _POSITIVE,
       "Mirostat: target surprise in bits.", _MORE, strategies=_SAMPLED,
       server=("mirostat_tau",), needs="mirostat"),
    _P("mirostat_eta", 0.1, (0, 1), _SHARE, "Mirostat: learning rate.", _MORE, strategies=_SAMPLED,
       server=("mirostat_eta",), needs="mirostat"),
    # vLLM's name, and llama.cpp's.
    _P("repetition_penalty", 1.0, (0.1, 5), _POSITIVE,
       "Repetition penalty; above 1: repeat tokens less.", _MAIN, 1.1, PENALISED,
       open_low=True, server=("repetition_penalty", "repeat_penalty")),
    _P("presence_penalty", 0.0, (-2, 2), _ANY,
       "Subtract this from the logit of every token used.", _MAIN, strategies=PENALISED,
       server=("presence_penalty",), standard=True),
    _P("frequency_penalty", 0.0, (-2, 2), _ANY,
       "Subtract this from a token's logit for each use.", _MAIN, strategies=PENALISED,
       server=("frequency_penalty",), standard=True),
    _P("encoder_repetition_penalty", 1.0, (0.1, 5), _POSITIVE, "Above 1: favour tokens of the prompt.",
       strategies=PENALISED, open_low=True),
    _P("no_repeat_ngram", 0, (0, 100), _POSITIVE, "Never repeat a sequence of N tokens.", _MORE,
       strategies=PENALISED),
    _P("dry_multiplier", 0.0, (0, 10), _POSITIVE, "DRY: strength of the penalty on repeated passages.", _MORE,
       strategies=PENALISED, server=("dry_multiplier",)),
    _P("dry_base", 1.75, (1, 10), (1, None),
       "DRY: growth of the penalty with the length.", strategies=PENALISED),
    _P("dry_allowed_length", 2, (1, 100), (1, None),
       "DRY: passages shorter than this are not penalised.", _MORE,
       strategies=PENALISED, server=("dry_allowed_length",), needs="dry_multiplier"),
    _P("dry_range", 0, (0, 1_000_000), _POSITIVE, "DRY: number of recent tokens searched; 0: all.",
       strategies=PENALISED),
    _P("guidance_scale", 1.0, (0, 100), _POSITIVE, "Guidance; above 1: follow the prompt more closely.",
       strategies=_GUIDED),
    _P("max_tokens", 512, (1, 1_000_000), (1, None), "", _MAIN, server=("max_tokens",), standard=True),
    _P("seed", 0, (0, 2**63 - 1), (0, 2**63 - 1), "", _MAIN, server=("seed",), standard=True),
)  # fmt: skip
"""In the order of the command line's help and of the settings screen."""

BY_NAME: Mapping[str, SamplingParameter] = {parameter.name: parameter for parameter in PARAMETERS}
OFFERED: tuple[str, ...] = tuple(parameter.name for parameter in PARAMETERS if parameter.section)
"""What settings and personas may set."""
ORDERS = ("temperature-first", "temperature-last")
"""The named orders of the filters: as in transformers, and as in llama.cpp."""


class Origin(StrEnum):
    """Who said how a reply is sampled, the first of them that says anything."""

    USER = "user"
    PERSONA = "persona"
    MODEL = "model"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class InForce:
    """The value of a parameter, and whose it is; None: a random seed."""

    value: float | None
    origin: Origin


def in_force(
    user: Mapping[str, object], persona: Mapping[str, object], model: Mapping[str, object]
) -> dict[str, InForce]:
    """Join what everybody says: the user's setting, the persona's, the model's recommendation, our default.

    This is the only place where they are joined, for every reply in a chat, a quiz or an evaluation.

    Args:
        user: The user's settings; None means not set.
        persona: What the persona's file sets.
        model: What the model's makers recommend.

    Returns:
        For every parameter of `OFFERED` its value and origin.
    """
    layers = ((Origin.USER, user), (Origin.PERSONA, persona), (Origin.MODEL, model))
    found: dict[str, InForce] = {}
    for name in OFFERED:
        # A seed that nobody sets is drawn anew for each reply.
        found[name] = InForce(None if name == "seed" else BY_NAME[name].usual, Origin.DEFAULT)
        for origin, values in layers:
            value = values.get(name)
            if isinstance(value, int | float):
                found[name] = InForce(value, origin)
                break
    return found


def drawing(chosen: Mapping[str, InForce]) -> dict[str, float]:
    """Keep what decides a single token: all but the reply's length and seed, which a measurement sets."""
    return {
        name: found.value
        for name, found in chosen.items()
        if found.value is not None and name not in ("max_tokens", "seed")
    }
