"""Matching items (terms and meanings) and ordering items (steps of a procedure, dated events)."""

from __future__ import annotations

from aigc_tui.quiz.generation.item import from_section, write_item
from aigc_tui.quiz.generation.randomness import Randomness, shuffled
from aigc_tui.quiz.planning.material import Material
from aigc_tui.quiz.planning.records import FEWEST, MOST, Filled, Refused, Slot
from aigc_tui.quiz.planning.words import name_of, occurrences
from aigc_tui.quiz.records import Pair


def make_match(slot: Slot, material: Material, draw: Randomness) -> Filled | Refused:
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


def make_order(slot: Slot, material: Material, draw: Randomness) -> Filled | Refused:
    """Shuffle the slot's steps."""
    sequence = slot.sequence
    assert sequence is not None
    steps = tuple(" ".join(step.split()).rstrip(";；,，") for step in sequence.steps)
    if not FEWEST <= len(steps) <= MOST:
        return Refused("too few or too many steps")
    if len({name_of(step) for step in steps}) < len(steps):
        return Refused("two steps are alike")
    words = material.wording
    stem = words.order_events_stem if sequence.dated else words.order_stem
    item = write_item(
        slot,
        from_section(stem, slot, material),
        steps,
        material,
        draw,
        options=shuffled(steps, draw.of(slot)),
        source=material.span(sequence.start, sequence.end, slot.section),
    )
    return Filled(slot, item)
