"""What each filter did to the distribution, step by step, for people to look at.

`aigc-tui model sample` shows it: nothing explains a filter better than the tokens that it cut. A trace looks
on while tokens are sampled (`Watcher`), so that what is shown is what happened; for strategies that look
ahead, `replay` sends the finished text through the chain once more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from aigc_tui.transformer.decoding.model import DecodingModel
from aigc_tui.transformer.sampling import MODEL, Context, SamplingSettings, steps
from aigc_tui.transformer.sampling.filters import NEVER, entropy


@dataclass(frozen=True, slots=True)
class TraceStage:
    """The distribution behind one filter.

    Args:
        name: The filter's, or `model` for what came in.
        kept: Tokens that can still come.
        bits: The entropy in bits.
        best: The likeliest tokens with their probability.
        removed: The likeliest of those that this filter cut, with their probability before.
        removed_mass: What all that it cut held of the probability before.
    """

    name: str
    kept: int
    bits: float
    best: tuple[tuple[int, float], ...]
    removed: tuple[tuple[int, float], ...]
    removed_mass: float


@dataclass(slots=True)
class TraceStep:
    """One token's way through the chain."""

    stages: list[TraceStage] = field(default_factory=list)
    token: int = -1
    probability: float = 0.0
    """Of the token that was chosen, behind the last filter."""


class Trace:
    """Keeps what it sees of the first steps.

    Args:
        limit: How many steps to keep.
        top: How many tokens of each distribution.
    """

    def __init__(self, limit: int, top: int) -> None:
        self._limit, self._top = limit, top
        self._before: Tensor | None = None
        self._full = False
        self.steps: list[TraceStep] = []

    def stage(self, name: str, logits: Tensor) -> None:
        if name == MODEL:
            self._full = len(self.steps) == self._limit
            if not self._full:
                self.steps.append(TraceStep())
                self._before = None
        if not self._full:
            self.steps[-1].stages.append(stage(name, logits, self._before, self._top))
            self._before = logits

    def chosen(self, token: int) -> None:
        if not self._full and self._before is not None:
            self.steps[-1].token = token
            self.steps[-1].probability = float(self._before.softmax(-1)[token])


def stage(name: str, logits: Tensor, before: Tensor | None, top: int) -> TraceStage:
    """Describe a distribution.

    Args:
        name: The filter's name.
        logits: The logits behind it (V,).
        before: Those in front of it; None: there was nothing in front.
        top: How many tokens to list.
    """
    gone = (logits == NEVER) if before is None else (logits == NEVER) & (before > NEVER)
    old = torch.zeros_like(logits) if before is None else before.softmax(-1)
    lost = torch.where(gone, old, torch.zeros_like(old))
    return TraceStage(
        name,
        int((logits > NEVER).sum()),
        float(entropy(logits)) / math.log(2),
        _listed(logits.softmax(-1), top),
        _listed(lost, top),
        float(lost.sum()),
    )


def _listed(chances: Tensor, top: int) -> tuple[tuple[int, float], ...]:
    best = torch.topk(chances, min(top, len(chances)))
    pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return tuple((token, chance) for token, chance in pairs if chance > 0)


def replay(
    model: DecodingModel,
    prompt: Sequence[int],
    made: Sequence[int],
    settings: SamplingSettings,
    context: Context,
    trace: Trace,
) -> None:
    """Send a finished text through the chain, for the trace to see.

    Args:
        model: The model; it has read nothing yet.
        prompt: The tokens before.
        made: The tokens that some strategy made.
        settings: The chain.
        context: Its breakers and source of chance; the tokens are filled in.
        trace: Looks on.
    """
    logits = model.forward(torch.tensor([[*prompt, *made]]), len(made) + 1)[0]
    for place, token in enumerate(made):
        seen = torch.tensor([*prompt, *made[:place]])
        context.recent = context.text = seen
        context.prompt, context.reply = seen[: len(prompt)], seen[len(prompt) :]
        trace.stage(MODEL, logits[place].float())
        for link, after in steps(logits[place], settings, context):
            trace.stage(link.name, after)
        trace.chosen(token)
