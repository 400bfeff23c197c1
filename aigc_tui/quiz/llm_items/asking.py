"""Ask a model one short question and get an object of fields back, or nothing; and what became of a slot.

A grammar makes well-formed answers likely, not certain (a server may refuse schemas, a reply is cut at its
limit), so every reply is parsed strictly; anything else counts as a failed attempt.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from aigc_tui.engine.protocol import (
    ChatMessage,
    Delta,
    Done,
    Engine,
    Failed,
    FailureCode,
    FinishReason,
    GenerateRequest,
    Grammar,
    GrammarKind,
    ModelSpec,
    Role,
    Sampling,
    Score,
    ScoreRequest,
)
from aigc_tui.ids import uuid7
from aigc_tui.message import AppError
from aigc_tui.quiz.planning.records import Filled
from aigc_tui.text import clean

TOO_SHORT = "too_short"
WRONG_LANGUAGE = "wrong_language"
NOT_A_QUESTION = "not_a_question"
LEAK = "stem_leak"
"""The same as the check of `quiz.checks`, found before the others."""
WRONG_KIND = "wrong_kind"
REPEATS = "repeats"
OFF_THE_SENTENCE = "off_the_sentence"
INVENTED = "invented"
TWO_KEYS = "two_keys"
UNREADABLE = "unreadable"
READER, NEEDS_LESSON = "reader", "needs_lesson"
"""The reader's checks in an item: it picks the key with the passage; it could not without."""

LABELS: Mapping[str, str] = MappingProxyType(
    {
        TOO_SHORT: "checks.too_short",
        WRONG_LANGUAGE: "checks.wrong_language",
        NOT_A_QUESTION: "checks.not_a_question",
        WRONG_KIND: "checks.wrong_kind",
        REPEATS: "checks.repeats",
        OFF_THE_SENTENCE: "checks.off_the_sentence",
        INVENTED: "checks.invented",
        TWO_KEYS: "checks.two_keys",
        UNREADABLE: "checks.unreadable",
        READER: "checks.reader",
        NEEDS_LESSON: "checks.needs_lesson",
    }
)
"""What each demands, as keys of the catalogues; those of `quiz.checks` stand in its registry."""


class ModelFailedError(AppError):
    """The model cannot be asked at all; what is made so far stays. The message is the engine's one line."""

    def __init__(self, failure: Failed) -> None:
        super().__init__(failure.message)
        self.code = failure.code


@dataclass(frozen=True, slots=True)
class Proposed:
    """The model's item passed everything; `refused` names what was wrong with the attempts before it."""

    filled: Filled
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declined:
    """No attempt passed: the rule-made item stays. One reason an attempt; none: it was never asked."""

    refused: tuple[str, ...] = ()


Proposal: TypeAlias = Proposed | Declined
SamplingOf: TypeAlias = Callable[[ModelSpec], Sampling]
"""Tells how a model is sampled, by the user's settings and its makers' recommendation."""


_TRY_AGAIN = frozenset({FailureCode.GRAMMAR_REFUSED, FailureCode.PROMPT_TOO_LONG})
"""Failures of one question, after which the next may well go through."""
_LONGEST_REPLY = 8192


@dataclass(frozen=True, slots=True)
class Asker:
    """A model behind an engine."""

    engine: Engine
    model: ModelSpec
    sampling: Sampling = field(default_factory=Sampling)
    """How the user, the model's makers or our defaults have it sampled."""

    async def ask(
        self, prompt: str, schema: Mapping[str, Any], seed: int, max_tokens: int
    ) -> dict[str, Any] | None:
        """Ask for an object of a JSON schema; None when the reply is none, or is cut at `max_tokens`.

        The same question with the same seed gets the same answer (of a local model).

        Raises:
            ModelFailedError: The model cannot be asked.
        """
        request = GenerateRequest(
            uuid7(),
            self.model,
            (ChatMessage(Role.USER, prompt),),
            _sampling(self.sampling, seed, max_tokens),
            grammar=Grammar(GrammarKind.JSON_SCHEMA, json.dumps(schema, ensure_ascii=False)),
        )
        reply = _Reply()
        async with aclosing(self.engine.generate(request)) as events:
            async for event in events:
                if isinstance(event, Failed):
                    if event.code in _TRY_AGAIN:
                        return None
                    raise ModelFailedError(event)
                reply.take(event)
        return read_object(reply.text) if reply.whole else None

    async def score(self, prompt: str, words: tuple[str, ...]) -> tuple[Score, ...] | None:
        """Tell how likely the model finds words as the reply to a prompt; None: it cannot be told."""
        messages = (ChatMessage(Role.USER, prompt),)
        return await self._score(ScoreRequest(uuid7(), self.model, messages, words))

    async def score_text(self, text: str, words: tuple[str, ...]) -> tuple[Score, ...] | None:
        """Tell how likely the model finds words behind a plain text; None: it cannot be told."""
        return await self._score(ScoreRequest(uuid7(), self.model, (), words, text))

    async def _score(self, request: ScoreRequest) -> tuple[Score, ...] | None:
        scored = await self.engine.score(request)
        if scored.failure is None:
            return scored.scores
        if scored.failure.code in _TRY_AGAIN | {FailureCode.NOT_OFFERED}:
            return None
        raise ModelFailedError(scored.failure)


@dataclass(slots=True)
class _Reply:
    whole: bool = False
    _pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def take(self, event: object) -> None:
        if isinstance(event, Delta):
            self._pieces.append(event.text)
        elif isinstance(event, Done):
            self.whole = event.reason is not FinishReason.CANCELLED


def _sampling(chosen: Sampling, seed: int, max_tokens: int) -> Sampling:
    # No penalty on repetition, whoever asks for one: the question must use the sentence's own words, and JSON
    # its marks.
    return replace(
        chosen,
        repetition_penalty=1.0,
        presence_penalty=0.0,
        frequency_penalty=0.0,
        no_repeat_ngram=0,
        dry_multiplier=0.0,
        seed=seed % 2**31,
        max_tokens=max_tokens,
        stop=(),
    )


def read_object(text: str) -> dict[str, Any] | None:
    """Read a reply as one JSON object of clean texts; a fence of ``` around it is forgiven, nothing else."""
    body = text.strip()
    if len(body) > _LONGEST_REPLY:
        return None
    if body.startswith("```") and body.endswith("```"):
        body = body.strip("`").removeprefix("json").strip()
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def text_of(value: Mapping[str, Any] | None, name: str) -> str:
    """One field as clean text on one line; empty when it is none."""
    found = value.get(name) if value else None
    return " ".join(clean(found).split()) if isinstance(found, str) else ""


def texts_of(value: Mapping[str, Any] | None, name: str, most: int) -> tuple[str, ...]:
    """One field as a list of clean texts, empty ones left out."""
    found = value.get(name) if value else None
    if not isinstance(found, list):
        return ()
    texts = (" ".join(clean(one).split()) for one in found[:most] if isinstance(one, str))
    return tuple(text for text in texts if text)
