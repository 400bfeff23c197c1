"""The names of what can be wrong with a model's proposal, and where their words stand.

Why it exists: a refusal is told to the model, counted in the quiz's yield and shown to people in their
language. Its one name is the catalogue's key behind `checks.`, like that of every check.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

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
