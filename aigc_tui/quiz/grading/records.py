"""What grading says of an answer.

Why it exists: a learner must see not only that an answer counts, but by which rule, to be able to object.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


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
        note: One English line for people: what was missing; empty when there is nothing to say.
    """

    verdict: Judgement
    by: By
    score: float
    note: str = ""
