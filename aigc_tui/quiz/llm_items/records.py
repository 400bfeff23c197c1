"""What a model made of a slot, and the names of what can be wrong with its proposals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from aigc_tui.engine.protocol import Failed
from aigc_tui.message import AppError, Message
from aigc_tui.quiz.planning.records import Filled

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
        super().__init__(Message(failure.message))
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
