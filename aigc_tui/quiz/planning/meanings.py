"""Other terms' meanings as wrong options for "what does X mean?".

A definition of a neighbouring term is the most honest distractor there is: true of something
else in the same lesson, and explained by naming that.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_left

from aigc_tui.quiz.analysis.records import Definition
from aigc_tui.quiz.planning.material import Material
from aigc_tui.quiz.planning.records import FEWEST
from aigc_tui.quiz.planning.words import content, occurrences, overlap, overlaps

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
