"""Everything a section could be asked about, as slots, best first.

The planner chooses between candidates without knowing how each type comes by them; what may be
asked is a matter of the sentence's worth and of the stretch's kind, not of wording.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from aigc_tui.quiz.analysis.records import Definition, Mention, TermKind
from aigc_tui.quiz.lesson.records import SentenceKind
from aigc_tui.quiz.planning.fitness import fits, has_dangling_person, has_hole, is_answer
from aigc_tui.quiz.planning.material import Material, is_naming
from aigc_tui.quiz.planning.meanings import groups, is_sound
from aigc_tui.quiz.planning.records import FEWEST, MOST, Form, Slot
from aigc_tui.quiz.records import Bloom, ItemType

_FORMS: Mapping[ItemType, tuple[Form, ...]] = {
    ItemType.MC: (Form.MEANING, Form.TERM),
    ItemType.SHORT: (Form.TERM,),
}
"""Types that can ask for a definition, and which way round."""
_TASTE: Mapping[TermKind, float] = {
    TermKind.NUMBER: -0.25,
    TermKind.DATE: 0.05,
    TermKind.QUANTITY: 0.0,
    TermKind.TERM: 0.15,
}
"""What is worth remembering: concepts more than figures, figures more than counts."""
_WORKED_OUT = 3
"""Amounts of different units in one sentence, from which one follows from the others."""


def candidates(
    section: int,
    sentences: Sequence[int],
    material: Material,
    types: tuple[ItemType, ...],
    source: random.Random,
) -> Mapping[ItemType, list[Slot]]:
    """Collect what a section's usable sentences offer to each type, best first; equals are drawn."""
    sentences = [index for index in sentences if fits(material.statement(index))]
    blanks = [one for index in sentences for one in _answers(index, material)]
    ranked = sorted(blanks, key=lambda one: -_rank(one, material) - source.random() * 0.1)
    defined = _defined(sentences, material)
    return {kind: _offer(kind, section, sentences, ranked, defined, material) for kind in types}


def _offer(
    kind: ItemType,
    section: int,
    sentences: Sequence[int],
    ranked: Sequence[Mention],
    defined: tuple[Definition, ...],
    material: Material,
) -> list[Slot]:
    if kind is ItemType.MATCH:
        return _matches(defined, material)
    if kind is ItemType.ORDER:
        return _orders(section, material)
    if kind is ItemType.SHORT:
        ranked = [one for one in ranked if _question(one, material)]
    facts = _slots(kind, ranked, material)
    if kind is ItemType.TF:
        return facts + _whole_sentences(sentences, {slot.sentence for slot in facts}, material)
    forms = _FORMS.get(kind)
    return _mixed(_by_definition(kind, defined, forms, material), facts) if forms else facts


def _answers(index: int, material: Material) -> list[Mention]:
    """What can be asked for in one sentence; where it names a thing, that name and no other."""
    if has_dangling_person(index, material):
        return []
    found = [one for one in material.mentions.get(index, ()) if is_answer(one, material)]
    return [one for one in found if is_naming(one, material)] or found


def _rank(mention: Mention, material: Material) -> float:
    """Worth of the sentence and weight of the answer; a blank at the very start reads badly."""
    opens = mention.start == material.sentence(mention.sentence).start
    taste = _TASTE.get(mention.kind, 0.1)
    step = material.sentence(mention.sentence).number > 0
    worth = material.analysis.worth[mention.sentence].score
    acts = material.story and mention.kind is TermKind.PERSON and bool(_question(mention, material))
    return worth + 0.6 * mention.weight + taste + 0.3 * acts - 0.2 * opens - 0.2 * step


def _question(mention: Mention, material: Material) -> str:
    return material.wording.ask(material.cut(mention), mention)


def _defined(sentences: Sequence[int], material: Material) -> tuple[Definition, ...]:
    """The section's definitions that can carry an item: the meaning does not hold the term."""
    return tuple(
        definition
        for index in sentences
        for definition in material.definitions.get(index, ())
        if is_sound(definition, material)
    )


def _slots(kind: ItemType, answers: Sequence[Mention], material: Material) -> list[Slot]:
    return [
        Slot(
            0,
            kind,
            material.sentence(answer.sentence).section,
            answer.sentence,
            answer=answer,
            bloom=_level(answer, material),
        )
        for answer in answers
    ]


def _level(answer: Mention, material: Material) -> Bloom:
    """By rule: an amount beside two others is worked out, an explanation is understood."""
    amounts = [one for one in material.mentions[answer.sentence] if one.kind is TermKind.QUANTITY]
    if answer.kind is TermKind.QUANTITY and len({one.unit for one in amounts}) >= _WORKED_OUT:
        return Bloom.APPLY
    explains = material.wording.causal.search(material.words(answer.sentence))
    return Bloom.UNDERSTAND if explains else Bloom.REMEMBER


def _whole_sentences(sentences: Sequence[int], taken: set[int], material: Material) -> list[Slot]:
    """Sentences without anything to swap, no steps of a list: they can still be true statements."""
    worth = material.analysis.worth
    free = [i for i in sentences if i not in taken]
    others = [i for i in free if material.sentence(i).kind is SentenceKind.PROSE]
    others = [i for i in others if not has_dangling_person(i, material)]
    others.sort(key=lambda index: -worth[index].score)
    return [Slot(0, ItemType.TF, material.sentence(i).section, i) for i in others]


def _by_definition(
    kind: ItemType, definitions: Sequence[Definition], forms: Sequence[Form], material: Material
) -> list[Slot]:
    return [
        Slot(
            0,
            kind,
            material.sentence(definition.sentence).section,
            definition.sentence,
            answer=definition.term,
            definition=definition,
            bloom=Bloom.UNDERSTAND,
            form=form,
        )
        for turn in range(len(forms))
        for at, definition in enumerate(definitions)
        for form in (forms[(at + turn) % len(forms)],)
    ]


def _matches(definitions: tuple[Definition, ...], material: Material) -> list[Slot]:
    return [
        Slot(
            0,
            ItemType.MATCH,
            material.sentence(group[0].sentence).section,
            group[0].sentence,
            definitions=group,
            bloom=Bloom.UNDERSTAND,
        )
        for group in groups(definitions, material)
    ]


def _orders(section: int, material: Material) -> list[Slot]:
    return [
        Slot(
            0,
            ItemType.ORDER,
            section,
            material.sentence_at(sequence.start),
            sequence=sequence,
            bloom=Bloom.UNDERSTAND,
        )
        for sequence in material.sequences.get(section, ())
        if FEWEST <= len(sequence.steps) <= MOST and not any(map(has_hole, sequence.steps))
    ]


def _mixed(first: list[Slot], second: list[Slot]) -> list[Slot]:
    """Definitions and facts in turn, so that no quiz asks for nothing but terms."""
    mixed = [slot for pair in zip(first, second, strict=False) for slot in pair]
    return mixed + first[len(second) :] + second[len(first) :]
