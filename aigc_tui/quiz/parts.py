"""The parts of an item as people see them: its pairs, its steps, what it offers, and the letters of options.

Why it exists: an answer's shape depends on the item's type, and an item may be broken (a file somebody wrote,
a store somebody edited). Checks, grading, formats, worksheets and both front ends must take the same parts
for the item's, and name them by the same letters.
"""

from __future__ import annotations

from aigc_tui.quiz.records import Item, ItemType, Pair

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def pairs(item: Item) -> tuple[Pair, ...]:
    """The pairs of a matching item, in the order of its left sides; empty for what has no pairs of texts."""
    if item.type is not ItemType.MATCH or not isinstance(item.answer, tuple):
        return ()
    return tuple((part[0], part[1]) for part in item.answer if isinstance(part, tuple) and len(part) == 2)


def steps(item: Item) -> tuple[str, ...]:
    """The steps of an ordering item, in their right order; empty for what has no steps."""
    if item.type is not ItemType.ORDER or not isinstance(item.answer, tuple):
        return ()
    return tuple(part for part in item.answer if isinstance(part, str))


def offered(item: Item) -> tuple[str, ...]:
    """What a match or order item offers; an imported one that kept no order offers its parts sorted."""
    parts = tuple(right for _, right in pairs(item)) if item.type is ItemType.MATCH else steps(item)
    holds_all = len(item.options) >= len(parts) and set(parts) <= set(item.options)
    return item.options if holds_all else tuple(sorted(parts))


def letter(index: int) -> str:
    """A for 0; beyond Z the number itself, from 27."""
    return LETTERS[index] if index < len(LETTERS) else str(index + 1)
