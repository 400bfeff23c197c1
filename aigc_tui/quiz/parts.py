"""The parts of an item: key, distractors, pairs, steps, letters of options, the blank in its stem.

The shape of an answer depends on the item's type, and an item may be broken (a file that somebody wrote or
edited). Checks, grading, formats, worksheets and both front ends take its parts from here.
"""

from __future__ import annotations

import re

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


BARRIER = "□"
"""Stands for the blank, so that the words before and after it are not read as one phrase."""
_BLANK = re.compile(r"_{2,}|﹍{2,}|＿{2,}|[（(]\s+[）)]|（）")
WORDED = (ItemType.MC, ItemType.CLOZE, ItemType.SHORT)
"""The types whose answer is one text."""


def key_of(item: Item) -> str:
    """The right answer's text of an mc, cloze or short item; empty for other types and for a broken key."""
    answer = item.answer
    if isinstance(answer, str):
        return answer
    if isinstance(answer, bool) or not isinstance(answer, int):
        return ""
    return item.options[answer] if 0 <= answer < len(item.options) else ""


def distractors(item: Item) -> tuple[str, ...]:
    """The wrong options of a multiple-choice item; empty for other types."""
    if item.type is not ItemType.MC or isinstance(item.answer, bool):
        return ()
    return tuple(text for index, text in enumerate(item.options) if index != item.answer)


def blanks(stem: str) -> int:
    """How many gaps a stem has: runs of underscores, or empty brackets as Chinese papers write them."""
    return len(_BLANK.findall(stem))


def without_blank(stem: str) -> str:
    """The stem with a barrier for each gap."""
    return _BLANK.sub(f" {BARRIER} ", stem)


def before_blank(stem: str) -> str | None:
    """What stands before the first gap; None: there is none."""
    found = _BLANK.search(stem)
    return stem[: found.start()] if found else None
