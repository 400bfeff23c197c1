"""How a reply's next token is drawn: the chain of `transformer.sampling`, with what one reply remembers.

Why it exists: the filters are pure functions that know nothing of replies. Here the request's settings become
the chain's, the tokens of the chat become what the penalties look at, and what goes on from token to token
(the source of chance, mirostat's level) is kept.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace

import torch
from torch import Tensor

from aigc_tui.engine.protocol import Sampling
from aigc_tui.inference.grammar import Guide
from aigc_tui.transformer import sampling as chain
from aigc_tui.transformer.sampling import Context, Settings, order_of

BREAKING_MARKS = '\n:"*：“”「」『』'
"""No repetition that DRY counts reaches across a token with one of these: line ends, quotation, emphasis."""
_SHARED = frozenset(item.name for item in fields(Settings)) & {item.name for item in fields(Sampling)}


class ScoresError(ArithmeticError):
    """A model's scores are no numbers to draw by; its weights are damaged, or too large for their type."""


@dataclass(frozen=True, slots=True)
class History:
    """The tokens that penalties look at."""

    recent: Sequence[int]
    """The last tokens of prompt and reply, control tokens left out: for the repetition penalty."""
    reply: Sequence[int]
    """The tokens of the reply so far: for presence, frequency and n-grams."""
    text: Sequence[int] = ()
    """The last tokens of prompt and reply, more of them and with control tokens: for DRY."""


def settings_of(sampling: Sampling) -> Settings:
    """Turn a request's settings into the chain's.

    Raises:
        SamplingError: The order names a filter that does not exist.
    """
    values = {name: getattr(sampling, name) for name in _SHARED}
    return Settings(**values, order=order_of(sampling.sampling_order))


class Drawer:
    """Draws the tokens of one reply.

    Args:
        sampling: How; its seed decides the draws, and without one they differ from run to run.
        breakers: Tokens that no repetition reaches across, for DRY.
        guide: The form that the reply must have. It comes first: the filters choose among what it allows.

    Raises:
        SamplingError: The order makes no sense.
    """

    def __init__(
        self, sampling: Sampling, breakers: Collection[int] = (), guide: Guide | None = None
    ) -> None:
        # The marks of a form must repeat; a ban on repetition could leave no token at all.
        free = sampling if guide is None else replace(sampling, no_repeat_ngram=0)
        self._settings = settings_of(free)
        self._guide = guide
        self._context = Context(breakers=breakers)
        seed = int.from_bytes(os.urandom(7)) if sampling.seed is None else sampling.seed
        self._context.generator.manual_seed(seed)

    @property
    def over(self) -> bool:
        """Whether the reply's form is complete."""
        return self._guide is not None and self._guide.over

    def forced(self) -> Sequence[int]:
        """The tokens that the reply's form forces next; nothing needs to be drawn for them."""
        return () if self._guide is None else self._guide.forced()

    def draw(self, scores: Tensor, history: History) -> int:
        """Choose the next token.

        Args:
            scores: The model's scores for it (V,).
            history: What the penalties look at.

        Raises:
            ScoresError: A score is NaN or infinite, or no token may come.
            GrammarError: The form's automaton gave up.
        """
        # The largest one tells of all: NaN beats every number, and -inf alone may rule a token out.
        if not bool(scores.max().isfinite()):
            raise ScoresError("the model's scores are no finite numbers; copy or pull it again")
        if self._guide is not None:
            scores = self._guide.masked(scores)
        self._context.recent = torch.tensor(history.recent, dtype=torch.long)
        self._context.reply = torch.tensor(history.reply, dtype=torch.long)
        self._context.text = torch.tensor(history.text, dtype=torch.long)
        token = chain.choose(scores, self._settings, self._context)
        if self._guide is not None:
            self._guide.take(token)
        return token
