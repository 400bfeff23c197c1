"""Short answer: a question, and the few words of the lesson that answer it.

Why it exists: recalling is harder than recognising, and graded by rules only when the answer is short.
"""

from __future__ import annotations

from aigc_tui.quiz.making.accepted import accepted_answers
from aigc_tui.quiz.making.cloze import gives_away
from aigc_tui.quiz.making.distractors import find_distractors
from aigc_tui.quiz.making.draw import Draw
from aigc_tui.quiz.making.item import in_context, write_item
from aigc_tui.quiz.making.material import Material
from aigc_tui.quiz.making.records import Filled, Form, Refused, Slot


def make_short(slot: Slot, material: Material, draw: Draw) -> Filled | Refused:
    """Ask for the slot's answer in a full question."""
    answer = slot.answer
    assert answer is not None
    stem = term_question(slot, material) if slot.form is Form.TERM else _question(slot, material)
    if not stem:
        return Refused("no safe question")
    if gives_away(answer.text, stem, material):
        return Refused("answer stands in the stem")
    accepted = accepted_answers(answer, material)
    key = material.show(answer)
    if slot.form is Form.SENTENCE:
        stem = in_context(stem, material, answer.text)
    item = write_item(slot, stem, key, material, draw, accepted=accepted)
    return Filled(slot, item, find_distractors(answer, material, draw.of(slot)))


def term_question(slot: Slot, material: Material) -> str:
    """Give the definition, ask for the term."""
    if slot.definition is None:
        return ""
    term, words = slot.definition.term, material.wording
    return words.ask_term(words.meaning(slot.definition.text), term.kind, material.cut(term))


def _question(slot: Slot, material: Material) -> str:
    assert slot.answer is not None
    return material.wording.ask(material.cut(slot.answer), slot.answer)
