"""All checks over one item.

Why it exists: makers, the review screen, the command line and the calibration ask the same question of an
item and must get the same answer.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.registry import ENTRIES
from aigc_tui.quiz.records import Item


def check_item(item: Item, context: Context) -> tuple[Verdict, ...]:
    """Run every check that has something to say of the item, in the registry's order.

    An item whose form is broken is judged by its form alone: the other checks would speak of a key that does
    not exist.
    """
    verdicts: list[Verdict] = []
    for entry in ENTRIES:
        verdict = entry.check(item, context)
        if verdict is not None:
            verdicts.append(verdict)
            if entry.name == "answer_form" and not verdict.passed:
                break
    return tuple(verdicts)


def hard_flaws(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts that keep an item out."""
    return tuple(verdict for verdict in verdicts if verdict.hard and not verdict.passed)


def with_checks(item: Item, verdicts: Iterable[Verdict]) -> Item:
    """The item with what the checks said, as the quiz file keeps it."""
    return dataclasses.replace(item, checks=tuple((each.check, each.passed) for each in verdicts))
