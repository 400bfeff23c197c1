"""Cloze items: the sentence with one stretch blanked.

Why it exists: a blank is only fair where the rest of the sentence tells what belongs there, and only a test
where the answer stands nowhere else in it (quiz.md 3.4).
"""

from __future__ import annotations

import re

from aigc_tui.quiz.making.accepted import accepted_answers
from aigc_tui.quiz.making.distractors import find_distractors
from aigc_tui.quiz.making.draw import Draw
from aigc_tui.quiz.making.item import write_item
from aigc_tui.quiz.making.material import Material
from aigc_tui.quiz.making.records import Filled, Refused, Slot
from aigc_tui.quiz.making.words import occurrences
from aigc_tui.quiz.records import BLANK

_FEWEST_WORDS, _FEWEST_HAN = 6, 10


def make_cloze(slot: Slot, material: Material, draw: Draw) -> Filled | Refused:
    """Blank the slot's answer in its sentence."""
    answer = slot.answer
    assert answer is not None
    cut = material.cut(answer)
    if gives_away(cut.key, cut.rest, material):
        return Refused("answer stands in the stem")
    if says_little(cut.rest):
        return Refused("says too little")
    stem = material.wording.join(cut, BLANK)
    accepted = accepted_answers(answer, material)
    item = write_item(slot, stem, cut.key, material, draw, accepted=accepted)
    return Filled(slot, item, find_distractors(answer, material, draw.of(slot)))


def says_little(rest: str) -> bool:
    """Tell whether so little is left around a blank that many things could stand there."""
    words = rest.split()
    return len(words) < _FEWEST_WORDS if rest.isascii() else len(rest) < _FEWEST_HAN


def gives_away(key: str, rest: str, material: Material) -> bool:
    """Tell whether the rest of a sentence holds the key, another name of it, or its initials in capitals."""
    initials = "".join(word[0] for word in re.findall(r"[A-Za-z]+", key)).upper()
    if len(initials) > 1 and re.search(rf"\b{initials}s?\b", rest):
        return True
    return any(occurrences(name, rest) for name in (key, *material.aliases(key)))
