"""What the options of a multiple-choice item look like, whatever they say.

Why it exists: people who were taught to take tests find the key by its looks. These are the option rules of
Haladyna, Downing & Rodriguez (2002) and of the 19-criterion rubric (Moore et al. 2023) that need no reader.
"""

from __future__ import annotations

from itertools import combinations

from aigc_tui.quiz.checks.normal import normal, simplified
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.verdicts import hard, quoted
from aigc_tui.quiz.records import Item, ItemType

_CASE_COUNTS = 3
"""Options this short may differ by case alone: Aa and AA are two genotypes, mg and Mg two things."""


def duplicate_options(item: Item, context: Context) -> Verdict | None:
    """No two options are equal to a reader."""
    if item.type is not ItemType.MC:
        return None
    for one, other in combinations(item.options, 2):
        if _equal(one, other):
            return hard("duplicate_options", f"two options say {quoted(one)}", one)
    return hard("duplicate_options")


def _equal(one: str, other: str) -> bool:
    if normal(simplified(one)) != normal(simplified(other)):
        return False
    short = len(one.strip()) <= _CASE_COUNTS and one.strip().isascii()
    return not (short and one.strip() != other.strip() and one.casefold() == other.casefold())
