"""What requests to a model are made of and its answers come in: messages, grammars, scores, reports.

Free of torch, so that the interface process can hold them, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class SampleRequest:
    """What to continue and how.

    Args:
        folder: The model's folder.
        prompt: Plain text to continue, if there are no messages.
        messages: A chat as (role, text), put through the model's template.
        strategy: `greedy`, `sample`, `beam`, `diverse-beam`, `contrastive`, `prompt-lookup` or `draft`.
        settings: Fields of `transformer.sampling.SamplingSettings` that are not neutral.
        order: The filters' order, by name or as a list with commas.
        biases: Texts whose last token gets a bonus where the others came before.
        negative: What guidance compares with; empty: the bare start of a text.
        draft: The folder of the draft model.
        options: What the strategy takes: `beams`, `ahead`, ...
    """

    folder: str
    prompt: str = ""
    messages: tuple[tuple[str, str], ...] = ()
    strategy: str = "sample"
    settings: Mapping[str, float] = field(default_factory=dict)
    order: str = "temperature-first"
    biases: tuple[tuple[str, float], ...] = ()
    negative: str = ""
    draft: str = ""
    options: Mapping[str, float] = field(default_factory=dict)
    max_tokens: int = 64
    steps: int = 1
    top: int = 10
    seed: int = 0
    reserve_mb: int = 512


@dataclass(frozen=True, slots=True)
class ShownToken:
    """A token with its probability."""

    id: int
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class ShownStage:
    """The distribution behind one filter; `filter` is `model` for what came in.

    Args:
        filter: Its name.
        kept: Tokens that can still come.
        entropy: In bits.
        tokens: The likeliest ones.
        removed: The likeliest of those that it cut, with their probability before.
        removed_probability: What all that it cut held before.
    """

    filter: str
    kept: int
    entropy: float
    tokens: tuple[ShownToken, ...]
    removed: tuple[ShownToken, ...]
    removed_probability: float


@dataclass(frozen=True, slots=True)
class ShownStep:
    """One token's way through the chain."""

    step: int
    stages: tuple[ShownStage, ...]
    chosen: ShownToken


@dataclass(frozen=True, slots=True)
class ShownText:
    """A text that was made; `score` is the beams' (log-probability over length ** penalty), else None."""

    text: str
    tokens: int
    score: float | None


@dataclass(frozen=True, slots=True)
class ShownGuesses:
    """What guessing ahead saved."""

    passes: int
    proposed: int
    accepted: int


@dataclass(frozen=True, slots=True)
class SampleReport:
    """How the tokens were chosen, and what text that gave, best first.

    Args:
        strategy: How it was searched.
        seed: Which repeats it.
        prompt_tokens: How many tokens the prompt has.
        order: The filters that ran, first one first.
        steps: The first steps.
        texts: What was made.
        guesses: For strategies that guess ahead.
    """

    strategy: str
    seed: int
    prompt_tokens: int
    order: tuple[str, ...]
    steps: tuple[ShownStep, ...]
    texts: tuple[ShownText, ...]
    guesses: ShownGuesses | None
