"""Which items a format can hold: writers raise `UnfitError`; items broken in themselves are stopped here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from aigc_tui.message import AppError, Message, message
from aigc_tui.quiz.formats.records import LeftOut, Written
from aigc_tui.quiz.records import BLANK, Item, ItemType, Quiz, pairs, steps
from aigc_tui.text import one_line

_Form = TypeVar("_Form")

EVERY_PART = frozenset({"explanation", "feedback", "accepted", "source", "tags"})
"""The parts of an item beside question and answer; `Written.lost` names those a format has no room for."""


_TRUTHS = {"en": ("True", "False"), "zh": ("正确", "错误")}


class UnfitError(AppError, ValueError):
    """This format cannot hold this item; the message is the reason."""


def truths_in(language: str) -> tuple[str, str]:
    """Name the two options of a true/false question."""
    return _TRUTHS.get(language, _TRUTHS["en"])


def gather(quiz: Quiz, form: Callable[[Item], _Form]) -> tuple[list[tuple[Item, _Form]], tuple[LeftOut, ...]]:
    """Bring every item into a format's form, in order, less those for which `form` raises `UnfitError`."""
    held: list[tuple[Item, _Form]] = []
    left: list[LeftOut] = []
    for item in quiz.items:
        try:
            if reason := fault(item):
                raise UnfitError(reason)
            held.append((item, form(item)))
        except UnfitError as error:
            left.append(LeftOut(item.id, one_line(item.stem, 60), error.message))
    return held, tuple(left)


def written(
    data: bytes, held: list[tuple[Item, _Form]], left: tuple[LeftOut, ...], carries: frozenset[str]
) -> Written:
    """Put an export together; name the parts of `EVERY_PART` that items had and the format does not carry."""
    had = {part for item, _ in held for part in EVERY_PART - carries if _has(item, part)}
    return Written(data, left, tuple(sorted(had)))


def fault(item: Item) -> Message | None:
    """Say why an item is no question at all, whatever the format; None when it is one."""
    if not item.stem.strip():
        return message("it has no stem")
    return _FAULTS[item.type](item)


def rights_and_extras(item: Item) -> tuple[list[str], list[str]]:
    """Give a match item's right sides in the order of its pairs, and those options that belong to no pair."""
    rights = [right for _, right in pairs(item)]
    extras = Counter(item.options) - Counter(rights)
    return rights, list(extras.elements())


def key_of(item: Item) -> int:
    """Give the index of an mc item's key.

    Raises:
        UnfitError: The answer is not an index into the options.
    """
    answer = item.answer
    if isinstance(answer, bool) or not isinstance(answer, int) or not 0 <= answer < len(item.options):
        raise UnfitError("its answer is not one of its options")
    return answer


def words_of(item: Item) -> str:
    """Give a cloze or short item's answer.

    Raises:
        UnfitError: The answer is no text.
    """
    if not isinstance(item.answer, str):
        raise UnfitError("its answer is not a text")
    return item.answer.strip()


def accepted_of(item: Item) -> list[str]:
    """Give a cloze or short item's right answers, the main one first, none twice and none empty."""
    wordings = [words_of(item), *(each.strip() for each in item.accepted)]
    return list(dict.fromkeys(each for each in wordings if each))


def _has(item: Item, part: str) -> bool:
    if part == "accepted":
        return item.type in (ItemType.CLOZE, ItemType.SHORT) and len(accepted_of(item)) > 1
    if part == "feedback":
        return any(item.feedback)
    return bool(getattr(item, part))


def _mc(item: Item) -> Message | None:
    if isinstance(item.answer, bool) or not isinstance(item.answer, int):
        return message("its answer is not an option's number")
    if len(item.options) < 2:
        return message("it has fewer than two options")
    if not 0 <= item.answer < len(item.options):
        return message("its answer is not one of its options")
    if item.feedback and len(item.feedback) != len(item.options):
        return message("its feedback does not match its options one to one")
    return None if all(option.strip() for option in item.options) else message("one of its options is empty")


def _words(item: Item) -> Message | None:
    return None if isinstance(item.answer, str) and item.answer.strip() else message("its answer is empty")


def _cloze(item: Item) -> Message | None:
    if item.stem.count(BLANK) != 1:
        return message("its stem has not exactly one gap")
    return _words(item)


def _tf(item: Item) -> Message | None:
    return None if isinstance(item.answer, bool) else message("its answer is neither true nor false")


def _match(item: Item) -> Message | None:
    sides = pairs(item)
    if len(sides) < 2:
        return message("it has fewer than two pairs")
    if not all(left.strip() and right.strip() for left, right in sides):
        return message("a side of one of its pairs is empty")
    missing = Counter(right for _, right in sides) - Counter(item.options)
    return message("its options lack a right side") if item.options and missing else None


def _order(item: Item) -> Message | None:
    right = steps(item)
    if len(right) < 2:
        return message("it has fewer than two steps")
    if not all(step.strip() for step in right):
        return message("one of its steps is empty")
    return (
        message("its options are not its steps")
        if item.options and Counter(item.options) != Counter(right)
        else None
    )


_FAULTS: dict[ItemType, Callable[[Item], Message | None]] = {
    ItemType.MC: _mc,
    ItemType.CLOZE: _cloze,
    ItemType.TF: _tf,
    ItemType.SHORT: _words,
    ItemType.MATCH: _match,
    ItemType.ORDER: _order,
}
