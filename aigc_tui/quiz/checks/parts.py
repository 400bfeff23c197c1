"""The parts of an item that checks look at, beyond those that everybody sees (`aigc_tui.quiz.parts`).

Why it exists: checks ask for "the key", "the distractors", "the stem without its blank"; an item keeps them
by type, and a broken item (a key that points nowhere) must not break a check.
"""

from __future__ import annotations

import re

from aigc_tui.quiz.records import Item, ItemType

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
