"""All checks over a quiz: each item for itself, and what can only be seen of them together.

Why it exists: ten good items that all ask the same, or whose key is always C, are a bad quiz.
"""

from __future__ import annotations

from dataclasses import dataclass

from aigc_tui.quiz.checks.item import check_item
from aigc_tui.quiz.checks.measures import measure
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.together import judge_together
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.records import Item, Quiz


@dataclass(frozen=True, slots=True)
class Report:
    """What the checks said of a quiz.

    Args:
        items: For each item, in order, its verdicts.
        verdicts: Of the quiz as a whole.
        measures: Numbers of the quiz, by name: coverage, yield, longest_key ...; only those that apply.
    """

    items: tuple[tuple[Item, tuple[Verdict, ...]], ...]
    verdicts: tuple[Verdict, ...] = ()
    measures: tuple[tuple[str, float], ...] = ()

    @property
    def hard_failures(self) -> int:
        """How many hard checks failed, of items and of the quiz."""
        return sum(verdict.hard for verdict in self._failed())

    @property
    def soft_failures(self) -> int:
        """How many soft checks failed, of items and of the quiz."""
        return sum(not verdict.hard for verdict in self._failed())

    def _failed(self) -> list[Verdict]:
        each = [verdict for _, verdicts in self.items for verdict in verdicts]
        return [verdict for verdict in (*each, *self.verdicts) if not verdict.passed]


def check_quiz(quiz: Quiz, lesson: Lesson | None = None, aliases: tuple[tuple[str, str], ...] = ()) -> Report:
    """Judge a quiz.

    Args:
        quiz: Ours or anybody's.
        lesson: The lesson it was made from; None: what needs one is left out.
        aliases: Names of one thing that the lesson introduces, as pairs.
    """
    context = Context(lesson.language if lesson else quiz.lesson.language, lesson, aliases)
    items = tuple((item, check_item(item, context)) for item in quiz.items)
    measures = measure(quiz, lesson)
    return Report(items, judge_together(quiz, dict(measures)), measures)
