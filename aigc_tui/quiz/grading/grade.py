"""Grading by rules: one answer to one item."""

from __future__ import annotations

from aigc_tui.quiz.checks.normal import same
from aigc_tui.quiz.checks.parts import key_of
from aigc_tui.quiz.grading.records import By, Grade, Judgement, Response
from aigc_tui.quiz.records import Item


def grade(item: Item, response: Response) -> Grade:
    """Grade an answer.

    Args:
        item: The item.
        response: What was answered, in the shape of `item.answer`.
    """
    answer = item.answer
    right = response == answer and isinstance(response, bool) == isinstance(answer, bool)
    if isinstance(response, str):
        right = right or any(same(response, each) for each in (key_of(item), *item.accepted) if each)
    if right:
        return Grade(Judgement.CORRECT, By.EXACT, 1.0)
    return Grade(Judgement.INCORRECT, By.EXACT, 0.0)
