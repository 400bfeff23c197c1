"""One item once more, with another distractor in it; also as a process of its own.

A teacher throws out one option, not the item. The new one comes from the same lesson, which must be analysed
again for it (the interface's process never does), and the item passes the same checks with it.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from aigc_tui.process.child import caller
from aigc_tui.quiz.analysis.analyse import analyse
from aigc_tui.quiz.analysis.records import Analysis, Mention
from aigc_tui.quiz.checks.registry import check_item, hard_flaws, with_checks
from aigc_tui.quiz.codec import item_from_json, item_to_json
from aigc_tui.quiz.generation.distractors import NUMERIC, find_distractors
from aigc_tui.quiz.generation.item import feedback_for
from aigc_tui.quiz.generation.randomness import Randomness, by_value
from aigc_tui.quiz.lesson.codec import lesson_from_json
from aigc_tui.quiz.lesson.records import Lesson
from aigc_tui.quiz.planning.material import Material, lay_out
from aigc_tui.quiz.planning.records import Slot
from aigc_tui.quiz.planning.words import name_of
from aigc_tui.quiz.records import Item, ItemType


def swap_distractor(lesson: Lesson, item: Item, index: int, seed: int = 0) -> Item | None:
    """Put another distractor of the lesson in the place of one of a multiple-choice item.

    Returns:
        The item with its checks run anew; None: the lesson has no other, or the options are no names of it.
    """
    if item.type is not ItemType.MC or index == item.answer or not 0 <= index < len(item.options):
        return None
    analysis = analyse(lesson)
    material = lay_out(analysis)
    answer = _answer_of(analysis, item)
    if answer is None:
        return None
    slot = Slot(0, ItemType.MC, material.sentence(answer.sentence).section, answer.sentence, answer=answer)
    taken = {name_of(option) for option in item.options}
    for other in find_distractors(answer, material, Randomness(seed, lesson.sha256).of(slot)):
        if name_of(other) in taken:
            continue
        changed = _with_option(item, index, other, slot, material)
        verdicts = check_item(changed, material.context)
        if not hard_flaws(verdicts):
            return with_checks(changed, verdicts)
    return None


def _with_option(item: Item, index: int, other: str, slot: Slot, material: Material) -> Item:
    options = list(item.options)
    options[index] = other
    if slot.answer is not None and slot.answer.kind in NUMERIC:
        options = by_value(options)
    place = options.index(item.key)
    feedback = feedback_for(tuple(options), place, slot, material)
    return replace(item, options=tuple(options), answer=place, feedback=feedback)


def _answer_of(analysis: Analysis, item: Item) -> Mention | None:
    if item.source is None:
        return None
    key = name_of(item.key)
    for mention in analysis.mentions:
        inside = item.source.start <= mention.start and mention.end <= item.source.end
        if inside and name_of(mention.text) == key:
            return mention
    return None


def _answer(asked: dict[str, Any]) -> dict[str, Any] | None:
    lesson, item = lesson_from_json(asked["lesson"]), item_from_json(asked["item"], "item")
    found = swap_distractor(lesson, item, asked["index"], asked["seed"])
    return None if found is None else item_to_json(found)


def main() -> int:
    """Be the child."""
    parent = caller()
    try:
        parent.answer(_answer(parent.request()))
    except Exception as error:  # the parent must get a line, whatever went wrong
        return parent.fail(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
