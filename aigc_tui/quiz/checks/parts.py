"""The parts of an item that checks look at, by type.

Why it exists: checks ask for "the key", "the distractors", "the stem without its blank"; an item keeps them
by type, and a broken item (a key that points nowhere) must not break a check.
"""

from __future__ import annotations

import re

from aigc_tui.quiz.records import Item, ItemType, Pair

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


def pairs(item: Item) -> tuple[Pair, ...]:
    """The pairs of a matching item."""
    if item.type is not ItemType.MATCH or not isinstance(item.answer, tuple):
        return ()
    return tuple((part[0], part[1]) for part in item.answer if isinstance(part, tuple) and len(part) == 2)


def steps(item: Item) -> tuple[str, ...]:
    """The steps of an ordering item, in their right order."""
    if item.type is not ItemType.ORDER or not isinstance(item.answer, tuple):
        return ()
    return tuple(part for part in item.answer if isinstance(part, str))


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
