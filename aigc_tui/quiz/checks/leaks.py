"""Does the item give its own answer away?

Why it exists: a question that holds its answer asks nothing. In sets written by people the key stands in the
stem of 0.5-0.8 % of the questions; in machine-made ones of 8.1 % (QGEval, quiz.md 3.1).
"""

from __future__ import annotations

import re

from aigc_tui.quiz.checks.normal import HAN, contains, normal, pieces, simplified
from aigc_tui.quiz.checks.parts import WORDED, distractors, key_of, without_blank
from aigc_tui.quiz.checks.records import Context, Verdict
from aigc_tui.quiz.checks.verdicts import hard, quoted
from aigc_tui.quiz.parts import pairs, steps
from aigc_tui.quiz.records import Item, ItemType

_ONE_HAN = re.compile(rf"[{HAN}]")


def stem_leak(item: Item, context: Context) -> Verdict | None:
    """The key does not stand in the stem.

    A question that names several of its options ("Which is heavier, gold or lead?") leaks nothing.
    """
    if item.type not in WORDED:
        return None
    stem = simplified(without_blank(item.stem))
    if any(_shows(stem, text) for text in distractors(item)):
        return hard("stem_leak")
    for answer in (key_of(item), *(item.accepted if item.type is not ItemType.MC else ())):
        if _shows(stem, answer):
            return hard("stem_leak", f"the stem holds the answer {quoted(answer)}", answer)
    return hard("stem_leak")


def match_giveaway(item: Item, context: Context) -> Verdict | None:
    """No side of a pair holds the other: "Boiling point = the boiling point of water" matches itself."""
    for left, right in pairs(item):
        if _shows(simplified(right), left) or _shows(simplified(left), right):
            return hard("match_giveaway", f"one side of the pair holds the other: {quoted(left)}", left)
    return hard("match_giveaway") if pairs(item) else None


def order_giveaway(item: Item, context: Context) -> Verdict | None:
    """The steps do not carry numbers or dates that already stand in order."""
    found = steps(item)
    if len(found) < 2:
        return None
    marks = [_mark(step) for step in found]
    known = [mark for mark in marks if mark is not None]
    told = len(known) == len(marks) and (known == sorted(known) or known == sorted(known, reverse=True))
    return hard("order_giveaway", "numbers in the steps give the order away" if told else "")


_LEADING = re.compile(
    r"^\W*(?:第|step|stage|phase|day)?\s*(\d{1,4}|[一二三四五六七八九十])(?=\W|[步年世月阶、]|$)", re.I
)
_YEAR = re.compile(r"(?<!\d)(1\d{3}|20\d{2})(?!\d)")
_NUMERALS = {char: value for value, char in enumerate("一二三四五六七八九十", 1)}


def _mark(step: str) -> int | None:
    found = _LEADING.match(step) or _YEAR.search(step)
    if found is None:
        return None
    return _NUMERALS.get(found[1]) or int(found[1])


def _shows(text: str, answer: str) -> bool:
    """Whether a reader sees the answer in the text.

    One Chinese character is part of many words (水 in 水果): it counts only where no other stands beside it.
    """
    answer = simplified(answer)
    if len(pieces(answer)) == 1 and _ONE_HAN.fullmatch(normal(answer)):
        return re.search(rf"(?<![{HAN}]){normal(answer)}(?![{HAN}])", text) is not None
    return contains(text, answer)
