"""Grading by rules: one answer to one item.

Why it exists: what a rule can decide must not depend on a model's mood, and every grade names the rule that
decided it, so that a learner can object (quiz.md 3.6).
"""

from __future__ import annotations

from aigc_tui.quiz.checks.normal import normal
from aigc_tui.quiz.checks.parts import key_of
from aigc_tui.quiz.grading.choices import chosen, judged
from aigc_tui.quiz.grading.notes import MISSING, NOTHING, SPELLING, note_of
from aigc_tui.quiz.grading.overlap import contradiction, f1, one_slip
from aigc_tui.quiz.grading.parts import grade_order, grade_pairs
from aigc_tui.quiz.grading.records import By, Grade, Judgement, Response
from aigc_tui.quiz.grading.units import UNITS, names_unit
from aigc_tui.quiz.grading.variants import LONGEST, canonical
from aigc_tui.quiz.parts import pairs, steps
from aigc_tui.quiz.records import Item, ItemType

ENOUGH = 0.8
"""F1 from which an answer in other words counts as right."""
SOME = 0.45
"""F1 from which it counts as partly right. Both chosen on the training part of SemEval-2013 task 7 (docs)."""
_SLIP = 0.9


def grade(item: Item, response: Response) -> Grade:
    """Grade an answer by rules alone.

    Args:
        item: The item.
        response: What was answered, in the shape of `item.answer`; an option also by letter or by its words,
            a truth value also in words. None: nothing.

    Returns:
        The grade; giving the key itself is always correct.
    """
    if item.type is ItemType.MC:
        return _exact(chosen(item, response) == item.answer and not isinstance(item.answer, bool))
    if item.type is ItemType.TF:
        return _exact(judged(response) is item.answer)
    if item.type is ItemType.MATCH:
        return grade_pairs(pairs(item), response)
    if item.type is ItemType.ORDER:
        return grade_order(steps(item), response)
    return grade_text(item, response if isinstance(response, str) else "")


def grade_text(item: Item, response: str) -> Grade:
    """Grade a written answer: equal, equal in another way of writing, or by how much it shares with the key.

    Args:
        item: A cloze or short-answer item.
        response: What was written.
    """
    key, response = key_of(item), response[:LONGEST]
    if response == key[:LONGEST] or (normal(response) and normal(response) == normal(key)):
        return _exact(True)
    if not response.strip():
        return Grade(Judgement.INCORRECT, By.EXACT, 0.0, note_of(NOTHING))
    wanted, said = [canonical(text) for text in (key, *item.accepted)], canonical(response)
    if said in wanted or any(_unit_given(item, one, said) for one in wanted):
        return Grade(Judgement.CORRECT, By.ACCEPTED, 1.0)
    return max(
        (_by_overlap(item, text, response) for text in (key, *item.accepted)), key=lambda grade: grade.score
    )


def _by_overlap(item: Item, key: str, response: str) -> Grade:
    wanted, said = canonical(key), canonical(response)
    if one_slip(wanted, said):
        return Grade(Judgement.PARTIAL, By.OVERLAP, _SLIP, note_of(SPELLING, key))
    score = f1(wanted, said)
    wrong = contradiction(key, response, item.stem) if score >= SOME else ""
    if wrong:
        return Grade(Judgement.INCORRECT, By.OVERLAP, 0.0, wrong)
    verdict = (
        Judgement.CORRECT if score >= ENOUGH else Judgement.PARTIAL if score >= SOME else Judgement.INCORRECT
    )
    return Grade(verdict, By.OVERLAP, round(score, 3), _lacking(wanted, said) if score >= SOME else "")


def _unit_given(item: Item, wanted: tuple[str, ...], said: tuple[str, ...]) -> bool:
    """Whether two answers differ by a unit alone that the stem itself names ("How many metres ...?")."""
    longer, shorter = (wanted, said) if len(wanted) > len(said) else (said, wanted)
    alone = len(longer) == 2 and longer[:1] == shorter and longer[1] in UNITS
    return alone and names_unit(item.stem, longer[1])


def _lacking(wanted: tuple[str, ...], said: tuple[str, ...]) -> str:
    missing = [part for part in wanted if part not in said]
    return note_of(MISSING, " ".join(missing[:8])) if missing else ""


def _exact(right: bool) -> Grade:
    return Grade(Judgement.CORRECT if right else Judgement.INCORRECT, By.EXACT, float(right))
