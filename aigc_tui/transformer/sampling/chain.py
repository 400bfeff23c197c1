"""The chain: which filters the logits pass on their way to a token, in an order that is data.

The same settings give other texts in another order (transformers takes the temperature first,
llama.cpp last), so the order is part of the settings, is shown to the user, and is what runs. Each link says
of itself whether it is switched on, so that a setting can never seem to work while its link is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

import torch
from torch import Tensor

from aigc_tui.transformer.sampling.filters import (
    COLDEST,
    dynamic_temperature,
    epsilon,
    eta,
    guidance,
    min_p,
    mirostat_1,
    mirostat_2,
    start,
    top_h,
    top_k,
    top_n_sigma,
    top_p,
    typical,
    updated,
    xtc,
)
from aigc_tui.transformer.sampling.narrowing import LEAST_VOCABULARY, NARROWING, race
from aigc_tui.transformer.sampling.penalties import (
    dry,
    encoder_repetition_penalty,
    frequency_penalty,
    no_repeat_ngram,
    presence_penalty,
    repetition_penalty,
    sequence_bias,
)
from aigc_tui.transformer.sampling.settings import TEMPERATURE_FIRST, SamplingError, SamplingSettings

MODEL = "model"
"""The name of the stage before all filters."""
_NOTHING = torch.empty(0, dtype=torch.long)


@dataclass(slots=True)
class Context:
    """What the filters look at beside the logits. Token tensors are (T,), or (B, T) for logits (B, V)."""

    recent: Tensor = field(default_factory=lambda: _NOTHING)
    """What the repetition penalty looks at: the last tokens of prompt and reply."""
    text: Tensor = field(default_factory=lambda: _NOTHING)
    """What DRY and sequence biases look at: all of the text so far, or as much as the caller cares for."""
    reply: Tensor = field(default_factory=lambda: _NOTHING)
    """The tokens made so far, for presence, frequency and n-grams."""
    prompt: Tensor = field(default_factory=lambda: _NOTHING)
    """The tokens of the prompt, for the encoder repetition penalty."""
    breakers: Collection[int] = ()
    """Tokens that no repetition of DRY reaches across."""
    unconditional: Tensor | None = None
    """The logits without the prompt, for guidance."""
    generator: torch.Generator = field(default_factory=torch.Generator)
    """The source of chance."""
    mu: float | None = None
    """The state of mirostat; None before the first token."""


class Kind(StrEnum):
    """What a filter does to the distribution."""

    PENALTY = "penalty"
    """Changes what the model prefers; holds when the best token is taken, too."""
    SHAPE = "shape"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class Link:
    """One filter of the chain.

    Args:
        name: As orders and screens name it.
        kind: What it does.
        is_on: Whether the settings ask for it.
        apply: The filter, with its settings and what it looks at.
        sees: The tokens of the context that it looks at, by their field; empty: none.
    """

    name: str
    kind: Kind
    is_on: Callable[[SamplingSettings], bool]
    apply: Callable[[Tensor, SamplingSettings, Context], Tensor]
    sees: str = ""


def _guided(logits: Tensor, s: SamplingSettings, c: Context) -> Tensor:
    if c.unconditional is None:
        raise SamplingError("guidance needs the logits without the prompt; use guided decoding")
    return guidance(logits, c.unconditional, s.guidance_scale)


def _warmed(logits: Tensor, s: SamplingSettings, _: Context) -> Tensor:
    low, high = s.temperature - s.dynamic_temperature, s.temperature + s.dynamic_temperature
    return dynamic_temperature(logits, max(low, 0.0), high, s.dynamic_exponent)


def _dry(logits: Tensor, s: SamplingSettings, c: Context) -> Tensor:
    return dry(logits, c.text, s.dry_multiplier, s.dry_base, s.dry_allowed_length, s.dry_range, c.breakers)


def _mirostat(logits: Tensor, s: SamplingSettings, c: Context) -> Tensor:
    mu = start(s.mirostat_tau) if c.mu is None else c.mu
    return mirostat_1(logits, mu) if s.mirostat == 1 else mirostat_2(logits, mu)


_P, _S, _C = Kind.PENALTY, Kind.SHAPE, Kind.CUT

_LINKS = (
    Link("guidance", _P, lambda s: s.guidance_scale != 1.0, _guided),
    Link(
        "sequence_bias",
        _P,
        lambda s: bool(s.sequence_bias),
        lambda x, s, c: sequence_bias(x, c.text, s.sequence_bias),
        "text",
    ),
    Link(
        "encoder_repetition_penalty",
        _P,
        lambda s: s.encoder_repetition_penalty != 1.0,
        lambda x, s, c: encoder_repetition_penalty(x, c.prompt, s.encoder_repetition_penalty),
        "prompt",
    ),
    Link(
        "repetition_penalty",
        _P,
        lambda s: s.repetition_penalty != 1.0,
        lambda x, s, c: repetition_penalty(x, c.recent, s.repetition_penalty),
        "recent",
    ),
    Link(
        "presence_penalty",
        _P,
        lambda s: s.presence_penalty != 0.0,
        lambda x, s, c: presence_penalty(x, c.reply, s.presence_penalty),
        "reply",
    ),
    Link(
        "frequency_penalty",
        _P,
        lambda s: s.frequency_penalty != 0.0,
        lambda x, s, c: frequency_penalty(x, c.reply, s.frequency_penalty),
        "reply",
    ),
    Link(
        "no_repeat_ngram",
        _P,
        lambda s: s.no_repeat_ngram > 0,
        lambda x, s, c: no_repeat_ngram(x, c.reply, s.no_repeat_ngram),
        "reply",
    ),
    Link("dry", _P, lambda s: s.dry_multiplier > 0.0, _dry, "text"),
    Link("temperature", _S, lambda s: s.temperature != 1.0 or s.dynamic_temperature > 0.0, _warmed),
    Link("top_n_sigma", _C, lambda s: s.top_n_sigma > 0.0, lambda x, s, c: top_n_sigma(x, s.top_n_sigma)),
    Link("top_h", _C, lambda s: s.top_h < 1.0, lambda x, s, c: top_h(x, s.top_h)),
    Link("top_k", _C, lambda s: s.top_k > 0, lambda x, s, c: top_k(x, s.top_k)),
    Link("top_p", _C, lambda s: s.top_p < 1.0, lambda x, s, c: top_p(x, s.top_p)),
    Link("min_p", _C, lambda s: s.min_p > 0.0, lambda x, s, c: min_p(x, s.min_p)),
    Link("typical_p", _C, lambda s: s.typical_p < 1.0, lambda x, s, c: typical(x, s.typical_p)),
    Link("epsilon", _C, lambda s: s.epsilon > 0.0, lambda x, s, c: epsilon(x, s.epsilon)),
    Link("eta", _C, lambda s: s.eta > 0.0, lambda x, s, c: eta(x, s.eta)),
    Link(
        "xtc",
        _C,
        lambda s: s.xtc_probability > 0.0,
        lambda x, s, c: xtc(x, s.xtc_probability, s.xtc_threshold, c.generator),
    ),
    Link("mirostat", _C, lambda s: s.mirostat > 0, _mirostat),
)
LINKS = {link.name: link for link in _LINKS}
"""All filters by name."""


@lru_cache(64)
def links(settings: SamplingSettings) -> tuple[Link, ...]:
    """Return the filters that run with these settings, first one first.

    Raises:
        SamplingError: The order lacks a filter that the settings switch on, or knows one that does not exist.
    """
    if unknown := [name for name in settings.order if name not in LINKS]:
        raise SamplingError(
            "there is no filter named {name!r}; known: {known}", name=unknown[0], known=tuple(LINKS)
        )
    missing = [name for name in TEMPERATURE_FIRST if name not in settings.order and _runs(name, settings)]
    if missing:
        raise SamplingError(
            "{name} is set but the order does not name it, so it would have no effect", name=missing[0]
        )
    return tuple(LINKS[name] for name in settings.order if _runs(name, settings))


def _runs(name: str, settings: SamplingSettings) -> bool:
    link = LINKS[name]
    return link.is_on(settings) and (link.kind is Kind.PENALTY or not is_greedy(settings))


def is_greedy(settings: SamplingSettings) -> bool:
    """Tell whether the best token is taken, without chance; only penalties count then."""
    return settings.temperature + settings.dynamic_temperature < COLDEST


def steps(logits: Tensor, settings: SamplingSettings, context: Context) -> Iterator[tuple[Link, Tensor]]:
    """Send logits through the chain, and yield each filter with the logits behind it.

    Args:
        logits: Shape (V,) or (B, V).
        settings: What to do in which order.
        context: What the filters look at.
    """
    logits = logits.float()
    for link in links(settings):
        logits = link.apply(logits, settings, context)
        yield link, logits


def filtered(logits: Tensor, settings: SamplingSettings, context: Context) -> Tensor:
    """Send logits (V,) or (B, V) through the chain and return what comes out."""
    logits = logits.float()
    for link in links(settings):
        logits = link.apply(logits, settings, context)
    return logits


def drawn(logits: Tensor, settings: SamplingSettings, generator: torch.Generator) -> Tensor:
    """Draw a token from each row of filtered logits (V,) or (B, V); returns shape () or (B,)."""
    if is_greedy(settings):
        return logits.argmax(-1)
    return race(logits, generator)


class Watcher(Protocol):
    """Looks on while a token is chosen."""

    def stage(self, name: str, logits: Tensor) -> None:
        """See the logits (V,) behind a filter; the first stage is the model itself, named `MODEL`."""
        ...

    def chosen(self, token: int) -> None:
        """See the token that was drawn."""
        ...


def choose(
    logits: Tensor, settings: SamplingSettings, context: Context, watcher: Watcher | None = None
) -> int:
    """Filter logits (V,), draw a token, and move mirostat's state in `context` on."""
    before = logits = logits.float()
    if watcher is None and not settings.mirostat and not is_greedy(settings):
        return _chosen(logits, settings, context)
    if watcher:
        watcher.stage(MODEL, logits)
    for link, after in steps(logits, settings, context):
        before = logits if link.name == "mirostat" else before
        logits = after
        if watcher:
            watcher.stage(link.name, logits)
    token = int(drawn(logits, settings, context.generator))
    if settings.mirostat and not is_greedy(settings):
        mu = start(settings.mirostat_tau) if context.mu is None else context.mu
        context.mu = updated(before, token, mu, settings.mirostat_tau, settings.mirostat_eta)
    if watcher:
        watcher.chosen(token)
    return token


def _chosen(logits: Tensor, settings: SamplingSettings, context: Context) -> int:
    """Do as `choose`, but from the first cut on with the tokens alone that it leaves."""
    chain, size = links(settings), logits.shape[-1]
    first = next((place for place, link in enumerate(chain) if link.kind is Kind.CUT), len(chain))
    for link in chain[:first]:
        logits = link.apply(logits, settings, context)
    rest = chain[first:]
    # A penalty knows tokens by their place among all.
    if rest and size >= LEAST_VOCABULARY and all(link.kind is not Kind.PENALTY for link in rest):
        narrow = NARROWING.get(rest[0].name)
        few = narrow(logits, settings) if narrow else None
        if few is not None:
            left = few.logits
            for link in rest[1:]:
                left = link.apply(left, settings, context)
            return int(few.tokens[race(left, context.generator, size, few.tokens)])
    for link in rest:
        logits = link.apply(logits, settings, context)
    return int(race(logits, context.generator))
