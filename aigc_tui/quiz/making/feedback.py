"""Why each option is right or wrong, in the lesson's own words.

Why it exists: a learner who chose a distractor learns most from where that thing really belongs (quiz.md
4.2: the explanation cites the sentence and says why each distractor fails).
"""

from __future__ import annotations

from aigc_tui.quiz.making.item import shortly
from aigc_tui.quiz.making.material import Material
from aigc_tui.quiz.making.records import Slot
from aigc_tui.quiz.making.words import name_of


def feedback_for(options: tuple[str, ...], place: int, slot: Slot, material: Material) -> tuple[str, ...]:
    """Word the feedback of every option of a multiple-choice item whose options are names."""
    quote = shortly(material.words(slot.sentence))
    said = material.wording.key_feedback.format(quote=quote)
    return tuple(
        said if at == place else _wrong(option, options[place], material) for at, option in enumerate(options)
    )


def _wrong(option: str, key: str, material: Material) -> str:
    where = material.places.get(name_of(option), ())
    prose = [index for index in where if material.analysis.worth[index].usable] or list(where)
    if not prose:
        return material.wording.instead.format(key=key)
    return material.wording.elsewhere.format(option=option, quote=shortly(material.words(prose[0])))
