"""Everything a section could be asked about, as slots, best first.

Why it exists: the planner chooses between candidates without knowing how each type comes by them; what may be
asked is a matter of the sentence's worth and of the stretch's kind, not of wording.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence

from aigc_tui.quiz.analysis.lexicon import english_names
from aigc_tui.quiz.analysis.records import Definition, Mention, TermKind
from aigc_tui.quiz.lesson.records import SentenceKind
from aigc_tui.quiz.making.matching import groups
from aigc_tui.quiz.making.material import Material, is_naming
from aigc_tui.quiz.making.meanings import is_sound
from aigc_tui.quiz.making.ordering import FEWEST, MOST
from aigc_tui.quiz.making.records import Form, Slot
from aigc_tui.quiz.making.words import name_of, occurrences
from aigc_tui.quiz.records import Bloom, ItemType

_LIGHTEST = 0.2
"""Weight of a concept below which nobody needs to remember it."""
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
_MOST_WORDS = 34
_MOST_HAN = 75
_LABELS = frozenset(
    {"type", "chapter", "figure", "table", "section", "part", "volume", "number", "week", "day", "phase"}
)
_COUNTS = frozenset({TermKind.NUMBER, TermKind.QUANTITY})
_SMALL = 3
_SHORT_COUNT = 5
"""A count up to three in a word or so ("two", "两个") is rather grammar than knowledge."""
_LATIN_BEFORE, _LATIN_AFTER = re.compile(r"[A-Za-z0-9][ ._-]?$"), re.compile(r"^[ ._-]?[A-Za-z0-9]")
_GLUED = re.compile(r"^[._/@]\||\|[._/@][A-Za-z0-9]")
_LATIN_BEFORE, _LATIN_AFTER = re.compile(r"[A-Za-z0-9][ ._-]?$"), re.compile(r"^[ ._-]?[A-Za-z0-9]")
_GLUED = re.compile(r"^[._/@]\||\|[._/@][A-Za-z0-9]")
_IN_EXAMPLE = re.compile(r"\b(?:he|she|his|her|him|hers)\b")
"""Beside a bare first name in a lesson that tells no story: an example person, whom nobody need remember."""
_SUFFIXES = tuple("集性化者器率度值法式型机员家学界层")
"""After a Chinese term these make another word of it: 训练 in 训练集."""
_LOST_UNIT = re.compile(r"^[⁰¹²³⁴-⁹]| ?[A-Zµ°Ω](?![a-z])| ?[a-z]{1,2}(?![A-Za-z])|[×*/^]")
_WORKED_OUT = 3
"""Amounts of different units in one sentence, from which one follows from the others."""
_NO_STATEMENT = re.compile(
    r"[?？]|[(（](?:see|Figure|Table|见)?\s*[)）]|[:：;；]$|，\s*，|。，"
    r"|^(?:Imagine|Consider|Suppose|Let|Remember|Note|Recall|Assume|Think|Look|See)\b"
    r"|^(?:And|But|So|Or|Yes|No|Oh|Ah|Well|Then|Now|Here)\b"
    r"|^(?:单击|点击|回想|请|想象|假设|注意|见|通常被|被|允许|可以|[(（])|如[上下]?图|如下"
)
"""Questions, orders to the reader, broken sentences, and those that the import left a hole in."""
_SUBJECT_AT = re.compile(r"(?:The|An?) ")
_CONCEPTS = frozenset({TermKind.TERM, TermKind.NAME})


def candidates(
    section: int,
    sentences: Sequence[int],
    material: Material,
    types: tuple[ItemType, ...],
    source: random.Random,
) -> Mapping[ItemType, list[Slot]]:
    """Collect what a section offers to each type, best first.

    Args:
        section: Its index.
        sentences: Its usable sentences, by index.
        material: The lesson laid out.
        types: The types asked for.
        source: Where chance comes from: it decides between equals.
    """
    sentences = [index for index in sentences if fits(material.words(index))]
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
        ranked = [one for one in ranked if material.wording.ask(material.cut(one), one)]
    facts = _slots(kind, ranked, material)
    if kind is ItemType.TF:
        return facts + _whole_sentences(sentences, {slot.sentence for slot in facts}, material)
    forms = _FORMS.get(kind)
    return _mixed(_by_definition(kind, defined, forms, material), facts) if forms else facts


def _answers(index: int, material: Material) -> list[Mention]:
    """What can be asked for in one sentence; where it names a thing, that name and no other."""
    if _has_dangling_person(index, material):
        return []
    found = [one for one in material.mentions.get(index, ()) if _is_answer(one, material)]
    return [one for one in found if is_naming(one, material)] or found


def _has_dangling_person(index: int, material: Material) -> bool:
    """Whether he, she or they act in a sentence that does not begin with whom they mean."""
    if not material.wording.persons.search(material.words(index)):
        return False
    sentence = material.sentence(index)
    subject = _SUBJECT_AT.match(material.lesson.text, sentence.start, sentence.end)
    begins = subject.end() if subject else sentence.start
    return not any(one.start == begins for one in material.mentions.get(index, ()))


def _is_answer(mention: Mention, material: Material) -> bool:
    """A blank holds something that matters, once, and not all of the sentence."""
    words = material.words(mention.sentence)
    if not fits(words) or not _matters(mention) or not name_of(mention.text):
        return False
    if occurrences(mention.text, material.lesson.title) and mention.kind is not TermKind.DATE:
        return False
    if mention.kind is TermKind.NUMBER and _is_label(mention, material):
        return False
    if mention.text in english_names() and not material.story and _IN_EXAMPLE.search(words):
        return False
    if _is_cut_short(mention, material) or _in_brackets(material.cut(mention).before):
        return False
    return len(mention.text) <= len(words) / 2 and occurrences(mention.text, words) <= 1


def _matters(mention: Mention) -> bool:
    """Not a light concept, not "two of something", not a day of a month: nobody should learn those."""
    if mention.kind in _CONCEPTS:
        return mention.weight >= _LIGHTEST
    small = mention.value is not None and mention.value <= _SMALL and len(mention.text) <= _SHORT_COUNT
    return not (mention.kind in _COUNTS and small) and mention.unit != "day"


def fits(words: str) -> bool:
    """Tell whether a sentence is a statement short enough to be read as a stem."""
    if _NO_STATEMENT.search(words):
        return False
    if words.count(" ") > len(words) / 12:
        return len(words.split()) <= _MOST_WORDS
    return len(words) <= _MOST_HAN


def _is_label(mention: Mention, material: Material) -> bool:
    """A number that names rather than counts, or that lost its unit: Week 8, type 2, 50 N, cm³."""
    text, sentence = material.lesson.text, material.sentence(mention.sentence)
    before = text[sentence.start : mention.start].split()
    named = bool(before) and before[-1].casefold() in _LABELS
    return named or bool(_LOST_UNIT.match(text[mention.end : mention.end + 3]))


def _is_cut_short(mention: Mention, material: Material) -> bool:
    """A stretch whose sign, first or last part stands outside: -____ ℃, p2.____, ____ Instances."""
    text = material.lesson.text
    before, after = text[max(0, mention.start - 2) : mention.start], text[mention.end : mention.end + 2]
    if mention.kind in _COUNTS and before[-1:] in "-−–~～±.×":
        return True
    foreign = material.lesson.language == "zh" and mention.text.isascii() and mention.kind not in _COUNTS
    if foreign and (_LATIN_BEFORE.search(before) or _LATIN_AFTER.match(after)):
        return True
    if mention.kind is TermKind.TERM and after[:1] in _SUFFIXES:
        return True
    return bool(_GLUED.search(f"{before[-1:]}|{after}"))


def _in_brackets(before: str) -> bool:
    """A blank inside brackets asks for an aside, mostly for a reference."""
    return max(before.rfind("("), before.rfind("（")) > max(before.rfind(")"), before.rfind("）"))


def _rank(mention: Mention, material: Material) -> float:
    """Worth of the sentence and weight of the answer; a blank at the very start reads badly."""
    opens = mention.start == material.sentence(mention.sentence).start
    taste = _TASTE.get(mention.kind, 0.1)
    step = material.sentence(mention.sentence).number > 0
    worth = material.analysis.worth[mention.sentence].score
    return worth + 0.6 * mention.weight + taste - 0.2 * opens - 0.2 * step


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
    others = [i for i in others if not _has_dangling_person(i, material)]
    others.sort(key=lambda index: -worth[index].score)
    return [Slot(0, ItemType.TF, material.sentence(i).section, i) for i in others]


def _by_definition(
    kind: ItemType, definitions: Sequence[Definition], forms: Sequence[Form], material: Material
) -> list[Slot]:
    """Definitions, the forms taking turns."""
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
        if FEWEST <= len(sequence.steps) <= MOST
    ]


def _mixed(first: list[Slot], second: list[Slot]) -> list[Slot]:
    """Definitions and facts in turn, so that no quiz asks for nothing but terms."""
    mixed = [slot for pair in zip(first, second, strict=False) for slot in pair]
    return mixed + first[len(second) :] + second[len(first) :]
