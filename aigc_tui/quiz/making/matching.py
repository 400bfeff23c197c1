"""Matching: terms on the left, their meanings on the right.

Why it exists: three to six definitions of one stretch of the lesson test finer distinctions than any one of
them alone; but only where no meaning names a term, and no two terms are the same thing.
"""

from __future__ import annotations

from aigc_tui.quiz.making.draw import Draw, shuffled
from aigc_tui.quiz.making.item import from_section, write_item
from aigc_tui.quiz.making.material import Material
from aigc_tui.quiz.making.records import FEWEST, MOST, Filled, Refused, Slot
from aigc_tui.quiz.making.words import occurrences
from aigc_tui.quiz.records import Pair

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


def _tells(pairs: list[Pair], at: int) -> bool:
    left = pairs[at][0]
    return any(occurrences(left, right) for _, right in pairs)
