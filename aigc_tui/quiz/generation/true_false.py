"""True/false items: a sentence of the lesson as it is, or with one stretch swapped for another of its kind.

A false statement must be false by the lesson, in one place; the words around it must not give it away
(quiz.md 3.4: one claim, no absolute words).
"""

from __future__ import annotations

import re

from aigc_tui.quiz.analysis.records import TermKind
from aigc_tui.quiz.generation.distractors import NUMERIC, find_distractors, is_kin, is_same_sort
from aigc_tui.quiz.generation.item import shortly, write_item
from aigc_tui.quiz.generation.randomness import Randomness
from aigc_tui.quiz.generation.written import says_little
from aigc_tui.quiz.planning.material import Material, is_naming
from aigc_tui.quiz.planning.questions_zh import may_swap
from aigc_tui.quiz.planning.records import Filled, Refused, Slot
from aigc_tui.quiz.planning.wording import Cut
from aigc_tui.quiz.planning.words import occurrences
from aigc_tui.quiz.records import Item

_LONGEST_HAN = 60
_YEAR = re.compile(r"\d{3,4} ?年")
"""Beside another year a changed one may give itself away: nobody retired in 1910 and died in 1897."""
_FEWEST_WORDS = 8
"""English statements below say what is true of most things ("The women looked at each other.")."""
_LEAD = 2
"""How far true statements may run ahead where a section offers nothing to swap."""


def make_true_false(slot: Slot, material: Material, draw: Randomness) -> Filled | Refused:
    """Take the sentence for a true statement, or swap the slot's answer in it for a false one."""
    answer = slot.answer
    statement = material.statement(slot.sentence)
    reason = _unfit(statement, material)
    if reason:
        return Refused(reason)
    if answer is None:
        return _true(slot, statement, material, draw)
    source = draw.of(slot)
    wrong = find_distractors(answer, material, source)
    if answer.kind is TermKind.TERM and not is_naming(answer, material):
        wrong = tuple(other for other in wrong if _is_like(other, material.show(answer)))
    if answer.kind is TermKind.NAME:
        wrong = tuple(other for other in wrong if is_same_sort(other, answer.text))
    cut = material.cut(answer)
    wrong = tuple(other for other in wrong if not material.wording.jars(cut, other, material.lesson.text))
    false = next((other for other in wrong if _is_safe(cut, other, answer.kind in NUMERIC, material)), "")
    if false and not draw.truth(source):
        return Filled(slot, _false(slot, cut, false, material, draw), wrong)
    return _true(slot, statement, material, draw, wrong)


def _is_like(other: str, key: str) -> bool:
    """Whether a term may stand in for another in a false statement: like enough to be believed."""
    return is_kin(other, key) if key.isascii() else may_swap(other, key)


def _true(
    slot: Slot, statement: str, material: Material, draw: Randomness, spares: tuple[str, ...] = ()
) -> Filled | Refused:
    """A true statement, unless there are too many of those already."""
    if draw.truths[True] > draw.truths[False] + (0 if slot.answer else _LEAD):
        return Refused("nothing to swap")
    return Filled(slot, write_item(slot, statement, True, material, draw), spares)


def _false(slot: Slot, cut: Cut, wrong: str, material: Material, draw: Randomness) -> Item:
    before = material.wording.before(cut.before, wrong)
    stem = (before + _as_first(cut, wrong) + cut.after).strip()
    quote = shortly(material.words(slot.sentence))
    said = material.wording.says_not.format(right=cut.key, wrong=wrong, quote=quote)
    return write_item(slot, stem, False, material, draw, explanation=said, distractors=(wrong,))


def _as_first(cut: Cut, wrong: str) -> str:
    if cut.before.strip() or not wrong[:1].islower():
        return wrong
    return wrong[:1].upper() + wrong[1:]


def _unfit(statement: str, material: Material) -> str:
    if says_little(statement) or (statement.isascii() and len(statement.split()) < _FEWEST_WORDS):
        return "says too little"
    if material.wording.language == "zh" and len(statement) > _LONGEST_HAN:
        return "too long to judge"
    folded = f" {statement.casefold()} "
    marks = (" {} " if material.wording.language == "en" else "{}").format
    if any(marks(word.strip()) in folded for word in material.wording.two_claims):
        return "two claims"
    if any(marks(word) in folded for word in material.wording.absolutes):
        return "absolute word"
    return ""


def _is_safe(cut: Cut, wrong: str, numeric: bool, material: Material) -> bool:
    """A swapped number is only false where nothing like "more than" lets it be true as well."""
    around = f"{cut.before[-16:]} {cut.after[:6]}".casefold()
    if cut.after.startswith(("（", "(")) or cut.before.endswith(("「", "“", "『")):
        return False
    if numeric and any(hedge in around for hedge in material.wording.hedges):
        return False
    dated = numeric and wrong.endswith("年") and _YEAR.search(cut.rest)
    return not dated and not occurrences(wrong, cut.rest)
