"""Grading what has several parts: pairs and steps earn their share.

Why it exists: three pairs right of four is not wrong, and two steps swapped leave most of an order standing.
"""

from __future__ import annotations

from collections.abc import Sequence

from aigc_tui.quiz.checks.normal import normal, simplified
from aigc_tui.quiz.grading.records import By, Grade, Judgement, Response
from aigc_tui.quiz.records import Pair

MOST_STEPS = 500
"""Steps that are compared; nobody orders more."""
LEAST_ORDER = 0.5
"""The share of an order from which it counts as partly right; any two steps are in order half of the time."""


def grade_pairs(right: Sequence[Pair], response: Response) -> Grade:
    """Grade a matching item: the share of the pairs that are right, in any order of the pairs."""
    given = [part for part in response if isinstance(part, tuple)] if isinstance(response, tuple) else []
    said = {_form(part[0]): _form(part[1]) for part in given if len(part) == 2}
    hits = sum(said.get(_form(left)) == _form(side) for left, side in right)
    # Sides that differ by marks alone have one form; whoever repeats the key is right in any case.
    score = 1.0 if tuple(given) == tuple(right) else hits / max(len(right), 1)
    return _shared(score, f"{hits} / {len(right)}", 0.0)


def grade_order(right: Sequence[str], response: Response) -> Grade:
    """Grade an order: the longest run of steps, gaps allowed, that stand in the right order.

    One step alone is always in order, so the score counts from there: reversed scores 0.
    """
    said = [_form(part) for part in response if isinstance(part, str)] if isinstance(response, tuple) else []
    wanted = [_form(part) for part in right]
    run = longest_common(wanted, said)
    whole = said == wanted and bool(wanted)
    score = 1.0 if whole else min((run - 1) / max(len(wanted) - 1, 1), 0.99) if run else 0.0
    return _shared(max(score, 0.0), f"{run} / {len(wanted)}", LEAST_ORDER)


def longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    """The length of the longest common subsequence, in O(len(one) * len(other))."""
    one, other = one[:MOST_STEPS], other[:MOST_STEPS]
    row = [0] * (len(other) + 1)
    for part in one:
        before = 0
        for at, each in enumerate(other, 1):
            before, row[at] = row[at], before + 1 if part == each else max(row[at], row[at - 1])
    return row[-1]


def _shared(score: float, told: str, least: float) -> Grade:
    if score >= 1.0:
        return Grade(Judgement.CORRECT, By.EXACT, 1.0)
    partly = score > 0 and score >= least
    return Grade(Judgement.PARTIAL if partly else Judgement.INCORRECT, By.OVERLAP, score, told)


def _form(text: object) -> str:
    return normal(simplified(text)) if isinstance(text, str) else ""
