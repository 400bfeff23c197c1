"""All checks of an item in the order in which they are asked, run on one item; and their table for people."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from aigc_tui.quiz.checks import cues, form, grounding, options, stem
from aigc_tui.quiz.checks.records import Check, Context, Verdict
from aigc_tui.quiz.records import Item


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
    Entry("stem_leak", cues.stem_leak, True, "checks.stem_leak"),
    Entry("match_giveaway", cues.match_giveaway, True, "checks.match_giveaway"),
    Entry("order_giveaway", cues.order_giveaway, True, "checks.order_giveaway"),
    Entry("shuffled", form.shuffled, True, "checks.shuffled"),
    Entry("several_blanks", stem.several_blanks, True, "checks.several_blanks"),
    Entry("blank_on_function_word", stem.blank_on_function_word, True, "checks.blank_on_function_word"),
    Entry("blank_at_start", stem.blank_at_start, False, "checks.blank_at_start"),
    Entry("thin_cloze", stem.thin_cloze, False, "checks.thin_cloze"),
    Entry("cloze_restores", stem.cloze_restores, False, "checks.cloze_restores"),
    Entry("false_in_source", grounding.false_in_source, True, "checks.false_in_source"),
    Entry("true_in_source", grounding.true_in_source, False, "checks.true_in_source"),
    Entry("two_claims", grounding.two_claims, False, "checks.two_claims"),
    Entry("negative_stem", stem.negative_stem, False, "checks.negative_stem"),
    Entry("double_negative", stem.double_negative, False, "checks.double_negative"),
    Entry("unfocused_stem", stem.unfocused_stem, False, "checks.unfocused_stem"),
    Entry("dangling_reference", stem.dangling_reference, False, "checks.dangling_reference"),
    Entry("remnants", stem.remnants, False, "checks.remnants"),
    Entry("one_question", stem.one_question, True, "checks.one_question"),
    Entry("a_statement", stem.a_statement, False, "checks.a_statement"),
    Entry("whole_words", grounding.whole_words, False, "checks.whole_words"),
    Entry("long_stem", stem.long_stem, False, "checks.long_stem"),
    Entry("duplicate_options", options.duplicate_options, True, "checks.duplicate_options"),
    Entry("few_options", options.few_options, False, "checks.few_options"),
    Entry("nested_options", options.nested_options, False, "checks.nested_options"),
    Entry("all_of_the_above", options.all_of_the_above, False, "checks.all_of_the_above"),
    Entry("k_type", options.k_type, False, "checks.k_type"),
    Entry("absolute_terms", options.absolute_terms, False, "checks.absolute_terms"),
    Entry("vague_terms", options.vague_terms, False, "checks.vague_terms"),
    Entry("longest_key", options.longest_key, False, "checks.longest_key"),
    Entry("word_repeat", cues.word_repeat, False, "checks.word_repeat"),
    Entry("convergence", cues.convergence, False, "checks.convergence"),
    Entry("grammar_cue", cues.grammar_cue, False, "checks.grammar_cue"),
    Entry("unsorted_numbers", options.unsorted_numbers, False, "checks.unsorted_numbers"),
    Entry("overlapping_ranges", options.overlapping_ranges, False, "checks.overlapping_ranges"),
    Entry("same_type", options.same_type, False, "checks.same_type"),
    Entry("length_band", options.length_band, False, "checks.length_band"),
    Entry("distractor_in_source", options.distractor_in_source, True, "checks.distractor_in_source"),
    Entry("alias_distractor", options.alias_distractor, True, "checks.alias_distractor"),
)
REGISTRY: Mapping[str, Entry] = MappingProxyType({entry.name: entry for entry in ENTRIES})


def check_item(item: Item, context: Context) -> tuple[Verdict, ...]:
    """Run every check that has something to say of the item, in the registry's order.

    An item whose form is broken is judged by its form alone: the other checks would speak of a key that does
    not exist.
    """
    verdicts: list[Verdict] = []
    for entry in ENTRIES:
        verdict = entry.check(item, context)
        if verdict is not None:
            verdicts.append(verdict)
            if entry.name == "answer_form" and not verdict.passed:
                break
    return tuple(verdicts)


def hard_flaws(verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts that keep an item out."""
    return tuple(verdict for verdict in verdicts if verdict.hard and not verdict.passed)


def with_checks(item: Item, verdicts: Iterable[Verdict]) -> Item:
    """The item with what the checks said, as the quiz file keeps it."""
    return dataclasses.replace(item, checks=tuple((each.check, each.passed) for each in verdicts))
