"""Everything a section could be asked about, as slots, best first.

What may be asked is a matter of the sentence's worth and of the stretch's kind, not of wording. The meaning
of a neighbouring term is the most honest distractor there is: true of something else in the same lesson.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from aigc_tui.quiz.analysis.records import Definition, Mention, TermKind
from aigc_tui.quiz.lesson.records import SentenceKind
from aigc_tui.quiz.planning.fitness import fits, has_dangling_person, has_hole, is_answer
from aigc_tui.quiz.planning.material import Material, is_naming
from aigc_tui.quiz.planning.records import FEWEST, MOST, Form, Slot
from aigc_tui.quiz.planning.words import content, occurrences, overlap, overlaps
from aigc_tui.quiz.records import Bloom, ItemType

_LEAST_WORDS, _LEAST_HAN, _LONGEST_MEANING = 4, 6, 160
_VAGUE = re.compile(r"^(?:an?|one|some)\s|^一[种个类项]", re.IGNORECASE)
_RELATIVE = re.compile(r"\b(?:who|which|that|whose|where|when|in which|by which)\b")
_STATEMENT = re.compile(r"\b(?:is|are|was|were|would|not)\b")
"""Verbs that only a whole statement has, before any relative clause."""
_POINTS = re.compile(r"\b(?:this|these|those|such|he|she|they|it)\b|\bof that\b|[他她这那]")
_BROKEN = re.compile(
    r"[?？]|^(?:what|how|why)\b|\bof the (?:two|three|four|five)\b"
    r"|(?:[名也又并且此称叫做为是种个些和与或]|\b(?:and|or|of|the|a|an|is|was|also|by|to))$"
)
_AROUND = 12
_MOST = 6
_A_GROUP = 4
"""Pairs of a matching item, where the section has enough definitions."""
_SHORTEST, _LONGEST = 0.4, 2.5
_TOO_ALIKE = 0.6


def is_sound(definition: Definition, material: Material) -> bool:
    """A meaning that stands alone: it says enough, is not broken off, and does not hold the term."""
    term, text = definition.term.text, material.wording.meaning(definition.text)
    least = _LEAST_HAN if material.lesson.language == "zh" else _LEAST_WORDS
    size = len(text) if material.lesson.language == "zh" else len(text.split())
    vague = 2 if _VAGUE.match(text) else 1
    if _STATEMENT.search(_RELATIVE.split(text, maxsplit=1)[0]) or _POINTS.search(text):
        return False
    if size < least * vague or _BROKEN.search(text) or len(text) > _LONGEST_MEANING:
        return False
    return not any(occurrences(name, text) for name in (term, *material.aliases(term)))


def other_meanings(
    definition: Definition, material: Material, source: random.Random
) -> tuple[Definition, ...]:
    """Find definitions of other things than the key's, the nearest first; chance decides between equals."""
    everything = material.analysis.definitions
    at = bisect_left(everything, definition.start, key=lambda each: each.start)
    around = everything[max(0, at - _AROUND) : at + _AROUND]
    fit = [other for other in around if _is_other(other, definition, material)]
    fit.sort(key=lambda other: (_far(other, definition, material), source.random()))
    kept: list[Definition] = []
    for other in fit:
        if not any(overlaps(other.text, chosen.text) for chosen in kept):
            kept.append(other)
    return tuple(kept[:_MOST])


def groups(definitions: tuple[Definition, ...], material: Material) -> list[tuple[Definition, ...]]:
    """Group a section's definitions, in order, into sets that can be matched: one term, one meaning each."""
    found: list[tuple[Definition, ...]] = []
    current: list[Definition] = []
    for definition in definitions:
        if not _suits(definition, current, material):
            continue
        current.append(definition)
        if len(current) == _A_GROUP:
            found.append(tuple(current))
            current = []
    if len(current) >= FEWEST:
        found.append(tuple(current))
    return found


def _suits(definition: Definition, chosen: list[Definition], material: Material) -> bool:
    term, meaning = definition.term.text, definition.text
    if not material.analysis.worth[definition.sentence].usable or len(meaning) > _LONGEST_MEANING:
        return False
    if occurrences(term, meaning):
        return False
    return not any(
        overlaps(term, other.term.text)
        or material.same(term, other.term.text)
        or definition.sentence == other.sentence
        or occurrences(term, other.text)
        or occurrences(other.term.text, meaning)
        for other in chosen
    )


def _is_other(other: Definition, definition: Definition, material: Material) -> bool:
    """Another thing, of the same kind, whose meaning is none of the key's and does not name the term."""
    term = definition.term.text
    if not is_sound(other, material):
        return False
    if other.term.kind is not definition.term.kind or material.same(term, other.term.text):
        return False
    if overlaps(term, other.term.text) or occurrences(term, other.text):
        return False
    if occurrences(other.term.text, other.text) or other.sentence == definition.sentence:
        return False
    if not _SHORTEST * len(definition.text) <= len(other.text) <= _LONGEST * len(definition.text):
        return False
    return overlap(content(definition.text), content(other.text)) < _TOO_ALIKE


def _far(other: Definition, definition: Definition, material: Material) -> int:
    mine = material.sentence(definition.sentence).section
    return abs(material.sentence(other.sentence).section - mine)


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
