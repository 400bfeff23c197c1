"""The values that a request to a model is made of and its answer comes in: messages, forms, reasons, scores.

Free of torch, so that the interface process can hold them, too; `engine.protocol` passes them on.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Who speaks a message; the only roles a chat template is ever given."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One turn as the model sees it. The content is text only: no special token in it becomes a role."""

    role: Role
    content: str


class FinishReason(StrEnum):
    """Why a reply ended."""

    STOP = "stop"
    """The model ended its turn, or wrote a stop string."""
    LENGTH = "length"
    """The limit of new tokens, or of the context, was reached."""
    CANCELLED = "cancelled"
    """The user pressed stop."""


class GrammarKind(StrEnum):
    """The language that a grammar is written in."""

    JSON_SCHEMA = "json_schema"
    LARK = "lark"
    """Lark's notation as llguidance reads it (its docs/syntax.md)."""
    REGEX = "regex"


@dataclass(frozen=True, slots=True)
class Grammar:
    """The form that a whole reply must have; no other token can be sampled.

    Not a guarantee: where llguidance is missing, and on servers that refuse it, the model writes freely, and
    a reply that is cut at its token limit is cut inside the form. So the caller parses strictly in any case.
    A JSON schema is the form that works on servers, too.
    """

    kind: GrammarKind
    text: str


@dataclass(frozen=True, slots=True)
class Score:
    """How likely a model finds one continuation."""

    logprob: float
    """The sum of the natural logarithms of its tokens' probabilities, each given all before it."""
    tokens: int
    """How many tokens it has; at least one, unless it is empty."""

    @property
    def mean(self) -> float:
        """The log-probability per token, so that long words are not punished for their length."""
        return self.logprob / max(self.tokens, 1)
