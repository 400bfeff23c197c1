"""Matching: terms on the left, their meanings on the right.

Why it exists: three to six definitions of one stretch of the lesson test finer distinctions than any one of
them alone; but only where no meaning names a term, and no two terms are the same thing.
"""

from __future__ import annotations

from aigc_tui.quiz.analysis.records import Definition
from aigc_tui.quiz.making.draw import Draw, shuffled
from aigc_tui.quiz.making.item import from_section, write_item
from aigc_tui.quiz.making.material import Material
from aigc_tui.quiz.making.records import Filled, Refused, Slot
from aigc_tui.quiz.making.words import occurrences, overlaps
from aigc_tui.quiz.records import Pair

FEWEST, MOST = 3, 6
_USUAL = 4
_LONGEST_MEANING = 160


def make_match(slot: Slot, material: Material, draw: Draw) -> Filled | Refused:
    """Pair the slot's terms with their meanings; the right sides are shuffled."""
    meaning = material.wording.meaning
    pairs = [(material.show(each.term), meaning(each.text)) for each in slot.definitions]
    if not FEWEST <= len(pairs) <= MOST:
        return Refused("too few definitions")
    if any(_tells(pairs, at) for at in range(len(pairs))):
        return Refused("a meaning names a term")
    order = shuffled([right for _, right in pairs], draw.of(slot))
    first, last = slot.definitions[0].sentence, slot.definitions[-1].sentence
    source = material.span(material.sentence(first).start, material.sentence(last).end, slot.section)
    said = "; ".join(f"{left} = {right}" for left, right in pairs)
    item = write_item(
        slot,
        from_section(material.wording.match_stem, slot, material),
        tuple(pairs),
        material,
        draw,
        options=order,
        source=source,
        explanation=said,
    )
    return Filled(slot, item)


def groups(definitions: tuple[Definition, ...], material: Material) -> list[tuple[Definition, ...]]:
    """Group a section's definitions, in order, into sets that can be matched: one term, one meaning each."""
    found: list[tuple[Definition, ...]] = []
    current: list[Definition] = []
    for definition in definitions:
        if not _suits(definition, current, material):
            continue
        current.append(definition)
        if len(current) == _USUAL:
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


def _tells(pairs: list[Pair], at: int) -> bool:
    left = pairs[at][0]
    return any(occurrences(left, right) for _, right in pairs)
