"""What a measure may ask of a model, wherever that model runs.

Measures are defined on texts and messages, not on tensors, so that the same measure judges our Transformer,
transformers' classes and a server on the network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from aigc_tui.corpora.records import DialogueMessage, Record
from aigc_tui.evaluation.scoring import Scored
from aigc_tui.message import AppError, Message

Progress = Callable[[Message | str, int, int], None]
"""Told what is being measured, how much of it is done and how much there is (0: nobody knows)."""


class EvaluationError(AppError, ValueError):
    """The model or the text cannot be used; the message is one line."""


class NoProbabilitiesError(EvaluationError):
    """The model answers, but does not tell how likely a given text is."""


GREEDY: Mapping[str, float] = MappingProxyType({"temperature": 0.0})
"""Takes the likeliest token each time."""


@dataclass(frozen=True, slots=True)
class Draw:
    """How a reply is sampled.

    Args:
        limit: Most tokens.
        sampling: Values of `config.sampling.PARAMETERS` by name; what is missing is neutral.
        seed: Of the reply.
    """

    limit: int
    sampling: Mapping[str, float] = field(default_factory=lambda: GREEDY)
    seed: int = 0


class EvaluatedModel(Protocol):
    """A model under test."""

    @property
    def engine(self) -> str:
        """What computes it: scratch, transformers or openai."""
        ...

    def score(self, record: Record) -> Scored:
        """Score every word of a text or of a dialogue.

        Raises:
            EvaluationError: The model cannot score it.
        """
        ...

    def score_replies(self, before: Sequence[DialogueMessage], replies: Sequence[str]) -> list[Scored]:
        """Score each of several texts as the assistant's next turn after ``before``.

        Raises:
            EvaluationError: The model cannot score them.
        """
        ...

    def best_span(self, before: Sequence[DialogueMessage], passage: str) -> str:
        """Return the span of ``passage`` that is most probable as the assistant's whole next turn.

        Raises:
            EvaluationError: The model cannot score spans.
        """
        ...

    def reply(self, before: Sequence[DialogueMessage], draw: Draw) -> str:
        """Return the model's next turn after ``before``."""
        ...
