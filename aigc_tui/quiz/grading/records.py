"""What a grade holds: judgement, rule, score, and a note that the catalogue words for people."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from aigc_tui.locale import Translate


class Judgement(StrEnum):
    """How right an answer is."""

    CORRECT = "correct"
    PARTIAL = "partial"
    INCORRECT = "incorrect"


class By(StrEnum):
    """Which rule decided."""

    EXACT = "exact"
    """Equal to the key, apart from case, width, spaces and marks."""
    ACCEPTED = "accepted"
    """Another way to write an accepted answer: script, number words, units, articles, plural."""
    OVERLAP = "overlap"
    """By the words, pairs or steps shared with the key."""
    MODEL = "model"
    """A language model's suggestion; never more than that."""


Response: TypeAlias = int | str | bool | tuple[tuple[str, str], ...] | tuple[str, ...] | None
"""What was answered, in the shape of the item's answer; an option may also be named by its text or letter.
None: nothing was answered."""


@dataclass(frozen=True, slots=True)
class Grade:
    """The verdict on one answer.

    Args:
        score: From 0 to 1.
        note: What was missing, by `note_of`; empty when there is nothing to say.
    """

    verdict: Judgement
    by: By
    score: float
    note: str = ""


NOTHING = "nothing was answered"
NEGATION = "a negation too many or too few"
SPELLING = "the spelling is"
MISSING = "not mentioned"
NUMBER = "another number"


def note_of(kind: str, words: str = "") -> str:
    """Make a note: one of the kinds above, and the words that it is about."""
    return f"{kind}: {words}" if words else kind


def worded(note: str, t: Translate) -> str:
    """A note of a grade in the user's language; one that nobody here made stays as it is."""
    kind, _, words = note.partition(": ")
    known = {
        NOTHING: t("practice.note_nothing"),
        NEGATION: t("practice.note_negation"),
        SPELLING: t("practice.note_spelling", words=words),
        MISSING: t("practice.note_missing", words=words),
        NUMBER: t("practice.note_number", words=words),
    }
    return known.get(kind, note)
