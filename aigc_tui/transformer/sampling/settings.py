"""The settings of the chain: one field a filter, each neutral unless set.

Whoever samples tokens (the chat, samples during training, the decoding strategies) describes what it wants in
this one type; a filter that is not asked for costs nothing and changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from aigc_tui.message import AppError

TEMPERATURE_FIRST = (
    "guidance",
    "sequence_bias",
    "encoder_repetition_penalty",
    "repetition_penalty",
    "presence_penalty",
    "frequency_penalty",
    "no_repeat_ngram",
    "dry",
    "temperature",
    "top_n_sigma",
    "top_h",
    "top_k",
    "top_p",
    "min_p",
    "typical_p",
    "epsilon",
    "eta",
    "xtc",
    "mirostat",
)
"""The order of transformers (version 5.23), with what it lacks fitted in: the filters cut what the
temperature left, so a high temperature lets more tokens through top-p and its kin."""

TEMPERATURE_LAST = (
    "guidance",
    "sequence_bias",
    "encoder_repetition_penalty",
    "repetition_penalty",
    "presence_penalty",
    "frequency_penalty",
    "no_repeat_ngram",
    "dry",
    "top_n_sigma",
    "top_h",
    "top_k",
    "typical_p",
    "top_p",
    "min_p",
    "epsilon",
    "eta",
    "xtc",
    "temperature",
    "mirostat",
)
"""The order of llama.cpp: the filters see the model's own distribution, and the temperature only shares out
among the tokens that stayed."""

ORDERS = {"temperature-first": TEMPERATURE_FIRST, "temperature-last": TEMPERATURE_LAST}
"""The named orders."""


class SamplingError(AppError, ValueError):
    """A sampling setting makes no sense."""


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How the next token is drawn. The defaults are neutral: they draw from the model's own distribution.

    `docs/sampling.md` has a table of all of them.
    """

    guidance_scale: float = 1.0
    sequence_bias: tuple[tuple[tuple[int, ...], float], ...] = ()
    encoder_repetition_penalty: float = 1.0
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    no_repeat_ngram: int = 0
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    dry_range: int = 0
    temperature: float = 1.0
    """0 takes the best token after the penalties, without chance."""
    dynamic_temperature: float = 0.0
    """How far the temperature moves to either side with the entropy; 0: it stays."""
    dynamic_exponent: float = 1.0
    top_n_sigma: float = 0.0
    top_h: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    typical_p: float = 1.0
    epsilon: float = 0.0
    eta: float = 0.0
    xtc_probability: float = 0.0
    xtc_threshold: float = 0.1
    mirostat: int = 0
    """1 or 2: the version of the algorithm; 0: off."""
    mirostat_tau: float = 5.0
    mirostat_eta: float = 0.1
    order: tuple[str, ...] = TEMPERATURE_FIRST


def order_of(text: str) -> tuple[str, ...]:
    """Read an order: the name of one in `ORDERS`, or the filters' names with commas between them.

    Raises:
        SamplingError: A name is unknown or comes twice.
    """
    if text in ORDERS:
        return ORDERS[text]
    names = tuple(name.strip().replace("-", "_") for name in text.split(",") if name.strip())
    for name in names:
        if name not in TEMPERATURE_FIRST:
            known = ", ".join((*ORDERS, *TEMPERATURE_FIRST))
            raise SamplingError(
                "there is no filter named {name!r} to order; known: {known}", name=name, known=known
            )
        if names.count(name) > 1:
            raise SamplingError("the order names {name} more than once", name=name)
    return names
