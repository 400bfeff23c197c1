"""Ordering: steps or events of the lesson, to be put into their order.

Why it exists: a process is understood when its order is; the numbers and dates that would show it are left
out of the steps by the analysis, and checked again here by the checks.
"""

from __future__ import annotations

from aigc_tui.quiz.making.draw import Draw, shuffled
from aigc_tui.quiz.making.item import from_section, write_item
from aigc_tui.quiz.making.material import Material
from aigc_tui.quiz.making.records import FEWEST, MOST, Filled, Refused, Slot
from aigc_tui.quiz.making.words import name_of

def make_order(slot: Slot, material: Material, draw: Draw) -> Filled | Refused:
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
