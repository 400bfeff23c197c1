"""A validator's verdict, and what a validator is.

Why it exists: every check is a named pure function with its reason, so that a teacher can see why an item is
here, why another is not, and how often the same check would have blamed a question written by a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.records import Item


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check says of one item.

    Args:
        check: The check's name, as in the quiz file's `checks`.
        passed: Whether it is satisfied.
        hard: A failed hard check keeps an item out of a made quiz; a soft one is shown to the teacher.
        reason: One English line: what is wrong and where; empty when passed.
        found: The words at fault, verbatim: what a screen in any language shows beside the check's own line.
    """

    check: str
    passed: bool
    hard: bool
    reason: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What checks may look at beside the item itself.

    Args:
        language: `en` or `zh`.
        lesson: The lesson; None for questions that no lesson backs (checks that need one are then left out).
        aliases: Names that mean the same, normalised, each to the names it stands for (see `analysis`).
    """

    language: str
    lesson: Lesson | None = None
    aliases: tuple[tuple[str, str], ...] = ()


class Check(Protocol):
    """A named pure function from an item to a verdict; None: the check says nothing of such an item."""

    def __call__(self, item: Item, context: Context) -> Verdict | None:
        """Judge one item."""
        ...
