"""All checks of one item, in the order in which they are shown.

Why it exists: one list decides what is run, what is hard, and which line of the catalogue says it to people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from aigc_tui.quiz.checks import form, grounding, leaks, options
from aigc_tui.quiz.checks.records import Check


@dataclass(frozen=True, slots=True)
class Entry:
    """One check.

    Args:
        name: As in the quiz file's `checks`; never changes.
        check: The function.
        hard: Whether a failure keeps an item out of a made quiz.
        label: The catalogue's key of its one line, worded as what a good item does.
    """

    name: str
    check: Check
    hard: bool
    label: str


ENTRIES: tuple[Entry, ...] = (
    Entry("answer_form", form.answer_form, True, "checks.answer_form"),
    Entry("empty_text", form.empty_text, True, "checks.empty_text"),
    Entry("grounded", grounding.grounded, True, "checks.grounded"),
    Entry("answer_in_source", grounding.answer_in_source, True, "checks.answer_in_source"),
    Entry("key_in_source", grounding.key_in_source, False, "checks.key_in_source"),
    Entry("parts_in_source", grounding.parts_in_source, False, "checks.parts_in_source"),
    Entry("stem_leak", leaks.stem_leak, True, "checks.stem_leak"),
    Entry("match_giveaway", leaks.match_giveaway, True, "checks.match_giveaway"),
    Entry("order_giveaway", leaks.order_giveaway, True, "checks.order_giveaway"),
    Entry("shuffled", form.shuffled, True, "checks.shuffled"),
    Entry("duplicate_options", options.duplicate_options, True, "checks.duplicate_options"),
)
REGISTRY: Mapping[str, Entry] = MappingProxyType({entry.name: entry for entry in ENTRIES})
