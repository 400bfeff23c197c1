"""Whether an item is a question at all: a key that exists, options, sides to match, steps to order.

A broken item is refused and never padded: a wrong key teaches a falsehood with authority.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from aigc_tui.message import Message, message
from aigc_tui.quiz.checks.records import Context, Verdict, hard, shortly
from aigc_tui.quiz.normal import normal
from aigc_tui.quiz.records import Item, ItemType, blanks, key_of, pairs, steps

LEAST_PAIRS = 2
LEAST_STEPS = 3
LEAST_OPTIONS = 2


def answer_form(item: Item, context: Context) -> Verdict | None:
    """The answer fits the item's type: an index into the options, a text, pairs, steps (see `_FORMS`)."""
    return hard("answer_form", _form(item))


def empty_text(item: Item, context: Context) -> Verdict | None:
    """The stem and every option say something."""
    if not item.stem.strip():
        return hard("empty_text", message("the stem is empty"))
    empty = [number for number, text in enumerate(item.options, 1) if not text.strip()]
    return hard("empty_text", message("option {number} is empty", number=empty[0]) if empty else None)


def shuffled(item: Item, context: Context) -> Verdict | None:
    """What is to be matched or ordered is not shown in its right order already."""
    right = tuple(side for _, side in pairs(item)) or steps(item)
    if not item.options or len(right) < LEAST_PAIRS:
        return None
    shown = tuple(item.options)
    return hard("shuffled", message("the options are shown in the right order") if shown == right else None)


def _form(item: Item) -> Message | None:
    if item.type is ItemType.MC:
        return _choice(item)
    if item.type is ItemType.TF:
        return None if isinstance(item.answer, bool) else message("the answer must be true or false")
    if item.type is ItemType.MATCH:
        return _matching(item)
    if item.type is ItemType.ORDER:
        return _order(item)
    if not isinstance(item.answer, str) or not normal(key_of(item)):
        return message("the answer is empty")
    missing = item.type is ItemType.CLOZE and blanks(item.stem) == 0
    return message("a cloze item needs a blank in its stem") if missing else None


def _choice(item: Item) -> Message | None:
    if len(item.options) < LEAST_OPTIONS:
        return message(
            "{count} options; a choice needs {least_options}",
            count=len(item.options),
            least_options=LEAST_OPTIONS,
        )
    if isinstance(item.answer, bool) or not isinstance(item.answer, int):
        return message("the key must be the index of an option")
    if not 0 <= item.answer < len(item.options):
        return message(
            "the key {answer} is out of range: {count} options, counted from 0",
            answer=item.answer,
            count=len(item.options),
        )
    if item.feedback and len(item.feedback) != len(item.options):
        return message(
            "{count} feedback texts for {count2} options", count=len(item.feedback), count2=len(item.options)
        )
    return None


def _matching(item: Item) -> Message | None:
    found = pairs(item)
    if len(found) < LEAST_PAIRS:
        return message(
            "{count} pairs; matching needs {least_pairs}", count=len(found), least_pairs=LEAST_PAIRS
        )
    for side in (0, 1):
        twice = _twice(pair[side] for pair in found)
        if twice:
            return message('"{text}" stands in two pairs', text=shortly(twice))
    offered = {normal(text) for text in item.options}
    lacking = [right for _, right in found if offered and normal(right) not in offered]
    return message('"{text}" is not among the options', text=shortly(lacking[0])) if lacking else None


def _order(item: Item) -> Message | None:
    found = steps(item)
    if len(found) < LEAST_STEPS:
        return message(
            "{count} steps; an order needs {least_steps}", count=len(found), least_steps=LEAST_STEPS
        )
    twice = _twice(found)
    if twice:
        return message('"{text}" is a step twice', text=shortly(twice))
    differs = item.options and Counter(item.options) != Counter(found)
    return message("the options are not the steps") if differs else None


def _twice(texts: Iterable[str]) -> str:
    seen: set[str] = set()
    for text in texts:
        if normal(text) in seen:
            return text
        seen.add(normal(text))
    return ""
